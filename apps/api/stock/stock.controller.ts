import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { reservationIdFor } from '../../../src/application/ids.js';
import { CLOCK, type Clock } from '../../../src/application/ports/clock.js';
import { RunStock } from '../../../src/application/stock/run-stock.handler.js';
import { FindStock, GetStock, type StockFilter } from '../../../src/application/stock/stock.query.js';
import type { StockCommand } from '../../../src/domain/stock/stock.commands.js';
import { stockId } from '../../../src/projections/stock.view.js';
import { ApiCommand, ApiRead } from '../api-docs.js';
import type { ReceiptBody } from '../bodies.js';
import { Commands } from '../commands.js';
import { RequestRefused } from '../problems.js';
import { Queries } from '../queries.js';
import {
  AdjustStockBody,
  MovementBody,
  OpenReservationBody,
  ReleaseReservationBody,
  ReservationPath,
  ReserveStockBody,
  ShelfPath,
  ShelfQuery,
  ShipStockBody,
  StockBody,
  StockListBody,
  StockQuery,
} from './stock.dto.js';
import { presentReservation, presentStock } from './stock.presenter.js';

@ApiTags('Stock')
@Controller('v1/stock')
export class StockController {
  constructor(
    private readonly commands: Commands,
    private readonly queries: Queries,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

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

  @Post(':sku/:location/reserve')
  @HttpCode(201)
  @ApiCommand({
    id: 'reserveStock',
    summary: 'Set units aside until a time',
    description: 'The reservation is free again at once when it expires, whether or not anybody releases it.',
    creates: 'The units are reserved.',
    problems: ['insufficient-stock', 'expiry-not-ahead', 'reservation-id-reused'],
  })
  reserve(
    @Param() { sku, location }: ShelfPath,
    @Body() body: ReserveStockBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const context = this.commands.contextOf(request);
    const reservationId = reservationIdFor(context.commandId);
    const expiresAt = new Date(body.expiresAt).toISOString();
    const data = { ...body, sku, location, reservationId, expiresAt };
    const created = `/v1/stock/${sku}/${location}/reservations/${reservationId}`;
    return this.commands.run(new RunStock({ type: 'ReserveStock', data }, context), reply, reservationId, created);
  }

  @Post(':sku/:location/reservations/:reservationId/release')
  @HttpCode(200)
  @ApiBody({ type: ReleaseReservationBody, required: false })
  @ApiCommand({
    id: 'releaseReservation',
    summary: 'Give a reservation up',
    problems: ['reservation-unknown', 'reservation-expired', 'reservation-closed'],
  })
  release(
    @Param() { sku, location, reservationId }: ReservationPath,
    @Body() _body: ReleaseReservationBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const command = { type: 'ReleaseReservation', data: { sku, location, reservationId } } as const;
    return this.commands.run(new RunStock(command, this.commands.contextOf(request)), reply, reservationId);
  }

  @Post(':sku/:location/ship')
  @HttpCode(200)
  @ApiCommand({
    id: 'shipStock',
    summary: 'Send units out',
    problems: [
      'insufficient-stock',
      'reservation-unknown',
      'reservation-expired',
      'reservation-closed',
      'reservation-exceeded',
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
    @Body() body: MovementBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    return this.#run({ type: 'ReturnStock', data: { ...shelf, ...body } }, request, reply);
  }

  @Get()
  @ApiRead({ id: 'listStock', summary: 'Stock: all, of one SKU, or what runs out', answer: StockListBody, list: true })
  find(
    @Query() query: StockQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StockListBody> {
    const filter = filterOf(query);
    const freshness = this.queries.freshness(query, request, reply);
    const present = presentStock(this.#now());
    return this.queries.list((page) => new FindStock(filter, page, freshness), query, present, request, reply);
  }

  @Get(':sku/:location')
  @ApiRead({ id: 'getStock', summary: 'One SKU at one location', answer: StockBody, problems: ['stock-unknown'] })
  get(
    @Param() { sku, location }: ShelfPath,
    @Query() query: ShelfQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const stock = new GetStock(sku, location, this.queries.freshness(query, request, reply));
    return this.queries.one(stock, { code: 'stock-unknown' }, presentStock(this.#now()), request, reply);
  }

  @Get(':sku/:location/reservations/:reservationId')
  @ApiRead({
    id: 'getReservation',
    summary: 'One reservation, as long as it holds units',
    answer: OpenReservationBody,
    problems: ['reservation-unknown'],
  })
  getReservation(
    @Param() { sku, location, reservationId }: ReservationPath,
    @Query() query: ShelfQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const stock = new GetStock(sku, location, this.queries.freshness(query, request, reply));
    const missing = { code: 'reservation-unknown', reservationId } as const;
    const now = this.#now();
    return this.queries.one(stock, missing, (shelf) => presentReservation(shelf, reservationId, now), request, reply);
  }

  #run(command: StockCommand, request: FastifyRequest, reply: FastifyReply): Promise<ReceiptBody> {
    const { sku, location } = command.data;
    return this.commands.run(new RunStock(command, this.commands.contextOf(request)), reply, stockId(sku, location));
  }

  #now = (): string => new Date(this.clock.now()).toISOString();
}

/** @throws RequestRefused for parameters that no index answers together */
function filterOf({ sku, order, location, atMost }: StockQuery): StockFilter {
  if (order === 'left') {
    if (sku !== undefined) throw conflicting('sku', 'cannot be combined with order=left');
    return {
      order: 'running-out',
      ...(location === undefined ? {} : { location }),
      ...(atMost === undefined ? {} : { atMost: Number(atMost) }),
    };
  }
  if (location !== undefined) throw conflicting('location', 'needs order=left');
  if (atMost !== undefined) throw conflicting('atMost', 'needs order=left');
  return { order: 'by-sku', ...(sku === undefined ? {} : { sku }) };
}

const conflicting = (parameter: string, detail: string): RequestRefused =>
  new RequestRefused({ code: 'request-invalid', errors: [{ parameter, detail }] });
