import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { FileSnapshotStore } from '../../src/infrastructure/snapshots/file-snapshot-store.js';
import { temporaryFolders } from '../temporary-folders.js';
import { largeSnapshot, LOG, STREAM } from './large-snapshot.js';

const LOADER = new URL('../../scripts/typescript.mjs', import.meta.url).href;
const PROGRAM = fileURLToPath(new URL('./crash.main.ts', import.meta.url));
const temporaryFolder = temporaryFolders();

/** A process that writes snapshots, once it has written one. */
async function writer(folder: string, first: number): Promise<ChildProcess> {
  const node = ['--disable-warning=ExperimentalWarning', '--import', LOADER, PROGRAM, folder, String(first)];
  const child = spawn(process.execPath, node, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.stdout.resume();
  return child;
}

test('two processes that write one stream, killed at any moment, leave a snapshot that is whole, or none', async () => {
  const folder = join(temporaryFolder(), 'snapshots');
  const store = new FileSnapshotStore({ folder, log: () => Promise.resolve(LOG) });
  const unfinished = () => readdirSync(folder).filter((name) => name.endsWith('.unfinished'));
  let leftovers = 0;
  for (let round = 0; round < 3; round++) {
    const children = await Promise.all([0, 1].map((n) => writer(folder, 100 * round + n)));
    for (const child of children) {
      await new Promise((resolve) => setTimeout(resolve, 9 * round + 3));
      child.kill('SIGKILL');
    }
    await Promise.all(children.map(async (child) => child.signalCode ?? (await once(child, 'exit'))));
    leftovers = Math.max(leftovers, unfinished().length);
    const found = await store.read(STREAM, 1);
    expect(found?.head.revision).toBeGreaterThanOrEqual(BigInt(100 * round));
    const { state, commands } = largeSnapshot(Number(found?.head.revision));
    expect(found?.state).toEqual(state);
    expect(Buffer.from(found!.commands.buffer).equals(Buffer.from(commands.buffer))).toBe(true);
  }
  expect(leftovers).toBeGreaterThan(0); // or nobody was killed while it wrote
  const anHourAgo = Date.now() / 1_000 - 3_600;
  for (const name of unfinished()) utimesSync(join(folder, name), anHourAgo, anHourAgo);
  await store.write(largeSnapshot(1));
  expect(readdirSync(folder).map((name) => statSync(join(folder, name)).size > 0)).toEqual([true]);
});
