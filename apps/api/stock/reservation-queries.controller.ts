import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FindReservations, GetReservation } from '../../../src/application/stock/reservations.query.js';
import { ApiRead } from '../api-docs.js';
import { Queries } from '../queries.js';
import {
  ReservationBody,
  ReservationListBody,
  ReservationQuery,
  ReservationsQuery,
  ShelfReservationsQuery,
} from './reservations.dto.js';
import { ReservationPath, ShelfPath } from './stock.dto.js';
import { presentReservation } from './stock.presenter.js';

@ApiTags('Stock')
@Controller('v1')
export class ReservationQueriesController {
  constructor(private readonly queries: Queries) {}

  @Get('stock/:sku/:location/reservations')
  @ApiRead({
    id: 'listShelfReservations',
    summary: 'Reservations of one SKU at one location, the first to end first',
    answer: ReservationListBody,
    list: true,
  })
  ofShelf(
    @Param() { sku, location }: ShelfPath,
    @Query() query: ShelfReservationsQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReservationListBody> {
    const filter = { sku, location, status: query.status ?? 'held' };
    const freshness = this.queries.freshness(query, request, reply);
    const ask = (page: FindReservations['page']) => new FindReservations(filter, page, freshness);
    return this.queries.list(ask, query, presentReservation, request, reply);
  }

  @Get('reservations')
  @ApiRead({
    id: 'listReservations',
    summary: 'All reservations that bear one id, one on each shelf',
    answer: ReservationListBody,
    list: true,
  })
  ofId(
    @Query() query: ReservationsQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReservationListBody> {
    const { reservationId } = query;
    const freshness = this.queries.freshness(query, request, reply);
    const ask = (page: FindReservations['page']) => new FindReservations({ reservationId }, page, freshness);
    return this.queries.list(ask, query, presentReservation, request, reply);
  }

  @Get('stock/:sku/:location/reservations/:reservationId')
  @ApiRead({
    id: 'getReservation',
    summary: 'One reservation, also when it has ended',
    answer: ReservationBody,
    problems: ['reservation-unknown'],
  })
  get(
    @Param() { sku, location, reservationId }: ReservationPath,
    @Query() query: ReservationQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const asked = new GetReservation(sku, location, reservationId, this.queries.freshness(query, request, reply));
    return this.queries.one(asked, { code: 'reservation-unknown', reservationId }, presentReservation, request, reply);
  }
}
