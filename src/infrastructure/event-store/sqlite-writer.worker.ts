/**
 * The thread that writes. It runs as it stands, built or from source: it imports nothing of ours at run time, and uses
 * no syntax that Node's type stripping cannot erase.
 *
 * Appends that wait when a transaction begins share it, and its one fsync. Each succeeds or conflicts by itself.
 */
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { AppendMessage, EventRow, FromWriter, Outcome, ToWriter, WriterData } from './sqlite-writer.protocol.js';

const { file, busyTimeoutMs, maxBytes } = workerData as WriterData;
if (!parentPort) throw new Error('sqlite-writer.worker is started by SqliteWriter');
const port = parentPort;

/** One transaction takes no more appends once it holds this many events, so that nobody waits long for its fsync. */
const GROUP_EVENTS = 5_000;
/** How many streams' heads are remembered between transactions. */
const REMEMBERED_STREAMS = 100_000;
/** A WAL beyond this is checked in at once, even if readers have to be waited for. */
const WAL_BYTES = 64 * 1024 * 1024;
const GROUPS_BETWEEN_WAL_CHECKS = 256;
/** How long appends wait for that; whoever reads without end is not waited for. */
const WAL_CHECK_MS = 200;

const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
database.exec(`PRAGMA synchronous = FULL; PRAGMA cache_size = -32768; PRAGMA journal_size_limit = ${WAL_BYTES}`);
if (maxBytes !== undefined) {
  const { page_size: pageBytes } = database.prepare('PRAGMA page_size').get() as { page_size: number };
  database.exec(`PRAGMA max_page_count = ${Math.floor(maxBytes / pageBytes)}`);
}

const begin = database.prepare('BEGIN IMMEDIATE');
const commit = database.prepare('COMMIT');
const newest = database.prepare('SELECT position, recorded_at FROM events ORDER BY position DESC LIMIT 1');
const findStream = database.prepare(
  `SELECT number, (SELECT max(revision) FROM events WHERE stream = number) FROM streams WHERE name = ?`,
);
const addStream = database.prepare('INSERT INTO streams SELECT coalesce(max(number), 0) + 1, ? FROM streams');
const findType = database.prepare('SELECT number FROM event_types WHERE name = ?');
const addType = database.prepare('INSERT INTO event_types SELECT coalesce(max(number), 0) + 1, ? FROM event_types');
const addEvent = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
const eventAt = database.prepare('SELECT id, position FROM events WHERE stream = ? AND revision = ?');
for (const statement of [newest, findStream, findType, eventAt]) statement.setReturnArrays(true);

type Stream = { number: number; head: number };
type Append = Readonly<{ now: number; append: AppendMessage }>;

/** The end of the log, and what is remembered of it. True only while the newest position is the one remembered. */
let position = 0;
let recordedAt = 0;
const streams = new Map<string, Stream>();
const types = new Map<string, number>();
let groups = 0;

port.on('message', (message: ToWriter) => {
  let next: ToWriter | undefined = message;
  while (next !== undefined && next !== 'close') {
    const group: Append[] = [];
    let events = 0;
    while (next !== undefined && next !== 'close') {
      for (const append of next.appends) {
        group.push({ now: next.now, append });
        events += append[2].length;
      }
      next = events < GROUP_EVENTS ? received() : undefined;
    }
    port.postMessage(writeGroup(group) satisfies FromWriter);
    boundWal();
    next ??= received();
  }
  if (next === 'close') {
    database.close();
    port.close();
  }
});

function received(): ToWriter | undefined {
  return (receiveMessageOnPort(port) as { message: ToWriter } | undefined)?.message;
}

function writeGroup(group: readonly Append[]): Outcome[] {
  try {
    return inTransaction(group);
  } catch (cause) {
    // A locked file and a full disk are nobody's fault. Anything else may be the fault of one, which then fails alone.
    if (group.length === 1 || isUnavailable(cause)) return group.map(() => failure(cause));
    return group.flatMap((append) => writeGroup([append]));
  }
}

