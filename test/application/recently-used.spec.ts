import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RecentlyUsed } from '../../src/application/recently-used.js';

type Value = { key: string; busy: boolean };
const fresh = (key: string): Value => ({ key, busy: false });
const keys = fc.array(fc.integer({ min: 0, max: 30 }).map(String), { maxLength: 300 });

test('the values used last are kept, at least half of the capacity', () => {
  fc.assert(
    fc.property(keys, fc.integer({ min: 2, max: 20 }), fc.nat(), (used, capacity, pick) => {
      const recent = new RecentlyUsed<Value>(capacity, ({ busy }) => busy);
      const made = used.map((key) => recent.get(key, fresh));
      const last = [...new Set(used.toReversed())].slice(0, Math.floor(capacity / 2));
      const key = last[pick % last.length];
      if (key !== undefined)
        expect(recent.get(key, () => ({ key: 'another', busy: false }))).toBe(made[used.lastIndexOf(key)]);
    }),
  );
});

test('no more than the capacity is kept', () => {
  const recent = new RecentlyUsed<Value>(10, ({ busy }) => busy);
  for (let n = 0; n < 1_000; n++) recent.get(String(n), fresh);
  let kept = 0;
  for (let n = 0; n < 1_000; n++) {
    let made = false;
    const copy = recent.get(String(n), (key) => ((made = true), fresh(key)));
    if (!made && copy) kept += 1;
  }
  expect(kept).toBeLessThanOrEqual(10);
});

test('a busy value is never let go, so that there is never a second one of its key', () => {
  fc.assert(
    fc.property(keys, keys, (before, after) => {
      const recent = new RecentlyUsed<Value>(4, ({ busy }) => busy);
      for (const key of before) recent.get(key, fresh);
      const held = recent.get('held', (key) => ({ key, busy: true }));
      for (const key of after) recent.get(key, fresh);
      expect(recent.get('held', fresh)).toBe(held);
    }),
  );
});
