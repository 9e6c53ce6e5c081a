import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pause } from '../../application/pause.js';
import { ViewStoreUnavailable } from '../../application/ports/view-store.js';
import { whoseFile } from '../sqlite/file-header.js';
import { isBusy, isNoDatabase, primaryCode, resultCode, whyUnavailable } from '../sqlite/result-code.js';

/** 'CLvw' in the file's header, so that `file` and other programs can tell whose it is (sqlite.org/fileformat.html). */
const APPLICATION_ID = 0x434c7677;
/** Raised when the tables below change. A newer file is refused; an older one is emptied, and filled again from the log. */
const FORMAT = 2;

const SCHEMA = `
  CREATE TABLE views (
    name TEXT NOT NULL, version INTEGER NOT NULL, indexes TEXT NOT NULL, log TEXT NOT NULL,
    position INTEGER, committed_at TEXT,
    PRIMARY KEY (name, version)
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE leases (
    follower TEXT PRIMARY KEY NOT NULL, holder TEXT NOT NULL, epoch INTEGER NOT NULL, expires_at INTEGER NOT NULL
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE epochs (newest INTEGER NOT NULL) STRICT;
  INSERT INTO epochs VALUES (0);
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${FORMAT};
`;

/** How long a write or opening waits in all, when nothing else is asked for. */
export const BUSY_TIMEOUT_MS = 5_000;
/** How long one call may block the event loop waiting for a lock; longer waits are between calls. */
const BLOCKING_WAIT_MS = 20;

/**
 * `readOnly`      never writes, and never makes the file
 * `busyTimeoutMs` how long a write, or opening, waits for another process that holds the file; 5,000
 */
export type ViewFile = Readonly<{ file: string; readOnly?: boolean; busyTimeoutMs?: number }>;

/** Another program's file, or one of a newer format. It was not touched, and opening it again will not help. */
export class IncompatibleViews extends Error {
  override readonly name = 'IncompatibleViews';
}

/**
 * Opens, and makes where it is missing or of an older format, a file of views. A read-only handle gets `undefined` until
 * then.
 * @throws IncompatibleViews    not a file of views, or of a newer format
 * @throws ViewStoreUnavailable locked, damaged, or not readable or writable
 */
export async function openViewFile({
  file,
  readOnly = false,
  busyTimeoutMs = BUSY_TIMEOUT_MS,
}: ViewFile): Promise<DatabaseSync | undefined> {
  const found = await retryWhileLocked(busyTimeoutMs, () => lookAt(file));
  if (readOnly && found !== 'ours') return undefined;
  const db = openDatabase(file, readOnly);
  try {
    if (readOnly) {
      formatOf(db, file); // with its first read, SQLite opens the WAL
    } else {
      await retryWhileLocked(busyTimeoutMs, () => db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL'));
      await withWriteLock(db, busyTimeoutMs, () => bringUpToDate(db, formatOf(db, file)));
    }
    db.exec('PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864');
    return db;
  } catch (cause) {
    db.close();
    throw translate(cause, file);
  }
}

/**
 * Runs `work` in one write transaction; waits for the lock without stopping the event loop. From BEGIN to COMMIT there is
 * no `await`, so that nothing else on this connection gets in between.
 */
export async function withWriteLock<T>(db: DatabaseSync, busyTimeoutMs: number, work: () => T): Promise<T> {
  return retryWhileLocked(busyTimeoutMs, () => {
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      db.exec('COMMIT');
      return result;
    } catch (cause) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw cause;
    }
  });
}

/** Runs `read` on one state of the file, and opens and closes a read transaction once, not per statement. */
export function withSnapshot<T>(db: DatabaseSync, read: () => T): T {
  db.exec('BEGIN');
  try {
    return read();
  } finally {
    db.exec('COMMIT');
  }
}

async function retryWhileLocked<T>(busyTimeoutMs: number, attempt: () => T): Promise<T> {
  const deadline = performance.now() + busyTimeoutMs;
  for (;;) {
    try {
      return attempt();
    } catch (cause) {
      if (!isBusy(cause) || performance.now() > deadline) throw translate(cause);
    }
    await pause(5 + Math.random() * 15);
  }
}

/** Views are made again from the log, so those of an older format are not converted. Epochs go on, to fence off its leases. */
function bringUpToDate(db: DatabaseSync, found: Found): void {
  if (found === 'ours') return;
  if (found === 'empty') return db.exec(SCHEMA);
  const { newest } = db.prepare('SELECT newest FROM epochs').get() as { newest: number };
  const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all() as { name: string }[];
  for (const { name } of tables) db.exec(`DROP TABLE "${name}"`);
  db.exec(`${SCHEMA}; UPDATE epochs SET newest = ${newest}`);
}

type Found = 'empty' | 'older' | 'ours';

/** Looks without writing: a connection that may write would tidy up, on closing, what a newer build left in the WAL. */
function lookAt(file: string): Found {
  if (!existsSync(file)) return 'empty';
  const db = openDatabase(file, true);
  try {
    return formatOf(db, file);
  } finally {
    db.close();
  }
}

function openDatabase(file: string, readOnly: boolean): DatabaseSync {
  try {
    return new DatabaseSync(file, { readOnly, timeout: BLOCKING_WAIT_MS });
  } catch (cause) {
    throw translate(cause, file);
  }
}

function formatOf(db: DatabaseSync, file: string): Found {
  const { whose, format } = whoseViews(db, file);
  switch (whose) {
    case 'foreign':
      throw new IncompatibleViews(`${file} is not a file of views, but another program's. It was not touched`);
    case 'newer': {
      const advice = `this build knows formats up to ${FORMAT}: run the newer build. It was not touched`;
      throw new IncompatibleViews(`${file} has format ${format}, and ${advice}`);
    }
    case 'empty':
      return 'empty';
    case 'ours':
      return format < FORMAT ? 'older' : 'ours';
  }
}

function whoseViews(db: DatabaseSync, file: string): ReturnType<typeof whoseFile> {
  try {
    return whoseFile(db, { application: APPLICATION_ID, format: FORMAT });
  } catch (cause) {
    if (!isNoDatabase(cause)) throw cause;
    throw new IncompatibleViews(
      `${file} is damaged, or another program's file. It was not touched. Move it away and start again: views are made ` +
        'again from the log',
      { cause },
    );
  }
}

/** A driver's error in the port's words; anything else is our own defect and stays as it is. */
export function translate(cause: unknown, file = 'The file of views'): unknown {
  const reason = DAMAGED.has(primaryCode(cause))
    ? 'is damaged. Views can be made again: stop, delete the file, start'
    : whyUnavailable(resultCode(cause));
  return reason === undefined ? cause : new ViewStoreUnavailable(`${file} ${reason}`, { cause });
}

/** SQLITE_CORRUPT, SQLITE_NOTADB. */
const DAMAGED: ReadonlySet<number> = new Set([11, 26]);
