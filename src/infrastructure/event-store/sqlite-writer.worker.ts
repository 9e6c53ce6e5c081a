/**
 * The thread that writes. It runs as it stands, built or from source: it imports nothing of ours at run time, and uses
 * no syntax that Node's type stripping cannot erase.
 *
 * Appends that are waiting, or arrive while others are being written, share one transaction and its one fsync. Each
 * succeeds or conflicts by itself.
 */
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { AppendMessage, EventRow, FromWriter, Outcome, ToWriter, WriterData } from './sqlite-writer.protocol.js';

const { file, identity, busyTimeoutMs, maxBytes, posted } = workerData as WriterData;
if (!parentPort) throw new Error('sqlite-writer.worker is started by SqliteWriter');
const port = parentPort;

/** One transaction takes no more appends once it holds this many events, so that nobody waits long for its fsync. */
const GROUP_EVENTS = 5_000;
/** How many streams' heads are remembered between transactions. */
const REMEMBERED_STREAMS = 100_000;
/** A WAL beyond this is checked in after the transaction that made it so large, even if readers have to be waited for. */
const WAL_BYTES = 64 * 1024 * 1024;
/** How long appends wait for that, and how long after it has failed they do not: it takes what reads for longer to fail it. */
const WAL_WAIT_MS = 200;
const WAL_RETRY_MS = 1_000;

/** Every commit is on the disk before it is acknowledged; without it, a power cut takes what was acknowledged. */
const FULL_SYNCHRONOUS = 2;

refuseMoved();
// Foreign keys are not checked again: every number that is written was looked up in the same transaction.
const database = new DatabaseSync(file, { timeout: busyTimeoutMs, enableForeignKeyConstraints: false });
database.exec(`PRAGMA synchronous = FULL; PRAGMA cache_size = -32768; PRAGMA journal_size_limit = ${WAL_BYTES}`);
const { synchronous } = database.prepare('PRAGMA synchronous').get() as { synchronous: number };
if (synchronous !== FULL_SYNCHRONOUS) throw new Error(`The log would be written with synchronous = ${synchronous}`);
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
const countStreams = database.prepare('SELECT coalesce(max(number), 0) FROM streams');
const addStream = database.prepare('INSERT INTO streams VALUES (?, ?)');
const findType = database.prepare('SELECT number FROM event_types WHERE name = ?');
const addType = database.prepare('INSERT INTO event_types SELECT coalesce(max(number), 0) + 1, ? FROM event_types');
const addEvent = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
const eventAt = database.prepare('SELECT id, position FROM events WHERE stream = ? AND revision = ?');
const restartsWal = database.prepare('PRAGMA wal_checkpoint(RESTART)');
// From here on `beginInTurn` waits for the lock; what follows within its transaction never has to.
database.exec('PRAGMA busy_timeout = 0');
for (const statement of [newest, findStream, countStreams, findType, eventAt]) statement.setReturnArrays(true);

const CONFLICT: Outcome = { kind: 'conflict' };

type Batch = Exclude<ToWriter, 'close'>;
type Append = Readonly<{ now: number; append: AppendMessage }>;
type Stream = { number: number; head: number };

/** The end of the log, and what is remembered of it. True only while the newest position is the one remembered. */
let position = 0;
let recordedAt = 0;
let streamCount = 0;
const streams = new Map<string, Stream>();
const types = new Map<string, number>();
let walRetryAt = 0;

/** Nobody wakes it: for pauses. */
const asleep = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

let closing = false;

/** Waits here rather than in an event loop: on a busy machine that is woken late far more often (p90 0.3 against 1 ms). */
function serve(): void {
  while (!closing) {
    const seen = Atomics.load(posted, 0);
    const batch = nextBatch();
    if (batch) {
      port.postMessage(answer(writeGroup(batch)));
      boundWal();
    } else if (!closing) {
      Atomics.wait(posted, 0, seen);
    }
  }
  database.close();
}

/** What has been posted and not yet taken; `undefined` when there is nothing, or nothing more to come. */
function nextBatch(): Batch | undefined {
  const received = receiveMessageOnPort(port) as { message: ToWriter } | undefined;
  if (received?.message !== 'close') return received?.message;
  closing = true;
  return undefined;
}

function answer(outcomes: readonly Outcome[]): FromWriter {
  const written: number[] = [];
  const others = new Map<number, Outcome>();
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.kind === 'written') {
      written.push(outcome.revision, outcome.position);
    } else {
      written.push(0, 0);
      others.set(index, outcome);
    }
  }
  return { written, others };
}

