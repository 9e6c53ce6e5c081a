import type { Asked } from '../decider.js';
import type { Instant } from '../fact.js';
import type { Sku } from '../product/product.events.js';
import type { QuantityFault } from '../quantity.js';
import type { Arrival, Condition, Location } from './stock.events.js';

type AtShelf = { sku: Sku; location: Location };
type Referring = { reference?: string };
type Moving = AtShelf & Referring & { quantity: number };

/**
 * Quantities are whole units. `ShipStock` without a reservation takes from what is available; with one it takes all or
 * part of the reserved units. `expiresAt` must lie after the command's business time. A reservation id counts once per
 * shelf and for ever: asked again with the same content it is accepted without a new event, whatever became of it.
 * `ReleaseReservation` without a quantity releases all that is left of it.
 * A transfer id likewise, for units that one shelf sends. A committed reservation no longer expires: it ends when it is
 * shipped or released. `ExpireReservation` records that one has ended by itself. `CountStock` says how many sellable units
 * were found.
 */
export type StockCommand =
  | Asked<'ReceiveStock', Moving>
  | Asked<'AdjustStock', AtShelf & Referring & { delta: number; reason: string }>
  | Asked<'CountStock', AtShelf & Referring & { counted: number; reason: string }>
  | Asked<'ReserveStock', Moving & { reservationId: string; expiresAt: Instant }>
  | Asked<'ExtendReservation', AtShelf & { reservationId: string; expiresAt: Instant }>
  | Asked<'ExpireReservation', AtShelf & { reservationId: string }>
  | Asked<'CommitReservation', AtShelf & { reservationId: string }>
  | Asked<'ReleaseReservation', AtShelf & { reservationId: string; quantity?: number; reason?: string }>
  | Asked<'ShipStock', Moving & { reservationId?: string }>
  | Asked<'ReturnStock', Moving & { condition?: Condition }>
  | Asked<'WriteOffDamagedStock', Moving & { reason: string }>
  | Asked<
      'TransferStock',
      AtShelf & { transferId: string; to: Location; quantity: number; arrives?: Arrival; reason?: string }
    >
  | Asked<'ReceiveTransfer', AtShelf & { transferId: string; from: Location; quantity: number }>
  | Asked<'SetBackorderPolicy', AtShelf & { limit: number }>;

/**
 * `available` = on hand − allocated − reserved by reservations that have not expired, never below zero.
 * An adjustment or a count may not take promised units either, except as far as the backorder limit lets them be short;
 * its `available` says how many units could be missing. A reservation that was shipped wholly or released is closed; one
 * that is past its time without having been committed is expired, whatever else became of it.
 * `covered` units of a reservation are on hand for it (see `coveredOf`). `reservation-in-fulfilment`: only the process that
 * fulfils its order moves it.
 */
export type StockRejection = Readonly<
  | { code: QuantityFault | 'delta-zero' | 'expiry-malformed' | 'count-negative' | 'backorder-limit-negative' }
  | { code: 'on-hand-too-large'; allowed: number }
  | { code: 'insufficient-stock'; available: number; requested: number }
  | { code: 'count-below-promised'; counted: number; promised: number }
  | { code: 'insufficient-damaged-stock'; damaged: number; requested: number }
  | { code: 'reservation-unknown' | 'reservation-expired' | 'reservation-closed'; reservationId: string }
  | { code: 'reservation-committed' | 'reservation-id-reused'; reservationId: string }
  | { code: 'reservation-in-fulfilment'; reservationId: string; orderId: string }
  | { code: 'reservation-exceeded'; reserved: number; requested: number }
  | { code: 'reservation-backordered'; covered: number; requested: number }
  | { code: 'expiry-not-ahead' | 'expiry-not-later'; expiresAt: Instant }
  | { code: 'transfer-id-reused' | 'transfer-unknown'; transferId: string }
  | { code: 'transfer-differs'; transferId: string; to: Location; sent: number }
  | { code: 'transfer-within-location'; location: Location }
>;
