import type { Instant } from '../../../src/domain/fact.js';
import { shelfAvailabilityAt } from '../../../src/projections/shelf.js';
import type { StockDocument } from '../../../src/projections/stock.view.js';
import type { OpenReservationBody, ReservationBody, StockBody } from './stock.dto.js';

/** A shelf as the API shows it at `now`: expired reservations no longer count. */
export const presentStock =
  (now: Instant) =>
  (document: StockDocument): StockBody => ({
    object: 'stock',
    sku: document.sku,
    location: document.location,
    ...shelfAvailabilityAt(document, now),
    damaged: document.damaged,
    inTransit: document.inTransit,
    backorderLimit: document.backorderLimit,
    reservations: openReservations(document, now),
    totals: { ...document.totals },
    movements: document.movements,
    lastMovementAt: document.lastMovementAt,
    revision: document.revision,
  });

/** The same, but `undefined` for a shelf that nothing has moved on: only what left it has been seen to arrive elsewhere. */
export const presentShelf =
  (now: Instant) =>
  (document: StockDocument): StockBody | undefined =>
    document.movements === 0 ? undefined : presentStock(now)(document);

/** A reservation that still holds units at `now`; `undefined` when it has ended, or never was. */
export function presentReservation(
  document: StockDocument,
  reservationId: string,
  now: Instant,
): OpenReservationBody | undefined {
  const open = openReservations(document, now).find((each) => each.reservationId === reservationId);
  return open && { object: 'reservation', ...open, revision: document.revision };
}

const openReservations = ({ reservations }: StockDocument, now: Instant): ReservationBody[] =>
  reservations
    .filter(({ expiresAt }) => expiresAt > now)
    .map(({ reservationId, quantity, expiresAt }) => ({ reservationId, quantity, expiresAt }));
