import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CLOCK, type Clock } from '../../../src/application/ports/clock.js';
import { FindStock, GetStock, type StockFilter } from '../../../src/application/stock/stock.query.js';
import { ApiRead } from '../api-docs.js';
import { RequestRefused } from '../problems.js';
import { Queries } from '../queries.js';
import {
  OpenReservationBody,
  ReservationPath,
  ShelfPath,
  ShelfQuery,
  StockBody,
  StockListBody,
  StockQuery,
} from './stock.dto.js';
import { presentReservation, presentShelf, presentStock } from './stock.presenter.js';

@ApiTags('Stock')
@Controller('v1/stock')
export class StockQueriesController {
  constructor(
    private readonly queries: Queries,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

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
    return this.queries.one(stock, { code: 'stock-unknown' }, presentShelf(this.#now()), request, reply);
  }

  @Get(':sku/:location/reservations/:reservationId')
  @ApiRead({
    id: 'getReservation',
    summary: 'One reservation, as long as it holds units and is not committed',
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
