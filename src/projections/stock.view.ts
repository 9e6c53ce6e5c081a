import type { Instant } from '../domain/fact.js';
import type { Shelf } from './shelf.js';
import type { Document, ViewDefinition } from './projection.js';

/**
 * Units moved so far, by kind; each ≥ 0. `adjustedDown` counts what was written off, and `countedDown` what a count did not
 * find, as positive numbers. `returned` came back sellable; `writtenOff` are damaged units.
 */
export type StockTotals = Readonly<{
  received: number;
  adjustedUp: number;
  adjustedDown: number;
  countedUp: number;
  countedDown: number;
  reserved: number;
  committed: number;
  released: number;
  expired: number;
  shipped: number;
  returned: number;
  returnedDamaged: number;
  writtenOff: number;
  transferredOut: number;
  transferredIn: number;
}>;

/**
 * One SKU at one location: `_id` is `stockId(sku, location)`. Movements themselves are read from the stream.
 * Holds: `onHand` = received + adjustedUp − adjustedDown + countedUp − countedDown − shipped + returned − transferredOut +
 * transferredIn; `damaged` = returnedDamaged − writtenOff.
 * `damaged`         units that came back damaged, apart from those on hand
 * `inTransit`       units that left here for another location and have not arrived there yet
 * `backorderLimit`  how many units may be promised beyond those on hand
 * `movements`       events so far, reservations and releases included
 * `lastMovementAt`  business time of the newest of them
 * `revision`        of the newest event on the stream, decimal: the `ETag`
 * While `movements` is 0, only the arrival of units from here has been seen yet: time and revision are empty, and it is in
 * no list.
 */
export type StockDocument = Document &
  Shelf &
  Readonly<{
    sku: string;
    damaged: number;
    inTransit: number;
    backorderLimit: number;
    totals: StockTotals;
    movements: number;
    lastMovementAt: Instant;
    revision: string;
  }>;

/** Neither part can hold an `@`. */
export const stockId = (sku: string, location: string): string => `${sku}@${location}`;

/** On hand less what is promised: below zero where units are backordered. */
const unpromised = ({ onHand, allocated, held }: StockDocument): bigint => BigInt(onHand - allocated - held);
const ifMoved = <K>({ movements }: StockDocument, key: K): K | undefined => (movements === 0 ? undefined : key);

export const stockView: ViewDefinition<StockDocument> = {
  name: 'stock',
  version: 3,
  indexes: {
    /** [SKU, location] */
    sku: { parts: ['text', 'text'], of: (document) => ifMoved(document, [document.sku, document.location]) },
    /** [location, units left]: what runs out, at one location */
    location: {
      parts: ['text', 'integer'],
      of: (document) => ifMoved(document, [document.location, unpromised(document)]),
    },
    /** [units left]: what runs out, anywhere. A reservation counts until the log says that it has expired. */
    left: { parts: ['integer'], of: (document) => ifMoved(document, [unpromised(document)]) },
  },
};