function writeGroup(first: Batch): Outcome[] {
  const group = appendsOf(first);
  try {
    return inTransaction(joined(group));
  } catch (cause) {
    // A locked file and a full disk are nobody's fault. Anything else may be the fault of one, which then fails alone.
    if (!isUnavailable(cause)) return group.map(writeAlone);
    for (let batch = nextBatch(); batch; batch = nextBatch()) group.push(...appendsOf(batch)); // nor need they try again
    return group.map(() => failure(cause));
  }
}

function writeAlone(append: Append): Outcome {
  try {
    return inTransaction([append])[0] as Outcome;
  } catch (cause) {
    return failure(cause);
  }
}

/** The appends of `group`, which grows by what arrives meanwhile. */
function* joined(group: Append[]): Generator<Append> {
  let events = 0;
  for (let index = 0; index < group.length; index++) {
    const append = group[index] as Append;
    yield append;
    events += append.append[2].length;
    if (index + 1 < group.length || events >= GROUP_EVENTS) continue;
    const batch = nextBatch();
    if (batch) group.push(...appendsOf(batch));
  }
}

function appendsOf({ now, appends }: Batch): Append[] {
  return appends.map((append) => ({ now, append }));
}

/**
 * SQLite's own wait looks for the lock every 100 ms after a while, and misses the gaps between the transactions of a busy
 * neighbour for seconds: this one looks about every half millisecond.
 */
function beginInTurn(): void {
  for (const deadline = performance.now() + busyTimeoutMs; ;) {
    try {
      begin.run();
      return;
    } catch (cause) {
      if (((errcode(cause) ?? 0) & 0xff) !== BUSY || performance.now() > deadline) throw cause;
      Atomics.wait(asleep, 0, 0, 0.25 + Math.random() / 2);
    }
  }
}

function inTransaction(appends: Iterable<Append>): Outcome[] {
  beginInTurn();
  try {
    catchUp();
    const outcomes: Outcome[] = [];
    for (const append of appends) outcomes.push(write(append));
    refuseMoved();
    commit.run();
    return outcomes;
  } catch (cause) {
    forget();
    if (database.isTransaction) database.exec('ROLLBACK');
    throw cause;
  }
}

/** SQLite would go on writing to a file that no path names any more; what it acknowledged there would be gone with it. */
function refuseMoved(): void {
  const now = statSync(file, { throwIfNoEntry: false });
  if (now?.ino === identity.inode && now.dev === identity.device) return;
  throw new Error(`${file} was deleted, moved or replaced since the ledger opened it`);
}

/** After another process wrote, or a transaction failed, nothing remembered counts. */
function catchUp(): void {
  const [at, recorded] = (newest.get() as unknown as [number, number] | undefined) ?? [0, 0];
  if (at !== position) {
    forget();
    [streamCount] = countStreams.get() as unknown as [number];
  }
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
  if (expected !== head) return stream && expected < head ? repeated(stream, expected, events) : CONFLICT;

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
  return { kind: 'written', revision: target.head, position };
}

/** The same events at the very revisions this append would have given them: it was written before. */
function repeated({ number, head }: Stream, expected: number, events: readonly EventRow[]): Outcome {
  if (expected + events.length > head) return CONFLICT;
  let last = 0;
  for (const [index, [id]] of events.entries()) {
    const [storedId, at] = eventAt.get(number, expected + 1 + index) as unknown as [string, number];
    if (storedId !== id) return CONFLICT;
    last = at;
  }
  return { kind: 'repeated', revision: expected + events.length, position: last };
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
  addStream.run(++streamCount, name);
  const stream = { number: streamCount, head: -1 };
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

/**
 * SQLite checks the WAL in by itself, but never waits for a reader: under constant reading it would grow for ever.
 * Readers of ours end within milliseconds. While another program keeps one transaction open, the WAL grows all the same,
 * until that ends.
 */
function boundWal(): void {
  const size = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= WAL_BYTES || performance.now() < walRetryAt) return;
  if (!restartWal()) walRetryAt = performance.now() + WAL_RETRY_MS;
}

function restartWal(): boolean {
  try {
    database.exec(`PRAGMA busy_timeout = ${WAL_WAIT_MS}`);
    return restartsWal.get()?.busy === 0;
  } catch {
    return false; // no room, or no luck: nothing is lost
  } finally {
    database.exec('PRAGMA busy_timeout = 0');
  }
}

const BUSY = 5;
const IO_ERROR = 10;
const FULL = 13;

function isUnavailable(cause: unknown): boolean {
  return [BUSY, IO_ERROR, FULL].includes((errcode(cause) ?? 0) & 0xff);
}

function failure(cause: unknown): Outcome {
  return { kind: 'failed', message: cause instanceof Error ? cause.message : String(cause), errcode: errcode(cause) };
}

function errcode(cause: unknown): number | undefined {
  return cause instanceof Error && 'errcode' in cause && typeof cause.errcode === 'number' ? cause.errcode : undefined;
}

serve();
