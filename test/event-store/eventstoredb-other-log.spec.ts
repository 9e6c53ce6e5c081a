/** A server that comes back at the same URL with another log: its data were replaced, or another took its port. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { StoreUnavailable } from '../../src/application/ports/event-store.js';
import type { EventStoreDbEventStore } from '../../src/infrastructure/event-store/eventstoredb/eventstoredb-event-store.js';
import { Follower, newHolder } from '../../src/infrastructure/follower/follower.js';
import { MemoryViewStore } from '../../src/infrastructure/view-store/memory-view-store.js';
import type { EventStoreDbTestServer } from '../eventstoredb-server/server.js';
import { Shop, shelves, TestLogger, until } from '../follower/shelves.js';
import { Nodes } from './eventstoredb-nodes.js';
import { clock, confirmed } from './log-file.js';

const nodes = new Nodes(1_000);
let server: EventStoreDbTestServer;
let store: EventStoreDbEventStore;
let ending: () => Promise<void>;
beforeEach(async () => {
  server = await nodes.serve();
  store = await nodes.open(server.url());
  ending = () => Promise.resolve();
});
afterEach(async () => {
  await ending();
  await nodes.end();
});

test('gets no identity from a process that knew another', async () => {
  const identity = await store.identity();
  server.stop();
  const empty = await nodes.serve({ port: server.port });
  await expect(store.identity()).rejects.toThrow(/has lost the log that this process opened.*Put it back/);
  expect(empty.log.events).toEqual([]);
  const fresh = await nodes.open(empty.url());
  expect(await fresh.identity()).not.toBe(identity);
  expect(await store.identity()).toBe(await fresh.identity());
});

test.each([
  ['a ledger of its own', true, /holds another log than the one that this process opened/],
  ['nothing', false, /has lost the log that this process opened/],
])('takes no append from a process that knew another: %s', async (_, isLedger, message) => {
  await store.append('order-1', 'no-stream', [confirmed('1')]);
  server.stop();
  const other = await nodes.serve({ port: server.port });
  if (isLedger) await nodes.open(other.url());
  const before = other.log.events.length;
  for (const again of [1, 2]) {
    const refused = store.append(`order-${again}`, 'no-stream', [confirmed('2')]);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toBeInstanceOf(StoreUnavailable);
  }
  expect(other.log.events).toHaveLength(before);
  other.stop();
  await server.start();
  await expect(store.append('order-2', 'no-stream', [confirmed('3')])).resolves.toMatchObject({ revision: 0n });
});

test('adds nothing to a view that was followed while the server was away', async () => {
  const views = new MemoryViewStore(clock);
  const follower = new Follower({
    projection: shelves,
    log: store,
    views,
    clock,
    logger: new TestLogger(),
    holder: newHolder(),
    settings: { backOffMinMs: 10, backOffMaxMs: 50, liveMs: 5 },
  });
  const stop = new AbortController();
  const running = follower.run(stop.signal);
  ending = async () => {
    stop.abort();
    await running;
  };
  await new Shop(store).receive('a', 1);
  const before = await store.head();
  await until('it is at the head', async () => (await views.checkpoint(shelves))?.position === before);
  const checkpoint = await views.checkpoint(shelves);

  server.stop();
  await until('it has noticed', () => follower.status().counts.failures > 0);
  const other = await nodes.serve({ port: server.port });
  const shop = new Shop(await nodes.open(other.url()));
  for (let n = 0; n < 6; n++) await shop.receive('b', 1);
  await until('it refuses', () => follower.status().lastError?.name === 'ViewOfAnotherLog');
  expect(await views.checkpoint(shelves)).toEqual(checkpoint);
});
