import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { Sweep, Swept } from '../../src/application/processes/sweep.js';
import { ViewStoreUnavailable } from '../../src/application/ports/view-store.js';
import { Sweeper } from '../../src/infrastructure/processes/sweeper.js';
import type { ViewDefinition } from '../../src/projections/projection.js';
import { MemoryViewStore } from '../../src/infrastructure/view-store/memory-view-store.js';

const view: ViewDefinition = { name: 'chores', version: 1, indexes: {} };
const NOTHING: Swept = { tried: [], failed: [] };
let said: string[];
let views: MemoryViewStore;
let stop: AbortController;
let running: Promise<void>[];
const logger = {
  info: (text: string) => void said.push(`info ${text}`),
  warn: (text: string) => void said.push(`warn ${text}`),
  error: (text: string) => void said.push(`error ${text}`),
};
beforeEach(() => {
  said = [];
  views = new MemoryViewStore({ now: Date.now });
  stop = new AbortController();
  running = [];
});
afterEach(async () => {
  stop.abort();
  await Promise.all(running);
});

function begin(holder: string, sweep: () => Promise<Swept>, stopping = stop): void {
  const options = { views, logger, holder, intervalMs: 5, leaseMs: 300, random: () => 0 };
  running.push(new Sweeper({ ...options, sweep: { name: 'chores@1', sweep } }).run(stopping.signal));
}
async function until(what: string, done: () => boolean): Promise<void> {
  for (const end = performance.now() + 10_000; !done(); await delay(5)) {
    if (performance.now() > end) throw new Error(`never: ${what}`);
  }
}

test('sweeps again and again, and ends when it is stopped', async () => {
  let sweeps = 0;
  begin('a', () => (sweeps++, Promise.resolve(NOTHING)));
  await until('five sweeps', () => sweeps >= 5);
  stop.abort();
  await Promise.all(running);
  const ended = sweeps;
  await delay(30);
  expect(sweeps).toBe(ended);
  expect(said).toEqual([]);
});

test('sweeps at once when its view has changed, whoever changed it, and else when the interval is over', async () => {
  await views.prepare(view, 'log');
  const lease = (await views.acquireLease('chores@1', 'follower', 60_000))!;
  let sweeps = 0;
  const sweep: Sweep = { name: 'sweeps@1', view, sweep: () => (sweeps++, Promise.resolve(NOTHING)) };
  running.push(new Sweeper({ sweep, views, logger, holder: 'a', intervalMs: 60_000 }).run(stop.signal));
  await until('the first sweep', () => sweeps === 1);
  await delay(60);
  expect(sweeps).toBe(1);
  await views.commit(view, { documents: [], checkpoint: 7n }, lease);
  await until('a sweep of what changed', () => sweeps === 2);
  await delay(60);
  expect(sweeps).toBe(2);
});

test('sweeps again when its view changes while it sweeps', async () => {
  await views.prepare(view, 'log');
  const lease = (await views.acquireLease('chores@1', 'follower', 60_000))!;
  let sweeps = 0;
  const changing = async () => {
    if (++sweeps === 1) await views.commit(view, { documents: [], checkpoint: 7n }, lease);
    return NOTHING;
  };
  const sweep: Sweep = { name: 'sweeps@1', view, sweep: changing };
  running.push(new Sweeper({ sweep, views, logger, holder: 'a', intervalMs: 60_000 }).run(stop.signal));
  await until('a sweep of what changed', () => sweeps === 2);
});

test('two do not sweep at once; another takes over from one that was stopped', async () => {
  const sweeps = { a: 0, b: 0 };
  const stopA = new AbortController();
  begin('a', () => (sweeps.a++, Promise.resolve(NOTHING)), stopA);
  await until('a sweeps', () => sweeps.a > 0);
  begin('b', () => (sweeps.b++, Promise.resolve(NOTHING)));
  await until('a goes on', () => sweeps.a > 20);
  expect(sweeps.b).toBe(0);
  stopA.abort();
  await until('b sweeps', () => sweeps.b > 0);
});

test('another takes over from one that was killed, once its lease has expired', async () => {
  await views.acquireLease('chores@1', 'killed', 100);
  let sweeps = 0;
  begin('b', () => (sweeps++, Promise.resolve(NOTHING)));
  await until('b sweeps', () => sweeps > 0);
});

test('says once what fails, and once that it goes on', async () => {
  let outcome: Swept = { tried: ['x', 'y'], failed: [{ id: 'x', cause: new Error('the bank is shut') }] };
  let sweeps = 0;
  begin('a', () => (sweeps++, Promise.resolve(outcome)));
  await until('three sweeps', () => sweeps >= 3);
  outcome = NOTHING;
  const before = sweeps;
  await until('more sweeps', () => sweeps >= before + 3);
  expect(said).toEqual(['warn chores@1 of x will be tried again: the bank is shut']);
  outcome = { tried: ['x'], failed: [] };
  await until('it goes on', () => said.length === 2);
  expect(said[1]).toBe('info chores@1 of x goes on');
});

test('forgets what failed and is not to be done any more, once a sweep has tried all that is', async () => {
  const x = { tried: ['x'], failed: [{ id: 'x', cause: new Error('the bank is shut') }] };
  let outcome: Swept = x;
  begin('a', () => Promise.resolve(outcome));
  await until('it fails', () => said.length === 1);
  outcome = { ...NOTHING, isAll: true };
  await until('others have done it', () => said.length === 2);
  expect(said[1]).toBe('info chores@1 of x goes on');
  outcome = x;
  await until('it fails again', () => said.length === 3);
  expect(said[2]).toBe(said[0]);
});

test('tells each sweep how far its view had come', async () => {
  await views.prepare(view, 'log');
  const lease = (await views.acquireLease('chores@1', 'follower', 60_000))!;
  await views.commit(view, { documents: [], checkpoint: 7n }, lease);
  const told: unknown[] = [];
  const sweep: Sweep = {
    name: 'sweeps@1',
    view,
    sweep: (_, checkpoint) => (told.push(checkpoint?.position), Promise.resolve(NOTHING)),
  };
  running.push(new Sweeper({ sweep, views, logger, holder: 'a', intervalMs: 5 }).run(stop.signal));
  await until('a sweep', () => told.length > 0);
  expect(told[0]).toBe(7n);
});

test('goes on after a sweep that could not be made', async () => {
  let sweeps = 0;
  begin('a', () => {
    if (++sweeps < 4) return Promise.reject(new ViewStoreUnavailable('locked'));
    return Promise.resolve(NOTHING);
  });
  await until('it goes on', () => sweeps > 5);
  expect(said).toEqual(['warn chores@1 will be tried again: locked', 'info chores@1 goes on']);
});