function inTransaction(group: readonly Append[]): Outcome[] {
  begin.run();
  try {
    catchUp();
    const outcomes = group.map(write);
    commit.run();
    return outcomes;
  } catch (cause) {
    forget();
    if (database.isTransaction) database.exec('ROLLBACK');
    throw cause;
  }
}

/** After another process wrote, or a transaction failed, nothing remembered counts. */
function catchUp(): void {
  const [at, recorded] = (newest.get() as unknown as [number, number] | undefined) ?? [0, 0];
  if (at !== position) forget();
  if (streams.size > REMEMBERED_STREAMS) streams.clear();
  position = at;
  recordedAt = recorded;
}

function forget(): void {
  streams.clear();
  types.clear();
  position = -1;
}

function write({ now, append: [name, expected, events] }: Append): Outcome {
  const stream = streamOf(name);
  const head = stream?.head ?? -1;
  if (expected !== head) return stream && expected < head ? repeated(stream, expected, events) : ['conflict'];

  const target = stream ?? newStream(name);
  recordedAt = Math.max(recordedAt, now);
  for (const [id, type, schemaVersion, occurredAt, commandId, commandHash, principal, more, data] of events) {
    addEvent.run(
      ++position,
      target.number,
      ++target.head,
      typeNumber(type),
      schemaVersion,
      occurredAt,
      recordedAt,
      id,
      commandId,
      commandHash,
      principal,
      more,
      data,
    );
  }
  return ['written', target.head, position];
}

/** The same events at the very revisions this append would have given them: it was written before. */
function repeated({ number, head }: Stream, expected: number, events: readonly EventRow[]): Outcome {
  if (expected + events.length > head) return ['conflict'];
  let last = 0;
  for (const [index, [id]] of events.entries()) {
    const [storedId, at] = eventAt.get(number, expected + 1 + index) as unknown as [string, number];
    if (storedId !== id) return ['conflict'];
    last = at;
  }
  return ['repeated', expected + events.length, last];
}

function streamOf(name: string): Stream | undefined {
  const remembered = streams.get(name);
  if (remembered) return remembered;
  const row = findStream.get(name) as unknown as [number, number | null] | undefined;
  if (!row) return undefined;
  const stream = { number: row[0], head: row[1] ?? -1 };
  streams.set(name, stream);
  return stream;
}

function newStream(name: string): Stream {
  const stream = { number: Number(addStream.run(name).lastInsertRowid), head: -1 };
  streams.set(name, stream);
  return stream;
}

function typeNumber(name: string): number {
  const remembered = types.get(name);
  if (remembered !== undefined) return remembered;
  const row = findType.get(name) as unknown as [number] | undefined;
  const number = row ? row[0] : Number(addType.run(name).lastInsertRowid);
  types.set(name, number);
  return number;
}

/** SQLite checks the WAL in by itself, but never waits for a reader: under constant reading it would grow for ever. */
function boundWal(): void {
  if (++groups % GROUPS_BETWEEN_WAL_CHECKS !== 0) return;
  const size = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= WAL_BYTES) return;
  try {
    database.exec(`PRAGMA busy_timeout = ${WAL_CHECK_MS}; PRAGMA wal_checkpoint(RESTART)`);
  } catch {
    groups = -1; // no room, or no luck: nothing is lost, the next group tries again
  } finally {
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
  }
}

const BUSY = 5;
const IO_ERROR = 10;
const FULL = 13;

function isUnavailable(cause: unknown): boolean {
  return [BUSY, IO_ERROR, FULL].includes((errcode(cause) ?? 0) & 0xff);
}

function failure(cause: unknown): Outcome {
  return ['failed', cause instanceof Error ? cause.message : String(cause), errcode(cause)];
}

function errcode(cause: unknown): number | undefined {
  return cause instanceof Error && 'errcode' in cause && typeof cause.errcode === 'number' ? cause.errcode : undefined;
}
