import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { StoreUnavailable } from '../../src/application/ports/event-store.js';
import { readConfig } from '../../src/infrastructure/config/config.js';
import { openEventStore } from '../../src/infrastructure/engines.js';
import { startServerProcess } from '../eventstoredb-server/server-process.js';
import { EXAMPLE, EXAMPLE_TRUTH, destroyAll, run, start } from '../online-retail/command-line.js';
import { temporaryFolders } from '../temporary-folders.js';
import { rowsOf } from './log-of-many.js';

let url: string;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ url, stop } = await startServerProcess());
});
afterAll(async () => {
  await destroyAll();
  await stop();
});
const temporaryFolder = temporaryFolders();

/** Whether the copy has come so far. Before it has made the ledger there, that cannot be opened to read. */
async function holdsEvents(): Promise<boolean> {
  try {
    const log = await openEventStore(readConfig({ EVENTSTORE_URL: url }), 'read-only');
    try {
      return (await log.head()) !== undefined;
    } finally {
      await log.close();
    }
  } catch (error) {
    if (error instanceof StoreUnavailable) return false;
    throw error;
  }
}

test('a real month goes from SQLite to EventStoreDB, killed on the way, and back, and is the same to the letter', async () => {
  const [here, back] = [temporaryFolder(), temporaryFolder()];
  expect((await run(here, 'import', 'online-retail', EXAMPLE)).exitCode).toBe(0);
  const original = rowsOf(join(here, 'log.sqlite'));

  const { child, ended } = start(here, 'copy', '--from', here, '--to', url);
  while (child.exitCode === null && !(await holdsEvents())) await sleep(100);
  child.kill('SIGKILL');
  expect((await ended).signal).toBe('SIGKILL');
  const there = await run(here, 'copy', '--from', here, '--to', url, '--json');
  const { found, copied } = there.json as { found: number; copied: number };
  expect(found).toBeGreaterThan(0);
  expect(copied).toBeGreaterThan(0);
  expect(found + copied).toBe(original.length);

  expect((await run(here, 'copy', '--from', url, '--to', back)).exitCode).toBe(0);
  expect(rowsOf(join(back, 'log.sqlite'))).toEqual(original);
  const verified = await run(back, 'verify', 'online-retail', EXAMPLE_TRUTH);
  expect(verified.exitCode).toBe(0);
  expect([...verified.lines, ...verified.notes].join('\n')).toMatch(/^All 5,801 figures agree\.$/m);
}, 600_000);
