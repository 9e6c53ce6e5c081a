import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CommandIdReused, Rejected } from '../../../src/application/errors.js';
import {
  StoreUnavailable,
  type EventStore,
  type StreamName,
  type StreamQuery,
} from '../../../src/application/ports/event-store.js';
import {
  SnapshotStoreUnavailable,
  SnapshotUnusable,
  type StoredSnapshot,
} from '../../../src/application/ports/snapshot-store.js';
import { StreamWriter } from '../../../src/application/stream-writer.js';
import { CommandIndex } from '../../../src/application/stream-writer/command-index.js';
import type { StreamWriterOptions } from '../../../src/application/stream-writer/options.js';
import type { AnyFact } from '../../../src/domain/fact.js';
import { product } from '../../../src/domain/product/product.decider.js';
import { stock } from '../../../src/domain/stock/stock.decider.js';
import type { StockCommand } from '../../../src/domain/stock/stock.commands.js';
import { stockStream } from '../../../src/domain/streams.js';
import { MemoryEventStore } from '../../../src/infrastructure/event-store/memory-event-store.js';
import { MemorySnapshotStore } from '../../../src/infrastructure/snapshots/memory-snapshot-store.js';

/** Of what is saved of a shelf. */
const VERSION = stock.saved!.version;

const EVERY = 10;
const shelf = { sku: 'MUG', location: 'main' };
const stream = stockStream('MUG', 'main');
const receive = (quantity: number): StockCommand => ({ type: 'ReceiveStock', data: { ...shelf, quantity } });
const ship = (quantity: number): StockCommand => ({ type: 'ShipStock', data: { ...shelf, quantity } });
const by = (commandId: string) => ({ commandId, principal: 'tester', occurredAt: '2026-01-05T09:00:00.000Z' });

/** Counts the events that were read of each stream, and can fail. */
class WatchedLog extends MemoryEventStore {
  read = 0;
  fails = false;

  override async *readStream<E extends AnyFact>(of: StreamName<E>, query?: StreamQuery) {
    if (this.fails) throw new StoreUnavailable('the log is away');
    for await (const batch of super.readStream(of, query)) {
      this.read += batch.length;
      yield batch;
    }
  }
}

let now: number;
let passedMs: number;
let log: WatchedLog;
let snapshots: MemorySnapshotStore;
let reports: string[];
beforeEach(() => {
  now = Date.parse('2026-01-05T09:00:00.000Z');
  passedMs = 0;
  log = newLog();
  snapshots = new MemorySnapshotStore();
  reports = [];
});
const newLog = () => new WatchedLog({ clock: { now: () => now } });
const report = (problem: string, cause: unknown) => void reports.push(`${problem}: ${(cause as Error).message}`);
/** A process of its own, which has nothing in memory yet. */
const newProcess = (on: EventStore = log, more: StreamWriterOptions = {}) =>
  new StreamWriter(on, {
    monotonicMs: () => passedMs,
    snapshots: { store: snapshots, report, every: EVERY },
    ...more,
  });
const run = (writer: StreamWriter, command: StockCommand, commandId: string) =>
  writer.execute(stock, stream, command, by(commandId));
const onHand = async (writer: StreamWriter) => (await writer.current(stock, stream, 0)).state.onHand;

/** What was saved of the stream, once it was. */
async function saved(revision?: bigint): Promise<StoredSnapshot> {
  for (let n = 0; n < 1_000; n++) {
    const found = await snapshots.read(stream, VERSION);
    if (found && (revision === undefined || found.head.revision === revision)) return found;
    await new Promise(setImmediate);
  }
  throw new Error(`nothing was saved at ${revision}; ${reports.join()}`);
}

/** Receives one unit with each of the commands c0, c1 …, one after the other. */
async function receiveEach(writer: StreamWriter, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n++) await run(writer, receive(1), `c${n}`);
}

