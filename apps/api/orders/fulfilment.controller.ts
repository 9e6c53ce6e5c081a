import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FindFulfilments, GetFulfilment } from '../../../src/application/order/fulfilment.query.js';
import { RunOrder } from '../../../src/application/order/run-order.handler.js';
import { CLOCK, type Clock } from '../../../src/application/ports/clock.js';
import { ApiCommand, ApiRead } from '../api-docs.js';
import { Commands } from '../commands.js';
import { Queries } from '../queries.js';
import { NOT_LIVE } from './asked.js';
import { FulfilmentBody, FulfilmentListBody, FulfilmentsQuery, type OrderReceiptBody } from './fulfilment.dto.js';
import { presentFulfilment } from './fulfilment.presenter.js';
import { OrderCommands } from './order-commands.js';
import { OrderPath, OrderQuery, ReviewOrderBody } from './order.dto.js';

@ApiTags('Orders')
@Controller('v1')
export class FulfilmentController {
  constructor(
    private readonly commands: Commands,
    private readonly orders: OrderCommands,
    private readonly queries: Queries,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post('orders/:orderId/review')
  @HttpCode(200)
  @ApiCommand({
    id: 'reviewOrder',
    summary: 'Accept or decline an order whose risk is to be reviewed',
    description: 'Such an order waits for a day; then it is rejected.',
    settles: true,
    problems: [...NOT_LIVE, 'order-already-confirmed', 'order-completed', 'review-not-asked'],
  })
  review(
    @Param() { orderId }: OrderPath,
    @Body() { decision, reason }: ReviewOrderBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderReceiptBody> {
    const context = this.commands.contextOf(request);
    const command = new RunOrder({ type: 'ReviewRisk', data: { orderId, decision, reason } }, context);
    return this.orders.run(command, request, reply, orderId);
  }

  @Get('fulfilments')
  @ApiRead({
    id: 'listFulfilments',
    summary: 'Orders that wait for somebody, the oldest first: to be reviewed, to be paid, to be shipped',
    answer: FulfilmentListBody,
    list: true,
  })
  find(
    @Query() query: FulfilmentsQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FulfilmentListBody> {
    const at = new Date(this.clock.now()).toISOString();
    const freshness = this.queries.freshness(query, request, reply);
    const ask = (page: FindFulfilments['page']) => new FindFulfilments(query.waitsFor, page, freshness);
    // Only what the ledger fulfils waits for anybody.
    return this.queries.list(ask, query, (document) => presentFulfilment(document, at)!, request, reply);
  }

  @Get('orders/:orderId/fulfilment')
  @ApiRead({
    id: 'getFulfilment',
    summary: 'How the fulfilment of an order stands, and for whom it waits',
    description: 'Of an order that was placed with `fulfilFrom`.',
    answer: FulfilmentBody,
    problems: ['fulfilment-unknown'],
  })
  get(
    @Param() { orderId }: OrderPath,
    @Query() query: OrderQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const at = new Date(this.clock.now()).toISOString();
    const fulfilment = new GetFulfilment(orderId, this.queries.freshness(query, request, reply));
    return this.queries.one(
      fulfilment,
      { code: 'fulfilment-unknown' },
      (document) => presentFulfilment(document, at),
      request,
      reply,
    );
  }
}
