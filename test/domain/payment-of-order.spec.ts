import { describe, expect, test } from '@jest/globals';
import type { Money } from '../../src/domain/money.js';
import type { OrderCommand } from '../../src/domain/order/order.commands.js';
import { order } from '../../src/domain/order/order.decider.js';
import { beginningFault, type Beginning } from '../../src/domain/payment/payment-of-order.js';
import { cancel, complete, confirm, facts, goods, orderId, place, reject, ship } from './order-commands.js';

/** Two mugs at 5.00. */
const asked = place([goods(2, '5')]);
const draft: OrderCommand = { type: 'DraftOrder', data: { orderId, currency: 'GBP', lines: [goods(2, '5')] } };
const discard: OrderCommand = { type: 'DiscardDraft', data: { orderId } };
const after = (...commands: readonly OrderCommand[]) =>
  facts(...commands).reduce((state, event) => order.evolve(state, event), order.initial);

const gbp = (minor: bigint): Money => ({ minor, currency: 'GBP' });
const of = (amount: Money) => ({ paymentId: 'pay_1', orderId, amount, method: 'card' });
const initiate = (amount = gbp(1000n)): Beginning => ({
  type: 'InitiatePayment',
  data: { ...of(amount), provider: 'sandbox' },
});
const record = (amount = gbp(1000n)): Beginning => ({ type: 'RecordPayment', data: of(amount) });

test('of an order that stands, a payment can begin', () => {
  const standing = [after(asked), after(asked, confirm), after(asked, confirm, ship(), complete)];
  for (const state of standing) {
    expect([beginningFault(initiate(), state), beginningFault(record(), state)]).toEqual([undefined, undefined]);
  }
});

test.each([
  ['order-unknown', []],
  ['order-not-placed', [draft]],
  ['draft-discarded', [draft, discard]],
] as const)('%s: no payment of any kind', (code, commands) => {
  for (const begin of [initiate(), record()]) expect(beginningFault(begin, after(...commands))).toEqual({ code });
});

test.each([
  ['order-cancelled', [asked, cancel]],
  ['order-rejected', [asked, reject]],
] as const)('%s: nothing more is asked of the customer, but what was taken elsewhere is a fact', (code, commands) => {
  expect(beginningFault(initiate(), after(...commands))).toEqual({ code });
  expect(beginningFault(record(), after(...commands))).toBeUndefined();
});

describe('in another currency than the order', () => {
  const mismatch = { code: 'currency-mismatch', expected: 'GBP' };
  const euros: Money = { minor: 1n, currency: 'EUR' };
  test('it is neither begun nor written down', () => {
    expect(beginningFault(initiate(euros), after(asked))).toEqual(mismatch);
    expect(beginningFault(record(euros), after(asked, cancel))).toEqual(mismatch);
  });
});
