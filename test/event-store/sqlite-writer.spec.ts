import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { prepareLogFile } from '../../src/infrastructure/event-store/sqlite-schema.js';
import { identityOf } from '../../src/infrastructure/sqlite/file-identity.js';
import { SqliteWriter } from '../../src/infrastructure/event-store/sqlite-writer.js';
import type { EventRow, WriterData } from '../../src/infrastructure/event-store/sqlite-writer.protocol.js';
import { anyStream, temporaryLog } from './log-file.js';

const WORKER = new URL('../../src/infrastructure/event-store/sqlite-writer.worker.ts', import.meta.url);
const MEGABYTE = 1024 * 1024;

let file: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ file, remove } = await temporaryLog());
  await prepareLogFile(file, true, 0);
});
afterEach(() => remove());

const writerWith = (start?: (data: WriterData) => Worker) =>
  new SqliteWriter({ file, identity: identityOf(file), busyTimeoutMs: 5_000, maxBytes: undefined }, Date.now, start);
const row = (data: string): EventRow => ['id', 'OrderConfirmed', 1, 0, 'c', 'h', 'p', null, data];

test('it acknowledges nothing on a connection that does not wait for the disk', async () => {
  /** Runs in the thread before the writer: as if its PRAGMA were not heard. */
  const deaf = `import { DatabaseSync } from 'node:sqlite';
    const exec = DatabaseSync.prototype.exec;
    DatabaseSync.prototype.exec = function (sql) {
      exec.call(this, sql.replace('synchronous = FULL', 'synchronous = NORMAL'));
    };`;
  const execArgv = ['--import', `data:text/javascript,${encodeURIComponent(deaf)}`];
  const writer = writerWith((workerData) => new Worker(WORKER, { workerData, execArgv }));
  await expect(writer.append([anyStream(), -1, [row('{}')]])).rejects.toMatchObject({
    name: 'StoreUnavailable',
    cause: { message: 'The log would be written with synchronous = 1' },
  });
});

test('a reader at every commit does not let the WAL grow for ever', async () => {
  const writer = writerWith();
  await writer.append([anyStream(), -1, [row('{}')]]); // makes the WAL
  const reader = new DatabaseSync(file, { readOnly: true });
  const walBytes = () => statSync(`${file}-wal`).size;
  const [large, small] = ['x'.repeat(300_000), ''].map((orderId) => row(JSON.stringify({ orderId }))) as [
    EventRow,
    EventRow,
  ];
  let largest = 0;
  let appends = 1;
  while (appends < 1_000 && walBytes() >= largest) {
    largest = walBytes();
    reader.exec('BEGIN; SELECT count(*) FROM streams'); // with this at the commit, SQLite cannot begin the WAL anew
    await writer.append([anyStream(), -1, [largest > 70 * MEGABYTE ? small : large]]);
    reader.exec('COMMIT');
    appends++;
    // The writer waits for readers to end now. It failed once, at the first append that found the WAL too large.
    if (largest > 70 * MEGABYTE) await delay(50);
  }
  expect(largest).toBeGreaterThan(70 * MEGABYTE);
  expect(walBytes()).toBeLessThanOrEqual(65 * MEGABYTE);
  expect(appends).toBeLessThan(1_000);
  reader.close();
  await writer.close();
}, 60_000);
