import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { systemClock } from '../../src/infrastructure/clock.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { Follower } from '../../src/infrastructure/follower/follower.js';
import { FollowerGroup } from '../../src/infrastructure/follower/follower-group.js';
import { FileSnapshotStore } from '../../src/infrastructure/snapshots/file-snapshot-store.js';
import { SqliteViewStore } from '../../src/infrastructure/view-store/sqlite-view-store.js';
import { projections } from '../../src/projections/index.js';
import { openTestApi, type TestApi } from './api-harness.js';

jest.setTimeout(30_000); // real files, on a machine that may have other things to do

/**
 * Two APIs on one SQLite log, as two processes would be, and the followers of a projector beside them. Each saves the state
 * of a shelf after every event that it can.
 */
let folder: string;
let a: TestApi;
let b: TestApi;
let openApi: () => Promise<TestApi>;
const snapshotProblems: unknown[] = [];
const cleanUp: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'api-embedded-'));
  const logFile = join(folder, 'log.sqlite');
  const viewsFile = join(folder, 'views.sqlite');
  openApi = async () => {
    const store = await SqliteEventStore.open({ file: logFile, clock: systemClock });
    const saved = new FileSnapshotStore({ folder: join(folder, 'snapshots'), log: () => store.identity() });
    const report = (...problem: unknown[]) => void snapshotProblems.push(problem);
    const views = await SqliteViewStore.open({ file: viewsFile, clock: systemClock, readOnly: true });
    const api = await openTestApi({ store, views }, { snapshots: { store: saved, report, every: 1 } });
    cleanUp.push(async () => {
      await saved.close();
      await api.close();
    });
    return api;
  };
  a = await openApi();
  b = await openApi();

  const log = await SqliteEventStore.open({ file: logFile, clock: systemClock });
  const views = await SqliteViewStore.open({ file: viewsFile, clock: systemClock });
  const stop = new AbortController();
  const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const followers = projections.map(
    (projection) => new Follower({ projection, log, views, clock: systemClock, logger, holder: 'test' }),
  );
  const running = new FollowerGroup(followers).run(stop.signal);
  cleanUp.push(async () => {
    stop.abort();
    await running;
    await Promise.all([log.close(), views.close()]);
  });

  const prices = [{ amount: '2.55', currency: 'GBP' }];
  for (const sku of ['MUG', 'CUP']) await a.post('/v1/products', { sku, name: sku, prices });
});
afterAll(async () => {
  for (const close of cleanUp) await close();
  await rm(folder, { recursive: true, force: true });
});

const order = { currency: 'GBP', lines: [{ sku: 'MUG', quantity: 3 }] };

test('what was written is read at once, wherever it was written', async () => {
  const placed = await a.post('/v1/orders', order);
  const path = `/v1/orders/${String(placed.json['id'])}?minPosition=${String(placed.json['position'])}`;
  for (const api of [a, b]) {
    const read = await api.get(path, { prefer: 'wait=20' });
    expect([read.status, read.json['total']]).toEqual([200, { minor: '765', currency: 'GBP' }]);
    expect(BigInt(String(read.headers['ledger-view-position']))).toBeGreaterThanOrEqual(
      BigInt(String(placed.json['position'])),
    );
  }
});

test('one command sent to both, many times at once, is done once and answered alike', async () => {
  const headers = { 'idempotency-key': 'both' };
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => (n % 2 ? a : b).post('/v1/orders', order, headers)),
  );
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect(answers[0]?.status).toBe(201);
  expect(answers.filter((answer) => answer.headers['idempotent-replayed'] === undefined)).toHaveLength(1);
  const other = await b.post('/v1/orders', { ...order, country: 'France' }, headers);
  expect([other.status, other.json['code']]).toEqual([422, 'idempotency-key-reused']);
});

test('the last unit is sold once, whoever asks', async () => {
  await a.post('/v1/stock/MUG/main/receive', { quantity: 3 });
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, n) => (n % 2 ? a : b).post('/v1/stock/MUG/main/ship', { quantity: 1 })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([
    ...Array<number>(3).fill(200),
    ...Array<number>(9).fill(409),
  ]);
});

test('a product that the other discontinued is no longer sold within a second; a repeated order still gets its receipt', async () => {
  const line = { currency: 'GBP', lines: [{ sku: 'CUP', quantity: 1 }] };
  const first = await b.post('/v1/orders', line, { 'idempotency-key': 'cup' });
  await a.post('/v1/products/CUP/discontinue');
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  expect((await b.post('/v1/orders', line)).json['code']).toBe('line-product-discontinued');
  const again = await b.post('/v1/orders', line, { 'idempotency-key': 'cup' });
  expect([again.status, again.json]).toEqual([201, first.json]);
});

test('health tells when the log has been closed', async () => {
  const store = await SqliteEventStore.open({ file: join(folder, 'log.sqlite'), clock: systemClock });
  const views = await SqliteViewStore.open({ file: join(folder, 'views.sqlite'), clock: systemClock, readOnly: true });
  const api = await openTestApi({ store, views });
  expect((await api.get('/health/ready')).status).toBe(200);
  await store.close();
  const noLog = await api.get('/health/ready');
  expect([noLog.status, noLog.json['checks']]).toEqual([
    503,
    { log: expect.stringContaining('StoreUnavailable'), views: 'ok', process: 'ok' },
  ]);
  expect((await api.post('/v1/orders', order)).json['code']).toBe('log-unavailable');
  await api.close();
});

test('a process that starts later goes on from a snapshot, and still has every key', async () => {
  const take = (api: TestApi, quantity: number, key: string) =>
    api.post('/v1/stock/CUP/main/receive', { quantity }, { 'Idempotency-Key': key });
  const first = await take(a, 5, 'first');
  for (let n = 0; n < 20; n++) await take(n % 2 ? a : b, 1, `next-${n}`);
  const saved = async () => (await readdir(join(folder, 'snapshots'))).filter((name) => name.endsWith('.snapshot'));
  while ((await saved()).length < 1) await new Promise((resolve) => setTimeout(resolve, 10));
  const c = await openApi();
  const again = await take(c, 5, 'first');
  expect(again.json).toEqual(first.json);
  expect(again.headers['idempotent-replayed']).toBe('true');
  expect((await take(c, 6, 'first')).status).toBe(422);
  const shipped = await c.post('/v1/stock/CUP/main/ship', { quantity: 26 });
  expect(shipped.json).toMatchObject({ code: 'insufficient-stock', available: 25 });
  expect(snapshotProblems).toEqual([]);
});
