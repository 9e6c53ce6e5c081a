import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createApi, type Api } from '../../apps/api/app.js';
import { DEFAULT_FEED, Feed, type FeedSettings } from '../../apps/api/feed/feed.js';
import { eventId } from '../../src/application/ids.js';
import { productStream } from '../../src/domain/streams.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { MemoryKeyStore } from '../../src/infrastructure/keys/memory-key-store.js';
import { MemoryViewStore } from '../../src/infrastructure/view-store/memory-view-store.js';
import { SseClient } from './sse-client.js';

/** Over the embedded log and a real socket. */
let folder: string;
let store: SqliteEventStore;
let api: Api;
let url: string;
const clients: SseClient[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feed-'));
  store = await SqliteEventStore.open({ file: join(folder, 'log.sqlite'), clock: systemClock });
  await serve();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.kill()));
  await api.stop();
  await store.close();
  await rm(folder, { recursive: true });
});

async function serve(feed: Partial<FeedSettings> = {}): Promise<void> {
  api = await createApi({
    store,
    views: new MemoryViewStore(systemClock),
    keys: new MemoryKeyStore(),
    clock: systemClock,
    feed,
  });
  url = await api.listen(0, '127.0.0.1');
}
async function follow(path = '/v1/feed', headers: Record<string, string> = {}): Promise<SseClient> {
  const client = await SseClient.open(`${url}${path}`, headers);
  clients.push(client);
  return client;
}
let keys = 0;
async function post(path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': `key-${(keys += 1)}` };
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  expect([200, 201]).toContain(response.status);
}
const receive = (sku: string, quantity = 1) => post(`/v1/stock/${sku}/main/receive`, { quantity });
const list = (sku: string) => post('/v1/products', { sku, name: sku, prices: [] });
/** `count` facts of some 400 bytes on one stream, the first at revision `from`. */
async function appendProducts(from: number, count: number): Promise<void> {
  const stream = productStream('BIG');
  const events = Array.from({ length: count }, (_, n) => ({
    id: eventId(stream, `listing-${from}`, n),
    event: { type: 'ProductListed', data: { sku: 'BIG', name: 'x'.repeat(400), prices: [] } } as const,
    metadata: {
      commandId: `listing-${from}`,
      commandHash: 'hash',
      correlationId: 'c',
      causationId: 'c',
      principal: 'test',
      occurredAt: '2026-03-01T12:00:00.000Z',
    },
  }));
  await store.append(stream, from === 0 ? 'no-stream' : BigInt(from - 1), events);
}
async function read(path: string): Promise<{ status: number; json: Record<string, unknown> }> {
  const response = await fetch(`${url}${path}`);
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

describe('GET /v1/feed', () => {
  test('sends what happens from now on, as CloudEvents under their positions', async () => {
    await receive('BEFORE');
    const client = await follow();
    expect(client.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(client.response.headers['x-correlation-id']).toEqual(expect.any(String));
    await receive('MUG', 3);
    await client.until(() => client.events.length === 1);
    expect(client.events[0]).toMatchObject({
      specversion: '1.0',
      type: 'ledger.stock.received.v1',
      source: `/ledger/${await store.identity()}`,
      subject: 'stock-MUG@main',
      data: { sku: 'MUG', location: 'main', quantity: 3 },
    });
    expect(client.lastEventId).toBe(client.events[0]?.position);
  });

  test('sends a client that was killed again and again everything, once, and in order', async () => {
    const total = 300;
    const writing = (async () => {
      for (let n = 0; n < total; n += 1) await receive(`MUG-${n % 7}`);
    })();
    const taken: string[] = [];
    let lastEventId = '0';
    while (taken.length < total) {
      const client = await follow('/v1/feed', { 'last-event-id': lastEventId });
      const enough = Math.min(40, total - taken.length);
      await client.until(() => client.events.length >= enough);
      await client.kill();
      taken.push(...client.events.map(({ subject, sequence }) => `${subject} ${sequence}`));
      lastEventId = client.lastEventId ?? lastEventId;
    }
    await writing;
    expect(taken).toHaveLength(total);
    expect(new Set(taken).size).toBe(total);
    for (let n = 0; n < 7; n += 1) {
      const ofStream = taken.filter((each) => each.startsWith(`stock-MUG-${n}@`));
      expect(ofStream).toEqual(ofStream.toSorted());
    }
  });

  test('sends only the types that were asked for, and moves on what it resumes from', async () => {
    await api.stop();
    await serve({ heartbeatMs: 50 });
    const client = await follow('/v1/feed?types=ledger.product.listed.v1&after=0');
    await list('MUG');
    for (let n = 0; n < 5; n += 1) await receive('MUG');
    const head = String(await store.head());
    await client.until(() => client.lastEventId === head);
    expect(client.events.map(({ type }) => type)).toEqual(['ledger.product.listed.v1']);
    expect(client.heartbeats).toBeGreaterThan(0);
  });

  test('tells a client that heard nothing where to resume', async () => {
    const client = await follow();
    await client.until(() => client.lastEventId !== undefined);
    await client.kill();
    await receive('MUG');
    const resumed = await follow('/v1/feed', { 'last-event-id': client.lastEventId ?? '' });
    await resumed.until(() => resumed.events.length === 1);
  });

  test('resumes from what a client took in last, not from what its URL says: a browser sends both again', async () => {
    await list('MUG');
    await receive('MUG', 1);
    const first = await follow('/v1/feed?after=0');
    await first.until(() => first.events.length === 2);
    await first.kill();
    await receive('MUG', 2);
    const again = await follow('/v1/feed?after=0', { 'last-event-id': first.lastEventId ?? '' });
    await again.until(() => again.events.length > 0);
    expect(again.events[0]).toMatchObject({ type: 'ledger.stock.received.v1', data: { quantity: 2 } });
  });

  test('cuts a client that does not read, which loses nothing by it', async () => {
    await api.stop();
    await serve({ patienceMs: 200 });
    const total = 6_000;
    for (let n = 0; n < total; n += 1_000) await appendProducts(n, 1_000);
    const client = await follow('/v1/feed?after=0');
    client.response.pause();
    const feed = api.app.get(Feed);
    for (let waited = 0; feed.clients > 0 && waited < 10_000; waited += 50) await sleep(50);
    expect(feed.clients).toBe(0);
    client.response.resume();
    await client.ended;
    const first = client.events.length;
    expect(first).toBeLessThan(total);
    const resumed = await follow('/v1/feed', { 'last-event-id': client.lastEventId ?? '0' });
    await resumed.until(() => first + resumed.events.length === total);
  });

  test('takes so many clients and no more, and one again when one has gone', async () => {
    await api.stop();
    await serve({ maxClients: 2 });
    const first = await follow();
    await follow();
    const refused = await read('/v1/feed');
    expect(refused).toMatchObject({ status: 503, json: { code: 'feed-full', maxClients: 2 } });
    await first.kill();
    const feed = api.app.get(Feed);
    for (let waited = 0; feed.clients > 1 && waited < 5_000; waited += 20) await sleep(20);
    expect((await follow()).status).toBe(200);
  });

  test('ends with the process, at once', async () => {
    const client = await follow();
    const began = performance.now();
    await api.stop();
    await client.ended;
    expect(performance.now() - began).toBeLessThan(2_000);
    await serve();
  });

  test('refuses a position that the log never gave, and types that there are not', async () => {
    expect(await read('/v1/feed?after=99')).toMatchObject({ status: 400, json: { errors: [{ parameter: 'after' }] } });
    expect(await read('/v1/feed?types=OrderPlaced')).toMatchObject({ status: 400, json: { code: 'request-invalid' } });
    const response = await fetch(`${url}/v1/feed`, { headers: { 'last-event-id': 'abc' } });
    expect(await response.json()).toMatchObject({ errors: [{ header: 'Last-Event-ID' }] });
  });

  test('answers HEAD without following anything', async () => {
    const response = await fetch(`${url}/v1/feed`, { method: 'HEAD' });
    expect([response.status, api.app.get(Feed).clients]).toEqual([200, 0]);
  });

  test('gives as much time and room as its description says', async () => {
    const document = JSON.stringify((await read('/v1/openapi.json')).json);
    expect(document).toContain(`Every ${DEFAULT_FEED.heartbeatMs / 1000} seconds`);
    expect(document).toContain(`takes nothing for ${DEFAULT_FEED.patienceMs / 1000} seconds`);
    expect(document.replaceAll('\\n', ' ')).toContain(`At most ${DEFAULT_FEED.maxClients} may follow`);
  });
});

describe('GET /v1/events', () => {
  test('goes through everything in pages, with or without a filter', async () => {
    expect((await read('/v1/events')).json).toEqual({ object: 'list', data: [], hasMore: false, nextAfter: '0' });
    for (let n = 0; n < 5; n += 1) {
      await list(`MUG-${n}`);
      await receive(`MUG-${n}`);
    }
    for (const [filter, total] of [
      ['', 10],
      ['&types=ledger.stock.received.v1', 5],
    ] as const) {
      const subjects: string[] = [];
      let after = '0';
      for (let page = 1, hasMore = true; hasMore; page += 1) {
        const { json } = await read(`/v1/events?limit=3&after=${after}${filter}`);
        subjects.push(...(json['data'] as { subject: string }[]).map(({ subject }) => subject));
        after = String(json['nextAfter']);
        hasMore = json['hasMore'] as boolean;
        expect(page).toBeLessThan(6);
      }
      expect(new Set(subjects).size).toBe(total);
      expect(subjects).toHaveLength(total);
      expect(after).toBe(String(await store.head()));
    }
  });
});
