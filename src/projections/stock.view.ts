import type { Instant } from '../domain/fact.js';
import type { Shelf } from './shelf.js';
import type { Document, ViewDefinition } from './projection.js';

/** Units moved so far, by kind; each ≥ 0. `adjustedDown` counts what was written off, as a positive number. */
export type StockTotals = Readonly<{
  received: number;
  adjustedUp: number;
  adjustedDown: number;
  reserved: number;
  released: number;
  shipped: number;
  returned: number;
}>;

/**
 * One SKU at one location: `_id` is `stockId(sku, location)`. Movements themselves are read from the stream.
 * Holds: `onHand` = received + adjustedUp − adjustedDown − shipped + returned.
 * `movements`       events so far, reservations and releases included
 * `lastMovementAt`  business time of the newest of them
 * `revision`        of the newest event on the stream, decimal: the `ETag`
 */
export type StockDocument = Document &
  Shelf &
  Readonly<{
    sku: string;
    totals: StockTotals;
    movements: number;
    lastMovementAt: Instant;
    revision: string;
  }>;

/** Neither part can hold an `@`. */
export const stockId = (sku: string, location: string): string => `${sku}@${location}`;

/** On hand less all open reservations, expired ones included: never more than `shelfAvailabilityAt` says. */
const unreserved = ({ onHand, reservations }: StockDocument): bigint =>
  BigInt(onHand - reservations.reduce((sum, { quantity }) => sum + quantity, 0));

export const stockView: ViewDefinition<StockDocument> = {
  name: 'stock',
  version: 1,
  indexes: {
    /** [SKU, location] */
    sku: { parts: ['text', 'text'], of: (document) => [document.sku, document.location] },
    /** [location, units left]: what runs out, at one location */
    location: { parts: ['text', 'integer'], of: (document) => [document.location, unreserved(document)] },
    /** [units left]: what runs out, anywhere. Units left count an expired reservation until the next movement. */
    left: { parts: ['integer'], of: (document) => [unreserved(document)] },
  },
};
