/**
 * What reading and subscribing hold for whoever trusts them: checkpoints that overtake, subscriptions that end without a
 * word, the server's own events, streams that were cut.
 */
import { excludeSystemEvents } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { Recorded } from '../../src/domain/fact.js';
import {
  CorruptEvent,
  StoreUnavailable,
  UnknownEventType,
  type EventStore,
  type LogBatch,
} from '../../src/application/ports/event-store.js';
import { Follower, newHolder } from '../../src/infrastructure/follower/follower.js';
import { lagBetween } from '../../src/infrastructure/follower/lag.js';
import { MemoryViewStore } from '../../src/infrastructure/view-store/memory-view-store.js';
import { systemEvent, type Proposed } from '../eventstoredb-server/event-log.js';
import type { Fault } from '../eventstoredb-server/faults.js';
import type { EventStoreDbTestServer } from '../eventstoredb-server/server.js';
import { freshFold, Shop, shelves, storedShelves, TestLogger, until } from '../follower/shelves.js';
import { Nodes, timed } from './eventstoredb-nodes.js';
import { anyStream, clock, confirmed, streamOf, writeStream } from './log-file.js';

const DEADLINE_MS = 300;
const BOUND_MS = 2_000;
const NEVER = new AbortController().signal;
const nodes = new Nodes(5_000);
let server: EventStoreDbTestServer;
let store: EventStore;
beforeEach(async () => {
  server = await nodes.serve();
  store = await nodes.open(server.url());
});
afterEach(() => nodes.end());

async function collect<T>(batches: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}
const eventsOf = (batches: readonly LogBatch[]): readonly Recorded[] => batches.flatMap(({ events }) => events);

/** What was yielded, and what ended it. */
async function untilError<T>(batches: AsyncIterable<T>): Promise<{ seen: T[]; error: unknown }> {
  const seen: T[] = [];
  try {
    for await (const batch of batches) seen.push(batch);
  } catch (error) {
    return { seen, error };
  }
  return { seen, error: undefined };
}

const paid = (): Parameters<EventStore['append']>[2][number] => ({
  ...confirmed('1'),
  event: {
    type: 'PaymentRecorded',
    data: { paymentId: 'p', orderId: 'o', amount: { minor: 1n, currency: 'GBP' }, method: 'card' },
  },
});

describe('checkpoints', () => {
  test('never tell of a position whose events were not given; those of the client itself do', async () => {
    const events = Array.from({ length: 5_000 }, (_, n) => (n % 5 === 0 ? paid() : confirmed(`${n}`)));
    await writeStream(store, anyStream(), events, 1_000);

    let ahead = 0;
    let seen = 0n;
    const reached = (_: unknown, { commit }: { commit: bigint }) => {
      if (commit > seen) ahead++;
      return Promise.resolve();
    };
    const bare = nodes.bareClient(server.url());
    const filter = excludeSystemEvents({ checkpointInterval: 1, checkpointReached: reached });
    for await (const { event } of bare.subscribeToAll({ filter })) {
      await delay(0);
      seen = event?.position?.commit ?? seen;
      if (event?.revision === 999n) break;
    }
    expect(ahead).toBeGreaterThan(0);

    const types = ['PaymentRecorded'];
    for (const batchSize of [7, 1_000]) {
      const batches: LogBatch[] = [];
      for await (const batch of store.readAll({ types, batchSize })) {
        if (batches.length % 20 === 0) await delay(1);
        batches.push(batch);
      }
      expect(eventsOf(batches)).toHaveLength(1_000);
      expect(batches.filter(({ events }) => events.length < batchSize).length).toBeGreaterThan(0);
      let given = 0;
      for (const { events, upTo } of batches.filter((_, n) => n % 40 === 39)) {
        given = eventsOf(batches).findIndex(({ id }) => id === events.at(-1)?.id) + 1;
        expect(eventsOf(await collect(store.readAll({ types, after: upTo })))).toHaveLength(1_000 - given);
      }
    }
  }, 20_000);

  test('go on over what a filter leaves out, while nothing passes it', async () => {
    await writeStream(
      store,
      anyStream(),
      Array.from({ length: 5_000 }, (_, n) => confirmed(`${n}`)),
      1_000,
    );
    const batches = await collect(store.readAll({ types: ['PaymentRecorded'] }));
    expect(batches.length).toBeGreaterThanOrEqual(3);
    expect(batches.at(-1)?.upTo).toBe(await store.head());
  });

  test('whoever throws while he reads gets his own error, and the log goes on', async () => {
    await writeStream(
      store,
      anyStream(),
      Array.from({ length: 40 }, (_, n) => confirmed(`${n}`)),
      40,
    );
    const broken = async () => {
      for await (const _ of store.subscribe({ batchSize: 1, signal: NEVER })) throw new Error('mine');
    };
    await expect(broken()).rejects.toThrow('mine');
    expect(eventsOf(await collect(store.readAll()))).toHaveLength(40);
  });
});

