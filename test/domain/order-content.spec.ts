import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lineTotal } from '../../src/domain/money.js';
import { adjust, MAX_ADJUSTMENTS, partOf, type UnitRange } from '../../src/domain/order/order.content.js';
import type { Amounts, LineKind, OrderLine, RequestedAdjustment } from '../../src/domain/order/order.events.js';
import { discount, goods, shipping, sold, tax } from './order-commands.js';

const two = [sold(1, goods(2, '10'), 2000n), sold(2, goods(1, '10'), 1000n)];
const postage: OrderLine = { line: 3, kind: 'charge', sku: 'POST', quantity: 1, unitPrice: '5', minor: 500n };

function adjusted(lines: readonly OrderLine[], asked: readonly RequestedAdjustment[]): Amounts {
  const amounts = adjust(lines, asked, 'GBP');
  if ('rejection' in amounts) throw new Error(amounts.rejection.code);
  return amounts;
}
const sharesOf = ({ adjustments = [] }: Amounts) =>
  adjustments.map(({ code, allocations }) => [code, ...allocations.map(({ line, minor }) => `${line}: ${minor}`)]);

describe('adjustments', () => {
  test('fall on the goods by what they cost, to the last penny', () => {
    expect(sharesOf(adjusted([...two, postage], [discount(-100n), shipping(491n)]))).toEqual([
      ['SPRING', '1: -67', '2: -33'],
      ['DHL', '1: 327', '2: 164'], // 1933 and 967 of 2900
    ]);
    expect(adjusted([...two, postage], [discount(-100n), shipping(491n)]).totalMinor).toBe(3891n);
  });

  test('fall on all lines, where an order has no goods', () => {
    expect(sharesOf(adjusted([postage], [tax(95n)]))).toEqual([['VAT', '3: 95']]);
  });

  test('come discounts first, each on what the ones before it left; shipping of free goods goes by units', () => {
    const asked = [shipping(3n), discount(-2000n, 'A'), discount(-1000n, 'B')];
    expect(sharesOf(adjusted(two, asked))).toEqual([
      ['A', '1: -1333', '2: -667'],
      ['B', '1: -667', '2: -333'],
      ['DHL', '1: 2', '2: 1'],
    ]);
  });

  test('of a single penny each never take a line below zero', () => {
    const pennies = [sold(1, goods(1, '0.01'), 1n), sold(2, goods(1, '0.01'), 1n)];
    expect(sharesOf(adjusted(pennies, [discount(-1n, 'A'), discount(-1n, 'B')]))).toEqual([
      ['A', '1: -1'],
      ['B', '2: -1'],
    ]);
  });

  test.each<[string, readonly RequestedAdjustment[], object]>([
    ['a discount above zero', [discount(1n)], { code: 'adjustment-sign-wrong', adjustment: 1 }],
    ['a discount of nothing', [discount(0n)], { code: 'adjustment-sign-wrong', adjustment: 1 }],
    ['shipping below zero', [tax(0n), shipping(-1n)], { code: 'adjustment-sign-wrong', adjustment: 2 }],
    ['a coupon applied twice', [discount(-1n), discount(-1n)], { code: 'adjustment-repeated', adjustment: 2 }],
    [
      'more than there is',
      [discount(-2999n, 'A'), discount(-2n, 'B')],
      {
        code: 'discount-exceeds-goods',
        remaining: { minor: 1n, currency: 'GBP' },
        requested: { minor: 2n, currency: 'GBP' },
      },
    ],
    [
      'too many',
      Array.from({ length: MAX_ADJUSTMENTS + 1 }, (_, n) => discount(-1n, `C${n}`)),
      { code: 'too-many-adjustments', allowed: MAX_ADJUSTMENTS },
    ],
    ['a total beyond 2^63', [tax(2n ** 63n - 3000n)], { code: 'total-too-large' }],
  ])('are refused: %s', (_, asked, rejection) => {
    expect(adjust([...two, postage], asked, 'GBP')).toEqual({ rejection });
  });
});

// Any order that can be placed, and any way to give it back unit by unit

