import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RecentlyUsed } from '../../../src/application/stream-writer/recently-used.js';

type Value = { key: string; weight: number; busy: boolean };
const fresh = (key: string): Value => ({ key, weight: 1, busy: false });
const keeping = (capacity: number) =>
  new RecentlyUsed<Value>(capacity, { weigh: ({ weight }) => weight, isBusy: ({ busy }) => busy });
const keys = fc.array(fc.integer({ min: 0, max: 30 }).map(String), { maxLength: 300 });

test('the values used last are kept, at least seven eighths of the capacity, and no more than it', () => {
  fc.assert(
    fc.property(keys, fc.integer({ min: 2, max: 20 }), (used, capacity) => {
      const recent = keeping(capacity);
      const made = new Map(used.map((key) => [key, recent.get(key, fresh)]));
      const order = [...new Set(used.toReversed())];
      const kept = order.filter((key) => recent.get(key, () => ({ ...fresh(key), weight: 0 })) === made.get(key));
      expect(kept).toEqual(order.slice(0, kept.length));
      expect(kept.length).toBeGreaterThanOrEqual(Math.min(order.length, Math.floor((capacity * 7) / 8)));
      expect(kept.length).toBeLessThanOrEqual(capacity);
    }),
  );
});

test('what grows pushes out those that were used longer ago, and itself counts as half at most', () => {
  const recent = keeping(10);
  for (let n = 0; n < 10; n++) recent.get(String(n), fresh);
  const grown = recent.get('9', fresh);
  grown.weight = 1_000;
  recent.changed('9');
  const made: string[] = [];
  for (const key of [9, 8, 7, 6]) recent.get(String(key), (key) => (made.push(key), fresh(key)));
  expect(made).toEqual([]);
  recent.get('5', (key) => (made.push(key), fresh(key)));
  expect(made).toEqual(['5']);
});

test('what shrinks makes room', () => {
  const recent = keeping(4);
  const large = recent.get('large', (key) => ({ key, weight: 2, busy: false }));
  recent.get('a', fresh);
  recent.get('b', fresh);
  large.weight = 1;
  recent.changed('large');
  recent.get('c', fresh);
  for (const key of ['large', 'a', 'b', 'c'])
    expect(recent.get(key, () => ({ ...fresh(key), weight: 0 })).weight).toBe(1);
});

test('a busy value is never let go, so that there is never a second one of its key', () => {
  fc.assert(
    fc.property(keys, keys, (before, after) => {
      const recent = keeping(4);
      for (const key of before) recent.get(key, fresh);
      const held = recent.get('held', (key) => ({ ...fresh(key), busy: true }));
      for (const key of after) recent.get(key, fresh);
      expect(recent.get('held', fresh)).toBe(held);
    }),
  );
});

test('nor is the one just asked for, while all others are busy', () => {
  const recent = keeping(2);
  for (let n = 0; n < 100; n++) recent.get(String(n), (key) => ({ ...fresh(key), busy: true }));
  const made = recent.get('new', fresh);
  expect(recent.get('new', fresh)).toBe(made);
});

test('values that were all busy are let go once they are not', () => {
  const recent = keeping(10);
  const values = Array.from({ length: 100 }, (_, n) => recent.get(String(n), (key) => ({ ...fresh(key), busy: true })));
  for (const value of values) {
    value.busy = false;
    recent.changed(value.key);
  }
  let kept = 0;
  for (const { key } of values.toReversed()) {
    let made = false;
    recent.get(key, () => ((made = true), { ...fresh(key), weight: 0 }));
    if (!made) kept += 1;
  }
  expect(kept).toBe(10);
});
