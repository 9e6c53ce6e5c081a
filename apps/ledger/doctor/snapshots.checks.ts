import { access, constants, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SnapshotUnusable } from '../../../src/application/ports/snapshot-store.js';
import { MAX_SNAPSHOT_BYTES, SNAPSHOT_SUFFIX } from '../../../src/infrastructure/snapshots/file-snapshot-store.js';
import { SnapshotFile } from '../../../src/infrastructure/snapshots/snapshot-file.js';
import { errorCode } from '../error-code.js';
import { megabytes } from '../megabytes.js';
import { type Finding, ok, warn, wordsOf } from './finding.js';

const WRITABLE = constants.R_OK | constants.W_OK | constants.X_OK;
/** How many damaged files are named. */
const NAMED = 3;

/**
 * The saved states of long streams; nothing where there are none. They are a cache, so nothing about them is a failure.
 * Without `deep`, only how they begin is read. Writes nothing.
 */
export async function checkSnapshots(folder: string, deep: boolean): Promise<readonly Finding[]> {
  const names = await namesIn(folder);
  if (names === undefined) return [];
  const paths = names.filter((name) => name.endsWith(SNAPSHOT_SUFFIX)).map((name) => join(folder, name));
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const limit = megabytes(MAX_SNAPSHOT_BYTES);
  const streams = paths.length === 1 ? 'one long stream' : `${paths.length} long streams`;
  const found = ok('saved states', `of ${streams}, ${megabytes(bytes)}; at most ${limit} are kept`);
  return [await rightsFinding(folder), found, await contentsFinding(paths, deep)];
}

async function namesIn(folder: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

async function rightsFinding(folder: string): Promise<Finding> {
  try {
    await access(folder, WRITABLE);
    return ok('rights', 'writable');
  } catch {
    const todo = 'Let this user write there: until then, a start reads long streams from their beginning.';
    return warn('rights', `this user may not write to ${folder}`, todo);
  }
}

async function contentsFinding(paths: readonly string[], deep: boolean): Promise<Finding> {
  const unusable: string[] = [];
  for (const path of paths) {
    const problem = await problemOf(path, deep);
    if (problem !== undefined) unusable.push(`${path}: ${problem}`);
  }
  if (unusable.length === 0) return ok('contents', deep ? 'all as they were written' : 'all begin as they should');
  const others = unusable.length > NAMED ? `, and ${unusable.length - NAMED} more` : '';
  const todo = 'Delete them, or leave it to the ledger: it reads the streams instead. Damage may come from the disk.';
  return warn('contents', `${unusable.slice(0, NAMED).join('; ')}${others}`, todo);
}

async function problemOf(path: string, deep: boolean): Promise<string | undefined> {
  try {
    await using file = await open(path, 'r');
    const snapshot = await SnapshotFile.of(file);
    const header = await snapshot.header();
    if (deep) await snapshot.rest(header);
    return undefined;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined; // replaced or removed since
    if (error instanceof SnapshotUnusable || errorCode(error) !== undefined) return wordsOf(error);
    throw error;
  }
}
