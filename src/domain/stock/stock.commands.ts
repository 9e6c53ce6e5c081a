import type { Asked } from '../decider.js';
import type { Instant } from '../fact.js';
import type { Sku } from '../product/product.events.js';
import type { QuantityFault } from '../quantity.js';
import type { Location } from './stock.events.js';

type AtShelf = { sku: Sku; location: Location };
type Referring = { reference?: string };

/**
 * Quantities are whole units. `ShipStock` without a reservation takes from what is available; with one it takes all or
 * part of the reserved units. `expiresAt` must lie after the command's business time. A reservation id counts once per
 * shelf and for ever: asked again with the same content it is accepted without a new event, whatever became of it.
 */
export type StockCommand =
  | Asked<'ReceiveStock', AtShelf & Referring & { quantity: number }>
  | Asked<'AdjustStock', AtShelf & Referring & { delta: number; reason: string }>
  | Asked<'ReserveStock', AtShelf & Referring & { reservationId: string; quantity: number; expiresAt: Instant }>
  | Asked<'ReleaseReservation', AtShelf & { reservationId: string }>
  | Asked<'ShipStock', AtShelf & Referring & { quantity: number; reservationId?: string }>
  | Asked<'ReturnStock', AtShelf & Referring & { quantity: number }>;

/**
 * `available` = on hand − reserved by reservations that have not expired, never below zero.
 * An adjustment may not take reserved units either. A reservation that was shipped wholly or released is closed; one
 * that is past its time is expired, whatever else became of it.
 */
export type StockRejection = Readonly<
  | { code: QuantityFault | 'delta-zero' | 'expiry-malformed' }
  | { code: 'on-hand-too-large'; allowed: number }
  | { code: 'insufficient-stock'; available: number; requested: number }
  | { code: 'reservation-unknown' | 'reservation-expired' | 'reservation-closed'; reservationId: string }
  | { code: 'reservation-id-reused'; reservationId: string }
  | { code: 'reservation-exceeded'; reserved: number; requested: number }
  | { code: 'expiry-not-ahead'; expiresAt: Instant }
>;
