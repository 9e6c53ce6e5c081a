import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { DatabaseSync, StatementSync, type SQLInputValue } from 'node:sqlite';
import type { LogQuery } from '../../src/application/ports/event-store.js';
import type { Recorded } from '../../src/domain/fact.js';
import { ledgerCodec } from '../../src/infrastructure/event-store/codec/ledger.codec.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { SqliteReader } from '../../src/infrastructure/event-store/sqlite-reader.js';
import { anyStream, clock, confirmed, temporaryLog, writeStream } from './log-file.js';

let file: string;
let remove: () => Promise<void>;
let store: SqliteEventStore;

beforeEach(async () => {
  ({ file, remove } = await temporaryLog());
  store = await SqliteEventStore.open({ file, clock });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await store.close();
  await remove();
});

type Row = Record<string, never>;
type Query<Rows> = (this: StatementSync, ...parameters: SQLInputValue[]) => Rows;
const original = <Rows>(name: 'all' | 'iterate') =>
  Object.getOwnPropertyDescriptor(StatementSync.prototype, name)?.value as Query<Rows>;

/** `tell` is called after every query, with the rows that were taken of it, before the reader goes on. */
function afterEveryQuery(tell: (rows: readonly object[]) => void): void {
  const all = original<Row[]>('all');
  const iterate = original<NodeJS.Iterator<Row>>('iterate');
  jest.spyOn(StatementSync.prototype, 'all').mockImplementation(function (this: StatementSync, ...parameters) {
    const rows = all.apply(this, parameters as SQLInputValue[]);
    tell(rows);
    return rows;
  });
  jest.spyOn(StatementSync.prototype, 'iterate').mockImplementation(function* (this: StatementSync, ...parameters) {
    const taken: Row[] = [];
    try {
      for (const row of iterate.apply(this, parameters as SQLInputValue[])) {
        taken.push(row);
        yield row;
      }
    } finally {
      tell(taken);
    }
    return undefined;
  });
}

async function pieces(batches: AsyncIterable<readonly Recorded[]>): Promise<(readonly Recorded[])[]> {
  const all: (readonly Recorded[])[] = [];
  for await (const events of batches) all.push(events);
  return all;
}
async function* eventsOf(query: LogQuery) {
  for await (const { events } of store.readAll(query)) yield events;
}
const sizeOf = ({ data }: Recorded) => (data as { orderId: string }).orderId.length;
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

describe('huge events', () => {
  const MEGABYTE = 1_000_000;
  /** Small ones first, so that a guess from what came before would be wrong. */
  const sizes = [
    ...Array.from({ length: 60 }, () => 100),
    ...Array.from({ length: 20 }, () => MEGABYTE),
    30_000,
    40_000,
  ];
  const stream = anyStream();
  /** Characters that SQLite has handed over. */
  let fetched: number;

  beforeEach(async () => {
    const events = sizes.map((size) => confirmed('x'.repeat(size)));
    await writeStream(store, stream, events, 1);
    fetched = 0;
    afterEveryQuery((rows) => {
      for (const row of rows) {
        for (const value of Object.values(row)) if (typeof value === 'string') fetched += value.length;
      }
    });
  });

  test.each([
    ['the whole log', () => eventsOf({}), false],
    ['the log by types', () => eventsOf({ types: ['OrderConfirmed'] }), false],
    ['a stream', () => store.readStream(stream), false],
    ['a stream backward', () => store.readStream(stream, { direction: 'backward' }), true],
  ])('are read a few at a time, once each: %s', async (_, read, backward) => {
    const found = await pieces(read());
    const order = backward ? sizes.toReversed() : sizes;
    expect(found.flat().map(sizeOf)).toEqual(order);
    for (const piece of found) expect(sum(piece.map(sizeOf))).toBeLessThan(5.5 * MEGABYTE);
    expect(fetched).toBeLessThan(sum(sizes) * 1.1);
    expect(found.length).toBeLessThan(10);
  });
});

test('a piece that ended early leaves no transaction behind, so that the WAL can be checked in', async () => {
  const stream = anyStream();
  const events = Array.from({ length: 6 }, () => confirmed('x'.repeat(1_000_000)));
  await writeStream(store, stream, events, 1);
  const reader = new SqliteReader(file, ledgerCodec);
  expect(reader.stream(stream, 0n, 'forward', 6).events.length).toBeLessThan(6);
  await store.append(stream, 5n, [confirmed('1')]);
  const elsewhere = new DatabaseSync(file);
  expect(elsewhere.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()).toMatchObject({ busy: 0 });
  elsewhere.close();
  reader.close();
});

describe('the first event of a type, written by another process while a reader with a filter is at work', () => {
  const FIRST = `
    INSERT INTO streams SELECT max(number) + 1, 'product-new' FROM streams;
    INSERT INTO event_types SELECT max(number) + 1, 'ProductDiscontinued' FROM event_types;
    INSERT INTO events SELECT max(position) + 1, (SELECT max(number) FROM streams), 0,
      (SELECT max(number) FROM event_types), 1, 0, 0, 'id', 'c', 'h', 'p', NULL, '{"sku":"new"}' FROM events`;

  /** Reads all, while the event is written after so many of the reader's queries. */
  function readWhileWritten(moment: number): { written: boolean; found: readonly string[] } {
    const elsewhere = new DatabaseSync(file);
    const reader = new SqliteReader(file, ledgerCodec);
    let queries = 0;
    afterEveryQuery(() => {
      if (++queries === moment) elsewhere.exec(`BEGIN IMMEDIATE; ${FIRST}; COMMIT`);
    });
    const found: string[] = [];
    let at = 0n;
    const readOn = (): void => {
      for (let piece = next(); piece; piece = next()) {
        found.push(...piece.batch.events.map(({ type }) => type));
        at = piece.batch.upTo;
      }
    };
    const next = () => reader.log(at, ['ProductDiscontinued'], 10);
    readOn();
    jest.restoreAllMocks();
    readOn(); // as a subscription does, which is woken by what was written last
    reader.close();
    elsewhere.close();
    return { written: queries >= moment, found };
  }

  test('is not missed, at whatever moment it is', async () => {
    let moments = 0;
    for (;;) {
      await store.append(anyStream(), 'no-stream', [confirmed('1')]);
      const { written, found } = readWhileWritten(moments + 1);
      if (!written) break;
      moments++;
      expect({ moments, found }).toEqual({ moments, found: ['ProductDiscontinued'] });
      await store.close();
      await remove();
      ({ file, remove } = await temporaryLog());
      store = await SqliteEventStore.open({ file, clock });
    }
    expect(moments).toBeGreaterThanOrEqual(3);
  });
});
