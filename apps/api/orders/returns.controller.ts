import { Body, Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { returnIdFor } from '../../../src/application/ids.js';
import { RunOrder } from '../../../src/application/order/run-order.handler.js';
import { ApiCommand } from '../api-docs.js';
import type { ReceiptBody } from '../bodies.js';
import { Commands } from '../commands.js';
import { NOT_LIVE } from './asked.js';
import { OrderPath } from './order.dto.js';
import { ReceiveReturnBody, RequestReturnBody, ReturnOrderBody, ReturnPath } from './returns.dto.js';

/** What comes back. */
@ApiTags('Orders')
@Controller('v1/orders')
export class ReturnsController {
  constructor(private readonly commands: Commands) {}

  @Post(':orderId/return')
  @HttpCode(200)
  @ApiCommand({
    id: 'returnOrder',
    summary: 'Take back goods that were shipped, without a request',
    problems: [...NOT_LIVE, 'line-unknown', 'quantity-too-large', 'exceeds-shipped'],
  })
  return(
    @Param() { orderId }: OrderPath,
    @Body() body: ReturnOrderBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const command = { type: 'ReturnOrder', data: { orderId, ...body } } as const;
    return this.commands.run(new RunOrder(command, this.commands.contextOf(request)), reply, orderId);
  }

  @Post(':orderId/returns')
  @ApiCommand({
    id: 'requestReturn',
    summary: 'Ask for goods that were shipped to be taken back',
    description: 'Units that an open return asks for cannot be asked for again. The return id follows from the key.',
    creates: 'The return is requested.',
    problems: [...NOT_LIVE, 'line-unknown', 'quantity-too-large', 'exceeds-shipped'],
  })
  request(
    @Param() { orderId }: OrderPath,
    @Body() body: RequestReturnBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const context = this.commands.contextOf(request);
    const returnId = returnIdFor(context.commandId);
    const command = { type: 'RequestReturn', data: { ...body, orderId, returnId } } as const;
    return this.commands.run(new RunOrder(command, context), reply, returnId, `/v1/orders/${orderId}`);
  }

  @Post(':orderId/returns/:returnId/receive')
  @HttpCode(200)
  @ApiCommand({
    id: 'receiveReturn',
    summary: 'Take back the goods of a return',
    description:
      'It is received once, with what came: units that did not come can be asked for again. The event says, to the last ' +
      'minor unit, what the units were sold for with their shares of discounts, shipping and tax.',
    problems: [
      ...NOT_LIVE,
      'return-unknown',
      'return-closed',
      'line-unknown',
      'quantity-too-large',
      'exceeds-requested',
      'exceeds-shipped',
    ],
  })
  receive(
    @Param() { orderId, returnId }: ReturnPath,
    @Body() body: ReceiveReturnBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const command = { type: 'ReceiveReturn', data: { ...body, orderId, returnId } } as const;
    return this.commands.run(new RunOrder(command, this.commands.contextOf(request)), reply, returnId);
  }
}
