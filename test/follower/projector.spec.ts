import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/infrastructure/clock.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { SqliteViewStore } from '../../src/infrastructure/view-store/sqlite-view-store.js';
import { Projector } from './projector.js';
import { Shop, freshFold, shelves, storedShelves, until } from './shelves.js';

let folder: string;
let log: SqliteEventStore;
let views: SqliteViewStore;
let shop: Shop;
let started: Projector[];
const start = (settings: Record<string, string> = {}) => {
  const projector = new Projector(folder, settings);
  started.push(projector);
  return projector;
};
const atHead = async () => (await views.checkpoint(shelves))?.position === (await log.head());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-projector-'));
  log = await SqliteEventStore.open({ file: join(folder, 'log.sqlite'), clock: systemClock });
  views = await SqliteViewStore.open({ file: join(folder, 'views.sqlite'), clock: systemClock, readOnly: true });
  shop = new Shop(log);
  started = [];
});
afterEach(async () => {
  await Promise.all(started.map((projector) => projector.kill()));
  await log.close();
  await views.close();
  await rm(folder, { recursive: true });
});

test('killed with SIGKILL at every boundary of a batch, one after the other, it counts nothing twice and loses nothing', async () => {
  const boundaries: string[] = [];
  for (let crashAt = 0; crashAt < 5; crashAt++) {
    await shop.receive('sku-1', 1, 2, 3);
    await shop.receive('sku-2', 4, 5);
    const projector = start({ CRASH_AT: String(crashAt), LEASE_MS: '50' });
    expect(await projector.ended()).toBe('SIGKILL');
    boundaries.push(...projector.lines.filter((line) => line.startsWith('killed')));
  }
  expect(boundaries).toEqual([
    'killed before the documents',
    'killed between documents',
    'killed between documents',
    'killed before the checkpoint',
    'killed after the checkpoint',
  ]);
  await shop.receive('sku-1', 6);
  const last = start({ UNTIL_HEAD: '1', LEASE_MS: '50' });
  expect(await last.ended()).toBe(0);
  expect(await atHead()).toBe(true);
  expect(await storedShelves(views)).toEqual(await freshFold(log));
  expect((await storedShelves(views)).get('all')).toMatchObject({ events: 26, units: 81 });
}, 60_000);

test('of two processes one works; the other takes over when it is killed, and one that was paused writes no more', async () => {
  await shop.receive('sku-1', 1);
  const first = start();
  await until('the first is live', () => first.said('live'));
  const second = start();
  await until('the second has started', () => second.said('started'));
  await shop.receive('sku-1', 2);
  await until('it is at the head', atHead);
  expect(second.said('catching-up')).toBe(false);
  first.signal('SIGSTOP'); // holds the lease, and thinks that it still does when it goes on
  await shop.receive('sku-1', 3);
  await until('the second is live', () => second.said('live'));
  await until('it is at the head', atHead);
  first.signal('SIGCONT');
  await shop.receive('sku-1', 4);
  await until('the first has seen that it lost', () => first.said('has lost the lease'));
  await until('it is at the head', atHead);
  expect(await storedShelves(views)).toEqual(await freshFold(log));
  await second.kill();
  await shop.receive('sku-1', 5);
  await until('the first works again', atHead);
  expect(await storedShelves(views)).toEqual(await freshFold(log));
  first.signal('SIGTERM');
  expect(await first.ended()).toBe(0);
  expect(await views.lease('shelves@1')).toBeUndefined();
}, 60_000);
