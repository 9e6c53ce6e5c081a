import { mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Where a ledger keeps its files; all paths are absolute. */
export type DataFolder = Readonly<{
  path: string;
  logFile: string;
  viewsFile: string;
  keysFile: string;
  snapshotsFolder: string;
}>;

/** The folder cannot be made or written. `message` says which, and why, in plain words. */
export class DataFolderUnusable extends Error {
  override readonly name = 'DataFolderUnusable';
}

export function dataFolderAt(path: string): DataFolder {
  const absolute = resolve(path);
  return {
    path: absolute,
    logFile: join(absolute, 'log.sqlite'),
    viewsFile: join(absolute, 'views.sqlite'),
    keysFile: join(absolute, 'keys.sqlite'),
    snapshotsFolder: join(absolute, 'snapshots'),
  };
}

/**
 * Makes the folder where it is missing, and writes a file in it to see that it can be written.
 * @throws DataFolderUnusable
 */
export async function prepareDataFolder(path: string): Promise<DataFolder> {
  const folder = dataFolderAt(path);
  const probe = join(folder.path, `.write-test-${process.pid}`);
  try {
    await makeFolder(folder.path);
    const file = await open(probe, 'w');
    await file.close();
    await rm(probe, { force: true });
  } catch (cause) {
    throw new DataFolderUnusable(
      `The data folder ${folder.path} cannot be used: ${reasonOf(cause as NodeJS.ErrnoException)}. ` +
        'Set LEDGER_DATA to a folder that this user may write.',
      { cause },
    );
  }
  return folder;
}

/** With those above it, one after the other: Node's `recursive` never returns where one of them takes no folders (/proc). */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (code !== 'ENOENT' || (await exists(dirname(path)))) throw error;
    await makeFolder(dirname(path));
    await makeFolder(path);
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'its file system is read-only',
  ENOSPC: 'its disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EEXIST: 'there is a file of that name',
  ENOENT: 'its path cannot be made',
  ENAMETOOLONG: 'its name is too long',
};

const reasonOf = ({ code, message }: NodeJS.ErrnoException): string => REASONS[code ?? ''] ?? message;
