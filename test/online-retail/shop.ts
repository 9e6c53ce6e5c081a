import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  importOnlineRetail,
  type ImportOptions,
  type ImportReport,
  type RefusedCommand,
} from '../../apps/ledger/online-retail/import/importer.js';
import type { RefusedRow } from '../../apps/ledger/online-retail/import/assembler.js';
import type { EventStore } from '../../src/application/ports/event-store.js';
import type { Recorded } from '../../src/domain/fact.js';
import type { LedgerEvent } from '../../src/domain/ledger.events.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { temporaryFolders } from '../temporary-folders.js';

export const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';

/**
 * A year of a small shop in the shapes of the real one. Each row is made up; the comment says which awkward case it is.
 * In all: gross 209.211, returns 172.99, journal -20.25, net 15.971.
 */
export const SHOP = [
  // A known customer; blanks around the name; an identical row twice; a lower-case code beside the upper-case one at
  // another price; postage.
  '600001,10001, RED MUG ,6,2010-12-01T08:26:00,2.5,501,United Kingdom',
  '600001,10001, RED MUG ,6,2010-12-01T08:26:00,2.5,501,United Kingdom',
  '600001,10002a,"BLUE MUG, LARGE",4,2010-12-01T08:26:00,1.25,501,United Kingdom',
  '600001,10002A,"BLUE MUG, LARGE",2,2010-12-01T08:26:00,1.35,501,United Kingdom',
  '600001,POST,POSTAGE,1,2010-12-01T08:26:00,18,501,United Kingdom',
  // A guest: a free line without a name, a gift voucher, the dotcom charge.
  '600002,10001,RED MUG,10,2010-12-01T09:00:00,3,,United Kingdom',
  '600002,10003,,5,2010-12-01T09:00:00,0,,United Kingdom',
  '600002,gift_0001_20,Dotcomgiftshop Gift Voucher £20.00,1,2010-12-01T09:00:00,17.02,,United Kingdom',
  '600002,DOT,DOTCOM POSTAGE,1,2010-12-01T09:00:00,9.99,,United Kingdom',
  // Nothing but a free line, for a known customer, in a country that ISO does not know.
  '600003,10003,"GREEN ""BIG"" MUG",3,2010-12-02T10:00:00,0,502,EIRE',
  // Written off; found; a service's code on a correction, without a reason.
  '600004,10001,damaged,-2,2010-12-02T10:05:00,0,,United Kingdom',
  '600005,10001,found,3,2010-12-02T10:06:00,0,,United Kingdom',
  '600005,POST,,100,2010-12-02T10:06:00,0,,United Kingdom',
  // An order with two timestamps, interleaved with a credit note: a whole line at the same price, and a discount.
  '600006,10001,RED MUG,5,2010-12-03T12:00:00,2.5,502,EIRE',
  'C600007,10001,RED MUG,-6,2010-12-03T12:00:00,2.5,501,United Kingdom',
  '600006,10003,"GREEN ""BIG"" MUG",1,2010-12-03T12:01:00,4,502,EIRE',
  'C600007,D,Discount,-1,2010-12-03T12:00:00,1.5,501,United Kingdom',
  // Part of a line.
  'C600008,10001,RED MUG,-4,2010-12-04T09:00:00,2.5,501,United Kingdom',
  // Spread over two orders; then everything has been returned; then only at another price.
  '600009,10001,RED MUG,3,2010-12-05T09:00:00,2.5,501,United Kingdom',
  'C600010,10001,RED MUG,-5,2010-12-06T09:00:00,2.5,501,United Kingdom',
  'C600010,10001,RED MUG,-1,2010-12-06T09:00:00,2.5,501,United Kingdom',
  'C600010,10002A,"BLUE MUG, LARGE",-1,2010-12-06T09:00:00,9.99,501,United Kingdom',
  // No customer, so no original can be found; a fee booked as a credit.
  'C600011,10001,RED MUG,-1,2010-12-06T10:00:00,3,,United Kingdom',
  'C600012,AMAZONFEE,AMAZON FEE,-1,2010-12-06T10:30:00,100.5,,United Kingdom',
  // More returned than was bought.
  '600013,10004,WOOD BOX,2,2010-12-07T09:00:00,5,502,EIRE',
  'C600014,10004,WOOD BOX,-3,2010-12-08T09:00:00,5,502,EIRE',
  // Bad debt; summer time, half an hour into the day; fractions of a penny; invoice numbers that go back.
  'A600016,B,Adjust bad debt,1,2011-07-01T14:51:00,-20.25,,United Kingdom',
  '600015,10001,RED MUG,1,2011-07-01T00:30:00,2.5,501,United Kingdom',
  '600015,PADS,PADS TO MATCH ALL CUSHIONS,1,2011-07-01T00:30:00,0.001,501,United Kingdom',
  '600015,BANK CHARGES,Bank Charges,1,2011-07-01T00:30:00,15,501,United Kingdom',
  // Returned before it was bought.
  'C600018,10005,TIN SIGN,-1,2011-07-02T09:00:00,3,503,France',
  '600019,10005,TIN SIGN,15,2011-07-03T09:00:00,3,503,France',
];

