import type { Fact, Instant } from '../fact.js';
import type { Sku } from '../product/product.events.js';

/** A place that holds stock: 1 to 32 of `a-z 0-9 -`, beginning with a letter or a digit. */
export type Location = string;
/** What came back: `sellable` units join those on hand, `damaged` ones are counted apart and are never available. */
export type Condition = 'sellable' | 'damaged';
type AtShelf = { sku: Sku; location: Location };
/** The document behind a movement (an order, a delivery note, an invoice number), if there is one. */
type Referring = { reference?: string };
/** Present when the reservation had been committed: the units were allocated, not merely held. */
type OfCommitted = { committed?: true };
/** `at-once`: the units have changed their place on paper only, and are there without anybody saying so. */
export type Arrival = 'at-once' | 'when-received';

/**
 * Movements on one `stock-{sku}@{location}` stream, oldest first.
 * Units:  quantities are whole units, 1 to 1,000,000,000; only `delta` may be negative. An adjustment's is never zero, a
 *         count's is `counted` less what was on hand before, so zero where the count agrees.
 *         `backordered` of a reservation's units were not there when it was made: 1 to `quantity`, absent for none.
 *         `condition` is absent for sellable units. A backorder `limit` of 0 takes none.
 *         `expiresAt` is when a reservation ends; of one that has expired, when it did. `arrives` is absent for
 *         `when-received`.
 * Change: names are stored for ever. Add an optional field with an upcaster, or a new type; never rename.
 */
export type StockEvent =
  | Fact<'StockReceived', AtShelf & Referring & { quantity: number }>
  | Fact<'StockAdjusted', AtShelf & Referring & { delta: number; reason: string }>
  | Fact<'StockCounted', AtShelf & Referring & { counted: number; delta: number; reason: string }>
  | Fact<
      'StockReserved',
      AtShelf & Referring & { reservationId: string; quantity: number; expiresAt: Instant; backordered?: number }
    >
  | Fact<'ReservationExtended', AtShelf & { reservationId: string; quantity: number; expiresAt: Instant }>
  | Fact<'ReservationExpired', AtShelf & { reservationId: string; quantity: number; expiresAt: Instant }>
  | Fact<'ReservationCommitted', AtShelf & { reservationId: string; quantity: number }>
  | Fact<'ReservationReleased', AtShelf & OfCommitted & { reservationId: string; quantity: number; reason?: string }>
  | Fact<'StockShipped', AtShelf & Referring & OfCommitted & { quantity: number; reservationId?: string }>
  | Fact<'StockReturned', AtShelf & Referring & { quantity: number; condition?: Condition }>
  | Fact<'DamagedStockWrittenOff', AtShelf & Referring & { quantity: number; reason: string }>
  | Fact<
      'StockTransferredOut',
      AtShelf & { transferId: string; to: Location; quantity: number; arrives?: Arrival; reason?: string }
    >
  | Fact<'StockTransferredIn', AtShelf & { transferId: string; from: Location; quantity: number }>
  | Fact<'BackorderPolicySet', AtShelf & { limit: number }>;
