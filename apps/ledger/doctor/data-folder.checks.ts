import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../error-code.js';
import { diskFinding, fail, type Finding, ok } from './finding.js';

const WRITABLE = constants.R_OK | constants.W_OK | constants.X_OK;

/** Whether files can be made in it, or it can be made itself, and how much room there is. Makes nothing. */
export async function checkDataFolder(path: string): Promise<readonly Finding[]> {
  const existing = await nearestExisting(path);
  const { bavail, blocks, bsize } = await statfs(existing);
  return [await folderFinding(path, existing), diskFinding(bavail * bsize, blocks * bsize, `at ${existing}`)];
}

async function folderFinding(path: string, existing: string): Promise<Finding> {
  const todo = 'Let this user write there, or set LEDGER_DATA to another folder.';
  if (!(await stat(existing)).isDirectory()) return fail('folder', `${existing} is a file, not a folder`, todo);
  try {
    await access(existing, WRITABLE);
  } catch (error) {
    const why = errorCode(error) === 'EROFS' ? 'its file system is read-only' : 'this user may not write there';
    return fail('folder', `${existing}: ${why}`, todo);
  }
  return ok('folder', existing === path ? `${path}, writable` : `${path} is not there yet, and can be made`);
}

/** The folder itself, or the one above it that it would be made in. */
async function nearestExisting(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '') || dirname(path) === path) throw error;
    return nearestExisting(dirname(path));
  }
}
