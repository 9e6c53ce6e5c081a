import { Body, Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { reservationIdFor } from '../../../src/application/ids.js';
import { RunStock, type StockCommand } from '../../../src/application/stock/run-stock.handler.js';
import { ApiCommand } from '../api-docs.js';
import type { ReceiptBody } from '../bodies.js';
import { Commands } from '../commands.js';
import {
  CommitReservationBody,
  ExtendReservationBody,
  ReleaseReservationBody,
  ReservationPath,
  ReserveStockBody,
  ShelfPath,
} from './stock.dto.js';

/** What promises units to somebody. */
@ApiTags('Stock')
@Controller('v1/stock')
export class ReservationsController {
  constructor(private readonly commands: Commands) {}

  @Post(':sku/:location/reserve')
  @HttpCode(201)
  @ApiCommand({
    id: 'reserveStock',
    summary: 'Set units aside until a time',
    description:
      'The units are free again at once when it expires, whether or not anybody releases it. Beyond what is available, as many ' +
      'units as the backorder limit allows are promised before they are there.',
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

  @Post(':sku/:location/reservations/:reservationId/extend')
  @HttpCode(200)
  @ApiCommand({
    id: 'extendReservation',
    summary: 'Let a reservation end later',
    problems: [
      'expiry-not-later',
      'reservation-unknown',
      'reservation-expired',
      'reservation-closed',
      'reservation-committed',
      'reservation-in-fulfilment',
    ],
  })
  extend(
    @Param() path: ReservationPath,
    @Body() body: ExtendReservationBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const expiresAt = new Date(body.expiresAt).toISOString();
    return this.#run({ type: 'ExtendReservation', data: { ...path, expiresAt } }, path, request, reply);
  }

  @Post(':sku/:location/reservations/:reservationId/commit')
  @HttpCode(200)
  @ApiBody({ type: CommitReservationBody, required: false })
  @ApiCommand({
    id: 'commitReservation',
    summary: 'Allocate the units of a reservation',
    description: 'From now on it does not expire: it ends when its units are shipped or released.',
    problems: ['reservation-unknown', 'reservation-expired', 'reservation-closed', 'reservation-in-fulfilment'],
  })
  commit(
    @Param() path: ReservationPath,
    @Body() _body: CommitReservationBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    return this.#run({ type: 'CommitReservation', data: { ...path } }, path, request, reply);
  }

  @Post(':sku/:location/reservations/:reservationId/release')
  @HttpCode(200)
  @ApiBody({ type: ReleaseReservationBody, required: false })
  @ApiCommand({
    id: 'releaseReservation',
    summary: 'Give a reservation up',
    problems: ['reservation-unknown', 'reservation-expired', 'reservation-closed', 'reservation-in-fulfilment'],
  })
  release(
    @Param() path: ReservationPath,
    @Body() body: ReleaseReservationBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    return this.#run({ type: 'ReleaseReservation', data: { ...path, ...body } }, path, request, reply);
  }

  #run(
    command: StockCommand,
    { reservationId }: ReservationPath,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<ReceiptBody> {
    return this.commands.run(new RunStock(command, this.commands.contextOf(request)), reply, reservationId);
  }
}