describe('a snapshot', () => {
  test('is taken after so many events, and no earlier', async () => {
    const writer = newProcess();
    await receiveEach(writer, 0, EVERY - 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await snapshots.read(stream, VERSION)).toBeUndefined();
    await receiveEach(writer, EVERY - 1, EVERY);
    expect((await saved()).head.revision).toBe(BigInt(EVERY - 1));
    await receiveEach(writer, EVERY, 2 * EVERY);
    await saved(BigInt(2 * EVERY - 1));
    expect(reports).toEqual([]);
  });

  test('is taken of what was read, too, and leaves a start the tail alone to read', async () => {
    await receiveEach(new StreamWriter(log), 0, 95);
    log.read = 0;
    expect(await onHand(newProcess())).toBe(95);
    expect(log.read).toBeGreaterThanOrEqual(95);
    await saved(94n);
    await receiveEach(new StreamWriter(log), 95, 97);
    log.read = 0;
    const next = newProcess();
    expect(await run(next, receive(1), 'c97')).toMatchObject({ revision: 97n, replayed: false });
    expect(log.read).toBe(EVERY + 3); // so many to see that it is long, the one that the snapshot ends with, two since
    expect(await onHand(next)).toBe(98);
  });

  test('remembers every command, for ever', async () => {
    const writer = newProcess();
    const first = await run(writer, receive(1), 'c0');
    await receiveEach(writer, 1, 25);
    await saved(19n);
    for (let again = 0; again < 3; again++) {
      const next = newProcess();
      expect(await run(next, receive(1), 'c0')).toEqual({ ...first, replayed: true });
      await expect(run(next, receive(2), 'c1')).rejects.toBeInstanceOf(CommandIdReused);
      expect(await next.receiptOf(stock, stream, 'c24', receive(1))).toMatchObject({ revision: 24n });
      expect(await next.receiptOf(stock, stream, 'c25', receive(1))).toBeUndefined();
    }
    expect(await onHand(newProcess())).toBe(25);
  });

  test('whose index takes another command for one that was accepted costs a read, and no wrong answer', async () => {
    await receiveEach(newProcess(), 0, EVERY);
    const found = await saved();
    const index = CommandIndex.from(found.commands);
    for (const revision of [2, 5]) index.add('another', revision); // as if these had the same 64 bits
    await snapshots.write({ ...found, commands: index.entries() });
    const next = newProcess();
    expect(await next.receiptOf(stock, stream, 'another', receive(1))).toBeUndefined();
    expect(await run(next, receive(1), 'another')).toMatchObject({ revision: 10n, replayed: false });
    expect(await run(next, receive(1), 'another')).toMatchObject({ revision: 10n, replayed: true });
  });
});

