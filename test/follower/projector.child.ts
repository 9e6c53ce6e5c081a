import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/infrastructure/clock.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { Follower, newHolder } from '../../src/infrastructure/follower/follower.js';
import { MongoViewStore } from '../../src/infrastructure/view-store/mongo/mongo-view-store.js';
import { SqliteViewStore } from '../../src/infrastructure/view-store/sqlite-view-store.js';
import { withoutTransactions } from './faults.js';
import { shelves } from './shelves.js';

/**
 * A projector to be killed. Settings in its environment:
 * `FOLDER`     where `log.sqlite` and `views.sqlite` are
 * `VIEWS_URL`, `VIEWS_DATABASE`  where the views are instead, in MongoDB
 * `CRASH_AT`   kills itself with SIGKILL at this boundary of its commits, 0 being the first; documents and checkpoint are then
 *              written one by one, as without transactions
 * `LEASE_MS`, `BATCH_SIZE`
 * `UNTIL_HEAD` ends by itself when the view is at the head
 * Prints `started`, then each line that the follower logs.
 */
const {
  FOLDER = '.',
  VIEWS_URL,
  VIEWS_DATABASE = '',
  CRASH_AT,
  LEASE_MS = '1000',
  BATCH_SIZE = '100',
  UNTIL_HEAD,
} = process.env;
const print = (message: string) => process.stdout.write(`${message}\n`);

const log = await SqliteEventStore.open({ file: join(FOLDER, 'log.sqlite'), clock: systemClock, readOnly: true });
const store = VIEWS_URL
  ? MongoViewStore.open({ url: VIEWS_URL, database: VIEWS_DATABASE, clock: systemClock })
  : await SqliteViewStore.open({ file: join(FOLDER, 'views.sqlite'), clock: systemClock });
let passed = 0;
const crash = (boundary: string) => {
  if (passed++ !== Number(CRASH_AT)) return;
  process.stdout.write(`killed ${boundary}\n`, () => process.kill(process.pid, 'SIGKILL'));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  process.kill(process.pid, 'SIGKILL');
};
const views = CRASH_AT === undefined ? store : withoutTransactions(store, crash);
const follower = new Follower({
  projection: shelves,
  log,
  views,
  clock: systemClock,
  logger: { info: print, warn: print, error: print },
  holder: newHolder(),
  settings: { leaseMs: Number(LEASE_MS), leasePollMs: 20, batchSize: Number(BATCH_SIZE), keepSize: 500, historyMs: 20 },
});
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
print('started');
const running = follower.run(stop.signal);
if (UNTIL_HEAD) {
  const head = (await log.head()) ?? 0n;
  while (((await store.checkpoint(shelves))?.position ?? 0n) < head) await sleep(10);
  stop.abort();
}
await running;
await store.close();
await log.close();
