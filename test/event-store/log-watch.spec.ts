import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { LogWatch } from '../../src/infrastructure/event-store/log-watch.js';

/** A change elsewhere is promised to be seen within 50 ms: half of that for the poll, the rest for the reading. */
const LONGEST_POLL_MS = 25;
/** Five questions of some 5 µs in that time are hardly any time of a processor; many more would be. */
const SHORTEST_POLL_MS = 10;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** A watch on a file that another process changes by `version++`. */
function watched() {
  const elsewhere = { version: 1, asked: 0 };
  const watch = new LogWatch(() => {
    elsewhere.asked++;
    return elsewhere.version;
  });
  const waiting = (signal = new AbortController().signal) => {
    const state = { resolved: false };
    void watch.changed(watch.signs, signal).then(() => (state.resolved = true));
    return state;
  };
  /** The first question of all only learns where the file is, and wakes whoever waits. */
  const learnt = async () => {
    waiting();
    await jest.advanceTimersByTimeAsync(LONGEST_POLL_MS);
    elsewhere.asked = 0;
  };
  return { elsewhere, watch, waiting, learnt };
}

test('a change made by another process is seen within 25 ms, and not before it is made', async () => {
  const { elsewhere, waiting, learnt } = watched();
  await learnt();
  const waiter = waiting();
  await jest.advanceTimersByTimeAsync(1_000);
  expect(waiter.resolved).toBe(false);
  elsewhere.version++;
  await jest.advanceTimersByTimeAsync(LONGEST_POLL_MS);
  expect(waiter.resolved).toBe(true);
});

test('the file is asked no more often, however many wait', async () => {
  const { elsewhere, waiting, learnt } = watched();
  await learnt();
  for (let n = 0; n < 5; n++) waiting();
  expect(jest.getTimerCount()).toBe(1);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(elsewhere.asked).toBeGreaterThanOrEqual(1_000 / LONGEST_POLL_MS);
  expect(elsewhere.asked).toBeLessThanOrEqual(1_000 / SHORTEST_POLL_MS);
});

test('no timer runs while nobody waits: before, after a change, after an abort', async () => {
  const { elsewhere, watch, waiting, learnt } = watched();
  expect(jest.getTimerCount()).toBe(0);
  await learnt();
  expect(jest.getTimerCount()).toBe(0);

  const abort = new AbortController();
  const [aborted, other] = [waiting(abort.signal), waiting()];
  abort.abort();
  await jest.advanceTimersByTimeAsync(0);
  expect([aborted.resolved, other.resolved]).toEqual([true, false]);
  expect(jest.getTimerCount()).toBe(1);
  watch.wake();
  await jest.advanceTimersByTimeAsync(0);
  expect(other.resolved).toBe(true);
  expect(jest.getTimerCount()).toBe(0);

  await jest.advanceTimersByTimeAsync(1_000);
  expect(elsewhere.asked).toBe(0);
});

test('where no other process can write, nothing polls', () => {
  const watch = new LogWatch();
  void watch.changed(watch.signs, new AbortController().signal);
  expect(jest.getTimerCount()).toBe(0);
});

test('an error of the question wakes whoever waits, to meet it where it can be told', async () => {
  const watch = new LogWatch(() => {
    throw new Error('the file is gone');
  });
  const waiting = watch.changed(watch.signs, new AbortController().signal);
  await jest.advanceTimersByTimeAsync(LONGEST_POLL_MS);
  await expect(waiting).resolves.toBeUndefined();
});
