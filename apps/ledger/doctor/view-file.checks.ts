import type { DatabaseSync } from 'node:sqlite';
import { openViewFile } from '../../../src/infrastructure/view-store/sqlite-view-file.js';
import { megabytes } from '../megabytes.js';
import type { FollowerRecord } from './follower-record.js';
import { fail, type Finding, ok, warn, wordsOf } from './finding.js';
import { integrityFinding, rightsFinding, sizesOf, walFinding } from './sqlite-file.checks.js';

/** `records` are absent where they could not be read. */
export type CheckedViews = Readonly<{ findings: readonly Finding[]; records?: readonly FollowerRecord[] }>;

const REMAKE = 'Stop the ledger, delete the file with its -wal and -shm, and start: views are made again from the log.';

/** The embedded views, but for the file's lock. Without `deep`, its pages are not read. */
export async function checkViewFile(file: string, deep: boolean): Promise<CheckedViews> {
  const sizes = await sizesOf(file);
  if (sizes.file === undefined) {
    return { findings: [ok('file', `there are no views at ${file} yet; npm start makes them`)], records: [] };
  }
  const rights = await rightsFinding(file);
  if (rights) return { findings: [rights] };
  let database: DatabaseSync | undefined;
  try {
    database = await openViewFile({ file, readOnly: true, busyTimeoutMs: 1_000 });
  } catch (error) {
    return { findings: [fail('format', wordsOf(error), REMAKE)] };
  }
  if (!database) {
    const found = 'of an older format, or empty: views are made again at the next start';
    return { findings: [warn('format', found, 'Start the ledger.')], records: [] };
  }
  try {
    const findings = [ok('file', megabytes(sizes.file)), walFinding(sizes.wal ?? 0)];
    const records = recordsIn(database);
    return { findings: deep ? [...findings, integrityFinding(file, REMAKE)] : findings, records };
  } finally {
    database.close();
  }
}

function recordsIn(database: DatabaseSync): readonly FollowerRecord[] {
  const statement = database.prepare(
    `SELECT coalesce(v.name || '@' || v.version, l.follower) AS follower, v.*, l.holder, l.expires_at
     FROM views v FULL JOIN leases l ON l.follower = v.name || '@' || v.version ORDER BY 1`,
  );
  statement.setReadBigInts(true);
  return (statement.all() as Row[]).map(({ follower, indexes, log, position, holder, expires_at: expiresAt }) => ({
    follower,
    ...(indexes !== null && { indexes }),
    ...(log && { log }),
    ...(position !== null && { position }),
    ...(holder !== null && expiresAt !== null && { holder, expiresAt: Number(expiresAt) }),
  }));
}

type Row = Readonly<{
  follower: string;
  indexes: string | null;
  log?: string | null;
  position: bigint | null;
  holder: string | null;
  expires_at: bigint | null;
}>;
