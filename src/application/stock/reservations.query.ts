import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  reservationKey,
  reservationsView,
  type ReservationDocument,
  type ReservationStatus,
} from '../../projections/reservations.view.js';
import type { Stored } from '../../projections/projection.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import type { Page, ViewQuery } from '../ports/view-store.js';
import type { PageRequest } from '../views/page-request.js';
import { ViewReader, type Answer, type Freshness } from '../views/view-reader.js';

/** Those of one status on one shelf, the first to end first; or all that bear one id, one on each shelf. */
export type ReservationFilter =
  Readonly<{ sku: string; location: string; status: ReservationStatus }> | Readonly<{ reservationId: string }>;

export class FindReservations extends Query<Answer<Page<ReservationDocument>>> {
  constructor(
    readonly filter: ReservationFilter,
    readonly page: PageRequest,
    readonly freshness: Freshness,
  ) {
    super();
  }
}

@QueryHandler(FindReservations)
export class FindReservationsHandler implements IQueryHandler<FindReservations> {
  constructor(
    private readonly reader: ViewReader,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ filter, page, freshness }: FindReservations): Promise<Answer<Page<ReservationDocument>>> {
    const walk: ViewQuery =
      'sku' in filter
        ? { index: 'shelf', prefix: [filter.sku, filter.location, filter.status], ...page }
        : { index: 'id', prefix: [filter.reservationId], ...page };
    const answer = await this.reader.read(reservationsView, freshness, (views) => views.find(reservationsView, walk));
    const documents = answer.value.documents.map(asOfNow(this.clock));
    return { ...answer, value: { ...answer.value, documents } };
  }
}

/** One reservation, also when it has ended; or `undefined`. */
export class GetReservation extends Query<Answer<Stored<ReservationDocument> | undefined>> {
  constructor(
    readonly sku: string,
    readonly location: string,
    readonly reservationId: string,
    readonly freshness: Freshness,
  ) {
    super();
  }
}

@QueryHandler(GetReservation)
export class GetReservationHandler implements IQueryHandler<GetReservation> {
  constructor(
    private readonly reader: ViewReader,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute(query: GetReservation): Promise<Answer<Stored<ReservationDocument> | undefined>> {
    const key = reservationKey(query.sku, query.location, query.reservationId);
    const answer = await this.reader.read(reservationsView, query.freshness, (views) =>
      views.get(reservationsView, key),
    );
    return { ...answer, value: answer.value && asOfNow(this.clock)(answer.value) };
  }
}

/** It expires at its instant, and not when the log comes to say so. */
const asOfNow =
  (clock: Clock) =>
  <D extends ReservationDocument>(document: D): D => {
    const { status, expiresAt, left, expired } = document;
    if (status !== 'held' || expiresAt > new Date(clock.now()).toISOString()) return document;
    return { ...document, status: 'expired', left: 0, expired: expired + left };
  };
