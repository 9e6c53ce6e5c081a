import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { copyFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ViewStoreUnavailable } from '../../src/application/ports/view-store.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { SqliteViewStore } from '../../src/infrastructure/view-store/sqlite-view-store.js';
import { Projector } from './projector.js';
import { Shop, freshFold, shelves, storedShelves, until } from './shelves.js';

let folder: string;
let file: string;
let log: SqliteEventStore;
/** As the API reads: in another process than the projector, while that works. */
let views: SqliteViewStore;
let shop: Shop;
let projector: Projector;
const atHead = async () => (await views.checkpoint(shelves))?.position === (await log.head());
const receiveSome = async () => {
  for (let n = 0; n < 40; n++) await shop.receive(`sku-${n % 7}`, n, n + 1);
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-lost-views-'));
  file = join(folder, 'views.sqlite');
  log = await SqliteEventStore.open({ file: join(folder, 'log.sqlite'), clock: systemClock });
  shop = new Shop(log);
  await receiveSome();
  projector = new Projector(folder);
  await until('it is live', () => projector.said('live'));
  views = await SqliteViewStore.open({ file, clock: systemClock, readOnly: true });
  await until('it is at the head', atHead);
});
afterEach(async () => {
  await projector.kill();
  await views.close();
  await log.close();
  await rm(folder, { recursive: true });
});

const viewFiles = () => readdirSync(folder).filter((name) => name.startsWith('views.sqlite'));

test.each([
  ['alone', () => ['views.sqlite']],
  ['with its WAL', viewFiles],
])(
  'views deleted under a running projector, %s, are made again, and count nothing twice',
  async (_, names) => {
    for (const name of names()) rmSync(join(folder, name));
    await receiveSome();
    await until('the new file is at the head', atHead);
    expect(await storedShelves(views)).toEqual(await freshFold(log));
    await receiveSome();
    await until('it follows', atHead);
    expect(await storedShelves(views)).toEqual(await freshFold(log));
    expect(projector.said('has lost the lease')).toBe(true);
  },
  60_000,
);

test('views deleted while nothing happens are made again', async () => {
  rmSync(file);
  await until('the new file is at the head', atHead);
  expect(await storedShelves(views)).toEqual(await freshFold(log));
}, 60_000);

test('older views, put in place of those in use as a whole, catch up', async () => {
  const older = join(folder, 'older');
  await views.close();
  projector.signal('SIGTERM');
  await projector.ended();
  copyFileSync(file, older); // with no WAL beside it, and a checkpoint that the next events will have passed
  projector = new Projector(folder);
  await until('it is live', () => projector.said('live'));
  views = await SqliteViewStore.open({ file, clock: systemClock, readOnly: true });
  await receiveSome();
  await until('it is at the head', atHead);
  for (const name of viewFiles()) rmSync(join(folder, name));
  renameSync(older, file);
  await receiveSome();
  await until('it is at the head', atHead);
  expect(await storedShelves(views)).toEqual(await freshFold(log));
}, 60_000);

test('a file put in place of views in use, beside their WAL, is neither read nor written until all have stopped', async () => {
  copyFileSync(file, join(folder, 'copy'));
  renameSync(join(folder, 'copy'), file);
  await expect(views.checkpoint(shelves)).rejects.toBeInstanceOf(ViewStoreUnavailable);
  await expect(views.get(shelves, 'all')).rejects.toMatchObject({
    message: expect.stringMatching(/replaced by another file while it was in use\. Stop the ledger, delete/) as unknown,
  });
  await receiveSome();
  await until('the projector says so', () => projector.said('was replaced by another file'));
  expect(projector.said('has lost the lease')).toBe(false);

  projector.signal('SIGTERM');
  await projector.ended();
  await views.close();
  for (const name of viewFiles()) rmSync(join(folder, name));
  projector = new Projector(folder);
  await until('it is live', () => projector.said('live'));
  views = await SqliteViewStore.open({ file, clock: systemClock, readOnly: true });
  await until('it is at the head', atHead);
  expect(await storedShelves(views)).toEqual(await freshFold(log));
}, 60_000);
