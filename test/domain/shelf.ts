import type { Instant } from '../../src/domain/fact.js';
import type { StockCommand, StockRejection } from '../../src/domain/stock/stock.commands.js';
import type { Arrival, Condition, StockEvent } from '../../src/domain/stock/stock.events.js';
import { NOON } from './specify.js';

/** Commands and facts of one shelf, for tests. */
export const SHELF = { sku: 'MUG-1', location: 'main' };
/** NOON and `minutes`. */
export const past = (minutes: number): Instant => new Date(Date.parse(NOON) + minutes * 60_000).toISOString();

const said = <K extends string, V>(name: K, value: V | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [Name in K]?: V };

export const receive = (quantity: number): StockCommand => ({ type: 'ReceiveStock', data: { ...SHELF, quantity } });
export const giveBack = (quantity: number, condition?: Condition): StockCommand => ({
  type: 'ReturnStock',
  data: { ...SHELF, quantity, ...said('condition', condition) },
});
export const adjust = (delta: number): StockCommand => ({
  type: 'AdjustStock',
  data: { ...SHELF, delta, reason: 'count' },
});
export const count = (counted: number): StockCommand => ({
  type: 'CountStock',
  data: { ...SHELF, counted, reason: 'yearly' },
});
export const reserve = (reservationId: string, quantity: number, expiresAt = past(15)): StockCommand => ({
  type: 'ReserveStock',
  data: { ...SHELF, reservationId, quantity, expiresAt },
});
export const extend = (reservationId: string, expiresAt: Instant): StockCommand => ({
  type: 'ExtendReservation',
  data: { ...SHELF, reservationId, expiresAt },
});
export const expire = (reservationId: string): StockCommand => ({
  type: 'ExpireReservation',
  data: { ...SHELF, reservationId },
});
export const commit = (reservationId: string): StockCommand => ({
  type: 'CommitReservation',
  data: { ...SHELF, reservationId },
});
export const release = (reservationId: string, reason?: string): StockCommand => ({
  type: 'ReleaseReservation',
  data: { ...SHELF, reservationId, ...said('reason', reason) },
});
export const ship = (quantity: number, reservationId?: string): StockCommand => ({
  type: 'ShipStock',
  data: { ...SHELF, quantity, ...said('reservationId', reservationId) },
});
export const writeOff = (quantity: number): StockCommand => ({
  type: 'WriteOffDamagedStock',
  data: { ...SHELF, quantity, reason: 'scrapped' },
});
export const transfer = (transferId: string, quantity: number, to = 'york', arrives?: Arrival): StockCommand => ({
  type: 'TransferStock',
  data: { ...SHELF, transferId, to, quantity, ...said('arrives', arrives) },
});
export const arrive = (transferId: string, quantity: number, from = 'york'): StockCommand => ({
  type: 'ReceiveTransfer',
  data: { ...SHELF, transferId, from, quantity },
});
export const allow = (limit: number): StockCommand => ({ type: 'SetBackorderPolicy', data: { ...SHELF, limit } });

export const received = (quantity: number): StockEvent => ({ type: 'StockReceived', data: { ...SHELF, quantity } });
export const returned = (quantity: number, condition?: Condition): StockEvent => ({
  type: 'StockReturned',
  data: { ...SHELF, quantity, ...said('condition', condition) },
});
export const adjusted = (delta: number): StockEvent => ({
  type: 'StockAdjusted',
  data: { ...SHELF, delta, reason: 'count' },
});
export const counted = (found: number, delta: number): StockEvent => ({
  type: 'StockCounted',
  data: { ...SHELF, counted: found, delta, reason: 'yearly' },
});
export const reserved = (
  reservationId: string,
  quantity: number,
  expiresAt = past(15),
  backordered?: number,
): StockEvent => ({
  type: 'StockReserved',
  data: { ...SHELF, reservationId, quantity, expiresAt, ...said('backordered', backordered) },
});
export const extended = (reservationId: string, quantity: number, expiresAt: Instant): StockEvent => ({
  type: 'ReservationExtended',
  data: { ...SHELF, reservationId, quantity, expiresAt },
});
export const expired = (reservationId: string, quantity: number, expiresAt = past(15)): StockEvent => ({
  type: 'ReservationExpired',
  data: { ...SHELF, reservationId, quantity, expiresAt },
});
export const committed = (reservationId: string, quantity: number): StockEvent => ({
  type: 'ReservationCommitted',
  data: { ...SHELF, reservationId, quantity },
});
export const released = (reservationId: string, quantity: number): StockEvent => ({
  type: 'ReservationReleased',
  data: { ...SHELF, reservationId, quantity },
});
export const shipped = (quantity: number, reservationId?: string): StockEvent => ({
  type: 'StockShipped',
  data: { ...SHELF, quantity, ...said('reservationId', reservationId) },
});
/** The same, of a reservation that had been committed. */
export const shippedCommitted = (quantity: number, reservationId: string): StockEvent => ({
  type: 'StockShipped',
  data: { ...SHELF, quantity, reservationId, committed: true },
});
export const releasedCommitted = (reservationId: string, quantity: number): StockEvent => ({
  type: 'ReservationReleased',
  data: { ...SHELF, reservationId, quantity, committed: true },
});
export const writtenOff = (quantity: number): StockEvent => ({
  type: 'DamagedStockWrittenOff',
  data: { ...SHELF, quantity, reason: 'scrapped' },
});
export const sent = (transferId: string, quantity: number, to = 'york', arrives?: 'at-once'): StockEvent => ({
  type: 'StockTransferredOut',
  data: { ...SHELF, transferId, to, quantity, ...said('arrives', arrives) },
});
export const arrived = (transferId: string, quantity: number, from = 'york'): StockEvent => ({
  type: 'StockTransferredIn',
  data: { ...SHELF, transferId, from, quantity },
});
export const allowed = (limit: number): StockEvent => ({ type: 'BackorderPolicySet', data: { ...SHELF, limit } });

export const short = (available: number, requested: number): StockRejection => ({
  code: 'insufficient-stock',
  available,
  requested,
});
