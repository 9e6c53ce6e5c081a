import { expect } from '@jest/globals';
import type { Recorded } from '../../src/domain/fact.js';
import { FULFILMENT, orderOfReservation } from '../../src/domain/fulfilment/fulfilment.state.js';
import type { LedgerEvent } from '../../src/domain/ledger.events.js';
import { MINUTE, SKEW_MS } from './shop.js';

type Events = readonly Recorded<LedgerEvent>[];

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const PAUSES_MS = [0, MINUTE, HOUR, DAY];

const KINDS = ['Capture', 'Void', 'Refund'];

/** After a refusal the process leaves the bank alone: a minute, an hour, a day, and then for good. How often it asked again. */
export function holdRetries(events: Events): number {
  let retries = 0;
  const refusals = new Map<string, number[]>();
  const ours = new Set<string>();
  for (const { type, data, metadata } of events) {
    if (!('operationId' in data)) continue;
    const [, kind = '', what] = /^(Authorization|Capture|Void|Refund)(Requested|Succeeded|Failed)$/.exec(type) ?? [];
    if (kind === 'Authorization' && what === 'Requested') {
      for (const each of KINDS) refusals.delete(`${data.paymentId} ${each}`);
    }
    if (!KINDS.includes(kind)) continue;
    const [key, operation] = [`${data.paymentId} ${kind}`, `${data.paymentId} ${data.operationId}`];
    const [row, at] = [refusals.get(key) ?? [], Date.parse(metadata.occurredAt)];
    if (what === 'Requested' && metadata.principal === FULFILMENT) {
      ours.add(operation);
      const pauseMs = PAUSES_MS[row.length] ?? Number.POSITIVE_INFINITY;
      expect(at - (row.at(-1) ?? at)).toBeGreaterThanOrEqual(pauseMs);
      if (row.length > 0) retries++;
    }
    if (!ours.has(operation)) continue;
    if (what === 'Failed') refusals.set(key, [...row, at]);
    if (what === 'Succeeded') refusals.delete(key);
  }
  return retries;
}

const ENDS: ReadonlySet<string> = new Set(['OrderConfirmed', 'OrderCancelled', 'OrderRejected']);
type Known = { placedAt: number; begunAt?: number; isReviewed: boolean; isLive: boolean; until: Map<string, number> };

/**
 * Goods are held for half an hour, from the order's first reservation on for a day under review, and no money is asked for
 * without them. No order is given up before its time is over, nor one with which nobody has begun within a day. How many
 * began when half an hour was over.
 */
export function holdWindows(events: Events): number {
  const orders = new Map<string, Known>();
  for (const event of events) {
    const at = Date.parse(event.metadata.occurredAt);
    if (event.type === 'OrderPlaced') {
      const { orderId } = event.data;
      orders.set(orderId, { placedAt: at, isReviewed: false, isLive: true, until: new Map() });
      continue;
    }
    const order = orders.get(idOf(event) ?? '');
    if (!order) continue;
    if (event.type === 'StockReserved') {
      order.begunAt = Math.min(order.begunAt ?? at, at);
      order.until.set(event.data.sku, Date.parse(event.data.expiresAt));
      expect(order.until.get(event.data.sku)! - at).toBeLessThanOrEqual(30 * MINUTE + SKEW_MS);
    } else if (event.type === 'ReservationExtended') {
      order.until.set(event.data.sku, Date.parse(event.data.expiresAt));
      expect(order.isReviewed).toBe(true);
      expect(order.until.get(event.data.sku)! - order.begunAt!).toBeLessThanOrEqual(DAY + SKEW_MS);
    } else if (event.type === 'OrderRiskAssessed') {
      order.isReviewed = event.data.decision === 'review';
    } else if (event.type === 'AuthorizationRequested' && order.isLive) {
      expect(Math.min(...order.until.values())).toBeGreaterThan(at);
    } else if (event.type === 'OrderRejected' && event.data.code === 'fulfilment-timed-out') {
      const windowMs = order.isReviewed ? DAY : 30 * MINUTE;
      expect(at).toBeGreaterThanOrEqual(order.begunAt === undefined ? order.placedAt + DAY : order.begunAt + windowMs);
    }
    if (ENDS.has(event.type)) order.isLive = false;
  }
  return [...orders.values()].filter(({ placedAt, begunAt = 0 }) => begunAt - placedAt >= 30 * MINUTE).length;
}

function idOf({ data }: LedgerEvent): string | undefined {
  if ('orderId' in data) return data.orderId;
  return 'reservationId' in data ? orderOfReservation(data.reservationId) : undefined;
}