describe("the server's own events", () => {
  const noise = (count: number) => {
    for (let n = 0; n < count; n++) {
      server.log.append('$stats-127.0.0.1:2113', 'any', [systemEvent('$statsCollected', '{}')]);
      server.log.append('links-1', 'any', [systemEvent('$>', '0@order-1')]);
      server.log.append('$$order-9', 'any', [systemEvent('$metadata', '{"$maxAge":1000}')]);
      server.log.append('$projections-x-result', 'any', [{ ...systemEvent('Result', '{}') }]);
    }
  };

  test('are no part of the log: no event, no head, no lag', async () => {
    noise(50);
    expect(await store.head()).toBeUndefined();
    expect(await collect(store.readAll())).toEqual([]);
    const { position } = await store.append(anyStream(), 'no-stream', [confirmed('1')]);
    noise(50);
    expect(await store.head()).toBe(position);
    const batches = await collect(store.readAll());
    expect([eventsOf(batches).length, batches.at(-1)?.upTo]).toEqual([1, position]);
    expect(await collect(store.readAll({ after: position }))).toEqual([]);
    expect(await lagBetween(store, batches.at(-1)?.upTo, await store.head(), Date.now())).toMatchObject({
      positions: 0n,
    });
  });

  test('move no subscription beyond the head, and hold none up', async () => {
    noise(20);
    const stop = new AbortController();
    const seen: LogBatch[] = [];
    const done = (async () => {
      for await (const batch of store.subscribe({ signal: stop.signal })) seen.push(batch);
    })();
    await store.append(anyStream(), 'no-stream', [confirmed('1')]);
    noise(3_000);
    const { position } = await store.append(anyStream(), 'no-stream', [confirmed('2')]);
    noise(20);
    await until('both are seen', () => eventsOf(seen).length === 2);
    await delay(50);
    stop.abort();
    await done;
    expect(seen.at(-1)?.upTo).toBe(position);
  });
});

describe("another program's events", () => {
  const foreign = (type: string): Proposed => ({ ...systemEvent(type, '{"orderId":"1"}'), metadata: new Uint8Array() });

  test.each([
    ['of a type of their own', 'order-1', 'SomethingElse'],
    ['in a stream that is not category-id', 'Basket_17', 'OrderConfirmed'],
  ])('%s stop a reader, after all that was before', async (_, stream, type) => {
    await store.append('order-0', 'no-stream', [confirmed('1')]);
    server.log.append(stream, 'any', [foreign(type)]);
    await store.append('order-2', 'no-stream', [confirmed('2')]);
    for (const read of [store.readAll(), store.subscribe({ signal: NEVER })]) {
      const { seen, error } = await untilError(read);
      expect(eventsOf(seen)).toHaveLength(1);
      expect(error).toBeInstanceOf(UnknownEventType);
      expect(error).toMatchObject({ type, stream, revision: 0n });
    }
  });

  test('of a type of the ledger, without its metadata, are corrupt', async () => {
    server.log.append('order-1', 'any', [foreign('OrderConfirmed')]);
    const { error } = await untilError(store.readStream('order-1'));
    expect(error).toBeInstanceOf(CorruptEvent);
    expect((error as Error).message).toMatch(/metadata/);
  });

  test('that share a position, as a transaction over TCP leaves them, are corrupt', async () => {
    await store.append('order-1', 'no-stream', [confirmed('1')]);
    const [, stored] = server.log.events;
    if (!stored) throw new Error('nothing stored');
    server.log.appendTcpTransaction('order-2', [stored, stored]);
    const { seen, error } = await untilError(store.readAll());
    expect(eventsOf(seen)).toHaveLength(1);
    expect(error).toBeInstanceOf(CorruptEvent);
    expect(error).toMatchObject({ stream: 'order-2', revision: 0n, message: expect.stringMatching(/TCP/) as unknown });
  });
});

