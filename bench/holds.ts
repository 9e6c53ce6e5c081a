/**
 * What open reservations cost the views: as many as told, all on one shelf, folded from the embedded log into SQLite by the
 * follower, a view at a time; and how large the shelf's document is then.
 *
 *   node --import ./scripts/typescript.mjs bench/holds.ts [reservations]       (seconds; nothing has to be built)
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stockStream } from '../src/domain/streams.js';
import { SqliteEventStore } from '../src/infrastructure/event-store/sqlite-event-store.js';
import { newHolder } from '../src/infrastructure/follower/follower.js';
import { rebuild } from '../src/infrastructure/follower/rebuild.js';
import { SqliteViewStore } from '../src/infrastructure/view-store/sqlite-view-store.js';
import { projections } from '../src/projections/index.js';
import { machine } from './lib/machine.js';
import { newEvent } from './lib/new-event.js';

const RESERVATIONS = Number(process.argv[2] ?? 20_000);
const BATCH = 500;
const shelf = { sku: 'MUG', location: 'main' };
const stream = stockStream(shelf.sku, shelf.location);
/** Documents that hold what is on a shelf, by view. */
const SHELVES: Readonly<Record<string, string>> = { catalog: 'MUG', stock: 'MUG@main' };

const folder = mkdtempSync(join(process.env['BENCH_FOLDER'] ?? process.cwd(), '.bench-holds-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const clock = { now: Date.now };
const log = await SqliteEventStore.open({ file: join(folder, 'log.sqlite'), clock });
const views = await SqliteViewStore.open({ file: join(folder, 'views.sqlite'), clock });
await log.append(stream, 'no-stream', [
  newEvent({ type: 'StockReceived', data: { ...shelf, quantity: 1_000_000_000 } }),
]);
for (let n = 0; n < RESERVATIONS; n += BATCH) {
  const events = Array.from({ length: BATCH }, () => {
    const data = { ...shelf, reservationId: `rsv_${randomUUID()}`, quantity: 1, expiresAt: '2030-01-01T00:00:00.000Z' };
    return newEvent({ type: 'StockReserved', data });
  });
  await log.append(stream, BigInt(n), events);
}

console.log(machine(folder));
console.log(`${RESERVATIONS.toLocaleString('en')} open reservations on one shelf\n`);
for (const projection of projections.filter(({ types }) => types.includes('StockReserved'))) {
  const since = performance.now();
  await rebuild({ projection, log, views, holder: newHolder() });
  const perSecond = (RESERVATIONS / (performance.now() - since)) * 1_000;
  const id = SHELVES[projection.name];
  const document = id && (await views.get(projection, id));
  const size = document ? `, its document ${JSON.stringify({ ...document, asOf: '' }).length} bytes` : '';
  console.log(`${projection.name.padEnd(12)} ${Math.round(perSecond).toLocaleString('en')} events/s${size}`);
}
await log.close();
await views.close();
