import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { purchaseKey, Purchases } from '../../apps/ledger/online-retail/import/purchases.js';

const mug = purchaseKey('501', '10001', '2.5');

/** Purchases of mugs: each `[order, quantity]`, oldest first, paid in full at 2.50. */
function bought(...orders: readonly (readonly [orderId: string, quantity: number])[]): Purchases {
  const purchases = new Purchases(new Set([mug]));
  for (const [orderId, quantity] of orders) {
    purchases.bought(orderId, BigInt(quantity * 250), [{ key: mug, line: 1, quantity }]);
  }
  return purchases;
}

describe('goods that come back', () => {
  test('are taken for the newest whole line of just so many', () => {
    const purchases = bought(['A', 6], ['B', 6], ['C', 10]);
    expect(purchases.giveBack(mug, 6)).toEqual([{ orderId: 'B', line: 1, quantity: 6 }]);
    expect(purchases.giveBack(mug, 6)).toEqual([{ orderId: 'A', line: 1, quantity: 6 }]);
    expect(purchases.counts).toEqual({ whole: 2, part: 0, spread: 0, short: 0, none: 0 });
  });

  test('else for a part of the newest line with enough left', () => {
    const purchases = bought(['A', 6], ['B', 10], ['C', 2]);
    expect(purchases.giveBack(mug, 3)).toEqual([{ orderId: 'B', line: 1, quantity: 3 }]);
    expect(purchases.counts.part).toBe(1);
  });

  test('else are spread over several lines, newest first', () => {
    const purchases = bought(['A', 6], ['B', 3]);
    expect(purchases.giveBack(mug, 8)).toEqual([
      { orderId: 'B', line: 1, quantity: 3 },
      { orderId: 'A', line: 1, quantity: 5 },
    ]);
    expect(purchases.counts.spread).toBe(1);
  });

  test('beyond what is left are matched as far as it goes, and then not at all', () => {
    const purchases = bought(['A', 2]);
    expect(purchases.giveBack(mug, 3)).toEqual([{ orderId: 'A', line: 1, quantity: 2 }]);
    expect(purchases.giveBack(mug, 1)).toEqual([]);
    expect(purchases.counts).toEqual({ whole: 0, part: 0, spread: 0, short: 1, none: 1 });
  });

  test('of another customer, code or price are not found', () => {
    const purchases = bought(['A', 2]);
    for (const key of [
      purchaseKey('502', '10001', '2.5'),
      purchaseKey('501', '10002', '2.5'),
      purchaseKey('501', '10001', '2.6'),
    ]) {
      expect(purchases.giveBack(key, 1)).toEqual([]);
    }
  });

  test('are never refunded beyond what was paid', () => {
    const purchases = bought(['A', 2]);
    expect([purchases.refund('A', 400n), purchases.refund('A', 400n), purchases.refund('A', 1n)]).toEqual([
      400n,
      100n,
      0n,
    ]);
    expect(purchases.refund('unknown', 1n)).toBe(0n);
  });

  test('are never more than were bought, whatever comes in whichever order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 9 })), { maxLength: 40 }), (steps) => {
        const purchases = new Purchases(new Set([mug]));
        const left = new Map<string, number>();
        for (const [index, [buys, quantity]] of steps.entries()) {
          if (buys) {
            purchases.bought(`${index}`, 0n, [{ key: mug, line: 1, quantity }]);
            left.set(`${index}`, quantity);
            continue;
          }
          const all = [...left.values()].reduce((a, b) => a + b, 0);
          const origins = purchases.giveBack(mug, quantity);
          expect(origins.reduce((sum, origin) => sum + origin.quantity, 0)).toBe(Math.min(quantity, all));
          for (const origin of origins) left.set(origin.orderId, (left.get(origin.orderId) ?? 0) - origin.quantity);
          expect(Math.min(0, ...left.values())).toBe(0);
        }
      }),
    );
  });
});
