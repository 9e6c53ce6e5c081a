import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { DataFolderUnusable, prepareDataFolder } from '../../src/infrastructure/config/data-folder.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-folder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a missing folder is made, with those above it, and left empty', async () => {
  const path = join(folder, 'a', 'b');
  expect(await prepareDataFolder(path)).toEqual({
    path,
    logFile: join(path, 'log.sqlite'),
    viewsFile: join(path, 'views.sqlite'),
    keysFile: join(path, 'keys.sqlite'),
    snapshotsFolder: join(path, 'snapshots'),
  });
  expect(await readdir(path)).toEqual([]);
});

test('a folder under a file cannot be used', async () => {
  await writeFile(join(folder, 'file'), '');
  const path = join(folder, 'file', 'data');
  await expect(prepareDataFolder(path)).rejects.toThrow(DataFolderUnusable);
  await expect(prepareDataFolder(path)).rejects.toThrow(`${path} cannot be used: a part of its path is a file`);
});

test('a file cannot be used as a folder', async () => {
  const path = join(folder, 'file');
  await writeFile(path, 'kept');
  await expect(prepareDataFolder(path)).rejects.toThrow('there is a file of that name');
});

test('a folder where the system takes none cannot be used, and says so at once', async () => {
  await expect(prepareDataFolder('/proc/ledger/data')).rejects.toThrow('its path cannot be made');
});

test('a folder behind a link that leads nowhere cannot be used', async () => {
  await symlink(join(folder, 'nowhere'), join(folder, 'link'));
  await expect(prepareDataFolder(join(folder, 'link'))).rejects.toThrow(DataFolderUnusable);
});
