import { beforeEach, expect, test } from '@jest/globals';
import { systemClock } from '../../src/infrastructure/clock.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { Follower } from '../../src/infrastructure/follower/follower.js';
import { Halt } from '../../src/infrastructure/follower/halt.js';
import { rebuild, type RebuildProgress } from '../../src/infrastructure/follower/rebuild.js';
import { LeaseLost, type ViewStore } from '../../src/application/ports/view-store.js';
import { MemoryViewStore } from '../../src/infrastructure/view-store/memory-view-store.js';
import { through } from './faults.js';
import { Shop, TestLogger, freshFold, received, shelves, storedShelves, until } from './shelves.js';

let log: MemoryEventStore;
let views: MemoryViewStore;
let shop: Shop;
const again = (more: Partial<Parameters<typeof rebuild>[0]> = {}) =>
  rebuild({ projection: shelves, log, views, holder: 'rebuild', ...more });

beforeEach(() => {
  log = new MemoryEventStore();
  views = new MemoryViewStore(systemClock);
  shop = new Shop(log);
});

test('makes the view anew from the log, whatever stood there', async () => {
  for (let n = 0; n < 30; n++) await shop.receive(`sku-${n % 4}`, n + 1);
  await views.prepare(shelves, 'another log');
  const lease = await views.acquireLease('shelves@1', 'other', 60_000);
  if (!lease) throw new Error('the lease is free');
  const wrong = ['sku-1', 'gone'].map((_id) => ({ _id, events: 999, units: 999, asOf: 999n }));
  await views.commit(shelves, { documents: wrong, checkpoint: 999n }, lease);
  const told: RebuildProgress[] = [];
  const done = await again({ onProgress: (progress) => told.push(progress) });
  expect(await storedShelves(views)).toEqual(await freshFold(log));
  expect(done).toMatchObject({ position: 30n, head: 30n, events: 30, documents: 5 });
  expect(told.at(-1)).toEqual(done);
  expect((await views.checkpoint(shelves))?.position).toBe(30n);
  expect(await views.lease('shelves@1')).toBeUndefined();
});

test('an empty log makes an empty view', async () => {
  expect(await again()).toMatchObject({ position: 0n, head: 0n, events: 0, documents: 0 });
  expect(await views.versions('shelves')).toEqual([1]);
  expect(await views.checkpoint(shelves)).toBeUndefined();
});

test('a follower of the view waits meanwhile, and goes on from there', async () => {
  for (let n = 0; n < 10; n++) await shop.receive('sku-1', 1);
  const settings = { leasePollMs: 5, backOffMinMs: 1 };
  const logger = new TestLogger();
  const follower = new Follower({
    projection: shelves,
    log,
    views,
    clock: systemClock,
    logger,
    holder: 'live',
    settings,
  });
  const controller = new AbortController();
  const running = follower.run(controller.signal);
  await until('it is live', () => follower.status().state === 'live');
  expect(await again()).toMatchObject({ events: 10 });
  await shop.receive('sku-2', 5);
  await until('it is at the head', async () => (await views.checkpoint(shelves))?.position === 11n);
  expect(await storedShelves(views)).toEqual(await freshFold(log));
  controller.abort();
  await running;
});

test('an event that cannot be folded ends it, with all before committed', async () => {
  await shop.receive('sku-1', 1);
  await shop.append('sku-1', [received('sku-1', 1, 'poison-apply')]);
  await expect(again()).rejects.toBeInstanceOf(Halt);
  expect((await views.checkpoint(shelves))?.position).toBe(1n);
  expect((await storedShelves(views)).get('all')).toMatchObject({ events: 1 });
  expect(await views.lease('shelves@1')).toBeUndefined();
});

test('stopped half-way, it leaves a view that its follower completes', async () => {
  for (let n = 0; n < 10; n++) await shop.receive('sku-1', 1);
  const controller = new AbortController();
  const reason = new Error('enough');
  const stopping = through<ViewStore>(views, {
    getMany: (view, ids) => {
      controller.abort(reason);
      return views.getMany(view, ids);
    },
  });
  await expect(again({ views: stopping, signal: controller.signal })).rejects.toBe(reason);
  expect(await views.lease('shelves@1')).toBeUndefined();
  const logger = new TestLogger();
  const follower = new Follower({ projection: shelves, log, views, clock: systemClock, logger, holder: 'live' });
  const stop = new AbortController();
  const running = follower.run(stop.signal);
  await until('it is at the head', async () => (await views.checkpoint(shelves))?.position === 10n);
  expect(await storedShelves(views)).toEqual(await freshFold(log));
  stop.abort();
  await running;
});

test('a lease that is taken away ends it, and one that is never free is not waited for', async () => {
  for (let n = 0; n < 10; n++) await shop.receive('sku-1', 1);
  const stolen = through<ViewStore>(views, {
    prepare: async (view, identity) => {
      await views.prepare(view, identity);
      await views.drop(view.name, view.version);
      await views.prepare(view, identity);
      await views.acquireLease('shelves@1', 'thief', 60_000);
    },
  });
  await expect(again({ views: stolen })).rejects.toBeInstanceOf(LeaseLost);
  expect(await views.lease('shelves@1')).toMatchObject({ holder: 'thief' });
  const taken = through<ViewStore>(views, { acquireLease: () => Promise.resolve(undefined) });
  await expect(again({ views: taken })).rejects.toBeInstanceOf(LeaseLost);
});
