import { rmSync, statSync } from 'node:fs';
import { ViewStoreUnavailable } from '../../application/ports/view-store.js';
import { identityOf, lossOf, type FileIdentity } from '../sqlite/file-identity.js';

/** Which files a connection has open. */
export type OpenedFiles = Readonly<{ main: FileIdentity; index: FileIdentity | undefined }>;

/** SQLite keeps a WAL, and an index to it, beside its file, and takes any that it finds there for the file's own. */
const walOf = (file: string): string => `${file}-wal`;
const walIndexOf = (file: string): string => `${file}-shm`;

export function openedFiles(file: string): OpenedFiles {
  const index = walIndexOf(file);
  return { main: identityOf(file), index: statSync(index, { throwIfNoEntry: false }) && identityOf(index) };
}

/**
 * Whether the file was deleted, or replaced by a new one.
 * @throws ViewStoreUnavailable another was put in its place, beside a WAL that is not its own: reading both would mix them
 */
export function isLost(file: string, { main, index }: OpenedFiles): boolean {
  const loss = lossOf(file, main);
  if (loss === 'replaced' && index && lossOf(walIndexOf(file), index) === undefined) {
    const remedy = `Stop the ledger, delete ${file}, its -wal and its -shm, then start again: views are made from the log`;
    throw new ViewStoreUnavailable(`${file} was replaced by another file while it was in use. ${remedy}`);
  }
  return loss !== undefined;
}

/** For a file that is gone: whoever has it open still keeps them. */
export function removeCompanions(file: string): void {
  for (const companion of [walOf(file), walIndexOf(file)]) rmSync(companion, { force: true });
}
