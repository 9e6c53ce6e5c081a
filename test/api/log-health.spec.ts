import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { LogHealth } from '../../apps/api/health/log-health.js';
import { StoreUnavailable, type EventStore } from '../../src/application/ports/event-store.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { confirmed } from '../event-store/log-file.js';
import { openTestApi, type TestApi } from './api-harness.js';

jest.setTimeout(30_000); // real files, on a machine that may have other things to do

let folder: string;
let api: TestApi | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'log-health-'));
  api = undefined;
});
afterEach(async () => {
  await api?.close();
  await rm(folder, { recursive: true, force: true });
});

type LogOptions = Readonly<{ busyTimeoutMs?: number; maxBytes?: number }>;

async function open(options: LogOptions): Promise<TestApi> {
  const store = await SqliteEventStore.open({ file: join(folder, 'log.sqlite'), clock: systemClock, ...options });
  api = await openTestApi({ store });
  return api;
}

const receive = async ({ post }: TestApi) => (await post('/v1/stock/MUG/main/receive', { quantity: 1 })).status;
async function log({ get, project }: TestApi): Promise<[status: number, log: unknown]> {
  await project();
  const { status, json } = await get('/health/ready');
  return [status, (json['checks'] as { log: string }).log];
}

test('it is not ready while another program keeps the log locked, and ready as soon as that is over', async () => {
  const api = await open({ busyTimeoutMs: 100 });
  expect(await log(api)).toEqual([200, 'ok']);
  using other = new DatabaseSync(join(folder, 'log.sqlite'));
  other.exec('BEGIN IMMEDIATE');
  expect(await log(api)).toEqual([503, expect.stringContaining('locked by another process')]);
  other.exec('ROLLBACK');
  expect(await log(api)).toEqual([200, 'ok']);
});

test('it says why also while the log keeps it waiting', async () => {
  const api = await open({ busyTimeoutMs: 2_300 });
  using other = new DatabaseSync(join(folder, 'log.sqlite'));
  other.exec('BEGIN IMMEDIATE');
  expect(await log(api)).toEqual([503, 'no answer within 2000 ms']);
  expect(await log(api)).toEqual([503, expect.stringContaining('locked by another process')]); // the first one's answer
  expect(await log(api)).toEqual([
    503,
    expect.stringMatching(/^no answer within 2000 ms; before: .*locked by another/),
  ]);
  other.exec('ROLLBACK');
  expect(await log(api)).toEqual([200, 'ok']);
});

test('it is not ready once the disk was too full for a command, until it takes another', async () => {
  const api = await open({ maxBytes: 400_000 });
  const line = { kind: 'charge', sku: 'POST', quantity: 1, unitPrice: '1', name: 'x'.repeat(150) };
  const order = { currency: 'GBP', lines: Array<object>(1_000).fill(line) };
  expect((await api.post('/v1/orders', order)).status).toBe(201);
  expect(await log(api)).toEqual([200, 'ok']);
  expect((await api.post('/v1/orders', order)).status).toBe(503);
  expect(await log(api)).toEqual([503, expect.stringContaining('the disk is full')]);
  expect(await receive(api)).toBe(200); // smaller
  expect(await log(api)).toEqual([200, 'ok']);
});

test('what a command met counts for 10 s, and the same append found there again does not end it', async () => {
  let now = 0;
  const store = new MemoryEventStore({ clock: systemClock });
  let full = false;
  const append: EventStore['append'] = async (stream, expected, events) => {
    if (full && stream.startsWith('order-')) throw new StoreUnavailable('full');
    return store.append(stream, expected, events);
  };
  const health = new LogHealth(
    Object.assign(Object.create(store) as EventStore, { append, head: () => store.head() }),
    () => now,
  );
  const first = confirmed('a');
  await health.append('payment-a', 'no-stream', [first]);
  full = true;
  await expect(health.append('order-b', 'no-stream', [confirmed('b')])).rejects.toThrow('full');
  expect((await health.append('payment-a', 'no-stream', [first])).repeated).toBe(true);
  now = 9_999;
  await expect(health.check()).rejects.toThrow('full');
  now = 10_000;
  await health.check();
});

test('it writes nothing to find out', async () => {
  const api = await open({});
  await receive(api);
  const head = await api.store.head();
  expect(await log(api)).toEqual([200, 'ok']);
  expect(await api.store.head()).toBe(head);
});