describe('a snapshot that the log does not bear out', () => {
  /** The state as the log has it, and a snapshot that is gone and was complained of. */
  async function isRefused(units: number, complaint: RegExp): Promise<void> {
    const next = newProcess();
    expect(await onHand(next)).toBe(units);
    expect(reports).toEqual([expect.stringMatching(complaint)]);
    await expect(run(next, ship(units + 1), 'too-many')).rejects.toBeInstanceOf(Rejected);
    expect(await run(next, ship(units), 'all')).toMatchObject({ replayed: false });
  }

  test('because the log is an older one again', async () => {
    await receiveEach(newProcess(log, { snapshots: undefined }), 0, EVERY + 1);
    await snapshots.write(await savedOf(2 * EVERY));
    await isRefused(EVERY + 1, /the log has another event, or none, in stock-MUG@main at revision 19/);
  });

  test('because others were accepted since it was an older one, the same ones among them', async () => {
    await receiveEach(newProcess(), 0, EVERY);
    const before = await saved();
    log = newLog();
    now += 1;
    await receiveEach(newProcess(log, { snapshots: undefined }), 1, EVERY);
    await run(newProcess(log, { snapshots: undefined }), receive(100), 'c0');
    expect((await saved()).head).toEqual(before.head);
    await isRefused(EVERY - 1 + 100, /another event/);
  });

  test('though the very same commands were repeated, but for one in between', async () => {
    const writer = newProcess();
    await run(writer, receive(5), 'c-before');
    await receiveEach(writer, 0, EVERY - 1);
    const before = await saved();
    log = newLog();
    now += 1; // the last event has the same id, command and revision, and was recorded later
    await run(newProcess(log, { snapshots: undefined }), receive(7), 'c-before');
    await receiveEach(newProcess(log, { snapshots: undefined }), 0, EVERY - 1);
    const events = [];
    for await (const batch of log.readStream(stream)) events.push(...batch);
    expect(events.at(-1)?.id).toBe(before.head.id);
    await isRefused(EVERY - 1 + 7, /another event/);
  });

  test('because what follows does not go with its state', async () => {
    const writer = newProcess();
    await receiveEach(writer, 0, EVERY);
    const found = await saved();
    await run(writer, ship(EVERY), 'ship');
    const [[fields, names], ...maps] = found.state as [[object, unknown], ...unknown[]];
    await snapshots.write({ ...found, state: [[{ ...fields, onHand: EVERY - 1 }, names], ...maps] });
    const next = newProcess();
    expect(await onHand(next)).toBe(0);
    expect(reports).toEqual([expect.stringMatching(/revision 10 does not go with its state/)]);
  });

  test('because it is of another version of the decider', async () => {
    await receiveEach(newProcess(), 0, EVERY);
    await saved();
    const changed = { ...stock, saved: { ...stock.saved!, version: VERSION + 1 } };
    const { state } = await newProcess().current(changed, stream, 0);
    expect(state.onHand).toBe(EVERY);
    expect(reports).toEqual([
      expect.stringMatching(new RegExp(`is of no use, and removed.*version ${VERSION}, not ${VERSION + 1}`)),
    ]);
  });

  test('because its state has other fields than this build knows', async () => {
    await receiveEach(newProcess(), 0, EVERY);
    const found = await saved();
    await snapshots.write({ ...found, state: [[{ onHand: 1 }, []]] });
    await isRefused(EVERY, /its state cannot be loaded/);
  });

  /** Of a log of so many events. */
  async function savedOf(events: number): Promise<StoredSnapshot> {
    const own = new MemorySnapshotStore();
    const other = newLog();
    const writer = newProcess(other, { snapshots: { store: own, report, every: events } });
    await receiveEach(writer, 0, events);
    for (;;) {
      const found = await own.read(stream, VERSION);
      if (found) return found;
      await new Promise(setImmediate);
    }
  }
});

describe('a store of snapshots that fails', () => {
  test('when it is read: the stream is read, and the snapshot stays', async () => {
    await receiveEach(newProcess(), 0, EVERY);
    const found = await saved();
    const read = snapshots.read.bind(snapshots);
    snapshots.read = () => Promise.reject(new SnapshotStoreUnavailable('no rights'));
    expect(await onHand(newProcess())).toBe(EVERY);
    expect(reports).toEqual([expect.stringMatching(/cannot be read; the whole stream is: no rights/)]);
    snapshots.read = read;
    expect((await saved()).head).toEqual(found.head);
  });

  test('when what it has is damaged: that is removed, and saved anew', async () => {
    await receiveEach(newProcess(), 0, EVERY);
    await saved();
    const read = snapshots.read.bind(snapshots);
    snapshots.read = () => Promise.reject(new SnapshotUnusable('it is damaged'));
    expect(await onHand(newProcess())).toBe(EVERY);
    expect(reports).toEqual([expect.stringMatching(/is of no use, and removed.*it is damaged/)]);
    snapshots.read = read;
    await saved(BigInt(EVERY - 1));
    reports.length = 0;
    log.read = 0;
    expect(await onHand(newProcess())).toBe(EVERY);
    expect([log.read, reports]).toEqual([EVERY + 1, []]);
  });

  test('when it is to be written: no command does, and it is tried again after as many events', async () => {
    let tried = 0;
    snapshots.write = () => {
      tried += 1;
      return Promise.reject(new SnapshotStoreUnavailable('the disk is full'));
    };
    const writer = newProcess();
    await receiveEach(writer, 0, EVERY + 5);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(tried).toBe(1);
    expect(reports).toEqual([expect.stringMatching(/cannot be saved: the disk is full/)]);
    await receiveEach(writer, EVERY + 5, 2 * EVERY + 5);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(tried).toBe(2);
    expect(await onHand(writer)).toBe(2 * EVERY + 5);
  });

  test('does not hide that the log does: then nothing is answered, and the snapshot stays', async () => {
    await receiveEach(newProcess(), 0, EVERY);
    await saved();
    const next = newProcess();
    log.fails = true;
    await expect(run(next, receive(1), 'c10')).rejects.toBeInstanceOf(StoreUnavailable);
    log.fails = false;
    expect(await snapshots.read(stream, VERSION)).toBeDefined();
    expect(await run(next, receive(1), 'c10')).toMatchObject({ revision: 10n });
    expect(reports).toEqual([]);
  });
});

