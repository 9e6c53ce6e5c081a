import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/infrastructure/clock.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { Follower, type FollowerSettings } from '../../src/infrastructure/follower/follower.js';
import { MemoryViewStore, MemoryViews } from '../../src/infrastructure/view-store/memory-view-store.js';
import { Shop, TestLogger, freshFold, shelves, storedShelves, until } from './shelves.js';

let log: MemoryEventStore;
let views: MemoryViewStore;
let place: MemoryViews;
let shop: Shop;
let logger: TestLogger;
let stops: (() => Promise<void>)[];

beforeEach(() => {
  log = new MemoryEventStore();
  place = new MemoryViews();
  views = new MemoryViewStore(systemClock, place);
  shop = new Shop(log);
  logger = new TestLogger();
  stops = [];
});
afterEach(() => Promise.all(stops.map((stop) => stop())));

const start = (settings: Partial<FollowerSettings> = {}, holder = 'a', stores: { log?: typeof log } = {}) => {
  const quick = {
    leaseMs: 400,
    leasePollMs: 20,
    probeMs: 10,
    stallMs: 100,
    backOffMinMs: 2,
    backOffMaxMs: 20,
    stopMs: 200,
  };
  const follower = new Follower({
    projection: shelves,
    log: stores.log ?? log,
    views,
    clock: systemClock,
    logger,
    holder,
    settings: { ...quick, ...settings },
  });
  const controller = new AbortController();
  const running = follower.run(controller.signal);
  const stop = () => {
    controller.abort();
    return running;
  };
  stops.push(stop);
  return { follower, stop };
};
const caughtUp = async () => {
  const head = await log.head();
  await until(
    `the view is at ${head}`,
    async () => ((await views.checkpoint(shelves))?.position ?? 0n) >= (head ?? 0n),
  );
  expect(await storedShelves(views)).toEqual(await freshFold(log));
};

describe('following', () => {
  test('history in bulk, then live, the same as a fresh fold', async () => {
    for (let n = 0; n < 50; n++) await shop.receive(`sku-${n % 7}`, 1, 2, 3);
    const { follower } = start({ batchSize: 16 });
    await caughtUp();
    await until('it is live', () => follower.status().state === 'live');
    for (let n = 0; n < 10; n++) await shop.receive(`sku-${n % 3}`, 5);
    await caughtUp();
    expect(follower.status().counts.events).toBe(160);
  });
});
