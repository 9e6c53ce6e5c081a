import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Money } from '../../src/domain/money.js';
import type { OrderCommand } from '../../src/domain/order/order.commands.js';
import { order, type OrderState } from '../../src/domain/order/order.decider.js';
import { beginningFault, type Beginning } from '../../src/domain/payment/payment-of-order.js';
import {
  cancel,
  cancelLines,
  complete,
  confirm,
  discount,
  edit,
  facts,
  giveBack,
  goods,
  of,
  orderId,
  place,
  reject,
  ship,
  shipping,
} from './order-commands.js';
import { NOON } from './specify.js';

/** Two mugs at 5.00. */
const asked = place([goods(2, '5')]);
const draft: OrderCommand = { type: 'DraftOrder', data: { orderId, currency: 'GBP', lines: [goods(2, '5')] } };
const discard: OrderCommand = { type: 'DiscardDraft', data: { orderId } };
const after = (...commands: readonly OrderCommand[]) =>
  facts(...commands).reduce((state, event) => order.evolve(state, event), order.initial);

const gbp = (minor: bigint): Money => ({ minor, currency: 'GBP' });
const sum = (amount: Money) => ({ paymentId: 'pay_1', orderId, amount, method: 'card' });
const initiate = (amount = gbp(1000n)): Beginning => ({
  type: 'InitiatePayment',
  data: { ...sum(amount), provider: 'sandbox' },
});
const record = (amount = gbp(1000n)): Beginning => ({ type: 'RecordPayment', data: sum(amount) });

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

test('in another currency than the order, it is neither begun nor written down', () => {
  const mismatch = { code: 'currency-mismatch', expected: 'GBP' };
  const euros: Money = { minor: 1n, currency: 'EUR' };
  expect(beginningFault(initiate(euros), after(asked))).toEqual(mismatch);
  expect(beginningFault(record(euros), after(asked, cancel))).toEqual(mismatch);
});

describe('one payment is begun of at most all that is due', () => {
  test.each([
    ['as placed', [asked], 1000n],
    ['with a unit cancelled', [asked, cancelLines(of(1, 1))], 500n],
    ['edited upward', [asked, edit({ addLines: [goods(1, '2.50', 'TRAY')] })], 1250n],
    ['edited after a unit was cancelled', [asked, cancelLines(of(1, 1)), edit({ addLines: [goods(3, '1')] })], 800n],
    // What comes back is refunded, not less to pay. Three for 10.00, 1.00 off: 9.00, of which the last cancelled is 3.00.
    [
      'with one returned and another cancelled after it',
      [
        place([goods(3, '3.33333333')], [discount(-100n)]),
        ...[confirm, ship(of(1, 1)), giveBack(of(1, 1)), cancelLines(of(1, 1))],
      ],
      600n,
    ],
    ['given away', [place([goods(1, '0')])], 0n],
  ] as const)('%s', (_, commands, minor) => {
    const state = after(...commands);
    expect(beginningFault(initiate(gbp(minor)), state)).toBeUndefined();
    expect(beginningFault(initiate(gbp(minor + 1n)), state)).toEqual({ code: 'exceeds-due', due: gbp(minor) });
  });
  test('what was taken elsewhere is a fact, however much it was', () => {
    expect(beginningFault(record(gbp(1001n)), after(asked))).toBeUndefined();
  });
  test('what is due is the total without all that the cancellations gave back, in whatever order', () => {
    const step = fc.constantFrom(
      confirm,
      ship(of(1, 1)),
      giveBack(of(1, 1)),
      cancelLines(of(1, 1)),
      cancelLines(of(2, 1)),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (commands) => {
        const sold = place([goods(5, '3.33'), goods(3, '0.07', 'TRAY')], [discount(-101n), shipping(491n)]);
        let state: OrderState = order.initial;
        let left = 0n;
        for (const command of [sold, ...commands]) {
          const decision = order.decide(command, state, NOON);
          if (decision.outcome === 'rejected') continue;
          state = decision.events.reduce((before, event) => order.evolve(before, event), state);
          for (const { type, data } of decision.events) {
            if (type === 'OrderPlaced') left = data.totalMinor;
            if (type === 'OrderLinesCancelled') left -= data.totalMinor;
          }
        }
        expect(beginningFault(initiate(gbp(left)), state)).toBeUndefined();
        expect(beginningFault(initiate(gbp(left + 1n)), state)).toEqual({ code: 'exceeds-due', due: gbp(left) });
      }),
    );
  });
});
