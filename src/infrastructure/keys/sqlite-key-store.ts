import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  KeyStoreUnavailable,
  SubjectErased,
  type ErasureProgress,
  type KeyStore,
  type SubjectKey,
} from '../../application/ports/key-store.js';
import { whoseFile, type FileHeader } from '../sqlite/file-header.js';
import { isNoDatabase, resultCode, whyUnavailable } from '../sqlite/result-code.js';

/** "CLky" as a number, in the file's header. */
export const KEY_FILE_HEADER: FileHeader = { application: 0x434c6b79, format: 1 };

/**
 * `erased`  0 or 1; a row is never deleted
 * `secret`  32 bytes, zeros once erased
 * Rows only ever grow at the end, and an erasure writes as many bytes over those that were there: so SQLite never moves
 * a secret to another page, which would leave a copy behind in the unused part of the first.
 */
const SCHEMA = `
  CREATE TABLE subject_keys (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    subject TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    erased INTEGER NOT NULL CHECK (erased IN (0, 1)),
    secret BLOB NOT NULL CHECK (length(secret) = 32)
  ) STRICT;
  CREATE TABLE progress (log TEXT PRIMARY KEY NOT NULL, position TEXT NOT NULL) WITHOUT ROWID, STRICT;
  PRAGMA application_id = ${KEY_FILE_HEADER.application};
  PRAGMA user_version = ${KEY_FILE_HEADER.format};
`;
const BUSY_TIMEOUT_MS = 5_000;

/** The file is another program's, or of a newer format. Nothing was changed. */
export class IncompatibleKeyFile extends Error {
  override readonly name = 'IncompatibleKeyFile';
}

/**
 * Keys in a SQLite file that only its owner may read. It is made with the first key, so that a ledger without customers
 * has none. A rollback journal, not a WAL: once an erasure is committed, no file holds what was erased.
 * Writes are synchronous, a few milliseconds each: they are as rare as registrations.
 */
export class SqliteKeyStore implements KeyStore {
  #db: DatabaseSync | undefined;
  #isClosed = false;

  constructor(private readonly file: string) {}

  obtain(subject: string): Promise<SubjectKey> {
    return this.#run('making a key', true, (db) => {
      db.prepare(
        'INSERT INTO subject_keys (subject, version, erased, secret) VALUES (?, 1, 0, ?) ON CONFLICT (subject) DO NOTHING',
      ).run(subject, randomBytes(32));
      const key = read(db, subject);
      if (key === 'erased' || key === undefined) throw new SubjectErased(subject);
      return key;
    });
  }

  find(subject: string): Promise<SubjectKey | 'erased' | undefined> {
    return this.#run('reading a key', false, (db) => read(db, subject));
  }

  erase(subject: string): Promise<void> {
    return this.#run('destroying a key', true, (db) => {
      db.prepare(
        `INSERT INTO subject_keys (subject, version, erased, secret) VALUES (?, 1, 1, zeroblob(32))
         ON CONFLICT (subject) DO UPDATE SET erased = 1, secret = zeroblob(32)`,
      ).run(subject);
    });
  }

  progress(log: string): Promise<bigint | undefined> {
    return this.#run('reading how far erasures were carried out', false, (db) => {
      const row = db.prepare('SELECT position FROM progress WHERE log = ?').get(log);
      return row ? BigInt(row['position'] as string) : undefined;
    });
  }

  carriedOut({ log, position }: ErasureProgress): Promise<void> {
    return this.#run('writing how far erasures were carried out', true, (db) => {
      db.prepare('INSERT OR REPLACE INTO progress (log, position) VALUES (?, ?)').run(log, position.toString());
    });
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#db?.close();
    this.#db = undefined;
    return Promise.resolve();
  }

  /** `undefined` where there is no file and `work` is not to make one. */
  #run<T>(doing: string, makes: true, work: (db: DatabaseSync) => T): Promise<T>;
  #run<T>(doing: string, makes: false, work: (db: DatabaseSync) => T): Promise<T | undefined>;
  #run<T>(doing: string, makes: boolean, work: (db: DatabaseSync) => T): Promise<T | undefined> {
    return new Promise((resolve) => resolve(this.#attempt(doing, makes, work)));
  }

  #attempt<T>(doing: string, makes: boolean, work: (db: DatabaseSync) => T): T | undefined {
    if (this.#isClosed) throw new KeyStoreUnavailable('The key store is closed');
    try {
      if (!this.#db && !makes && !existsSync(this.file)) return undefined;
      this.#db ??= openKeyFile(this.file);
      return work(this.#db);
    } catch (cause) {
      const why = whyUnavailable(resultCode(cause));
      if (why === undefined) throw cause;
      throw new KeyStoreUnavailable(`${this.file}, ${doing}: the file ${why}`, { cause });
    }
  }
}

function read(db: DatabaseSync, subject: string): SubjectKey | 'erased' | undefined {
  const row = db.prepare('SELECT version, erased, secret FROM subject_keys WHERE subject = ?').get(subject);
  if (!row) return undefined;
  if (row['erased'] === 1) return 'erased';
  return { version: Number(row['version']), secret: Buffer.from(row['secret'] as Uint8Array) };
}

function openKeyFile(file: string): DatabaseSync {
  ownersOnly(file);
  const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    db.exec('PRAGMA secure_delete = ON');
    if (ownership(db, file) === 'empty') {
      db.exec('BEGIN IMMEDIATE');
      if (ownership(db, file) === 'empty') db.exec(SCHEMA); // another process may have been faster
      db.exec('COMMIT');
    }
    db.exec('PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** SQLite gives its journal the rights of the file. One that is there already keeps its own; the doctor looks at them. */
function ownersOnly(file: string): void {
  try {
    if (!existsSync(dirname(file))) mkdirSync(dirname(file)); // where log and views are on servers, nothing has made it yet
    closeSync(openSync(file, 'a', 0o600));
  } catch (cause) {
    throw new KeyStoreUnavailable(`${file} cannot be opened: ${(cause as Error).message}`, { cause });
  }
}

function ownership(db: DatabaseSync, file: string): 'empty' | 'ours' {
  let whose: ReturnType<typeof whoseFile>['whose'];
  try {
    ({ whose } = whoseFile(db, KEY_FILE_HEADER));
  } catch (cause) {
    if (!isNoDatabase(cause)) throw cause;
    whose = 'foreign';
  }
  if (whose === 'empty' || whose === 'ours') return whose;
  throw new IncompatibleKeyFile(`${file} is not a key file of this version; it was not touched`);
}
