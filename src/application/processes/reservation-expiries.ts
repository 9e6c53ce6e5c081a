import { reservationsView, type ReservationDocument } from '../../projections/reservations.view.js';
import type { Clock } from '../ports/clock.js';
import type { ViewStore } from '../ports/view-store.js';
import { runStock } from '../stock/run-stock.handler.js';
import type { StreamWriter } from '../stream-writer.js';
import { justAfter } from '../views/just-after.js';
import { sweepDue } from './sweep-due.js';
import type { Sweep, Swept } from './sweep.js';

/** As many at once, so that the writer folds those of one shelf into few appends. */
const PAGE = 500;

/**
 * Says in the log which reservations have expired. Their units were free before: this only lets sums be kept without
 * looking through reservations, and tells those who follow the log.
 */
export class ReservationExpiries implements Sweep {
  readonly name = 'reservation-expiries@1';

  constructor(private readonly options: Readonly<{ writer: StreamWriter; views: ViewStore; clock: Clock }>) {}

  sweep(signal: AbortSignal): Promise<Swept> {
    const { views, clock } = this.options;
    const now = new Date(clock.now()).toISOString();
    const due = { index: 'due', to: justAfter(now), limit: PAGE };
    return sweepDue(views, reservationsView, [due], (document) => this.#expire(document, now), signal);
  }

  /** Nothing is recorded of one that was extended, committed or ended since the view was made. */
  #expire({ sku, location, reservationId, expiresAt }: ReservationDocument, now: string): Promise<unknown> {
    return runStock(
      this.options.writer,
      { type: 'ExpireReservation', data: { sku, location, reservationId } },
      { commandId: `expiry/${reservationId}/${expiresAt}`, principal: 'reservation-expiries', occurredAt: now },
    );
  }
}
