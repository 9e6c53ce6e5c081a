import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { KeyStoreUnavailable } from '../../application/ports/key-store.js';
import { whoseFile, type FileHeader } from '../sqlite/file-header.js';
import { isNoDatabase } from '../sqlite/result-code.js';
import { wrap, WRAPPED_BYTES } from './master-key.js';

/** "CLky" as a number, in the file's header. Format 1 had no master key and found nobody by e-mail. */
export const KEY_FILE_HEADER: FileHeader = { application: 0x434c6b79, format: 2 };

/** The file is another program's, or of a newer format. Nothing was changed. */
export class IncompatibleKeyFile extends Error {
  override readonly name = 'IncompatibleKeyFile';
}

/**
 * `subject_keys`  `erased`: 0 or 1; a row is never deleted. `secret`: as `wrap` makes it, zeros once erased
 * `found_by`      one row per subject and text that it may be found by. `digest`: HMAC of the text, zeros once erased;
 *                 `bucket`: two bytes of it for the index (see `bucketOf`), `ERASED_BUCKET` once erased. An index on whole
 *                 digests would leave copies of them behind
 * `settings`      `lookup`: the secret that digests are made with, wrapped; `master`: fingerprint of the master key that all
 *                 secrets are wrapped under, absent for none
 * Rows only ever grow at the end, and an erasure writes as many bytes over those that were there: so SQLite never moves
 * a secret to another page, which would leave a copy behind in the unused part of the first.
 */
const SUBJECT_KEYS = `
  CREATE TABLE subject_keys (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    subject TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    erased INTEGER NOT NULL CHECK (erased IN (0, 1)),
    secret BLOB NOT NULL CHECK (length(secret) = ${WRAPPED_BYTES})
  ) STRICT;`;
const ADDED_BY_FORMAT_2 = `
  CREATE TABLE found_by (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    subject INTEGER NOT NULL REFERENCES subject_keys (number),
    bucket INTEGER NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32)
  ) STRICT;
  CREATE INDEX found_by_bucket ON found_by (bucket);
  CREATE INDEX found_by_subject ON found_by (subject);
  CREATE TABLE settings (name TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID, STRICT;`;
const PROGRESS = `
  CREATE TABLE progress (log TEXT PRIMARY KEY NOT NULL, position TEXT NOT NULL) WITHOUT ROWID, STRICT;`;
const HEADER = `
  PRAGMA application_id = ${KEY_FILE_HEADER.application};
  PRAGMA user_version = ${KEY_FILE_HEADER.format};`;
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Opens the file, makes it where there is none, and lifts an older format.
 * `made`  writes what a new file, or one of format 1, needs besides its tables; part of the same transaction
 * @throws IncompatibleKeyFile, KeyStoreUnavailable, an error of node:sqlite
 */
export function openKeyFile(file: string, made: (db: DatabaseSync, isNew: boolean) => void): DatabaseSync {
  ownersOnly(file);
  const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    db.exec('PRAGMA secure_delete = ON');
    if (formatOf(db, file) < KEY_FILE_HEADER.format) {
      db.exec('BEGIN IMMEDIATE');
      const format = formatOf(db, file); // another process may have been faster
      if (format < KEY_FILE_HEADER.format) {
        if (format === 0) db.exec(`${SUBJECT_KEYS}${PROGRESS}`);
        else widenSecrets(db);
        db.exec(`${ADDED_BY_FORMAT_2}${HEADER}`);
        made(db, format === 0);
      }
      db.exec('COMMIT');
    }
    db.exec('PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** From format 1, whose secrets had 32 bytes. `secure_delete` writes zeros over the pages of the table that is dropped. */
function widenSecrets(db: DatabaseSync): void {
  db.exec(`ALTER TABLE subject_keys RENAME TO subject_keys_1; ${SUBJECT_KEYS}`);
  const add = db.prepare('INSERT INTO subject_keys (number, subject, version, erased, secret) VALUES (?, ?, ?, ?, ?)');
  for (const row of db.prepare('SELECT * FROM subject_keys_1 ORDER BY number').all()) {
    const { number, subject, version, erased, secret } = row as Record<string, number | string> & {
      secret: Uint8Array;
    };
    const wide = wrap(undefined, '', Buffer.from(secret));
    add.run(number ?? null, subject ?? null, version ?? null, erased ?? null, wide);
  }
  db.exec('DROP TABLE subject_keys_1');
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

/** 0 for an empty file. */
function formatOf(db: DatabaseSync, file: string): number {
  let found: ReturnType<typeof whoseFile> = { whose: 'foreign', format: 0 };
  try {
    found = whoseFile(db, KEY_FILE_HEADER);
  } catch (cause) {
    if (!isNoDatabase(cause)) throw cause;
  }
  if (found.whose === 'empty') return 0;
  if (found.whose === 'ours') return found.format;
  throw new IncompatibleKeyFile(`${file} is not a key file of this version; it was not touched`);
}
