import { access, constants, stat } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { pause } from '../../../src/application/pause.js';
import { isBusy } from '../../../src/infrastructure/sqlite/result-code.js';
import { errorCode } from '../error-code.js';
import { megabytes } from '../megabytes.js';
import { fail, type Finding, ok, warn } from './finding.js';

/** Sizes in bytes of a SQLite file and its write-ahead log; `undefined` for one that is not there. */
export type FileSizes = Readonly<{ file: number | undefined; wal: number | undefined }>;

export async function sizesOf(file: string): Promise<FileSizes> {
  const [main, wal] = await Promise.all([sizeOf(file), sizeOf(`${file}-wal`)]);
  return { file: main, wal };
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** Four times what the log keeps to, and more than the views' own limit. */
const WAL_WARN_BYTES = 256 * 1024 * 1024;

export function walFinding(bytes: number): Finding {
  if (bytes <= WAL_WARN_BYTES) return ok('WAL', megabytes(bytes));
  const todo = 'Some program keeps one transaction open on the file: find it (lsof, fuser) and end it.';
  return warn('WAL', `${megabytes(bytes)}, and should be below ${megabytes(WAL_WARN_BYTES)}`, todo);
}

export async function rightsFinding(file: string): Promise<Finding | undefined> {
  try {
    await access(file, constants.R_OK | constants.W_OK);
    return undefined;
  } catch {
    const todo = 'Make it this user’s, or run the ledger as the user who owns it.';
    return fail('rights', `this user may not read and write ${file}`, todo);
  }
}

/** Reads the whole file. A write-ahead log cannot be taken back while it does. */
export function integrityFinding(file: string, todo: string): Finding {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const startedAt = performance.now();
    const rows = database.prepare('PRAGMA quick_check(5)').all() as { quick_check: string }[];
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const damage = rows.map(({ quick_check }) => quick_check).join('; ');
    return damage === 'ok' ? ok('contents', `quick_check is ok, in ${seconds} s`) : fail('contents', damage, todo);
  } finally {
    database.close();
  }
}

/** A ledger's own writes hold the lock for milliseconds; a disk that is busy, for longer. */
const LOCK_WAIT_MS = 2_000;

/**
 * Takes the lock for writing and gives it back. Of several connections to a file, the last one to close that may write
 * tidies up what lies beside it: so this is to be the last here where there was nothing beside it, and not where there was.
 */
export async function lockFinding(file: string, walBefore: number | undefined): Promise<Finding> {
  const reader = walBefore === undefined ? undefined : new DatabaseSync(file, { readOnly: true });
  reader?.prepare('SELECT count(*) FROM sqlite_schema').get(); // now it counts as a connection
  try {
    return await tryLock(file);
  } finally {
    reader?.close();
  }
}

async function tryLock(file: string): Promise<Finding> {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    const startedAt = performance.now();
    for (;;) {
      try {
        database.exec('BEGIN IMMEDIATE; ROLLBACK');
        return ok('lock', `free after ${Math.round(performance.now() - startedAt)} ms`);
      } catch (cause) {
        if (!isBusy(cause)) throw cause;
      }
      if (performance.now() - startedAt > LOCK_WAIT_MS) break;
      await pause(20);
    }
  } finally {
    database.close();
  }
  const todo = 'Another program holds the file: find it (lsof, fuser) and end it. Nothing can be written until then.';
  return fail('lock', `locked by another program for more than ${LOCK_WAIT_MS / 1000} s`, todo);
}
