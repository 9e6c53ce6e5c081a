import { access, constants, stat } from 'node:fs/promises';
import { CommandFailed } from './command.js';
import { errorCode } from './error-code.js';

/** What is wrong with a file that the user named, as the end of a sentence that begins with its path. By Node's error codes. */
export const FILE_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EISDIR: 'is a folder, not a file',
  EACCES: 'cannot be read: no permission',
};

/** In the same words for every command; an error that no file explains stays as it is. */
export function unreadable(path: string, cause: unknown): unknown {
  const fault = FILE_FAULTS[errorCode(cause) ?? ''];
  return fault === undefined ? cause : new CommandFailed(`${path} ${fault}.`, 1, { cause });
}

/** As `unreadable`, of a file that was to be made. */
export function unwritable(path: string, cause: unknown): unknown {
  const code = errorCode(cause);
  const reason = {
    ENOENT: 'its folder does not exist',
    EISDIR: 'it is a folder',
    EACCES: 'no permission',
    ENOSPC: 'the disk is full',
  }[code ?? ''];
  return reason === undefined ? cause : new CommandFailed(`${path} cannot be written: ${reason}.`, 1, { cause });
}

/**
 * Size in bytes of a file that is going to be read.
 * @throws CommandFailed it cannot be read
 */
export async function sizeOfInput(path: string): Promise<number> {
  try {
    await access(path, constants.R_OK);
    return (await stat(path)).size;
  } catch (error) {
    throw unreadable(path, error);
  }
}
