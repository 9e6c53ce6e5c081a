import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ReceiveTransfer } from '../../../src/application/stock/receive-transfer.js';
import { RunStock } from '../../../src/application/stock/run-stock.handler.js';
import { FindTransfers, GetTransfer, type TransferFilter } from '../../../src/application/stock/transfers.query.js';
import { stockId } from '../../../src/projections/stock.view.js';
import { ApiCommand, ApiRead } from '../api-docs.js';
import type { ReceiptBody } from '../bodies.js';
import { Commands } from '../commands.js';
import { RequestRefused } from '../problems.js';
import { Queries } from '../queries.js';
import { ShelfPath } from './stock.dto.js';
import { presentSent, presentTransfer } from './stock.presenter.js';
import {
  ReceiveTransferBody,
  TransferBody,
  TransferListBody,
  TransferPath,
  TransferQuery,
  TransfersQuery,
  TransferStockBody,
} from './transfers.dto.js';

/** Units that go from one location to another. */
@ApiTags('Stock')
@Controller('v1')
export class TransfersController {
  constructor(
    private readonly commands: Commands,
    private readonly queries: Queries,
  ) {}

  @Post('stock/:sku/:location/transfer')
  @HttpCode(200)
  @ApiCommand({
    id: 'transferStock',
    summary: 'Send units to another location',
    description: 'They are in transit until they arrive there. A transfer id counts once.',
    problems: ['insufficient-stock', 'transfer-within-location', 'transfer-id-reused'],
  })
  transfer(
    @Param() { sku, location }: ShelfPath,
    @Body() body: TransferStockBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const command = { type: 'TransferStock', data: { sku, location, ...body } } as const;
    const run = new RunStock(command, this.commands.contextOf(request));
    return this.commands.run(run, reply, stockId(sku, location));
  }

  @Post('stock/:sku/:location/receive-transfer')
  @HttpCode(200)
  @ApiCommand({
    id: 'receiveTransfer',
    summary: 'Take in units that another location sent',
    description: 'All that were sent, once. What is missing or broken is then adjusted here, with the reason.',
    problems: [
      'transfer-unknown',
      'transfer-differs',
      'transfer-id-reused',
      'transfer-within-location',
      'on-hand-too-large',
    ],
  })
  receive(
    @Param() { sku, location }: ShelfPath,
    @Body() body: ReceiveTransferBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const command = { type: 'ReceiveTransfer', data: { sku, location, ...body } } as const;
    const run = new ReceiveTransfer(command, this.commands.contextOf(request));
    return this.commands.run(run, reply, stockId(sku, location));
  }

  @Get('transfers')
  @ApiRead({
    id: 'listTransfers',
    summary: 'Transfers: all, or those on their way, the first to leave first',
    answer: TransferListBody,
    list: true,
  })
  find(
    @Query() query: TransfersQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TransferListBody> {
    const filter = filterOf(query);
    const freshness = this.queries.freshness(query, request, reply);
    const ask = (page: FindTransfers['page']) => new FindTransfers(filter, page, freshness);
    return this.queries.list(ask, query, presentTransfer, request, reply);
  }

  @Get('stock/:sku/:location/transfers/:transferId')
  @ApiRead({
    id: 'getTransfer',
    summary: 'One transfer that left this location',
    answer: TransferBody,
    problems: ['transfer-unknown'],
  })
  get(
    @Param() { sku, location, transferId }: TransferPath,
    @Query() query: TransferQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const asked = new GetTransfer(sku, location, transferId, this.queries.freshness(query, request, reply));
    const missing = { code: 'transfer-unknown', transferId } as const;
    return this.queries.one(asked, missing, presentSent, request, reply);
  }
}

/** @throws RequestRefused for parameters that no index answers together */
function filterOf({ status, to, from }: TransfersQuery): TransferFilter {
  if (to !== undefined && from !== undefined) {
    const errors = [{ parameter: 'from', detail: 'cannot be combined with to' }];
    throw new RequestRefused({ code: 'request-invalid', errors });
  }
  if (to !== undefined) return { status: status ?? 'in-transit', to };
  if (from !== undefined) return { status: status ?? 'in-transit', from };
  return status === undefined ? {} : { status };
}
