import type { Fact, Instant } from '../fact.js';
import type { Sku } from '../product/product.events.js';

/** A place that holds stock: 1 to 32 of `a-z 0-9 -`, beginning with a letter or a digit. */
export type Location = string;
type AtShelf = { sku: Sku; location: Location };
/** The document behind a movement (an order, a delivery note, an invoice number), if there is one. */
type Referring = { reference?: string };

/**
 * Movements on one `stock-{sku}@{location}` stream, oldest first.
 * Units:  quantities are whole units, 1 to 1,000,000,000; only `delta` may be negative, never zero.
 * Change: names are stored for ever. Add an optional field with an upcaster, or a new type; never rename.
 */
export type StockEvent =
  | Fact<'StockReceived', AtShelf & Referring & { quantity: number }>
  | Fact<'StockAdjusted', AtShelf & Referring & { delta: number; reason: string }>
  | Fact<'StockReserved', AtShelf & Referring & { reservationId: string; quantity: number; expiresAt: Instant }>
  | Fact<'ReservationReleased', AtShelf & { reservationId: string; quantity: number }>
  | Fact<'StockShipped', AtShelf & Referring & { quantity: number; reservationId?: string }>
  | Fact<'StockReturned', AtShelf & Referring & { quantity: number }>;
