import { createHmac, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import {
  KeyStoreUnavailable,
  SubjectErased,
  type ErasureProgress,
  type KeyStore,
  type SubjectKey,
} from '../../application/ports/key-store.js';
import { resultCode, whyUnavailable } from '../sqlite/result-code.js';
import { openKeyFile } from './key-file.js';
import { fingerprintOf, SECRET_BYTES, unwrap, WRAPPED_BYTES, wrap, type MasterKey } from './master-key.js';

/** The secrets in the file are under another master key than this process has, or under one and it has none. */
export class MasterKeyMismatch extends KeyStoreUnavailable {
  override readonly name = 'MasterKeyMismatch';
}

/** Of an erased row, so that it is in no bucket; as many bytes as any other. */
const ERASED_BUCKET = -32_768;
/** A number that SQLite stores in two bytes, whatever the digest. */
const bucketOf = (digest: Buffer): number => 128 + (digest.readUInt16BE(0) % 32_640);
const LOOKUP = 'lookup';

/**
 * Keys in a SQLite file that only its owner may read. It is made with the first key, so that a ledger without customers
 * has none. A rollback journal, not a WAL: once an erasure is committed, no file holds what was erased.
 * Writes are synchronous, a few milliseconds each: they are as rare as registrations.
 * `master`  what secrets are wrapped under in the file; without it, they stand there as they are
 * Besides what the port says, everything throws `MasterKeyMismatch`.
 */
export class SqliteKeyStore implements KeyStore {
  #db: DatabaseSync | undefined;
  #isClosed = false;
  /** Said while there was no file; written into it by whoever makes it. */
  readonly #carriedOut = new Map<string, bigint>();

  constructor(
    private readonly file: string,
    private readonly master?: MasterKey,
  ) {}

  obtain(subject: string): Promise<SubjectKey> {
    return this.#write('making a key', (db) => {
      db.prepare(
        'INSERT INTO subject_keys (subject, version, erased, secret) VALUES (?, 1, 0, ?) ON CONFLICT (subject) DO NOTHING',
      ).run(subject, wrap(this.master, subject, randomBytes(SECRET_BYTES)));
      const key = this.#keyOf(db, subject);
      if (key === 'erased' || key === undefined) throw new SubjectErased(subject);
      return key;
    });
  }

  find(subject: string): Promise<SubjectKey | 'erased' | undefined> {
    return this.#read('reading a key', undefined, (db) => this.#keyOf(db, subject));
  }

  erase(subject: string): Promise<void> {
    return this.#write('destroying a key', (db) => {
      db.prepare(
        `INSERT INTO subject_keys (subject, version, erased, secret) VALUES (?, 1, 1, zeroblob(${WRAPPED_BYTES}))
         ON CONFLICT (subject) DO UPDATE SET erased = 1, secret = zeroblob(${WRAPPED_BYTES})`,
      ).run(subject);
      db.prepare(
        `UPDATE found_by SET bucket = ${ERASED_BUCKET}, digest = zeroblob(32)
         WHERE subject = (SELECT number FROM subject_keys WHERE subject = ?)`,
      ).run(subject);
    });
  }

  remember(subject: string, text: string): Promise<void> {
    if (!this.#isThere()) return Promise.reject(new SubjectErased(subject));
    return this.#write('remembering what a subject is found by', (db) => {
      const row = db.prepare('SELECT number, erased FROM subject_keys WHERE subject = ?').get(subject);
      if (!row || row['erased'] === 1) throw new SubjectErased(subject);
      const digest = this.#digest(db, text);
      db.prepare(
        `INSERT INTO found_by (subject, bucket, digest) SELECT ?1, ?2, ?3
         WHERE NOT EXISTS (SELECT 1 FROM found_by WHERE subject = ?1 AND digest = ?3)`,
      ).run(Number(row['number']), bucketOf(digest), digest);
    });
  }

  whoHas(text: string): Promise<readonly string[]> {
    return this.#read('looking for a subject', [], (db) => {
      const digest = this.#digest(db, text);
      const rows = db.prepare(
        `SELECT subject_keys.subject FROM found_by JOIN subject_keys ON subject_keys.number = found_by.subject
         WHERE bucket = ? AND digest = ? ORDER BY subject_keys.number`,
      );
      return rows.all(bucketOf(digest), digest).map((row) => row['subject'] as string);
    });
  }

  progress(log: string): Promise<bigint | 'no-keys' | undefined> {
    return this.#read('reading how far erasures were carried out', 'no-keys', (db) => {
      const row = db.prepare('SELECT position FROM progress WHERE log = ?').get(log);
      return row ? BigInt(row['position'] as string) : undefined;
    });
  }

  carriedOut({ log, position }: ErasureProgress): Promise<void> {
    this.#carriedOut.set(log, position);
    return this.#isThere()
      ? this.#write('writing how far erasures were carried out', (db) => noteProgress(db, log, position))
      : Promise.resolve();
  }

  /**
   * Puts all secrets under another master key, in one transaction; the digests stay. Other processes that have the file open
   * get no key from it any more, until they are started with the new one. @returns how many keys there are, destroyed ones not counted
   */
  rewrap(to: MasterKey): Promise<number> {
    return this.#write('putting the keys under another master key', (db) => {
      const rewrapped = (whose: string, wrapped: unknown) =>
        wrap(to, whose, unwrap(this.master, whose, Buffer.from(wrapped as Uint8Array)));
      const put = db.prepare('UPDATE subject_keys SET secret = ? WHERE number = ?');
      const rows = db.prepare('SELECT number, subject, secret FROM subject_keys WHERE erased = 0').all();
      for (const { number, subject, secret } of rows) put.run(rewrapped(subject as string, secret), Number(number));
      putSetting(db, LOOKUP, rewrapped(LOOKUP, setting(db, LOOKUP)));
      putSetting(db, 'master', fingerprintOf(to));
      return rows.length;
    });
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#db?.close();
    this.#db = undefined;
    return Promise.resolve();
  }

  #keyOf(db: DatabaseSync, subject: string): SubjectKey | 'erased' | undefined {
    const row = db.prepare('SELECT version, erased, secret FROM subject_keys WHERE subject = ?').get(subject);
    if (!row) return undefined;
    if (row['erased'] === 1) return 'erased';
    const secret = unwrap(this.master, subject, Buffer.from(row['secret'] as Uint8Array));
    return { version: Number(row['version']), secret };
  }

  #digest(db: DatabaseSync, text: string): Buffer {
    const secret = unwrap(this.master, LOOKUP, Buffer.from(setting(db, LOOKUP) ?? []));
    return createHmac('sha256', secret).update(text, 'utf8').digest();
  }

  #isThere(): boolean {
    return this.#db !== undefined || existsSync(this.file);
  }

  /** Reads a file that is there, else answers `without`. */
  #read<T, W>(doing: string, without: W, work: (db: DatabaseSync) => T): Promise<T | W> {
    return this.#settled(doing, () => (this.#isThere() ? this.#transaction('BEGIN', work) : without));
  }

  /** Makes the file where there is none. */
  #write<T>(doing: string, work: (db: DatabaseSync) => T): Promise<T> {
    return this.#settled(doing, () => this.#transaction('BEGIN IMMEDIATE', work));
  }

  /** In one transaction with the look at which master key it is, which another process may change. */
  #transaction<T>(begin: 'BEGIN' | 'BEGIN IMMEDIATE', work: (db: DatabaseSync) => T): T {
    const db = (this.#db ??= openKeyFile(this.file, (made, isNew) => this.#begin(made, isNew)));
    db.exec(begin);
    try {
      this.#checkMaster(db);
      const done = work(db);
      db.exec('COMMIT');
      return done;
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }

  /** A file of format 1 is under no master key, and stays so until it is put under one. */
  #begin(db: DatabaseSync, isNew: boolean): void {
    const master = isNew ? this.master : undefined;
    putSetting(db, LOOKUP, wrap(master, LOOKUP, randomBytes(SECRET_BYTES)));
    if (master) putSetting(db, 'master', fingerprintOf(master));
    if (isNew) for (const [log, position] of this.#carriedOut) noteProgress(db, log, position);
  }

  #checkMaster(db: DatabaseSync): void {
    const theirs = setting(db, 'master');
    const ours = this.master && fingerprintOf(this.master);
    if (theirs === undefined ? ours === undefined : ours?.equals(theirs)) return;
    const is = theirs
      ? ours
        ? 'are under another master key'
        : 'are under a master key, and none is set'
      : 'are not under a master key yet';
    const todo = theirs ? 'Set the one that they are under' : 'Put them under it: npm run ledger -- rotate-master-key';
    throw new MasterKeyMismatch(`${this.file}: its keys ${is}. ${todo}.`);
  }

  #settled<T>(doing: string, work: () => T): Promise<T> {
    return new Promise((resolve) => resolve(this.#attempt(doing, work)));
  }

  #attempt<T>(doing: string, work: () => T): T {
    if (this.#isClosed) throw new KeyStoreUnavailable('The key store is closed');
    try {
      return work();
    } catch (cause) {
      const why = whyUnavailable(resultCode(cause));
      if (why === undefined) throw cause;
      throw new KeyStoreUnavailable(`${this.file}, ${doing}: the file ${why}`, { cause });
    }
  }
}

function setting(db: DatabaseSync, name: string): Uint8Array | undefined {
  return db.prepare('SELECT value FROM settings WHERE name = ?').get(name)?.['value'] as Uint8Array | undefined;
}

function putSetting(db: DatabaseSync, name: string, value: Buffer): void {
  db.prepare(
    'INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  ).run(name, value);
}

function noteProgress(db: DatabaseSync, log: string, position: bigint): void {
  db.prepare('INSERT OR REPLACE INTO progress (log, position) VALUES (?, ?)').run(log, position.toString());
}
