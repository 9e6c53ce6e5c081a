import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { orderIdFor } from '../../../src/application/ids.js';
import { FindOrders, GetOrder } from '../../../src/application/order/orders.query.js';
import { PlaceDraft } from '../../../src/application/order/place-draft.js';
import { RunOrder } from '../../../src/application/order/run-order.handler.js';
import { ApiCommand, ApiRead } from '../api-docs.js';
import type { ReceiptBody } from '../bodies.js';
import { Commands } from '../commands.js';
import type { ProblemCode } from '../problems.js';
import { Queries } from '../queries.js';
import { askedAdjustments, askedChanges, askedTerms } from './asked.js';
import {
  ChangeDraftBody,
  DiscardDraftBody,
  DraftBody,
  DraftListBody,
  DraftOrderBody,
  DraftsQuery,
  PlaceDraftBody,
} from './draft.dto.js';
import { OrderCommands } from './order-commands.js';
import { OrderPath, OrderQuery } from './order.dto.js';
import { presentDraft } from './order.presenter.js';

const NO_DRAFT = ['draft-unknown', 'draft-discarded', 'order-already-placed'] as const satisfies readonly ProblemCode[];
const ADJUSTMENTS = ['adjustment-sign-wrong', 'adjustment-repeated'] as const satisfies readonly ProblemCode[];

/** Carts that survive: what is asked for, before it is an order. */
@ApiTags('Drafts')
@Controller('v1/drafts')
export class DraftsController {
  constructor(
    private readonly commands: Commands,
    private readonly orders: OrderCommands,
    private readonly queries: Queries,
  ) {}

  @Post()
  @ApiCommand({
    id: 'draftOrder',
    summary: 'Draft an order',
    description:
      'A cart: products, prices and stock are looked up when it is placed. The id follows from the key, and stays when it ' +
      'becomes an order.',
    creates: 'The order is drafted.',
    problems: [...ADJUSTMENTS, 'order-already-placed', 'draft-expiry-not-ahead', 'command-too-large'],
  })
  draft(
    @Body() body: DraftOrderBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const context = this.commands.contextOf(request);
    const orderId = orderIdFor(context.commandId);
    const { adjustments: _, expiresAt, ...draft } = body;
    const data = { ...draft, ...askedAdjustments(body), ...instantOf(expiresAt), orderId };
    const command = new RunOrder({ type: 'DraftOrder', data }, context);
    return this.commands.run(command, reply, orderId, `/v1/drafts/${orderId}`);
  }

  @Post(':orderId/change')
  @HttpCode(200)
  @ApiCommand({
    id: 'changeDraft',
    summary: 'Add, change and remove lines of a draft',
    problems: [
      ...NO_DRAFT,
      ...ADJUSTMENTS,
      'draft-expired',
      'draft-expiry-not-ahead',
      'nothing-to-change',
      'line-unknown',
      'line-repeated',
      'too-many-lines',
      'command-too-large',
    ],
  })
  change(
    @Param() { orderId }: OrderPath,
    @Body() body: ChangeDraftBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const { customerId, country, channel, expiresAt } = body;
    const data = {
      orderId,
      changes: askedChanges(body),
      ...(customerId === undefined ? {} : { customerId }),
      ...(country === undefined ? {} : { country }),
      ...(channel === undefined ? {} : { channel }),
      ...instantOf(expiresAt),
    };
    const command = new RunOrder({ type: 'ChangeDraft', data }, this.commands.contextOf(request));
    return this.commands.run(command, reply, orderId);
  }

  @Post(':orderId/discard')
  @HttpCode(200)
  @ApiBody({ type: DiscardDraftBody, required: false })
  @ApiCommand({ id: 'discardDraft', summary: 'Throw a draft away', problems: [...NO_DRAFT] })
  discard(
    @Param() { orderId }: OrderPath,
    @Body() { reason }: DiscardDraftBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const data = { orderId, ...(reason === undefined ? {} : { reason }) };
    const command = new RunOrder({ type: 'DiscardDraft', data }, this.commands.contextOf(request));
    return this.commands.run(command, reply, orderId);
  }

  @Post(':orderId/place')
  @ApiBody({ type: PlaceDraftBody, required: false })
  @ApiCommand({
    id: 'placeDraft',
    summary: 'Place a draft',
    description: 'Lines without a price cost the list price of this moment. The order has the id of the draft.',
    creates: 'The order is placed.',
    settles: true,
    problems: [
      ...NO_DRAFT,
      'draft-expired',
      'order-empty',
      'line-product-unknown',
      'line-product-discontinued',
      'line-price-missing',
      'total-too-large',
      'discount-exceeds-goods',
      'command-too-large',
    ],
  })
  place(
    @Param() { orderId }: OrderPath,
    @Body() body: PlaceDraftBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const command = new PlaceDraft(orderId, askedTerms(body), this.commands.contextOf(request));
    return this.orders.run(command, request, reply, orderId, `/v1/orders/${orderId}`);
  }

  @Get()
  @ApiRead({ id: 'listDrafts', summary: 'Drafts, the newest first', answer: DraftListBody, list: true })
  find(
    @Query() query: DraftsQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DraftListBody> {
    const filter = { of: { status: query.status ?? 'draft' }, direction: 'descending' } as const;
    const freshness = this.queries.freshness(query, request, reply);
    return this.queries.list((page) => new FindOrders(filter, page, freshness), query, presentDraft, request, reply);
  }

  @Get(':orderId')
  @ApiRead({ id: 'getDraft', summary: 'One draft', answer: DraftBody, problems: ['draft-unknown'] })
  get(
    @Param() { orderId }: OrderPath,
    @Query() query: OrderQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const draft = new GetOrder(orderId, this.queries.freshness(query, request, reply), 'draft');
    return this.queries.one(draft, { code: 'draft-unknown' }, presentDraft, request, reply);
  }
}

const instantOf = (expiresAt: string | undefined) =>
  expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() };
