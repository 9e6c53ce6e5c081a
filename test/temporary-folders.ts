import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';

/**
 * Makes empty folders, which are removed after the last test of the file, whatever became of it. To be called where hooks
 * can be defined, and after those that end what still uses the folders: hooks run in the order of their definition.
 */
export function temporaryFolders(): () => string {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const folder = mkdtempSync(join(tmpdir(), 'ledger-test-'));
    folders.push(folder);
    return folder;
  };
}
