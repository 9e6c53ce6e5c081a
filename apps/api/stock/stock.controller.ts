import { Body, Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RunStock, type StockCommand } from '../../../src/application/stock/run-stock.handler.js';
import { stockId } from '../../../src/projections/stock.view.js';
import { ApiCommand } from '../api-docs.js';
import type { ReceiptBody } from '../bodies.js';
import { Commands } from '../commands.js';
import {
  AdjustStockBody,
  BackorderPolicyBody,
  CountStockBody,
  MovementBody,
  ReturnStockBody,
  ShelfPath,
  ShipStockBody,
  WriteOffDamagedBody,
} from './stock.dto.js';

/** What moves units in and out. */
@ApiTags('Stock')
@Controller('v1/stock')
export class StockController {
  constructor(private readonly commands: Commands) {}

  @Post(':sku/:location/receive')
  @HttpCode(200)
  @ApiCommand({ id: 'receiveStock', summary: 'Take in a delivery', problems: ['on-hand-too-large'] })
  receive(
    @Param() shelf: ShelfPath,
    @Body() body: MovementBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    return this.#run({ type: 'ReceiveStock', data: { ...shelf, ...body } }, request, reply);
  }

  @Post(':sku/:location/adjust')
  @HttpCode(200)
  @ApiCommand({
    id: 'adjustStock',
    summary: 'Correct the stock, with a reason',
    problems: ['delta-zero', 'insufficient-stock', 'on-hand-too-large'],
  })
  adjust(
    @Param() shelf: ShelfPath,
    @Body() body: AdjustStockBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    return this.#run({ type: 'AdjustStock', data: { ...shelf, ...body } }, request, reply);
  }

  @Post(':sku/:location/count')
  @HttpCode(200)
  @ApiCommand({
    id: 'countStock',
    summary: 'Say how many units were found, with a reason',
    problems: ['count-below-promised', 'on-hand-too-large'],
  })
  count(
    @Param() shelf: ShelfPath,
    @Body() body: CountStockBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    return this.#run({ type: 'CountStock', data: { ...shelf, ...body } }, request, reply);
  }

  @Post(':sku/:location/ship')
  @HttpCode(200)
  @ApiCommand({
    id: 'shipStock',
    summary: 'Send units out',
    description: 'Only units that are on hand: those that nobody was promised, or those of the reservation.',
    problems: [
      'insufficient-stock',
      'reservation-unknown',
      'reservation-expired',
      'reservation-closed',
      'reservation-exceeded',
      'reservation-backordered',
      'reservation-in-fulfilment',
    ],
  })
  ship(
    @Param() shelf: ShelfPath,
    @Body() body: ShipStockBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    return this.#run({ type: 'ShipStock', data: { ...shelf, ...body } }, request, reply);
  }

  @Post(':sku/:location/return')
  @HttpCode(200)
  @ApiCommand({ id: 'returnStock', summary: 'Take back units that were sent out', problems: ['on-hand-too-large'] })
  return(
    @Param() shelf: ShelfPath,
    @Body() body: ReturnStockBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    return this.#run({ type: 'ReturnStock', data: { ...shelf, ...body } }, request, reply);
  }

  @Post(':sku/:location/write-off-damaged')
  @HttpCode(200)
  @ApiCommand({
    id: 'writeOffDamagedStock',
    summary: 'Write damaged units off, with a reason',
    problems: ['insufficient-damaged-stock'],
  })
  writeOffDamaged(
    @Param() shelf: ShelfPath,
    @Body() body: WriteOffDamagedBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    return this.#run({ type: 'WriteOffDamagedStock', data: { ...shelf, ...body } }, request, reply);
  }

  @Post(':sku/:location/backorder-policy')
  @HttpCode(200)
  @ApiCommand({
    id: 'setBackorderPolicy',
    summary: 'Allow reservations beyond what is on hand, up to a limit',
    problems: [],
  })
  setBackorderPolicy(
    @Param() shelf: ShelfPath,
    @Body() body: BackorderPolicyBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    return this.#run({ type: 'SetBackorderPolicy', data: { ...shelf, ...body } }, request, reply);
  }

  #run(command: StockCommand, request: FastifyRequest, reply: FastifyReply): Promise<ReceiptBody> {
    const { sku, location } = command.data;
    return this.commands.run(new RunStock(command, this.commands.contextOf(request)), reply, stockId(sku, location));
  }
}
