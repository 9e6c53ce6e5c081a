import { DatabaseSync } from 'node:sqlite';
import type { Recorded } from '../../src/domain/fact.js';
import { orderOfReservation } from '../../src/domain/fulfilment/fulfilment.state.js';
import type { LedgerEvent } from '../../src/domain/ledger.events.js';
import type { Intent } from '../../src/infrastructure/payments/sandbox/bank.js';

/** Units of one SKU that were moved for an order. */
export type Moved = { reservations: number; reserved: number; released: number; shipped: number; returned: number };
/** What the log says of an order, added up here without any code of the ledger's own. `dueMinor`: less what was cancelled. */
export type Account = {
  status: 'placed' | 'confirmed' | 'cancelled' | 'rejected';
  rejectedFor?: string;
  decisions: number;
  dueMinor: bigint;
  goods: Map<string, Moved>;
  paymentIds: string[];
};

const NOTHING: Moved = { reservations: 0, reserved: 0, released: 0, shipped: 0, returned: 0 };
export const leftOf = ({ reserved, released, shipped }: Moved): number => reserved - released - shipped;

export function accountsOf(events: readonly Recorded<LedgerEvent>[]): ReadonlyMap<string, Account> {
  const accounts = new Map<string, Account>();
  const of = (orderId: string | undefined): Account => {
    const account = accounts.get(orderId ?? '');
    if (!account) throw new Error(`${orderId} has not been placed`);
    return account;
  };
  const move = (reservationId: string | undefined, sku: string, kind: keyof Moved, quantity: number) => {
    const { goods } = of(orderOfReservation(reservationId));
    const moved = goods.get(sku) ?? { ...NOTHING };
    goods.set(sku, { ...moved, [kind]: moved[kind] + quantity });
  };
  for (const { type, data } of events) {
    if (type === 'OrderPlaced') {
      const dueMinor = data.totalMinor;
      accounts.set(data.orderId, { status: 'placed', decisions: 0, dueMinor, goods: new Map(), paymentIds: [] });
    } else if (type === 'OrderConfirmed' || type === 'OrderRejected') {
      of(data.orderId).decisions++;
      of(data.orderId).status = type === 'OrderConfirmed' ? 'confirmed' : 'rejected';
      if (type === 'OrderRejected') of(data.orderId).rejectedFor = data.code;
    } else if (type === 'OrderCancelled') of(data.orderId).status = 'cancelled';
    else if (type === 'OrderLinesCancelled') of(data.orderId).dueMinor -= data.totalMinor;
    else if (type === 'PaymentInitiated') of(data.orderId).paymentIds.push(data.paymentId);
    else if (type === 'StockReserved') {
      move(data.reservationId, data.sku, 'reservations', 1);
      move(data.reservationId, data.sku, 'reserved', data.quantity);
    } else if (type === 'ReservationReleased' || type === 'ReservationExpired')
      move(data.reservationId, data.sku, 'released', data.quantity);
    else if (type === 'StockShipped') move(data.reservationId, data.sku, 'shipped', data.quantity);
    else if (type === 'StockReturned') move(data.reference, data.sku, 'returned', data.quantity);
  }
  return accounts;
}

/** What the bank did for a payment, by its own file. Amounts in minor units. */
export type AtTheBank = { authorizations: number; heldMinor: bigint; captures: number; keptMinor: bigint };

export function bankAccounts(file: string): ReadonlyMap<string, AtTheBank> {
  const db = new DatabaseSync(file, { readOnly: true });
  const bodies = db.prepare('SELECT body FROM intents').all();
  const news = db.prepare('SELECT DISTINCT object, news FROM notices').all();
  db.close();
  const accounts = new Map<string, AtTheBank>();
  for (const { body } of bodies) {
    const { paymentId, status, minor, captured, refunded } = JSON.parse(String(body)) as Intent;
    const before = accounts.get(paymentId) ?? { authorizations: 0, heldMinor: 0n, captures: 0, keptMinor: 0n };
    const isHeld = status === 'requires-action' || (status === 'held' && captured === '0');
    accounts.set(paymentId, {
      ...before,
      authorizations: before.authorizations + 1,
      heldMinor: before.heldMinor + (isHeld ? BigInt(minor) : 0n),
      keptMinor: before.keptMinor + BigInt(captured) - BigInt(refunded),
    });
  }
  for (const { news: text } of news) {
    const { what, paymentId = '' } = JSON.parse(String(text)) as { what: string; paymentId?: string };
    const account = accounts.get(paymentId);
    if (what === 'captured' && account) account.captures++;
  }
  return accounts;
}
