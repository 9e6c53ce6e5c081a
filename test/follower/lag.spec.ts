import { beforeEach, expect, test } from '@jest/globals';
import { UnknownEventType, type EventStore } from '../../src/application/ports/event-store.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { measureLag } from '../../src/infrastructure/follower/lag.js';
import { MemoryViewStore } from '../../src/infrastructure/view-store/memory-view-store.js';
import { through } from './faults.js';
import { Shop, shelves } from './shelves.js';

let now: number;
let log: MemoryEventStore;
let views: MemoryViewStore;
let shop: Shop;
const clock = { now: () => now };
const lag = (of: EventStore = log) => measureLag(of, views, shelves, now);
const commit = async (checkpoint: bigint) => {
  await views.prepare(shelves, await log.identity());
  const lease = await views.acquireLease('shelves@1', 'test', 1_000);
  if (!lease) throw new Error('the lease is free');
  await views.commit(shelves, { documents: [], checkpoint }, lease);
};

beforeEach(() => {
  now = Date.UTC(2030, 0, 1);
  log = new MemoryEventStore({ clock });
  views = new MemoryViewStore(clock);
  shop = new Shop(log);
});

test('an empty log has no lag', async () => {
  expect(await lag()).toEqual({ positions: 0n, seconds: 0 });
});

test('before the first commit, all events are behind, and the oldest is the first', async () => {
  await shop.receive('sku-1', 1);
  now += 2_500;
  await shop.receive('sku-1', 2);
  now += 1_000;
  expect(await lag()).toEqual({ head: 2n, positions: 2n, seconds: 3.5 });
});

test('counts what comes after the checkpoint, by the age of its oldest, whatever its type', async () => {
  await shop.receive('sku-1', 1);
  now += 3_600_000;
  await commit(1n);
  expect(await lag()).toEqual({ checkpoint: 1n, head: 1n, positions: 0n, seconds: 0 });
  now += 3_600_000;
  await shop.receive('sku-1', 2);
  now += 250;
  await shop.receive('sku-1', 3);
  expect(await lag()).toEqual({ checkpoint: 1n, head: 3n, positions: 2n, seconds: 0.25 });
  await commit(3n);
  expect(await lag()).toEqual({ checkpoint: 3n, head: 3n, positions: 0n, seconds: 0 });
});

test('a clock that went back gives no negative age', async () => {
  await shop.receive('sku-1', 1);
  now -= 60_000;
  expect(await lag()).toMatchObject({ positions: 1n, seconds: 0 });
});

test('a checkpoint that overtook the head while measuring is no lag', async () => {
  await shop.receive('sku-1', 1);
  const slow = through<EventStore>(log, {
    head: async () => {
      const head = await log.head();
      await shop.receive('sku-1', 2);
      await commit(2n);
      return head;
    },
  });
  expect(await lag(slow)).toMatchObject({ positions: 0n, seconds: 0 });
});

test('an event that cannot be read is behind, of unknown age', async () => {
  await shop.receive('sku-1', 1);
  const unreadable = through<EventStore>(log, {
    readAll: () => {
      throw new UnknownEventType('Unheard', 'stock-sku-1@main', 0n);
    },
  });
  const measured = await lag(unreadable);
  expect(measured).toEqual({ head: 1n, positions: 1n });
  expect(measured.seconds).toBeUndefined();
});
