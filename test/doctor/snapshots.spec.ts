import { chmodSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { FileSnapshotStore } from '../../src/infrastructure/snapshots/file-snapshot-store.js';
import { snapshotOf } from '../contracts/snapshot-store.contract.js';
import { temporaryFolders } from '../temporary-folders.js';
import { diagnose } from './doctor.js';

const temporaryFolder = temporaryFolders();
let env: { LEDGER_DATA: string };
let folder: string;
beforeEach(() => {
  env = { LEDGER_DATA: temporaryFolder() };
  folder = join(env.LEDGER_DATA, 'snapshots');
});

async function save(...streams: readonly string[]): Promise<void> {
  const store = new FileSnapshotStore({ folder, log: () => Promise.resolve('a') });
  for (const stream of streams) await store.write(snapshotOf(stream));
  await store.close();
}
const files = () => readdirSync(folder).map((name) => join(folder, name));
const contents = () => files().map((path) => readFileSync(path, 'latin1'));

test('where nothing was saved there is nothing to say', async () => {
  const { sections, exitCode } = await diagnose(env, '--deep');
  expect([sections.map(({ name }) => name).includes('snapshots'), exitCode]).toEqual([false, 0]);
});

test('what was saved is counted, and left as it is', async () => {
  await save('stock-A@main', 'stock-B@main');
  const before = contents();
  for (const options of [[], ['--deep']]) {
    const diagnosis = await diagnose(env, ...options);
    expect(diagnosis.complaints).toEqual([]);
    expect(diagnosis.finding('snapshots', 'saved states')?.found).toMatch(
      /^of 2 long streams, 0\.0 MB; at most 1073\.7 MB/,
    );
  }
  expect(contents()).toEqual(before);
});

test('a damaged one is told, its beginning at once, the rest when asked to look deep; and is no failure', async () => {
  await save('stock-A@main', 'stock-B@main');
  const [one, other] = files() as [string, string];
  const bytes = readFileSync(one);
  bytes[bytes.length - 40]! ^= 1;
  writeFileSync(one, bytes);
  expect((await diagnose(env)).complaints).toEqual([]);
  const deep = await diagnose(env, '--deep');
  expect([deep.complaints, deep.exitCode]).toEqual([['warn: snapshots, contents'], 0]);
  expect(deep.finding('snapshots', 'contents')?.found).toBe(`${one}: it is damaged: it is not what was written`);
  truncateSync(other, 3);
  expect((await diagnose(env)).finding('snapshots', 'contents')?.found).toBe(
    `${other}: it is no snapshot of this format`,
  );
});

test('a folder that cannot be written is told', async () => {
  await save('stock-A@main');
  chmodSync(folder, 0o500);
  const { complaints } = await diagnose(env);
  chmodSync(folder, 0o700);
  expect(complaints).toEqual(process.getuid?.() === 0 ? [] : ['warn: snapshots, rights']); // root may write anywhere
});
