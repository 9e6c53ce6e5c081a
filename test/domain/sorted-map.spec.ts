import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SortedMap } from '../../src/domain/sorted-map.js';
import { deepFreeze } from './specify.js';

type Change = Readonly<{ key: string; value: number | undefined }>;
const anyChange: fc.Arbitrary<Change> = fc.record({
  key: fc.integer({ min: 0, max: 30 }).map((n) => `k${String(n).padStart(2, '0')}`),
  value: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
});

const change = (map: SortedMap<number>, { key, value }: Change) =>
  value === undefined ? map.without(key) : map.with(key, value);

function changeModel(model: ReadonlyMap<string, number>, { key, value }: Change): ReadonlyMap<string, number> {
  const next = new Map(model);
  if (value === undefined) next.delete(key);
  else next.set(key, value);
  return next;
}

function expectSame(map: SortedMap<number>, model: ReadonlyMap<string, number>): void {
  const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
  const weight = (entries: readonly (readonly [string, number])[]) =>
    entries.reduce((sum, [, value]) => sum + value, 0);
  expect([...map.entries()]).toEqual(sorted);
  expect(map.size).toBe(sorted.length);
  expect(map.total).toBe(weight(sorted));
  expect(map.first()).toEqual(sorted[0]);
  for (const probe of ['', 'k00', 'k07', 'k0７', 'k15', 'k30', 'z']) {
    expect(map.get(probe)).toBe(model.get(probe));
    expect(map.totalAfter(probe)).toBe(weight(sorted.filter(([key]) => key > probe)));
  }
}

type Tree = { left: Tree; right: Tree; size: number } | undefined;

/** The longest way down; on the way, that no side is more than three times as heavy as the other. */
function height(tree: Tree): number {
  if (!tree) return 0;
  const [left, right] = [tree.left?.size ?? 0, tree.right?.size ?? 0];
  if (left + right >= 2 && (left > 3 * right || right > 3 * left)) throw new Error(`Off balance: ${left} and ${right}`);
  return 1 + Math.max(height(tree.left), height(tree.right));
}
const rootOf = (map: SortedMap<number>): Tree => (map as unknown as { root: Tree }).root;

describe('a sorted map', () => {
  test('is what a plain map is, sorted and summed, and every older version stays as it was', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 60 }), (changes) => {
        let map = deepFreeze(SortedMap.empty<number>((value) => value));
        let model: ReadonlyMap<string, number> = new Map();
        const versions = [{ map, model }];
        for (const next of changes) {
          map = deepFreeze(change(map, next));
          model = changeModel(model, next);
          height(rootOf(map));
          versions.push({ map, model });
        }
        for (const version of versions) expectSame(version.map, version.model);
      }),
    );
  });

  test('forks: two changes to one version know nothing of each other', () => {
    const base = SortedMap.empty<number>((value) => value).with('a', 1);
    const left = base.with('b', 2);
    const right = base.with('b', 3);
    expect([left.get('b'), right.get('b'), base.get('b')]).toEqual([2, 3, undefined]);
    expect([left.total, right.total, base.total]).toEqual([3, 4, 1]);
  });

  test.each([
    ['rising', (n: number) => n],
    ['falling', (n: number) => 99_999 - n],
    ['zigzag', (n: number) => (n % 2 ? n : 99_999 - n)],
  ])('stays shallow when keys come %s', (_, order) => {
    let map = SortedMap.empty<number>();
    for (let n = 0; n < 20_000; n++) map = map.with(String(order(n)).padStart(5, '0'), n);
    expect(height(rootOf(map))).toBeLessThan(2.5 * Math.log2(20_000));
  });

  test.each([
    ['from below', (n: number) => n],
    ['from above', (n: number) => 1_999 - n],
    ['from the middle', (n: number) => (n + 1_000) % 2_000],
  ])('stays balanced when it is emptied %s', (_, order) => {
    const keyOf = (n: number) => String(n).padStart(4, '0');
    let map = SortedMap.empty<number>();
    for (let n = 0; n < 2_000; n++) map = map.with(keyOf(n), n);
    for (let n = 0; n < 2_000; n++) {
      map = map.without(keyOf(order(n)));
      expect(map.size).toBe(1_999 - n);
      if (n % 50 === 0) height(rootOf(map));
    }
  });

  test('weighs nothing unless told how', () => {
    expect(SortedMap.empty<number>().with('a', 5).total).toBe(0);
  });
});

describe('a map filled at once', () => {
  test('is as one filled one by one, in balance, and weighs as the map it is made from', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 60 }), fc.array(anyChange, { maxLength: 10 }), (before, after) => {
        const model = before.reduce(changeModel, new Map<string, number>());
        const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
        let map = SortedMap.empty<number>((value) => value).filled(sorted);
        height(rootOf(map));
        expectSame(map, model);
        let changed: ReadonlyMap<string, number> = model;
        for (const next of after) {
          map = change(map, next);
          changed = changeModel(changed, next);
          height(rootOf(map));
        }
        expectSame(map, changed);
      }),
    );
  });

  test.each([
    ['unsorted', ['b', 'a']],
    ['doubled', ['a', 'a']],
  ])('refuses %s keys', (_, keys) => {
    expect(() => SortedMap.empty<number>().filled(keys.map((key) => [key, 1]))).toThrow(TypeError);
  });
});
