/** A log that is gone, beside views that were made from it: nothing begins anew there, in either engine of the log. */
import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { EventStore } from '../../src/application/ports/event-store.js';
import { collectionOf } from '../../src/application/ports/view-store.js';
import { readConfig } from '../../src/infrastructure/config/config.js';
import { openEventStore, openViewStore } from '../../src/infrastructure/engines.js';
import { LogLost } from '../../src/infrastructure/lost-log.js';
import { cannotStart } from '../../src/infrastructure/process/supervised.js';
import { catalogView } from '../../src/projections/catalog.view.js';
import { temporaryFolders } from '../temporary-folders.js';
import { Nodes } from './eventstoredb-nodes.js';
import { confirmed } from './log-file.js';

const nodes = new Nodes(1_000);
afterEach(() => nodes.end());
const newFolder = temporaryFolders();
let folder: string;
beforeEach(() => {
  folder = newFolder();
});

const configOf = (more = {}) => readConfig({ LEDGER_DATA: folder, ...more });
const fileOf = () => join(folder, 'log.sqlite');

/** Opens and closes it. @returns what `use` makes of it */
async function withLog<T>(more: object, use: (log: EventStore) => Promise<T>): Promise<T> {
  const log = await openEventStore(configOf(more), 'read-write');
  try {
    return await use(log);
  } finally {
    await log.close();
  }
}

/** A log of one event, and a view made from it. */
const makeLedger = (more = {}) =>
  withLog(more, async (log) => {
    const { position } = await log.append('order-1', 'no-stream', [confirmed('1')]);
    const views = await openViewStore(configOf(more), 'read-write');
    await views.prepare(catalogView, await log.identity());
    const lease = await views.acquireLease(collectionOf(catalogView), 'test', 60_000);
    if (!lease) throw new Error('the lease is free');
    await views.commit(catalogView, { documents: [], checkpoint: position }, lease);
    await views.close();
  });

test('the file is missing: none is made, it is said what to do, and the log that is put back is opened', async () => {
  await makeLedger();
  await rename(fileOf(), join(folder, 'elsewhere'));
  const refused = await openEventStore(configOf(), 'read-write').catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(LogLost);
  expect(cannotStart(refused)).toMatch(
    /^There is no log at \S+log\.sqlite, but the view catalog@\d+ .* up to position 1\..* Put that log back .* move the folder \S+ away/,
  );
  expect(existsSync(fileOf())).toBe(false);
  await rename(join(folder, 'elsewhere'), fileOf());
  expect(await withLog({}, (log) => log.head())).toBe(1n);
});

test('another log is there, without an event: an empty file, or one that began anew', async () => {
  await makeLedger();
  await rename(fileOf(), join(folder, 'elsewhere'));
  await writeFile(fileOf(), '');
  for (const again of [1, 2]) {
    await expect(withLog({}, () => Promise.resolve(again))).rejects.toThrow(/has no event, but the view catalog@/);
  }
});

test('EventStoreDB has lost its data', async () => {
  const server = await nodes.serve();
  const more = { EVENTSTORE_URL: server.url() };
  await makeLedger(more);
  expect(await withLog(more, (log) => log.head())).toBeDefined();
  server.stop();
  await nodes.serve({ port: server.port });
  await expect(withLog(more, (log) => log.head())).rejects.toBeInstanceOf(LogLost);
});

test('views that hold nothing yet, or none at all, are no reason: a first start that was cut short begins again', async () => {
  const identity = await withLog({}, (log) => log.identity());
  const views = await openViewStore(configOf(), 'read-write');
  await views.prepare(catalogView, identity);
  await views.close();
  await rename(fileOf(), join(folder, 'elsewhere'));
  expect(await withLog({}, (log) => log.head())).toBeUndefined();
});
