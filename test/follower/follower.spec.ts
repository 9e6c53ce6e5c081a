import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  CorruptEvent,
  StoreUnavailable,
  UnknownEventType,
  type EventStore,
} from '../../src/application/ports/event-store.js';
import type { Clock } from '../../src/application/ports/clock.js';
import { ViewStoreUnavailable, type ViewStore } from '../../src/application/ports/view-store.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { MemoryEventStore, MemoryLog } from '../../src/infrastructure/event-store/memory-event-store.js';
import { Follower } from '../../src/infrastructure/follower/follower.js';
import { FollowerGroup } from '../../src/infrastructure/follower/follower-group.js';
import type { FollowerSettings } from '../../src/infrastructure/follower/follower-options.js';
import { rebuild } from '../../src/infrastructure/follower/rebuild.js';
import { MemoryViewStore, MemoryViews } from '../../src/infrastructure/view-store/memory-view-store.js';
import type { Projection } from '../../src/projections/projection.js';
import { faultyLog, through, type Fault, withoutTransactions } from './faults.js';
import { Shop, TestLogger, freshFold, received, shelves, storedShelves, until } from './shelves.js';

let log: MemoryEventStore;
let views: MemoryViewStore;
let shop: Shop;
let logger: TestLogger;
let stops: (() => Promise<void>)[];

beforeEach(() => {
  log = new MemoryEventStore();
  views = new MemoryViewStore(systemClock, new MemoryViews());
  shop = new Shop(log);
  logger = new TestLogger();
  stops = [];
});
afterEach(() => Promise.all(stops.map((stop) => stop())));

type Setup = Readonly<{
  settings?: Partial<FollowerSettings>;
  holder?: string;
  log?: EventStore;
  views?: ViewStore;
  projection?: Projection;
  clock?: Clock;
  random?: () => number;
}>;
const quick = { leaseMs: 1_000, leasePollMs: 10, probeMs: 10, backOffMinMs: 2, backOffMaxMs: 20, stopMs: 200 };
const follower = ({ settings, holder = 'a', ...setup }: Setup = {}) =>
  new Follower({
    projection: shelves,
    log,
    views,
    clock: systemClock,
    ...setup,
    logger,
    holder,
    settings: { ...quick, ...settings },
  });
const start = (setup: Setup = {}) => {
  const started = follower(setup);
  const controller = new AbortController();
  const running = started.run(controller.signal);
  const stop = () => {
    controller.abort();
    return running;
  };
  stops.push(stop);
  return { status: () => started.status(), stop };
};
const checkpoint = async () => (await views.checkpoint(shelves))?.position;
/** The view has come to the head, and holds what a fresh fold of the log holds. */
const caughtUp = async () => {
  const head = await log.head();
  await until(`the view is at ${head}`, async () => (await checkpoint()) === head);
  expect(await storedShelves(views)).toEqual(await freshFold(log));
};
const history = async (events: number) => {
  for (let n = 0; n < events; n++) await shop.receive(`sku-${n % 7}`, n + 1);
};
/** An event that `shelves` does not ask for. */
const unrelated = (name: string) => {
  const { event, ...rest } = received(name, 1);
  const { sku, location } = event.data;
  const data = { sku, location, delta: 1, reason: 'found' };
  return log.append(`stock-${name}@main`, 'no-stream', [{ ...rest, event: { type: 'StockAdjusted', data } }]);
};

