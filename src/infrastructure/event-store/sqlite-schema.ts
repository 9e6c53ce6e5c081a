import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pause } from '../../application/pause.js';
import { StoreUnavailable } from '../../application/ports/event-store.js';
import { compared, whoseFile, type FileHeader } from '../sqlite/file-header.js';
import { isBusy, isNoDatabase, needsRecovery } from '../sqlite/result-code.js';
import { translated } from './sqlite-errors.js';

/** "CLog" as a number: `file(1)` and SQLite's own tools show it. */
const APPLICATION_ID = 0x434c6f67;
/**
 * Raised with every change of the schema below. A build refuses a file that is newer than itself, and brings one that is
 * older up to its own: from 1 to 2, the log gets its identity.
 */
const FORMAT = 2;
const HEADER: FileHeader = { application: APPLICATION_ID, format: FORMAT };

/** The file is not a log that this build may touch. Nothing was changed. Trying again does not help. */
export class IncompatibleLog extends Error {
  override readonly name = 'IncompatibleLog';
}

/**
 * `position` counts 1, 2, 3 … in the order of commits; streams and types are numbered in small dictionaries, so that
 * every indexed key of `events` is an integer that grows with time. Instants are milliseconds since 1970.
 * `more` holds, as JSON, what most events do not have: `correlationId` and `causationId` where they differ from the
 * command's id, `reason`, `traceparent`.
 * `log` has one row: a random UUID that names this log.
 * The triggers make the file append-only for every program that opens it, not only for this one.
 */
const SCHEMA = `
CREATE TABLE streams (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE event_types (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE events (
  position INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL REFERENCES streams,
  revision INTEGER NOT NULL,
  type INTEGER NOT NULL REFERENCES event_types,
  schema_version INTEGER NOT NULL,
  occurred_at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  id TEXT NOT NULL,
  command_id TEXT NOT NULL,
  command_hash TEXT NOT NULL,
  principal TEXT NOT NULL,
  more TEXT,
  data TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_by_stream ON events (stream, revision);

${['streams', 'event_types', 'events'].map(refuseChanges).join('')}

CREATE TRIGGER events_refuse_gap BEFORE INSERT ON events
WHEN NEW.position IS NOT (SELECT coalesce(max(position), 0) + 1 FROM events)
  OR NEW.revision IS NOT (SELECT coalesce(max(revision), -1) + 1 FROM events WHERE stream = NEW.stream)
BEGIN SELECT RAISE(ABORT, 'the log is append-only: not the next position, or not the next revision'); END;

${['streams', 'event_types']
  .map(
    (table) => `
CREATE TRIGGER ${table}_refuse_gap BEFORE INSERT ON ${table}
WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM ${table})
  OR EXISTS (SELECT 1 FROM ${table} WHERE name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'the log is append-only: not the next number, or a name that it has'); END;`,
  )
  .join('')}
`;

/** What format 2 adds to format 1. */
const IDENTITY = `
CREATE TABLE log (
  identity TEXT NOT NULL
) STRICT;
${refuseChanges('log')}
CREATE TRIGGER log_refuse_second BEFORE INSERT ON log
WHEN EXISTS (SELECT 1 FROM log)
BEGIN SELECT RAISE(ABORT, 'the log is append-only: it has its identity'); END;
`;

function refuseChanges(table: string): string {
  return `
CREATE TRIGGER ${table}_refuse_update BEFORE UPDATE ON ${table}
BEGIN SELECT RAISE(ABORT, 'the log is append-only: no UPDATE'); END;
CREATE TRIGGER ${table}_refuse_delete BEFORE DELETE ON ${table}
BEGIN SELECT RAISE(ABORT, 'the log is append-only: no DELETE'); END;`;
}

/**
 * Makes the log's file where it is missing, and makes sure that it is one of ours. Its folder has to exist.
 * Waits up to `busyTimeoutMs` for another process that does the same, without holding up the event loop.
 * @throws IncompatibleLog  another program's file, or a newer format; it was not touched
 * @throws StoreUnavailable locked for too long, or not readable, or (`mayCreate: false`) missing
 */
export async function prepareLogFile(file: string, mayCreate: boolean, busyTimeoutMs: number): Promise<void> {
  const deadline = performance.now() + busyTimeoutMs;
  for (;;) {
    try {
      const format = readyFormat(file);
      if (format === FORMAT) return;
      if (!mayCreate) throw notForReading(file, format);
      create(file);
    } catch (cause) {
      if (!isBusy(cause) || performance.now() > deadline) throw translated(cause, `Cannot open the log at ${file}`);
      await pause(20);
    }
  }
}