const anyLine = fc.record({
  kind: fc.constantFrom<LineKind>('goods', 'charge'),
  quantity: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(1_000_000_000)),
  unitPrice: fc.constantFrom('0', '0.005', '0.01', '0.333', '2.55', '19.99'),
});
const anyAmounts: fc.Arbitrary<Amounts> = fc
  .record({
    lines: fc.array(anyLine, { minLength: 1, maxLength: 5 }),
    percent: fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 3 }),
    added: fc.array(fc.bigInt({ min: 0n, max: 1000n }), { maxLength: 2 }),
  })
  .map(({ lines, percent, added }) => {
    const priced = lines.map((line, index) => ({
      ...line,
      line: index + 1,
      sku: 'MUG',
      minor: lineTotal(line.quantity, line.unitPrice, 'GBP'),
    }));
    const goodsOnly = priced.filter(({ kind }) => kind === 'goods');
    let left = (goodsOnly.length > 0 ? goodsOnly : priced).reduce((sum, { minor }) => sum + minor, 0n);
    const discounts = percent.flatMap((each, index) => {
      const minor = (left * BigInt(each)) / 100n;
      left -= minor;
      return minor === 0n ? [] : [discount(-minor, `D${index}`)];
    });
    const extra = added.map((minor, index) => (index === 0 ? shipping(minor) : tax(minor)));
    return adjusted(priced, [...extra, ...discounts]);
  });

test('shares add up to their adjustment and all of it to the total, and leave no line below zero', () => {
  fc.assert(
    fc.property(anyAmounts, ({ lines, adjustments = [], totalMinor }) => {
      const worth = new Map(lines.map(({ line, minor }) => [line, minor]));
      for (const { minor, allocations } of adjustments) {
        expect(allocations.reduce((sum, share) => sum + share.minor, 0n)).toBe(minor);
        for (const share of allocations) worth.set(share.line, worth.get(share.line)! + share.minor);
        for (const left of worth.values()) expect(left >= 0n).toBe(true);
      }
      expect([...worth.values()].reduce((sum, minor) => sum + minor, 0n)).toBe(totalMinor);
    }),
  );
});

test('whatever the parts and their order, they add up to the whole, each component too, and none is below zero', () => {
  const cuts = fc.array(fc.record({ line: fc.nat({ max: 4 }), units: fc.integer({ min: 1, max: 400_000_000 }) }), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(anyAmounts, cuts, (whole, drawn) => {
      const given = new Map(whole.lines.map(({ line }) => [line, 0]));
      const ranges: UnitRange[] = [];
      for (const { line: index, units } of drawn) {
        const { line, quantity } = whole.lines[index % whole.lines.length]!;
        const from = given.get(line)!;
        const to = Math.min(quantity, from + (quantity > 9 ? units : 1 + (units % 3)));
        ranges.push({ line, from, to });
        given.set(line, to);
      }
      for (const { line, quantity } of whole.lines) ranges.push({ line, from: given.get(line)!, to: quantity });
      const parts = ranges.map((range) => partOf(whole, [range]));
      for (const part of parts) {
        expect(part.totalMinor >= 0n).toBe(true);
        const own = part.lines.reduce((sum, { minor }) => sum + minor, 0n);
        const shared = (part.adjustments ?? []).reduce((sum, { minor }) => sum + minor, 0n);
        expect(own + shared).toBe(part.totalMinor);
      }
      const sum = (amount: (part: Amounts) => bigint) => parts.reduce((all, part) => all + amount(part), 0n);
      expect(sum(({ totalMinor }) => totalMinor)).toBe(whole.totalMinor);
      for (const [index, { minor }] of (whole.adjustments ?? []).entries()) {
        expect(sum(({ adjustments }) => adjustments![index]!.minor)).toBe(minor);
      }
      for (const { line, minor, quantity } of whole.lines) {
        const mine = parts.flatMap(({ lines }) => lines).filter((part) => part.line === line);
        expect(mine.reduce((all, part) => all + part.minor, 0n)).toBe(minor);
        expect(mine.reduce((all, part) => all + part.quantity, 0)).toBe(quantity);
      }
    }),
  );
});

test('a part of all units is the order itself, without names', () => {
  fc.assert(
    fc.property(anyAmounts, (whole) => {
      const all = whole.lines.map(({ line, quantity }) => ({ line, from: 0, to: quantity }));
      expect(partOf(whole, all)).toStrictEqual(whole);
    }),
  );
});
