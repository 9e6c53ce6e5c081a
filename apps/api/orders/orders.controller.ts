import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { orderIdFor } from '../../../src/application/ids.js';
import { FindOrders, GetOrder, type OrderFilter } from '../../../src/application/order/orders.query.js';
import { PlaceOrder } from '../../../src/application/order/place-order.js';
import { RunOrder } from '../../../src/application/order/run-order.handler.js';
import type { OrderCommand } from '../../../src/domain/order/order.commands.js';
import { ApiCommand, ApiRead } from '../api-docs.js';
import type { ReceiptBody } from '../bodies.js';
import { Commands } from '../commands.js';
import { RequestRefused } from '../problems.js';
import { Queries } from '../queries.js';
import {
  CancelOrderBody,
  CompleteOrderBody,
  ConfirmOrderBody,
  DeliverOrderBody,
  OrderPath,
  OrderQuery,
  OrdersQuery,
  PlaceOrderBody,
  ShipOrderBody,
} from './order.dto.js';
import { OrderBody, OrderListBody } from './order-answers.dto.js';
import { askedAdjustments, askedTerms, NOT_LIVE } from './asked.js';
import type { OrderReceiptBody } from './fulfilment.dto.js';
import { OrderCommands } from './order-commands.js';
import { presentOrder, presentOrderSummary } from './order.presenter.js';

@ApiTags('Orders')
@Controller('v1/orders')
export class OrdersController {
  constructor(
    private readonly commands: Commands,
    private readonly orders: OrderCommands,
    private readonly queries: Queries,
  ) {}