function notForReading(file: string, format: number | undefined): StoreUnavailable {
  if (format === undefined) return new StoreUnavailable(`There is no log at ${file}`);
  const remedy = `Starting the ledger brings it to format ${FORMAT}`;
  return new StoreUnavailable(`The log at ${file} has the older format ${format}. ${remedy}`);
}

/**
 * The format of a log that is whole; `undefined` where there is none, or its maker crashed half-way.
 * Looks without writing: closing a connection that may write would check in what another build left in the WAL.
 */
function readyFormat(file: string): number | undefined {
  if (!existsSync(file)) return undefined;
  refuseByHeader(file); // SQLite itself would lay a `-shm` beside the file
  const database = new DatabaseSync(file, { readOnly: true, timeout: 0 });
  try {
    const format = logFormat(database, file);
    return journalMode(database) === 'wal' ? format : undefined;
  } catch (cause) {
    if (needsRecovery(cause)) return undefined; // its maker crashed half-way; `create` rolls that back and begins again
    throw cause;
  } finally {
    database.close();
  }
}

/** `undefined`: there is nothing in it yet. */
function logFormat(database: DatabaseSync, file: string): number | undefined {
  try {
    const { whose, format } = whoseFile(database, HEADER);
    if (whose === 'foreign') throw foreign(file);
    if (whose === 'newer') throw newer(file, format);
    return whose === 'ours' ? format : undefined;
  } catch (cause) {
    throw isNoDatabase(cause) ? foreign(file, { cause }) : cause;
  }
}

/** What the first bytes of the file say, before SQLite opens it. The layout is that of sqlite.org/fileformat2.html. */
function refuseByHeader(file: string): void {
  const head = Buffer.alloc(100);
  const descriptor = openSync(file, 'r');
  const length = readSync(descriptor, head);
  closeSync(descriptor);
  if (length === 0) return;
  const [format, application] = [head.readUInt32BE(60), head.readUInt32BE(68)];
  const whose = application === 0 ? 'empty' : compared({ application, format }, HEADER);
  if (!head.subarray(0, MAGIC.length).equals(MAGIC) || whose === 'foreign') throw foreign(file);
  if (whose === 'newer') throw newer(file, format);
}
const MAGIC = Buffer.from('SQLite format 3\0');

function foreign(file: string, options?: ErrorOptions): IncompatibleLog {
  return new IncompatibleLog(`${file} is not a log, but another program's file. It was not touched`, options);
}

function newer(file: string, format: number): IncompatibleLog {
  return new IncompatibleLog(
    `${file} has format ${format}, and this build knows formats up to ${FORMAT}: run the newer build. It was not touched`,
  );
}

/** Makes the log, or brings it up to `FORMAT`: in one transaction, so that a crash leaves what was there, and the slower of two processes finds it done. */
function create(file: string): void {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('PRAGMA synchronous = FULL; BEGIN EXCLUSIVE');
    const format = logFormat(database, file);
    if (format === undefined) database.exec(`${SCHEMA}; PRAGMA application_id = ${APPLICATION_ID}`);
    if (format !== FORMAT) {
      database.exec(`${IDENTITY}; PRAGMA user_version = ${FORMAT}`);
      database.prepare('INSERT INTO log VALUES (?)').run(randomUUID());
    }
    database.exec('COMMIT; PRAGMA journal_mode = WAL');
    const mode = journalMode(database);
    if (mode !== 'wal') throw new StoreUnavailable(`The file system of ${file} does not take a WAL, only ${mode}`);
  } finally {
    database.close();
  }
}

/**
 * Triggers that keep the log append-only and are not there, or not as they were made: somebody took them away, since only
 * then can its events be changed. @throws an error of node:sqlite
 */
export function missingTriggers(database: DatabaseSync): readonly string[] {
  const reference = new DatabaseSync(':memory:');
  reference.exec(`${SCHEMA}${IDENTITY}`);
  const found = triggersOf(database);
  const missing = [...triggersOf(reference)].filter(([name, sql]) => found.get(name) !== sql).map(([name]) => name);
  reference.close();
  return missing;
}

function triggersOf(database: DatabaseSync): ReadonlyMap<string, string> {
  const rows = database.prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`).all();
  return new Map(rows.map(({ name, sql }) => [String(name), String(sql)]));
}

function journalMode(database: DatabaseSync): string {
  return (database.prepare('PRAGMA journal_mode').get() as { journal_mode: string }).journal_mode;
}
