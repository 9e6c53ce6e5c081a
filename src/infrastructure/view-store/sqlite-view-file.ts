import { existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { ViewStoreUnavailable } from '../../application/ports/view-store.js';

/** 'CLvw' in the file's header, so that `file` and other programs can tell whose it is (sqlite.org/fileformat.html). */
const APPLICATION_ID = 0x434c7677;
/** Raised when the tables below change. A newer file is refused, an older one would be upgraded here. */
const FORMAT = 1;

const SCHEMA = `
  CREATE TABLE views (
    name TEXT NOT NULL, version INTEGER NOT NULL, indexes TEXT NOT NULL,
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

const LOCK_WAIT_MS = 10_000;
/** How long one call may block the event loop waiting for a lock; longer waits are between calls. */
const BUSY_TIMEOUT_MS = 20;

/**
 * Opens, and makes where it is missing, a file of views. A read-only handle gets `undefined` while there is none yet.
 * @throws ViewStoreUnavailable not a file of ours, of a newer format (it is left as it is), locked, or not writable
 */
export async function openViewFile(file: string, readOnly: boolean): Promise<DatabaseSync | undefined> {
  const exists = existsSync(file) && statSync(file).size > 0;
  if (exists) checkFormat(file);
  else if (readOnly) return undefined;
  const db = openDatabase(file, readOnly);
  try {
    if (!readOnly) await retryWhileLocked(() => db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL'));
    if (!readOnly) await withWriteLock(db, () => createSchema(db));
    if (readOnly && headerOf(db) === 'empty') {
      db.close();
      return undefined;
    }
    db.exec('PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864');
    return db;
  } catch (cause) {
    db.close();
    throw translate(cause);
  }
}

/**
 * Runs `work` in one write transaction; waits for the lock without stopping the event loop. From BEGIN to COMMIT there is
 * no `await`, so that nothing else on this connection gets in between.
 */
export async function withWriteLock<T>(db: DatabaseSync, work: () => T): Promise<T> {
  return retryWhileLocked(() => {
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

async function retryWhileLocked<T>(attempt: () => T): Promise<T> {
  const deadline = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    try {
      return attempt();
    } catch (cause) {
      if (!isSqliteError(cause) || (cause.errcode & 0xff) !== SQLITE_BUSY || performance.now() > deadline) {
        throw translate(cause);
      }
    }
    await sleep(5 + Math.random() * 15);
  }
}

function checkFormat(file: string): void {
  const db = openDatabase(file, true);
  try {
    headerOf(db);
  } catch (cause) {
    throw translate(cause);
  } finally {
    db.close();
  }
}

function openDatabase(file: string, readOnly: boolean): DatabaseSync {
  try {
    return new DatabaseSync(file, { readOnly, timeout: BUSY_TIMEOUT_MS });
  } catch (cause) {
    throw translate(cause, `Cannot open ${file}`);
  }
}

function headerOf(db: DatabaseSync): 'empty' | 'ours' {
  const { application_id: application } = db.prepare('PRAGMA application_id').get() as { application_id: number };
  const { user_version: format } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (application === 0 && format === 0) {
    const tables = db.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as { count: number };
    if (tables.count === 0) return 'empty';
  }
  if (application !== APPLICATION_ID) throw new ViewStoreUnavailable('The file is not a file of views');
  if (format > FORMAT) {
    throw new ViewStoreUnavailable(
      `The file of views has format ${format}, this build knows up to ${FORMAT}: run the build that made it, or a newer one`,
    );
  }
  return 'ours';
}

function createSchema(db: DatabaseSync): void {
  if (headerOf(db) === 'empty') db.exec(SCHEMA);
}

type SqliteError = Error & { errcode: number };
/** By its shape and not by `instanceof`: the driver's errors may come from another realm (as under Jest). */
const isSqliteError = (cause: unknown): cause is SqliteError =>
  typeof cause === 'object' && cause !== null && 'errcode' in cause && typeof cause.errcode === 'number';

const SQLITE_BUSY = 5;
/** Primary result codes by which the file, the disk or a lock failed, not our SQL (sqlite.org/rescode.html). */
const UNAVAILABLE = new Map([
  [SQLITE_BUSY, 'is locked by another process'],
  [6, 'is locked'],
  [7, 'ran out of memory'],
  [8, 'cannot be written'],
  [10, 'had an input/output error'],
  [11, 'is damaged; views can be rebuilt: stop, delete the file and start again'],
  [13, 'found the disk full'],
  [14, 'cannot be opened'],
  [15, 'is locked by another process'],
  [26, 'is not an SQLite database'],
]);

export function translate(cause: unknown, message = 'The file of views'): unknown {
  if (!isSqliteError(cause)) return cause;
  const reason = UNAVAILABLE.get(cause.errcode & 0xff);
  return reason === undefined ? cause : new ViewStoreUnavailable(`${message} ${reason}`, { cause });
}

export const isMissingTable = (cause: unknown): boolean =>
  isSqliteError(cause) && cause.message.startsWith('no such table: ');