  @Post()
  @ApiCommand({
    id: 'placeOrder',
    summary: 'Place an order',
    description: 'Of listed products, at their list prices where a line gives none. The order id follows from the key.',
    creates: 'The order is placed.',
    settles: true,
    problems: [
      'line-product-unknown',
      'line-product-discontinued',
      'line-price-missing',
      'total-too-large',
      'adjustment-sign-wrong',
      'adjustment-repeated',
      'discount-exceeds-goods',
      'command-too-large',
    ],
  })
  place(
    @Body() body: PlaceOrderBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderReceiptBody> {
    const context = this.commands.contextOf(request);
    const orderId = orderIdFor(context.commandId);
    const { adjustments: _, ...order } = body;
    const asked = { ...order, ...askedTerms(body), ...askedAdjustments(body) };
    const command = new PlaceOrder(orderId, asked, context);
    return this.orders.run(command, request, reply, orderId, `/v1/orders/${orderId}`);
  }

  @Post(':orderId/confirm')
  @HttpCode(200)
  @ApiBody({ type: ConfirmOrderBody, required: false })
  @ApiCommand({ id: 'confirmOrder', summary: 'Confirm an order', problems: [...NOT_LIVE, 'order-in-fulfilment'] })
  confirm(
    @Param() { orderId }: OrderPath,
    @Body() _body: ConfirmOrderBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    return this.#record({ type: 'ConfirmOrder', data: { orderId } }, request, reply);
  }

  @Post(':orderId/cancel')
  @HttpCode(200)
  @ApiCommand({
    id: 'cancelOrder',
    summary: 'Cancel an order of which nothing has shipped',
    settles: true,
    problems: [...NOT_LIVE, 'order-completed', 'order-already-shipped'],
  })
  cancel(
    @Param() { orderId }: OrderPath,
    @Body() { reason }: CancelOrderBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderReceiptBody> {
    return this.#settle({ type: 'CancelOrder', data: { orderId, reason } }, request, reply);
  }

  @Post(':orderId/ship')
  @HttpCode(200)
  @ApiBody({ type: ShipOrderBody, required: false })
  @ApiCommand({
    id: 'shipOrder',
    summary: 'Ship all or part of a confirmed order',
    settles: true,
    problems: [
      ...NOT_LIVE,
      'order-completed',
      'order-not-confirmed',
      'nothing-to-ship',
      'line-unknown',
      'exceeds-ordered',
    ],
  })
  ship(
    @Param() { orderId }: OrderPath,
    @Body() { lines }: ShipOrderBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderReceiptBody> {
    const data = { orderId, ...(lines === undefined ? {} : { lines }) };
    return this.#settle({ type: 'ShipOrder', data }, request, reply);
  }

  @Post(':orderId/deliver')
  @HttpCode(200)
  @ApiBody({ type: DeliverOrderBody, required: false })
  @ApiCommand({
    id: 'deliverOrder',
    summary: 'Tell that all or part of what was shipped has arrived',
    problems: [
      ...NOT_LIVE,
      'order-completed',
      'order-not-confirmed',
      'nothing-to-deliver',
      'line-unknown',
      'quantity-too-large',
      'exceeds-undelivered',
    ],
  })
  deliver(
    @Param() { orderId }: OrderPath,
    @Body() { lines }: DeliverOrderBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const data = { orderId, ...(lines === undefined ? {} : { lines }) };
    return this.#record({ type: 'DeliverOrder', data }, request, reply);
  }

  @Post(':orderId/complete')
  @HttpCode(200)
  @ApiBody({ type: CompleteOrderBody, required: false })
  @ApiCommand({
    id: 'completeOrder',
    summary: 'Complete an order: from then on it takes returns only',
    description:
      'Every unit that was not cancelled must have shipped, and been delivered where any delivery of the order was told.',
    problems: [...NOT_LIVE, 'order-not-confirmed', 'order-unfinished'],
  })
  complete(
    @Param() { orderId }: OrderPath,
    @Body() _body: CompleteOrderBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    return this.#record({ type: 'CompleteOrder', data: { orderId } }, request, reply);
  }

  @Get()
  @ApiRead({
    id: 'listOrders',
    summary: 'Orders by time, of one status or one customer',
    answer: OrderListBody,
    list: true,
  })
  find(
    @Query() query: OrdersQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderListBody> {
    const filter = filterOf(query);
    const freshness = this.queries.freshness(query, request, reply);
    return this.queries.list(
      (page) => new FindOrders(filter, page, freshness),
      query,
      presentOrderSummary,
      request,
      reply,
    );
  }

  @Get(':orderId')
  @ApiRead({
    id: 'getOrder',
    summary: 'One order with lines, adjustments, payments, returns and timeline',
    answer: OrderBody,
    problems: ['order-unknown'],
  })
  get(
    @Param() { orderId }: OrderPath,
    @Query() query: OrderQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const order = new GetOrder(orderId, this.queries.freshness(query, request, reply));
    return this.queries.one(order, { code: 'order-unknown' }, presentOrder, request, reply);
  }

  /** A command that the ledger follows up by itself: a client may wait for that. */
  #settle(command: OrderCommand, request: FastifyRequest, reply: FastifyReply): Promise<OrderReceiptBody> {
    const { orderId } = command.data;
    return this.orders.run(new RunOrder(command, this.commands.contextOf(request)), request, reply, orderId);
  }

  #record(command: OrderCommand, request: FastifyRequest, reply: FastifyReply): Promise<ReceiptBody> {
    return this.commands.run(new RunOrder(command, this.commands.contextOf(request)), reply, command.data.orderId);
  }
}

/** @throws RequestRefused for parameters that no index answers together */
function filterOf({ status, customerId, from, to, order = 'newest' }: OrdersQuery): OrderFilter {
  if (status !== undefined && customerId !== undefined) {
    const errors = [{ parameter: 'status', detail: 'cannot be combined with customerId' }];
    throw new RequestRefused({ code: 'request-invalid', errors });
  }
  return {
    ...(status === undefined ? {} : { of: { status } }),
    ...(customerId === undefined ? {} : { of: { customerId } }),
    ...(from === undefined ? {} : { from: new Date(from).toISOString() }),
    ...(to === undefined ? {} : { to: new Date(to).toISOString() }),
    direction: order === 'newest' ? 'descending' : 'ascending',
  };
}
