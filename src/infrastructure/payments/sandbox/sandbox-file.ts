import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { whoseFile, type FileHeader } from '../../sqlite/file-header.js';
import { isBusy } from '../../sqlite/result-code.js';

/** "CLsb" as a number, in the file's header. */
export const SANDBOX_FILE_HEADER: FileHeader = { application: 0x434c7362, format: 2 };

/**
 * `answers`  what was answered to each key, and to which request (`fingerprint`)
 * `notices`  what the bank has to tell of its own, in its order
 * All bodies are JSON, with amounts as decimal text.
 */
const SCHEMA = `
  CREATE TABLE intents (id TEXT PRIMARY KEY NOT NULL, body TEXT NOT NULL) WITHOUT ROWID, STRICT;
  CREATE TABLE answers (
    key TEXT PRIMARY KEY NOT NULL, fingerprint TEXT NOT NULL, answer TEXT NOT NULL
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE notices (number INTEGER PRIMARY KEY, object TEXT NOT NULL, news TEXT NOT NULL) STRICT;
  CREATE INDEX notices_by_object ON notices (object, number);
  PRAGMA application_id = ${SANDBOX_FILE_HEADER.application};
`;
/**
 * Since format 2, one row.
 * `identity`  of this very file: a bank that begins anew counts its notices from 1 again
 * `told`      number of the last notice that whoever it is for has written down
 */
const DELIVERY = `
  CREATE TABLE delivery (identity TEXT NOT NULL, told INTEGER NOT NULL) STRICT;
  PRAGMA user_version = 2;
`;
/** How long a request waits for another process that writes the file. */
const BUSY_TIMEOUT_MS = 5_000;

/** The file is another program's, or of a newer format. Nothing was changed. */
export class IncompatibleSandbox extends Error {
  override readonly name = 'IncompatibleSandbox';
}

/**
 * Opens, and makes where it is missing, the file in which the sandbox keeps what it did: durable before it answers.
 * @throws IncompatibleSandbox; an error of node:sqlite where the file cannot be read or written
 */
export function openSandboxFile(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    formatOf(db, file);
    retryWhileLocked(() => db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL'));
    inTransaction(db, () => {
      const format = formatOf(db, file);
      if (format === 0) db.exec(SCHEMA);
      if (format < 2) {
        db.exec(DELIVERY);
        db.prepare('INSERT INTO delivery (identity, told) VALUES (?, 0)').run(randomUUID());
      }
    });
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** SQLite does not wait by itself while another process makes a file a WAL. */
function retryWhileLocked(work: () => void): void {
  const until = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10); // as SQLite's own wait, it holds up the process
    }
  }
}

/** 0 for an empty file. @throws IncompatibleSandbox */
function formatOf(db: DatabaseSync, file: string): number {
  const { whose, format } = whoseFile(db, SANDBOX_FILE_HEADER);
  if (whose === 'empty' || whose === 'ours') return format;
  throw new IncompatibleSandbox(`${file} is not a sandbox of this version; it was not touched`);
}

/** Runs `work` in one write transaction, without anything in between. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
}
