import { afterEach, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { pause } from '../../src/application/pause.js';
import { backOffMs, orAbort, settlesWithin } from '../../src/infrastructure/waiting.js';

afterEach(() => {
  jest.useRealTimers();
});

test('back-off doubles up to its cap; its upper half is random', () => {
  const range = (failures: number) => [0, 1].map((random) => backOffMs(failures, 100, 5_000, () => random));
  expect([1, 2, 3, 6, 7, 1_000].map(range)).toEqual([
    [50, 100],
    [100, 200],
    [200, 400],
    [1_600, 3_200],
    [2_500, 5_000],
    [2_500, 5_000],
  ]);
  fc.assert(
    fc.property(fc.integer({ min: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const ms = backOffMs(failures, 100, 5_000, () => random);
      return ms >= 50 && ms <= 5_000;
    }),
  );
});

test('a pause ends after its time, early on abort, and at once when that has happened', async () => {
  jest.useFakeTimers();
  const controller = new AbortController();
  const ended: string[] = [];
  void pause(1_000, controller.signal).then(() => ended.push('short'));
  void pause(60_000, controller.signal).then(() => ended.push('long'));
  await jest.advanceTimersByTimeAsync(999);
  expect(ended).toEqual([]);
  await jest.advanceTimersByTimeAsync(1);
  expect(ended).toEqual(['short']);
  controller.abort();
  await pause(60_000, controller.signal);
  expect(ended).toEqual(['short', 'long']);
  expect(jest.getTimerCount()).toBe(0);
});

test('waiting gives up with the reason of the abort, also one that came before', async () => {
  const reason = new Error('enough');
  const controller = new AbortController();
  const never = new Promise(() => undefined);
  const waiting = orAbort(never, controller.signal);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(orAbort(never, controller.signal)).rejects.toBe(reason);
  await expect(orAbort(Promise.reject(new Error('first')), new AbortController().signal)).rejects.toThrow('first');
  expect(await orAbort(Promise.resolve(7), new AbortController().signal)).toBe(7);
});

test('a rejection counts as settled', async () => {
  expect(await settlesWithin(Promise.reject(new Error('no')), 60_000)).toBe(true);
  expect(await settlesWithin(Promise.resolve(), 60_000)).toBe(true);
  expect(await settlesWithin(new Promise(() => undefined), 10)).toBe(false);
});
