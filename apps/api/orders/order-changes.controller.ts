import { Body, Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EditOrder, PreviewEdit } from '../../../src/application/order/edit-order.js';
import { RunOrder } from '../../../src/application/order/run-order.handler.js';
import { ApiCommand, ApiProblems, HEADERS } from '../api-docs.js';
import type { ReceiptBody } from '../bodies.js';
import { Commands } from '../commands.js';
import { RequestRefused, type ProblemCode } from '../problems.js';
import { askedChanges, NOT_LIVE } from './asked.js';
import type { OrderReceiptBody } from './fulfilment.dto.js';
import { EditPreviewBody } from './order-content.dto.js';
import { OrderCommands } from './order-commands.js';
import { EditOrderBody, PreviewEditBody } from './order-changes.dto.js';
import { CancelLinesBody, OrderPath } from './order.dto.js';
import { presentPreview } from './order.presenter.js';

const EDIT_PROBLEMS = [
  ...NOT_LIVE,
  'order-completed',
  'order-already-shipped',
  'order-in-fulfilment',
  'order-would-be-empty',
  'nothing-to-change',
  'line-unknown',
  'line-repeated',
  'line-product-unknown',
  'line-product-discontinued',
  'line-price-missing',
  'too-many-lines',
  'total-too-large',
  'too-many-adjustments',
  'adjustment-sign-wrong',
  'adjustment-repeated',
  'discount-exceeds-goods',
] as const satisfies readonly ProblemCode[];

/** What changes an order between being placed and being shipped. */
@ApiTags('Orders')
@Controller('v1/orders')
export class OrderChangesController {
  constructor(
    private readonly commands: Commands,
    private readonly orders: OrderCommands,
    private readonly queries: QueryBus,
  ) {}

  @Post(':orderId/cancel-lines')
  @HttpCode(200)
  @ApiCommand({
    id: 'cancelOrderLines',
    summary: 'Cancel units that have not shipped',
    description:
      'Some of an order; all of it is cancelled by `cancel`. The event says, to the last minor unit, what the units were ' +
      'sold for with their shares of discounts, shipping and tax.',
    settles: true,
    problems: [
      ...NOT_LIVE,
      'order-completed',
      'line-unknown',
      'quantity-too-large',
      'exceeds-unshipped',
      'order-would-be-empty',
    ],
  })
  cancelLines(
    @Param() { orderId }: OrderPath,
    @Body() body: CancelLinesBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderReceiptBody> {
    const command = { type: 'CancelLines', data: { ...body, orderId } } as const;
    return this.orders.run(new RunOrder(command, this.commands.contextOf(request)), request, reply, orderId);
  }

  @Post(':orderId/edit')
  @HttpCode(200)
  @ApiCommand({
    id: 'editOrder',
    summary: 'Change an order of which nothing has shipped',
    description: 'New lines cost the list price where they say none. Other lines keep their prices and their numbers.',
    ifMatch: 'required',
    problems: [...EDIT_PROBLEMS, 'command-too-large'],
  })
  async edit(
    @Param() { orderId }: OrderPath,
    @Body() { reason, ...changes }: EditOrderBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const context = this.commands.contextOf(request);
    if (context.expectedRevision === undefined) throw new RequestRefused({ code: 'if-match-missing' });
    return this.commands.run(new EditOrder(orderId, askedChanges(changes), reason, context), reply, orderId);
  }

  @Post(':orderId/edit/preview')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'previewOrderEdit',
    summary: 'What an order would be after an edit',
    description: 'Decided as the edit would be, and not written. Its `ETag` is what the edit asks for as `If-Match`.',
  })
  @ApiHeader({ name: 'X-Correlation-Id', required: false, schema: { type: 'string', example: 'checkout-7f3a' } })
  @ApiResponse({
    status: 200,
    description: 'What the order would be. Nothing has been written.',
    type: EditPreviewBody,
    headers: { 'X-Correlation-Id': HEADERS['X-Correlation-Id'], ETag: HEADERS.Revision },
  })
  @ApiProblems(
    'request-invalid',
    'body-malformed',
    'body-too-large',
    'media-type-unsupported',
    'log-unavailable',
    ...EDIT_PROBLEMS,
  )
  async preview(
    @Param() { orderId }: OrderPath,
    @Body() changes: PreviewEditBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EditPreviewBody> {
    const preview = await this.queries.execute(new PreviewEdit(orderId, askedChanges(changes)));
    reply.header('ETag', `"${preview.revision}"`).header('Cache-Control', 'no-store');
    return presentPreview(orderId, preview);
  }
}
