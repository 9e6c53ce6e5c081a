import type { Instant } from '../domain/fact.js';
import type { Document, ViewDefinition } from './projection.js';

/** As the log has it: a reservation that has expired is `held` until `ReservationExpired` says otherwise. */
export type ReservationStatus = 'held' | 'committed' | 'shipped' | 'released' | 'expired';

/**
 * One reservation on one shelf, for ever: `_id` is `reservationKey(sku, location, reservationId)`.
 * Units: whole units; `quantity` = `left` + `shipped` + `released` + `expired`.
 * `status`       what ended it, once nothing is left; before, whether it is committed
 * `backordered`  of its units, those that were not there when it was made
 * `expiresAt`    when it ends, extensions included; of a committed one, when it would have
 * `reason`       why it was released, if somebody said
 * `reservedAt`, `changedAt`  business times of its first and its newest event
 * `revision`     on the shelf's stream, of its newest event, decimal
 */
export type ReservationDocument = Document &
  Readonly<{
    sku: string;
    location: string;
    reservationId: string;
    status: ReservationStatus;
    quantity: number;
    left: number;
    shipped: number;
    released: number;
    expired: number;
    backordered: number;
    expiresAt: Instant;
    reference?: string;
    reason?: string;
    reservedAt: Instant;
    changedAt: Instant;
    revision: string;
  }>;

/** No part can hold an `@` or a `/`. An id names one reservation per shelf: an order may use its own on many. */
export const reservationKey = (sku: string, location: string, reservationId: string): string =>
  `${sku}@${location}/${reservationId}`;

export const reservationsView: ViewDefinition<ReservationDocument> = {
  name: 'reservations',
  version: 1,
  indexes: {
    /** [SKU, location, status, expires at] */
    shelf: {
      parts: ['text', 'text', 'text', 'text'],
      of: ({ sku, location, status, expiresAt }) => [sku, location, status, expiresAt],
    },
    /** [reservation id]: all that bear it, one on each shelf */
    id: { parts: ['text'], of: ({ reservationId }) => [reservationId] },
    /** [expires at], of those that are held: what has expired is the range up to now */
    due: { parts: ['text'], of: ({ status, expiresAt }) => (status === 'held' ? [expiresAt] : undefined) },
  },
};