const newFolder = temporaryFolders();
let folder: string | undefined;
let files = 0;

/** A CSV file of these rows under the real header; packed where the name says so. */
export function fileOf(rows: readonly string[], name = 'shop.csv'): string {
  return rawFile(`${[HEADER, ...rows].join('\n')}\n`, name);
}

/** A file of exactly this text. */
export function rawFile(text: string | Buffer, name = 'shop.csv'): string {
  const path = join((folder ??= newFolder()), `${++files}-${name}`);
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
}

export type Imported = Readonly<{
  report: ImportReport;
  refused: readonly (RefusedRow | RefusedCommand)[];
}>;

/** Imports a file into `store`, with nothing kept from an earlier import, as a process of its own would. */
export async function importFile(
  path: string,
  store: EventStore,
  options: Partial<ImportOptions> = {},
): Promise<Imported> {
  const refused: (RefusedRow | RefusedCommand)[] = [];
  const report = await importOnlineRetail({
    path,
    log: store,
    timeZone: 'Europe/London',
    pauseMs: 0,
    onRefusedRow: (row) => refused.push(row),
    onRefusedCommand: (command) => refused.push(command),
    ...options,
  });
  return { report, refused };
}

export const importRows = (rows: readonly string[], store: EventStore): Promise<Imported> =>
  importFile(fileOf(rows), store);

/** A ledger in memory with these rows in it. */
export async function ledgerOf(rows: readonly string[]): Promise<Imported & Readonly<{ store: MemoryEventStore }>> {
  const store = new MemoryEventStore();
  return { store, ...(await importRows(rows, store)) };
}

/** Every event of a log, oldest first. */
export async function eventsOf(store: EventStore): Promise<readonly Recorded<LedgerEvent>[]> {
  const events: Recorded<LedgerEvent>[] = [];
  for await (const batch of store.readAll<LedgerEvent>()) events.push(...batch.events);
  return events;
}

/** The facts of one stream, oldest first, as `[type, data]`. */
export async function factsOf(store: EventStore, stream: string): Promise<readonly (readonly [string, object])[]> {
  const facts: (readonly [string, object])[] = [];
  for await (const batch of store.readStream<LedgerEvent>(stream)) {
    for (const { type, data } of batch) facts.push([type, data]);
  }
  return facts;
}

/** What every stream holds, without what differs between two runs: positions and recording times. */
export async function contentOf(store: EventStore): Promise<ReadonlyMap<string, readonly object[]>> {
  const streams = new Map<string, object[]>();
  for (const { stream, id, revision, type, data, metadata } of await eventsOf(store)) {
    const { recordedAt: _, ...lasting } = metadata;
    const content = { id, revision, type, data, metadata: lasting };
    streams.set(stream, [...(streams.get(stream) ?? []), content]);
  }
  return new Map([...streams].sort(([a], [b]) => (a < b ? -1 : 1)));
}
