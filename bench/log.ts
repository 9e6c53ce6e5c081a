/**
 * How fast the log takes events through its port, beside what SQLite itself takes; and how fast it gives them back.
 *
 *   npm run bench:log            (about a minute and a half; nothing has to be built)
 *
 * Appends: so many callers at once, each waits until its event is durable before it sends the next. One order of one
 * line per append, each on a stream of its own.
 * Raw:     the same rows into the same tables with the same durability and the same grouping (whatever came together in
 *          one turn of the event loop shares a transaction), by `node:sqlite` in the same thread: no port, no codec, no
 *          second thread, no check of revisions, no triggers, the JSON and the numbers made beforehand. Callers make their
 *          events on both sides.
 * The two take turns, each on a fresh file per row; a row tells the medians of the turns, percentiles over all of them.
 * Before that both run for a while, because every thread compiles its own code, and no shop restarts every second.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { v7 as uuidv7 } from 'uuid';
import type { OrderEvent } from '../src/domain/order/order.events.js';
import type { StockEvent } from '../src/domain/stock/stock.events.js';
import type { NewEvent } from '../src/application/ports/event-store.js';
import { ledgerCodec } from '../src/infrastructure/event-store/codec/ledger.codec.js';
import { SqliteEventStore } from '../src/infrastructure/event-store/sqlite-event-store.js';
import { machine } from './lib/machine.js';
import { median, percentile } from './lib/percentile.js';

const CALLERS = [1, 16, 64, 512];
const TURNS = 5;
const TURN_MS = 1_500;
const WARM_UP_MS = 2_000;
const READ_EVENTS = 300_000;

type Append = (n: number) => Promise<unknown>;
type Turn = Readonly<{ perSecond: number; latencies: readonly number[] }>;
type Side = Readonly<{ append: Append; close: () => Promise<void> }>;

/** Numbers every event of the run. */
let sent = 0;