describe('following', () => {
  test('history in bulk, then live', async () => {
    await history(60);
    const { status } = start({ settings: { batchSize: 16 } });
    await caughtUp();
    await until('it is live', () => status().state === 'live');
    for (let n = 0; n < 10; n++) await shop.receive(`sku-${n % 3}`, 5, 6);
    await caughtUp();
    expect(status().counts).toMatchObject({ events: 80, failures: 0 });
  });

  test('an empty log, and then its first event', async () => {
    const { status } = start();
    await until('it is live', () => status().state === 'live');
    expect(await checkpoint()).toBeUndefined();
    await shop.receive('sku-1', 1);
    await caughtUp();
  });

  test('begins where the last one committed, and folds nothing again', async () => {
    await history(20);
    const first = start({ settings: { batchSize: 3 } });
    await caughtUp();
    await first.stop();
    await history(5);
    const second = start({ holder: 'b' });
    await caughtUp();
    expect(second.status().counts.events).toBe(5);
  });

  test('keeps few documents in memory and reads the others again', async () => {
    await history(40);
    start({ settings: { batchSize: 4, keepSize: 2, historyMs: 0 } });
    await caughtUp();
  });

  test('events that it does not ask for move the checkpoint, at once when it is idle', async () => {
    await history(1);
    const { status } = start({ settings: { liveMs: 60_000 } });
    await caughtUp();
    await until('it is live', () => status().state === 'live');
    const committed = status().counts.commits;
    await unrelated('other');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(status().counts.commits).toBe(committed); // the last commit was less than a minute ago
    await stops[0]?.();
    expect(await checkpoint()).toBe(await log.head()); // a clean stop keeps what was looked at
    start({ holder: 'b', settings: { liveMs: 5 } });
    for (let n = 0; n < 5; n++) {
      const { position } = await unrelated(`idle-${n}`);
      await until('the checkpoint is there', async () => (await checkpoint()) === position);
    }
  });

  test('a busy log without events for it costs few commits', async () => {
    const { status } = start({ settings: { liveMs: 60_000 } });
    await until('it is live', () => status().state === 'live');
    for (let n = 0; n < 300; n++) {
      await unrelated(`busy-${n}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(status().counts.commits).toBe(0); // it has not been live for a minute
    await history(1);
    await caughtUp();
    expect(status().counts.commits).toBe(1);
  });
});

describe('whatever breaks, it comes back to the same figures', () => {
  const broken = new StoreUnavailable('dropped by the test');
  const historyEnds: Fault = { after: 2, then: 'end' }; // as it does at the head: the subscription reads the rest
  test.each<[string, (Fault | undefined)[]]>([
    ['history is dropped at once', [{ after: 0, then: broken }]],
    ['history is dropped half-way', [{ after: 3, then: broken }]],
    ['history ends early', [historyEnds]],
    ['history stalls', [{ after: 2, then: 'stall' }]],
    ['the subscription is dropped', [undefined, { after: 2, then: broken }]],
    ['the subscription ends silently', [undefined, { after: 2, then: 'end' }]],
    ['the subscription stalls', [undefined, { after: 1, then: 'stall' }]],
    ['the subscription never answers', [undefined, { after: 0, then: 'stall' }]],
    [
      'nothing works for a while',
      [0, 1, 2].flatMap((after) => [
        { after: after % 2, then: broken },
        { after, then: 'stall' },
      ]),
    ],
  ])('%s', async (_, faults) => {
    await history(20);
    const remaining = [...faults];
    const settings = { batchSize: 4, stallMs: 60, historyMs: 1 };
    const { status } = start({ settings, log: faultyLog(log, remaining) });
    await until('every fault was met', async () => {
      await history(1);
      return remaining.length === 0;
    });
    await history(3);
    await caughtUp();
    await until('it is live', () => status().state === 'live');
    await history(3);
    await caughtUp();
    const noticed = faults.filter((fault) => fault !== undefined && fault !== historyEnds).length;
    expect(status().counts.failures).toBeGreaterThanOrEqual(noticed);
  });

  test('a quiet log is no stall', async () => {
    await history(3);
    const { status } = start({ settings: { stallMs: 20 } });
    await caughtUp();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(status()).toMatchObject({ state: 'live', counts: { failures: 0 } });
  });

  test('a stall is named with where it was', async () => {
    await history(2);
    const stalling = faultyLog(log, [undefined, { after: 1, then: 'stall' }]);
    const { status } = start({ settings: { stallMs: 60 }, log: stalling });
    await until('it is live', () => status().state === 'live');
    await history(1);
    await until('it has the first live event', async () => (await checkpoint()) === 3n);
    await history(1);
    await caughtUp();
    expect(logger.lines.join('\n')).toMatch(
      /warn shelves@1: Nothing came after position 3 for \d+ ms, while the log is at 4; trying again in \d+ ms/,
    );
  });

  test('a wall clock that stands still hides no stall', async () => {
    await history(2);
    const stalling = faultyLog(log, [{ after: 0, then: 'stall' }]);
    const { status } = start({ settings: { stallMs: 60 }, log: stalling, clock: { now: () => 0 } });
    await caughtUp();
    expect(status().lastError).toMatchObject({ name: 'Stalled' });
  });

  test('a wall clock that leaps makes no stall', async () => {
    await history(2);
    let [now, probes] = [0, 0];
    const leaping = { now: () => (now += 3_600_000) };
    const probed = through<EventStore>(log, {
      head: () => {
        probes += 1;
        return log.head();
      },
    });
    const slow = through<ViewStore>(views, {
      getMany: async (view, ids) => {
        const before = probes;
        await until('it was probed again and again', () => probes > before + 5);
        return views.getMany(view, ids);
      },
    });
    const { status } = start({ log: probed, views: slow, clock: leaping });
    await caughtUp();
    expect(status().counts.failures).toBe(0);
  });

  test('waits longer with every failure, and begins anew once it has come further', async () => {
    await history(4);
    const failing: Fault = { after: 0, then: broken };
    const faults = [failing, failing, failing, undefined, { after: 1, then: broken }, failing];
    const { status } = start({ log: faultyLog(log, faults), random: () => 1 });
    await until('it is live', () => status().state === 'live');
    await history(1);
    await until('all have failed', () => faults.length === 0);
    await caughtUp();
    const waits = logger.lines
      .map((line) => /trying again in (\d+) ms/.exec(line)?.[1])
      .filter((ms) => ms !== undefined);
    expect(waits).toEqual(['2', '4', '8', '2', '4']);
  });

  test('commits fail for a while, with or without having been done', async () => {
    await history(12);
    let commits = 0;
    const unsure = through<ViewStore>(views, {
      commit: async (view, batch, lease) => {
        commits += 1;
        if (commits % 3 !== 2) await views.commit(view, batch, lease);
        if (commits < 10 && commits % 3 !== 0) throw new ViewStoreUnavailable('no answer');
      },
    });
    const { status } = start({ views: unsure, settings: { batchSize: 2, historyMs: 0 } });
    await caughtUp();
    expect(status().counts.failures).toBe(6);
    expect(status().lastError).toMatchObject({ name: 'ViewStoreUnavailable', message: 'no answer' });
  });

  test.each(['prepare', 'checkpoint', 'getMany', 'commit', 'acquireLease'] as const)(
    '%s never answers',
    async (method) => {
      await history(5);
      let calls = 0;
      const hanging = through<ViewStore>(views, {
        [method]: (...args: never[]) => {
          calls += 1;
          if (calls <= 2) return new Promise(() => undefined);
          return (views[method] as (...args: never[]) => unknown).apply(views, args);
        },
      });
      start({ views: hanging, settings: { stallMs: 50 } });
      await caughtUp();
    },
  );

  test('without transactions, a crash at any boundary between document writes and checkpoint counts nothing twice', async () => {
    const boundaries = new Set<string>();
    for (let crashAt = 0, crashed = true; crashed; crashAt++) {
      log = new MemoryEventStore();
      views = new MemoryViewStore(systemClock);
      shop = new Shop(log);
      for (let n = 0; n < 3; n++) await shop.receive('sku-1', 1, 2);
      await shop.receive('sku-2', 3);
      crashed = false;
      let passed = 0;
      const crashing = withoutTransactions(views, (boundary) => {
        if (passed++ !== crashAt) return;
        crashed = true;
        boundaries.add(boundary);
        throw new Error(`Crash ${boundary}`);
      });
      const { stop } = start({ views: crashing, settings: { batchSize: 3, historyMs: 0 } });
      await caughtUp();
      await stop();
    }
    expect([...boundaries].sort()).toEqual([
      'after the checkpoint',
      'before the checkpoint',
      'before the documents',
      'between documents',
    ]);
  });
});

test('a view that was made from another log is left alone, and told, until it is made anew from this one', async () => {
  await history(20);
  const first = start();
  await caughtUp();
  await first.stop();
  const before = await storedShelves(views);

  const another = new MemoryEventStore();
  for (let n = 0; n < 30; n++) await new Shop(another).receive(`sku-of-another-${n}`, 1);
  const second = start({ log: another, settings: { backOffMinMs: 5, backOffMaxMs: 10 } });
  await until('it says so', () => second.status().lastError?.name === 'ViewOfAnotherLog');
  expect(await storedShelves(views)).toEqual(before);

  await rebuild({ projection: shelves, log: another, views, holder: 'rebuild' });
  await new Shop(another).receive('sku-after', 1);
  await until('it follows', async () => (await checkpoint()) === 31n);
  expect(await storedShelves(views)).toEqual(await freshFold(another));
});

test('a view that has seen more than its log holds is left alone, and told', async () => {
  await history(20);
  const first = start();
  await caughtUp();
  await first.stop();
  const before = await storedShelves(views);

  const identity = await log.identity();
  const shorter = new MemoryEventStore({ log: Object.assign(new MemoryLog(), { identity }) });
  const second = start({ log: shorter });
  const said =
    'shelves@1 was made from a log up to position 20, and this log is empty. Stop the ledger, then put the right log back, ' +
    'or make the view anew from this one: npm run ledger -- rebuild shelves';
  await until('it says so', () => second.status().lastError?.message.includes(said) === true);
  await new Shop(shorter).receive('sku-1', 1_000);
  await until('it says so again', () => second.status().lastError?.message.includes('this log ends at 1.') === true);
  expect(await storedShelves(views)).toEqual(before);
  await second.stop();

  await history(1);
  start();
  await caughtUp();
});

describe('an event that cannot be folded', () => {
  test.each(['poison-change', 'poison-apply'])('stops it, loudly, with all before committed: %s', async (reference) => {
    await shop.receive('sku-1', 1);
    await shop.receive('sku-2', 2);
    const position = await shop.append('sku-1', [received('sku-1', 3, reference)]);
    await shop.receive('sku-3', 4);
    const { status } = start({ settings: { reminderMs: 20 } });
    await until('it has stopped', () => status().state === 'stopped');
    expect(status()).toMatchObject({
      halted: { position, stream: 'stock-sku-1@main', revision: 1n },
      lastError: { name: 'CorruptHistory' },
    });
    expect(await checkpoint()).toBe(position - 1n);
    const stored = await storedShelves(views);
    expect([...stored.values()]).toEqual([
      { _id: 'sku-1', events: 1, units: 1, revisions: '0,' },
      { _id: 'sku-2', events: 1, units: 2, revisions: '0,' },
      { _id: 'all', events: 2, units: 3 },
    ]);
    expect(await views.lease('shelves@1')).toBeUndefined();
    const said = () =>
      logger.lines.filter((line) => line.startsWith('error shelves@1 stopped: StockReceived at position 3 '));
    await until('it has said so three times', () => said().length >= 3);
    expect(said()[0]).toContain('(stock-sku-1@main, revision 1)');
  });

  test('that is the first of all leaves no checkpoint, and a mended projection begins there', async () => {
    await shop.append('sku-1', [received('sku-1', 3, 'poison-change')]);
    await shop.receive('sku-2', 4);
    const stopped = start();
    await until('it has stopped', () => stopped.status().state === 'stopped');
    expect(await checkpoint()).toBeUndefined();
    await stopped.stop();
    const mended: Projection = {
      ...shelves,
      changes: ({ position }) => [{ id: `event-${position}`, units: 1 }] as never,
    };
    start({ holder: 'b', projection: mended });
    await until('it is at the head', async () => (await checkpoint()) === 2n);
    expect([...(await storedShelves(views)).keys()]).toEqual(['event-1', 'event-2']);
  });

  test.each([
    ['UnknownEventType', new UnknownEventType('Unheard', 'stock-sku-9@main', 4n)],
    ['CorruptEvent', new CorruptEvent('stock-sku-9@main', 4n, 'quantity is text')],
  ])('in the log already: %s', async (name, error) => {
    await history(4);
    const { status } = start({ log: faultyLog(log, [{ after: 1, then: error }]), settings: { batchSize: 2 } });
    await until('it has stopped', () => status().state === 'stopped');
    expect(status()).toMatchObject({ halted: { stream: 'stock-sku-9@main', revision: 4n }, lastError: { name } });
    expect(await checkpoint()).toBe(2n);
  });

  test.each<[string, Partial<Projection>, RegExp]>([
    [
      'makes a document that cannot be stored',
      { apply: (_, { id }) => ({ _id: id, units: 0.5 }) as never },
      /not a safe integer/,
    ],
    ['makes a document of another id', { apply: () => ({ _id: 'other' }) }, /apply made other of a change to/],
    ['has a defect', { changes: () => (undefined as unknown as []).map(() => ({ id: '' })) }, /undefined/],
    ['has other indexes than are stored', { indexes: {} }, /higher version/],
  ])('a projection that %s stops too', async (_, changed, message) => {
    await views.prepare(shelves, await log.identity());
    await history(2);
    const defective: Projection = { ...(shelves as Projection), ...changed };
    const { status } = start({
      projection: { ...defective, indexes: changed.indexes ?? shelves.indexes },
    });
    await until('it has stopped', () => status().state === 'stopped');
    expect(status().halted?.message).toMatch(message);
    expect(status().counts.failures).toBe(0);
    expect(await checkpoint()).toBeUndefined();
  });
});

describe('leases', () => {
  test('of two, one works; the other takes over at once after a clean stop', async () => {
    await history(3);
    const first = start({ holder: 'a' });
    await caughtUp();
    const second = start({ holder: 'b' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await history(3);
    await caughtUp();
    expect(second.status()).toMatchObject({ state: 'waiting-for-lease', counts: { events: 0 } });
    await first.stop();
    await until('the other is live', () => second.status().state === 'live', 900);
    await history(3);
    await caughtUp();
    expect(second.status().counts.events).toBe(3);
    expect(first.status().counts.events).toBe(6);
  });

  test('a killed holder keeps others out for the time of its lease, not longer', async () => {
    await views.acquireLease('shelves@1', 'killed', 300);
    await history(3);
    const { status } = start();
    await until('it waits', () => status().state === 'waiting-for-lease');
    expect(await checkpoint()).toBeUndefined();
    await caughtUp();
  });

  test('it renews while it works', async () => {
    start({ settings: { leaseMs: 150 } });
    await until('it has the lease', async () => (await views.lease('shelves@1')) !== undefined);
    const { epoch } = (await views.lease('shelves@1')) ?? {};
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await views.lease('shelves@1')).toMatchObject({ holder: 'a', epoch });
  });

  test('that it was lost is noticed on a quiet log too', async () => {
    const { status } = start({ settings: { leaseMs: 150 } });
    await until('it is live', () => status().state === 'live');
    await views.drop('shelves', 1);
    await views.acquireLease('shelves@1', 'b', 60_000);
    await until('it waits', () => status().state === 'waiting-for-lease');
    expect(logger.lines).toContainEqual(expect.stringContaining('has lost the lease of shelves@1'));
    expect(await views.lease('shelves@1')).toMatchObject({ holder: 'b' });
  });

  test('whoever lost it writes nothing more, and waits for it again', async () => {
    await history(3);
    const { status } = start();
    await caughtUp();
    await until('it is live', () => status().state === 'live');
    await views.drop('shelves', 1); // takes the lease from it, as a rebuild does
    const taken = await views.acquireLease('shelves@1', 'b', 60_000);
    if (!taken) throw new Error('the lease was free');
    await history(2);
    await until('it waits', () => status().state === 'waiting-for-lease');
    expect(await checkpoint()).toBeUndefined();
    await views.releaseLease(taken);
    await caughtUp();
  });
});

describe('stopping', () => {
  test('before it has begun, while it waits for a lease, while it backs off', async () => {
    const idle = new AbortController();
    idle.abort();
    const neverBegun = follower();
    await neverBegun.run(idle.signal);
    expect(neverBegun.status().state).toBe('stopped');
    await views.acquireLease('shelves@1', 'other', 60_000);
    await start().stop();
    const unavailable = new StoreUnavailable('gone');
    const faults = Array.from({ length: 100 }, () => ({ after: 0, then: unavailable }));
    const backingOff = start({
      holder: 'other',
      log: faultyLog(log, faults),
      settings: { backOffMinMs: 60_000, backOffMaxMs: 60_000 },
    });
    await until('it backs off', () => backingOff.status().state === 'backing-off');
    await backingOff.stop();
  });

  test('finishes the batch under way and frees the lease', async () => {
    await history(5);
    let committing: (() => void) | undefined;
    const slow = through<ViewStore>(views, {
      commit: async (view, batch, lease) => {
        await new Promise<void>((resolve) => (committing = resolve));
        await views.commit(view, batch, lease);
      },
    });
    const { stop, status } = start({ views: slow });
    await until('it commits', () => committing !== undefined);
    const stopped = stop();
    setTimeout(() => committing?.(), 50);
    await stopped;
    expect(status().state).toBe('stopped');
    expect(await checkpoint()).toBe(5n);
    expect(await views.lease('shelves@1')).toBeUndefined();
  });

  test('abandons a batch that takes too long, and a store that never answers', async () => {
    await history(5);
    const hanging = through<ViewStore>(views, { commit: () => new Promise(() => undefined) });
    const { stop, status } = start({ views: hanging, settings: { stopMs: 50 } });
    await until('it has read', () => status().counts.events === 5);
    await stop();
    expect(await views.lease('shelves@1')).toBeUndefined();
    const { stop: stopReader, status: reader } = start({ log: faultyLog(log, [{ after: 0, then: 'stall' }]) });
    await until('it reads', () => reader().state === 'catching-up');
    await stopReader();
    expect(await views.lease('shelves@1')).toBeUndefined();
  });
});

describe('a group', () => {
  test('runs each by itself, and shows all', async () => {
    const second: Projection = { ...shelves, version: 2 };
    const poisoned: Projection = { ...shelves, version: 3, changes: () => [{ id: '' }] };
    await history(3);
    const group = new FollowerGroup([follower(), follower({ projection: second }), follower({ projection: poisoned })]);
    const controller = new AbortController();
    const running = group.run(controller.signal);
    await caughtUp();
    await until('all are where they belong', () => {
      const states = group.status().map(({ follower: name, state }) => `${name} ${state}`);
      return states.join() === 'shelves@1 live,shelves@2 live,shelves@3 stopped';
    });
    expect((await views.checkpoint(second))?.position).toBe(3n);
    controller.abort();
    await running;
    expect(group.status().map(({ state }) => state)).toEqual(['stopped', 'stopped', 'stopped']);
  });
});

describe('a view store that is put back to an earlier state under a follower', () => {
  const backup = (memory: MemoryViews) => {
    const collections = structuredClone(memory.collections);
    return () => {
      memory.collections.clear();
      for (const [name, collection] of collections) memory.collections.set(name, collection);
    };
  };

  test.each([
    ['that has nothing to do, and sees it by itself', { probeMs: 10 }, 0],
    ['that sees it at its next commit', { probeMs: 60_000 }, 1],
  ])('%s', async (_, settings, events) => {
    const memory = new MemoryViews();
    views = new MemoryViewStore(systemClock, memory);
    await history(20);
    const { status } = start({ settings });
    await caughtUp();
    const restore = backup(memory);
    await history(20);
    await caughtUp();
    restore();
    for (let n = 0; n < events; n++) await shop.receive('sku-other', 1);
    await caughtUp();
    expect(status().lastError?.name).toBe('ViewWentBack');
  });

  test('of before its first commit', async () => {
    const memory = new MemoryViews();
    views = new MemoryViewStore(systemClock, memory);
    const restore = backup(memory);
    await history(20);
    start();
    await caughtUp();
    restore();
    await shop.receive('sku-other', 1);
    await caughtUp();
  });
});
