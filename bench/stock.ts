/**
 * What a SKU with a million movements costs whoever sells it: one stream of that many events in the embedded log, then
 * commands through the stream writer, without snapshots and with them.
 *
 *   node --expose-gc --import ./scripts/typescript.mjs bench/stock.ts [events]       (some minutes; nothing has to be built)
 *
 * Two histories: `shelf` receives and ships only; `reserved` makes, commits and ships a reservation for every sale, so that
 * a third of its events are reservations that are remembered for ever. Every event has a command of its own.
 * Read:     the whole stream read and decoded, and nothing done with it.
 * Whole:    the first command of a writer that has no snapshot: it reads and folds all of it.
 * Saved:    from then until the snapshot is there; and its size.
 * Cold:     the first command of a writer that has one, like a process that was started.
 * Kept:     what that writer holds on to for this one stream, on the heap and beside it, after a collection.
 * Warm:     the next commands, one after the other, each durable before the next is sent.
 * Hot:      commands from 64 callers, so many that several snapshots are taken meanwhile.
 * Held up:  the longest that the event loop stood still meanwhile; without snapshots, and with them.
 * Ordinary: the first command on each of many streams of one event, without snapshots, and with them.
 * Read, whole, saved and cold are also given in processor time, which other work on the machine changes less.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pause } from '../src/application/pause.js';
import { StreamWriter } from '../src/application/stream-writer.js';
import { stock } from '../src/domain/stock/stock.decider.js';
import type { StockCommand } from '../src/domain/stock/stock.commands.js';
import type { StockEvent } from '../src/domain/stock/stock.events.js';
import { stockStream } from '../src/domain/streams.js';
import { SqliteEventStore } from '../src/infrastructure/event-store/sqlite-event-store.js';
import { FileSnapshotStore } from '../src/infrastructure/snapshots/file-snapshot-store.js';
import { machine } from './lib/machine.js';
import { newEvent } from './lib/new-event.js';
import { percentile } from './lib/percentile.js';

const EVENTS = Number(process.argv[2] ?? 1_000_000);
const WARM_COMMANDS = 2_000;
const HOT_COMMANDS = 100_000;
const HOT_CALLERS = 64;
const ORDINARY_STREAMS = 5_000;
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
    const batch = Array.from({ length: Math.min(1_000, EVENTS - n) }, (_, m) => newEvent(eventOf(n + m)));
    await store.append(stream, n === 0 ? 'no-stream' : BigInt(n - 1), batch);
  }
  const read = await spent(() => readThrough(store));
  const without = new StreamWriter(store);
  const whole = await spent(() => receive(without));
  const hotWithout = await hot(without);

  const snapshotFolder = join(folder, `${name}-snapshots`);
  const saved = new FileSnapshotStore({ folder: snapshotFolder, log: () => store.identity() });
  const report = (problem: string, cause: unknown) => console.error(problem, cause);
  const newProcess = () => new StreamWriter(store, { snapshots: { store: saved, report } });
  await receive(newProcess());
  const saving = await spent(() => sizeOnceSaved(snapshotFolder));
  const size = await sizeOnceSaved(snapshotFolder);
  const before = await megabytes();
  const writer = newProcess();
  const cold = await spent(() => receive(writer));
  const kept = (await megabytes()) - before;
  const warm: number[] = [];
  for (let n = 0; n < WARM_COMMANDS; n++) warm.push(await timed(() => receive(writer)));
  warm.sort((a, b) => a - b);
  const hotWith = await hot(writer);
  const ordinary = [await timed(() => receiveEverywhere(new StreamWriter(store), 'A'))];
  ordinary.push(await timed(() => receiveEverywhere(newProcess(), 'B')));
  await saved.close();
  await store.close();

  const [p50, p99] = [50, 99].map((percent) => percentile(warm, percent).toFixed(2));
  console.log(`${name}
  read     ${read}
  whole    ${whole}
  saved    ${saving}, ${(size / 2 ** 20).toFixed(0)} MB
  cold     ${cold}
  kept     ${kept.toFixed(0)} MB
  warm     p50 ${p50} ms, p99 ${p99} ms
  hot      ${hotWithout.rate} commands/s without, ${hotWith.rate} with
  held up  ${hotWithout.heldUpMs} ms without, ${hotWith.heldUpMs} ms with
  ordinary ${ordinary.map((ms) => `${((ms / ORDINARY_STREAMS) * 1_000).toFixed(0)} µs`).join(' without, ')} with`);
}

async function hot(writer: StreamWriter): Promise<{ rate: string; heldUpMs: string }> {
  let left = HOT_COMMANDS;
  const caller = async () => {
    while (left-- > 0) await receive(writer);
  };
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const ms = await timed(() => Promise.all(Array.from({ length: HOT_CALLERS }, caller)));
  delay.disable();
  const rate = Math.round((HOT_COMMANDS / ms) * 1_000).toLocaleString('en');
  return { rate, heldUpMs: (delay.max / 1e6).toFixed(0) };
}

async function receiveEverywhere(writer: StreamWriter, prefix: string): Promise<void> {
  for (let n = 0; n < ORDINARY_STREAMS; n += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, m) => receive(writer, `${prefix}-${n + m}`)));
  }
}

/** In bytes. */
async function sizeOnceSaved(snapshotFolder: string): Promise<number> {
  for (;;) {
    const [name] = readdirSync(folder).includes(basename(snapshotFolder)) ? readdirSync(snapshotFolder) : [];
    if (name?.endsWith('.snapshot')) return statSync(join(snapshotFolder, name)).size;
    await pause(1);
  }
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

async function timed(work: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  await work();
  return performance.now() - since;
}

/** On the heap, and in what typed arrays hold beside it. */
async function megabytes(): Promise<number> {
  for (const _ of [1, 2, 3]) {
    await pause(100); // what is still being let go of
    globalThis.gc?.();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 2 ** 20;
}

/** In words, of the wall clock and of all threads' processor time. */
async function spent(work: () => Promise<unknown>): Promise<string> {
  const before = process.cpuUsage();
  const ms = await timed(work);
  const { user, system } = process.cpuUsage(before);
  return `${(ms / 1_000).toFixed(2)} s (${((user + system) / 1e6).toFixed(2)} s)`;
}