const folder = mkdtempSync(join(process.env['BENCH_FOLDER'] ?? process.cwd(), '.bench-log-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

console.log(machine(folder));
console.log(`one event of ${rowBytes()} bytes per append; ${TURNS} turns of ${TURN_MS} ms each, in turn\n`);
console.log('at once | port/s    p50 ms  p99 ms |  raw/s    p50 ms  p99 ms | port / raw');
for (const callers of CALLERS) {
  const port: Turn[] = [];
  const raw: Turn[] = [];
  const [portSide, rawSide] = [await openPort(), openRaw()];
  await measured(portSide, callers, WARM_UP_MS);
  await measured(rawSide, callers, WARM_UP_MS);
  for (let turn = 0; turn < TURNS; turn++) {
    port.push(await measured(portSide, callers, TURN_MS));
    raw.push(await measured(rawSide, callers, TURN_MS));
  }
  await portSide.close();
  await rawSide.close();
  const ratio = median(port.map(({ perSecond }) => perSecond)) / median(raw.map(({ perSecond }) => perSecond));
  console.log(`${String(callers).padStart(7)} | ${row(port)} | ${row(raw)} | ${(ratio * 100).toFixed(0)} %`);
}
await benchReading();

async function measured({ append }: Side, callers: number, forMs: number): Promise<Turn> {
  const latencies: number[] = [];
  const begin = performance.now();
  const end = begin + forMs;
  const caller = async (): Promise<void> => {
    for (let now = begin; now < end;) {
      const sentAt = now;
      await append(sent++);
      now = performance.now();
      latencies.push(now - sentAt);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return { perSecond: (latencies.length / (performance.now() - begin)) * 1_000, latencies };
}

async function openPort(): Promise<Side> {
  const file = freshFile();
  const store = await SqliteEventStore.open({ file, clock: { now: Date.now } });
  return {
    append: (n) => {
      const event = placed(n);
      return store.append(`order-${event.event.data.orderId}`, 'no-stream', [event]);
    },
    close: async () => {
      await store.close();
      remove(file);
    },
  };
}

/** What the port's rows and tables are, written by hand. */
function openRaw(): Side {
  const file = freshFile();
  const database = new DatabaseSync(file);
  database.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768;
    CREATE TABLE streams (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE events (position INTEGER PRIMARY KEY, stream INTEGER NOT NULL, revision INTEGER NOT NULL,
      type INTEGER NOT NULL, schema_version INTEGER NOT NULL, occurred_at INTEGER NOT NULL,
      recorded_at INTEGER NOT NULL, id TEXT NOT NULL, command_id TEXT NOT NULL, command_hash TEXT NOT NULL,
      principal TEXT NOT NULL, more TEXT, data TEXT NOT NULL) STRICT;
    CREATE UNIQUE INDEX events_by_stream ON events (stream, revision);`);
  const addStream = database.prepare('INSERT INTO streams VALUES (?, ?)');
  const addEvent = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const data = ledgerCodec.encode(placed(0).event).json;
  const now = Date.now();
  let position = 0;
  let waiting: { event: ReturnType<typeof placed>; resolve: () => void }[] = [];
  const flush = (): void => {
    const group = waiting;
    waiting = [];
    begin.run();
    for (const { event } of group) {
      const { id, metadata } = event;
      const { commandId, commandHash, principal } = metadata;
      position++;
      addStream.run(position, `order-${event.event.data.orderId}`);
      addEvent.run(position, position, 0, 1, 1, now, now, id, commandId, commandHash, principal, null, data);
    }
    commit.run();
    for (const { resolve } of group) resolve();
  };
  return {
    append: (n) =>
      new Promise<void>((resolve) => {
        if (waiting.push({ event: placed(n), resolve }) === 1) setImmediate(flush);
      }),
    close: () => {
      database.close();
      remove(file);
      return Promise.resolve();
    },
  };
}

async function benchReading(): Promise<void> {
  const file = freshFile();
  const store = await SqliteEventStore.open({ file, clock: { now: Date.now } });
  for (let n = 0; n < READ_EVENTS; n += 1_000) {
    const events = Array.from({ length: 1_000 }, (_, m) => (m % 10 === 0 ? placed(n + m) : shipped(n + m)));
    await store.append<OrderEvent | StockEvent>(`stock-${n}@main`, 'no-stream', events);
  }
  console.log(`\nreading ${READ_EVENTS} events, nine of ten small (a shipment), one an order; decoded`);
  for (const [what, query] of [
    ['all of them', {}],
    ['only the orders', { types: ['OrderPlaced'] }],
  ] as const) {
    const rates: number[] = [];
    for (let turn = 0; turn < TURNS; turn++) {
      const since = performance.now();
      let events = 0;
      for await (const batch of store.readAll(query)) events += batch.events.length;
      rates.push((events / (performance.now() - since)) * 1_000);
    }
    console.log(`${what.padEnd(16)} ${Math.round(median(rates)).toLocaleString('en')} events/s`);
  }
  await store.close();
}

function row(turns: readonly Turn[]): string {
  const latencies = Float64Array.from(turns.flatMap((turn) => turn.latencies)).sort();
  const perSecond = Math.round(median(turns.map((turn) => turn.perSecond))).toLocaleString('en');
  const [p50, p99] = [50, 99].map((percent) => percentile(latencies, percent).toFixed(2).padStart(7));
  return `${perSecond.padStart(7)} ${p50} ${p99}`;
}

function metadataOf(n: number) {
  const commandId = `cmd-${n}`;
  return {
    commandId,
    commandHash: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg',
    correlationId: commandId,
    causationId: commandId,
    principal: 'bench',
    occurredAt: '2010-12-01T08:26:00.000Z',
  };
}

function placed(n: number) {
  const data = {
    orderId: `ord_${uuidv7()}`,
    customerId: '17850',
    country: 'United Kingdom',
    currency: 'GBP',
    lines: [
      {
        line: 1,
        kind: 'goods' as const,
        sku: '85123A',
        quantity: 6,
        unitPrice: '2.55',
        minor: 1530n,
        name: 'WHITE HANGING HEART T-LIGHT HOLDER',
      },
    ],
    totalMinor: 1530n,
  };
  return {
    id: randomUUID(),
    event: { type: 'OrderPlaced', data },
    metadata: metadataOf(n),
  } satisfies NewEvent<OrderEvent>;
}

function shipped(n: number): NewEvent<StockEvent> {
  const data = { sku: '85123A', location: 'main', quantity: 6, reference: `ord_${n}` };
  return { id: randomUUID(), event: { type: 'StockShipped', data }, metadata: metadataOf(n) };
}

function rowBytes(): number {
  const { id, event, metadata } = placed(0);
  return id.length + ledgerCodec.encode(event).json.length + metadata.commandHash.length + metadata.commandId.length;
}

function freshFile(): string {
  return join(folder, `${randomUUID()}.sqlite`);
}

function remove(file: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
}
