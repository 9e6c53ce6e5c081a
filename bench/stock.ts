/**
 * What a SKU with a million movements costs whoever sells it: one stream of that many events in the embedded log, then
 * commands through the stream writer.
 *
 *   node --expose-gc --import ./scripts/typescript.mjs bench/stock.ts [events]       (about a minute; nothing has to be built)
 *
 * Two histories: `shelf` receives and ships only; `reserved` makes, commits and ships a reservation for every sale, so that
 * a third of its events are reservations that are remembered for ever. Every event has a command of its own.
 * Read:    the whole stream read and decoded, and nothing done with it.
 * Cold:    the first command of a writer that has not seen the stream: it reads and folds all of it.
 * Warm:    the next commands, one after the other, each durable before the next is sent.
 * Kept:    what the writer holds on to for this one stream, on the heap after a collection.
 * Evicted: the first command after so many other streams were used that the writer has forgotten this one.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { NewEvent } from '../src/application/ports/event-store.js';
import { STREAM_WEIGHT, StreamWriter } from '../src/application/stream-writer.js';
import { stock } from '../src/domain/stock/stock.decider.js';
import type { StockCommand } from '../src/domain/stock/stock.commands.js';
import type { StockEvent } from '../src/domain/stock/stock.events.js';
import { stockStream } from '../src/domain/streams.js';
import { SqliteEventStore } from '../src/infrastructure/event-store/sqlite-event-store.js';
import { machine } from './lib/machine.js';
import { percentile } from './lib/percentile.js';

const EVENTS = Number(process.argv[2] ?? 1_000_000);
const WARM_COMMANDS = 2_000;
const KEPT_STREAMS = 1_000;
const AT = '2026-03-01T12:00:00.000Z';
const shelf = { sku: 'MUG', location: 'main' };
const stream = stockStream(shelf.sku, shelf.location);

const folder = mkdtempSync(join(process.env['BENCH_FOLDER'] ?? process.cwd(), '.bench-stock-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const HISTORIES: Readonly<Record<string, (n: number) => StockEvent>> = {
  shelf: (n) => ({
    type: n % 2 ? 'StockShipped' : 'StockReceived',
    data: { ...shelf, quantity: n % 2 ? 1 : 2, reference: `doc-${n}` },
  }),
  reserved: (n) => {
    const reservationId = `rsv_${String(Math.floor(n / 3)).padStart(12, '0')}`;
    if (n === 0) return { type: 'StockReceived', data: { ...shelf, quantity: 1_000_000_000 } };
    if (n % 3 === 1) {
      return {
        type: 'StockReserved',
        data: { ...shelf, reservationId, quantity: 1, expiresAt: '2030-01-01T00:00:00.000Z' },
      };
    }
    if (n % 3 === 2) return { type: 'ReservationCommitted', data: { ...shelf, reservationId, quantity: 1 } };
    const sold = `rsv_${String(n / 3 - 1).padStart(12, '0')}`;
    return { type: 'StockShipped', data: { ...shelf, reservationId: sold, quantity: 1, committed: true } };
  },
};

console.log(machine(folder));
console.log(`one stream of ${EVENTS.toLocaleString('en')} events\n`);
for (const [name, eventOf] of Object.entries(HISTORIES)) await measure(name, eventOf);

async function measure(name: string, eventOf: (n: number) => StockEvent): Promise<void> {
  const store = await SqliteEventStore.open({ file: join(folder, `${name}.sqlite`), clock: { now: Date.now } });
  for (let n = 0; n < EVENTS; n += 1_000) {
    const batch = Array.from({ length: Math.min(1_000, EVENTS - n) }, (_, m) => recorded(eventOf(n + m)));
    await store.append(stream, n === 0 ? 'no-stream' : BigInt(n - 1), batch);
  }
  const read = await timed(() => readThrough(store));
  const writer = new StreamWriter(store, { maxKeptEvents: EVENTS + KEPT_STREAMS * STREAM_WEIGHT });
  const before = heapMegabytes();
  const cold = await timed(() => receive(writer));
  const kept = heapMegabytes() - before;
  const warm: number[] = [];
  for (let n = 0; n < WARM_COMMANDS; n++) warm.push(await timed(() => receive(writer)));
  warm.sort((a, b) => a - b);
  for (let n = 0; n < 2 * KEPT_STREAMS; n++) await receive(writer, `OTHER-${n}`);
  const evicted = await timed(() => receive(writer));
  await store.close();
  const [p50, p99] = [50, 99].map((percent) => percentile(warm, percent).toFixed(2));
  console.log(
    `${name.padEnd(9)} read ${seconds(read)}   cold ${seconds(cold)}   warm p50 ${p50} ms, p99 ${p99} ms   kept ${kept.toFixed(0)} MB   evicted ${seconds(evicted)}`,
  );
}

function receive(writer: StreamWriter, sku = shelf.sku): Promise<unknown> {
  const command: StockCommand = { type: 'ReceiveStock', data: { ...shelf, sku, quantity: 1 } };
  const context = { commandId: randomUUID(), principal: 'bench', occurredAt: AT };
  return writer.execute(stock, stockStream(sku, shelf.location), command, context);
}

async function readThrough(store: SqliteEventStore): Promise<void> {
  let events = 0;
  for await (const batch of store.readStream(stream)) events += batch.length;
  if (events !== EVENTS) throw new Error(`${events} events were read, and ${EVENTS} written`);
}

function recorded(event: StockEvent): NewEvent<StockEvent> {
  const commandId = randomUUID();
  const metadata = {
    commandId,
    commandHash: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg',
    correlationId: commandId,
    causationId: commandId,
    principal: 'bench',
    occurredAt: AT,
  };
  return { id: randomUUID(), event, metadata };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  await work();
  return performance.now() - since;
}

function heapMegabytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