describe('a stream that somebody deleted', () => {
  const stream = 'order-1';
  const cut = (metadata: object) =>
    server.log.append(`$$${stream}`, 'any', [systemEvent('$metadata', JSON.stringify(metadata))]);
  beforeEach(async () => {
    await writeStream(
      store,
      stream,
      Array.from({ length: 10 }, (_, n) => confirmed(`${n}`)),
      10,
    );
  });

  test.each([
    ['$maxCount', { $maxCount: 4 }, 0n],
    ['$tb', { $tb: 6 }, 0n],
  ])('in part (%s) is corrupt where the part begins, in both directions', async (_, metadata, revision) => {
    cut(metadata);
    const forward = await untilError(store.readStream(stream));
    expect(forward).toMatchObject({ seen: [], error: { name: 'CorruptEvent', stream, revision } });
    const backward = await untilError(store.readStream(stream, { direction: 'backward', batchSize: 3 }));
    expect(backward.seen.flat().map((event) => event.revision)).toEqual([9n, 8n, 7n, 6n]);
    expect(backward.error).toMatchObject({ name: 'CorruptEvent', revision: 5n });
    const gone = await untilError(store.readStream(stream, { from: 3n, direction: 'backward', limit: 1 }));
    expect(gone).toMatchObject({ seen: [], error: { name: 'CorruptEvent' } });
    expect(await collect(store.readStream(stream, { from: 6n }))).toHaveLength(1);
    expect(await collect(store.readStream(stream, { direction: 'backward', limit: 2 }))).toHaveLength(1);
  });

  test.each([10, 11])('as a whole by $tb %i is corrupt, not unknown', async (truncateBefore) => {
    cut({ $tb: truncateBefore });
    for (const direction of ['forward', 'backward'] as const) {
      const { seen, error } = await untilError(store.readStream(stream, { direction }));
      expect(seen).toEqual([]);
      expect(error).toMatchObject({ name: 'CorruptEvent', stream });
    }
  });

  test('softly is corrupt, not unknown; an append does not go on behind it unnoticed', async () => {
    const bare = nodes.bareClient(server.url());
    await bare.deleteStream(stream);
    const { error } = await untilError(store.readStream(stream));
    expect(error).toBeInstanceOf(CorruptEvent);
    const appended = store.append(stream, 'no-stream', [confirmed('11')]);
    await expect(appended).rejects.toBeInstanceOf(CorruptEvent);
    await expect(streamOf(store, stream)).rejects.toBeInstanceOf(CorruptEvent);
  });

  test('for ever (tombstone) is corrupt, to readers and writers', async () => {
    await nodes.bareClient(server.url()).tombstoneStream(stream);
    await expect(streamOf(store, stream)).rejects.toThrow(CorruptEvent);
    await expect(streamOf(store, stream)).rejects.toThrow(/tombstoned/);
    await expect(store.append(stream, 9n, [confirmed('11')])).rejects.toThrow(CorruptEvent);
  });
});

