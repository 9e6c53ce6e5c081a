import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventId } from '../../src/application/ids.js';
import type { Recorded } from '../../src/domain/fact.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { Follower } from '../../src/infrastructure/follower/follower.js';
import type { Followed, Intake } from '../../src/infrastructure/follower/intake.js';
import { MemoryViewStore } from '../../src/infrastructure/view-store/memory-view-store.js';

/** A follower whose effect is not a view. */
const effect: Followed = { name: 'effect', version: 1, indexes: {}, types: ['StockReceived'] };

/** Takes events to the outside, where `refuses` says whether it takes them. */
class Outside implements Intake {
  waiting = 0;
  readonly waitingSize = 0;
  isClosed = false;
  constructor(
    private readonly taken: string[],
    private readonly refuses: () => boolean,
  ) {}
  async add(events: readonly Recorded[]): Promise<{ folded: number }> {
    await sleep(1);
    if (this.isClosed) throw new Error('it was closed');
    if (this.refuses()) throw new Error('the outside is away');
    this.taken.push(...events.map(({ id }) => id));
    this.waiting += events.length;
    return { folded: events.length };
  }
  documents(): readonly never[] {
    return [];
  }
  settled(): void {
    this.waiting = 0;
  }
  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

let log: MemoryEventStore;
let views: MemoryViewStore;
const ids: string[] = [];
const outsides: Outside[] = [];
let taken: string[];
let isAway: boolean;
let stop: AbortController;
let running: Promise<void>;

beforeEach(async () => {
  [log, views, stop] = [
    new MemoryEventStore({ clock: systemClock }),
    new MemoryViewStore(systemClock),
    new AbortController(),
  ];
  [taken, isAway] = [[], true];
  ids.length = 0;
  outsides.length = 0;
  for (let n = 0; n < 5; n += 1) await receive(n);
});
afterEach(async () => {
  stop.abort();
  await running;
});

async function receive(n: number): Promise<void> {
  const stream = `stock-S${n}@main`;
  const id = eventId(stream, 'c', 0);
  ids.push(id);
  const event = { type: 'StockReceived', data: { sku: `S${n}`, location: 'main', quantity: 1 } } as const;
  const occurredAt = '2026-03-01T12:00:00.000Z';
  const metadata = {
    commandId: 'c',
    commandHash: '',
    correlationId: 'c',
    causationId: 'c',
    principal: 'p',
    occurredAt,
  };
  await log.append(stream, 'no-stream', [{ id, event, metadata }]);
}
function follow(): Follower {
  const intake = () => {
    const outside = new Outside(taken, () => isAway);
    outsides.push(outside);
    return outside;
  };
  const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const settings = { backOffMinMs: 5, backOffMaxMs: 20, batchSize: 2 };
  const follower = new Follower({
    projection: effect,
    intake,
    log,
    views,
    clock: systemClock,
    logger,
    holder: 'h',
    settings,
  });
  running = follower.run(stop.signal);
  return follower;
}
async function until(met: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await met()); waited += 5) {
    if (waited > 5_000) throw new Error('not met');
    await sleep(5);
  }
}
const checkpoint = async () => (await views.checkpoint(effect))?.position;

test('the checkpoint moves only once the outside has taken the events, and everything arrives in order', async () => {
  const follower = follow();
  await until(() => follower.status().counts.failures >= 3);
  expect([taken, await checkpoint()]).toEqual([[], undefined]);
  isAway = false;
  await until(async () => (await checkpoint()) === (await log.head()));
  expect(taken).toEqual(ids);
  await receive(5);
  await until(async () => (await checkpoint()) === (await log.head()));
  expect(taken).toEqual(ids);
});

test.each([
  ['another log than this', async () => views.prepare(effect, 'another log')],
  [
    'a log that was longer',
    async () => {
      await views.prepare(effect, await log.identity());
      const lease = await views.acquireLease('effect@1', 'before', 60_000);
      await views.commit(effect, { documents: [], checkpoint: 99n }, lease!);
      await views.releaseLease(lease!);
    },
  ],
])('one that was at work on %s says that it is to be dropped, for there is nothing to rebuild', async (_, before) => {
  await before();
  const follower = follow();
  await until(() => follower.status().lastError !== undefined);
  const { lastError } = follower.status();
  expect(lastError?.message).toMatch(/or let it begin with this one, .*: npm run ledger -- drop effect@1$/);
  expect(taken).toEqual([]);
});

test('every attempt has an intake of its own, closed with it', async () => {
  const follower = follow();
  await until(() => follower.status().counts.failures >= 3);
  isAway = false;
  await until(() => follower.status().state === 'live');
  expect(outsides.length).toBeGreaterThanOrEqual(4);
  expect(outsides.slice(0, -1).every(({ isClosed }) => isClosed)).toBe(true);
  stop.abort();
  await running;
  expect(outsides.at(-1)?.isClosed).toBe(true);
});