test('one is written at a time, and commands go on meanwhile', async () => {
  let finish = (): void => undefined;
  let writing = 0;
  let most = 0;
  const write = snapshots.write.bind(snapshots);
  snapshots.write = async (snapshot) => {
    most = Math.max(most, ++writing);
    await new Promise<void>((resolve) => (finish = resolve));
    await write(snapshot);
    writing -= 1;
  };
  const writer = newProcess();
  await receiveEach(writer, 0, 5 * EVERY);
  await new Promise((resolve) => setTimeout(resolve, 20));
  finish();
  expect((await saved()).head.revision).toBe(9n); // as it was when it was begun
  expect((await saved()).state[0]).toMatchObject([{ onHand: EVERY }, expect.any(Array)]);
  await receiveEach(writer, 5 * EVERY, 5 * EVERY + 1); // what fell due meanwhile
  await new Promise((resolve) => setTimeout(resolve, 20));
  finish();
  await saved(BigInt(5 * EVERY));
  expect(most).toBe(1);
});

test('one that took long is not followed by another for twenty times as long', async () => {
  const write = snapshots.write.bind(snapshots);
  snapshots.write = async (snapshot) => {
    passedMs += 100;
    await write(snapshot);
  };
  const writer = newProcess();
  await receiveEach(writer, 0, EVERY);
  await saved(BigInt(EVERY - 1));
  passedMs = 2_099;
  await receiveEach(writer, EVERY, 3 * EVERY);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect((await saved()).head.revision).toBe(BigInt(EVERY - 1));
  passedMs = 2_100;
  await receiveEach(writer, 3 * EVERY, 3 * EVERY + 1);
  await saved(BigInt(3 * EVERY));
});

test('streams of a decider that does not ask for it are never saved', async () => {
  const writer = newProcess(log, { snapshots: { store: snapshots, report, every: 1 } });
  const data = { sku: 'MUG', name: 'Mug', prices: [] };
  await writer.execute(product, 'product-MUG', { type: 'ListProduct', data }, by('c1'));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await snapshots.read('product-MUG', VERSION)).toBeUndefined();
});

test('processes that save and start at any time answer as one that keeps everything', async () => {
  const command = fc.oneof(
    fc.record({ kind: fc.constant('receive' as const), units: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ kind: fc.constant('ship' as const), units: fc.integer({ min: 1, max: 3 }) }),
  );
  const step = fc.record({ command, id: fc.integer({ min: 0, max: 12 }), process: fc.integer({ min: 0, max: 2 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), async (steps, every) => {
      [log, snapshots] = [newLog(), new MemorySnapshotStore()];
      const reference = new StreamWriter(newLog());
      const start = () => newProcess(log, { maxKeptEvents: 1, snapshots: { store: snapshots, report, every } });
      const processes = [start(), start(), start()];
      for (const [n, { command, id, process }] of steps.entries()) {
        if (n % 5 === 4) processes[process] = start();
        const asked = command.kind === 'receive' ? receive(command.units) : ship(command.units);
        const answers = await Promise.all(
          [reference, processes[process]!].map((writer) =>
            run(writer, asked, `c${id}`).catch((error: Error) => `${error.name}: ${error.message}`),
          ),
        );
        expect(answers[1]).toEqual(answers[0]);
      }
      expect(reports).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