describe('a server that does not answer a reader', () => {
  beforeEach(async () => {
    store = await nodes.open(server.url(), { deadlineMs: DEADLINE_MS });
  });
  const calls: [string, () => Promise<unknown>, 'read' | 'subscribe'][] = [
    ['head', () => store.head(), 'read'],
    ['readStream', () => collect(store.readStream('order-1')), 'read'],
    ['readAll', () => collect(store.readAll()), 'subscribe'],
    ['subscribe', () => collect(store.subscribe({ after: 1n, signal: NEVER })), 'subscribe'],
  ];
  test.each(calls)('%s fails at the deadline', async (_, call, rpc) => {
    await store.append('order-1', 'no-stream', [confirmed('1')]);
    server.faults.plan(rpc, { before: 'hang' }, 2);
    const { error, ms } = await timed(call);
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect(ms).toBeLessThan(BOUND_MS);
  });

  const withSignal = calls.filter(([name]) => name !== 'head');
  test.each(withSignal)('%s ends without an error as soon as its signal aborts', async (name, _, rpc) => {
    await store.append('order-1', 'no-stream', [confirmed('1')]);
    server.faults.plan(rpc, { before: 'hang' }, 2);
    const signal = AbortSignal.timeout(50);
    const reads = {
      readStream: () => collect(store.readStream('order-1', { signal })),
      readAll: () => collect(store.readAll({ signal })),
      subscribe: () => collect(store.subscribe({ signal })),
    };
    const { error, ms } = await timed(reads[name as keyof typeof reads]);
    expect(error).toBeUndefined();
    expect(ms).toBeLessThan(250);
  });

  test.each<[string, Fault['after']]>([
    ['goes silent', 'hang'],
    ['cancels it', 'drop'],
    ['ends it', 'end'],
    ['dies', 'die'],
  ])('that %s in the middle of history: what came is given, then it fails', async (_, after) => {
    await writeStream(
      store,
      'order-1',
      Array.from({ length: 30 }, (_, n) => confirmed(`${n}`)),
      30,
    );
    server.faults.plan('subscribe', { after: after ?? 'hang', afterMessages: 11 }); // a confirmation, ten events
    const { seen, error } = await untilError(store.readAll({ batchSize: 4 }));
    expect(eventsOf(seen).length).toBeGreaterThanOrEqual(after === 'die' ? 0 : 8); // dying, it takes along what is on its way
    expect(error).toBeInstanceOf(StoreUnavailable);
  });
});

test('a slow reader holds the server up, not his memory', async () => {
  const events = Array.from({ length: 100 }, () => confirmed('x'.repeat(500_000)));
  await writeStream(store, anyStream(), events, 1);
  const reader = store.readAll({ batchSize: 1 })[Symbol.asyncIterator]();
  await reader.next();
  let held = 0;
  while (held < server.faults.streamed) {
    held = server.faults.streamed;
    await delay(1_000);
  }
  expect(held).toBeLessThan(events.length / 2);
  let read = 1;
  while (!(await reader.next()).done) read++;
  expect(read).toBe(events.length);
});

describe('a follower', () => {
  test.each<[string, Fault]>([
    ['is cancelled', { after: 'drop', afterMessages: 2 }],
    ['ends without an error', { after: 'end', afterMessages: 2 }],
    ['goes silent', { after: 'hang', afterMessages: 2 }],
    ['dies with its server', { after: 'die', afterMessages: 2 }],
  ])(
    'goes on, and counts nothing twice, when its subscription %s',
    async (_, fault) => {
      const log = store;
      const views = new MemoryViewStore(clock);
      const settings = { stallMs: 600, probeMs: 50, backOffMinMs: 10, backOffMaxMs: 50, liveMs: 5 };
      const logger = new TestLogger();
      const follower = new Follower({ projection: shelves, log, views, clock, logger, holder: newHolder(), settings });
      const stop = new AbortController();
      server.faults.plan('subscribe', fault); // the log is empty: its first subscription is the live one
      const running = follower.run(stop.signal);
      await until('it is live', () => server.faults.count('subscribe') === 1);
      const shop = new Shop(log);
      const receiving = (async () => {
        for (let n = 0; n < 20; n++) await shop.receive('a', 1);
      })();
      if (fault.after === 'die') await delay(200).then(() => server.start());
      await receiving;
      const head = await log.head();
      await until('it is at the head', async () => (await views.checkpoint(shelves))?.position === head);
      stop.abort();
      await running;
      expect(server.faults.count('subscribe')).toBeGreaterThan(1);
      expect(await storedShelves(views)).toEqual(await freshFold(log));
    },
    20_000,
  );
});
