import { readdirSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { SnapshotStoreUnavailable, SnapshotUnusable } from '../../src/application/ports/snapshot-store.js';
import { FileSnapshotStore } from '../../src/infrastructure/snapshots/file-snapshot-store.js';
import { describeSnapshotStore, head, snapshotOf } from '../contracts/snapshot-store.contract.js';
import { temporaryFolders } from '../temporary-folders.js';

const temporaryFolder = temporaryFolders();
const LOG = '00000000-0000-4000-8000-00000000000a';
const STREAM = 'stock-A@main';
let folder: string;
let log: string;
let store: FileSnapshotStore;
const openStore = (maxBytes?: number) =>
  new FileSnapshotStore({ folder, log: () => Promise.resolve(log), ...(maxBytes && { maxBytes }) });
beforeEach(() => {
  folder = join(temporaryFolder(), 'data', 'snapshots');
  log = LOG;
  store = openStore();
});
const files = () => readdirSync(folder);
const theFile = () => join(folder, files()[0]!);

describeSnapshotStore('snapshots in files', () => {
  const own = join(temporaryFolder(), 'snapshots');
  return new FileSnapshotStore({ folder: own, log: () => Promise.resolve(LOG) });
});

describe('a file', () => {
  test('is found by the next process, and by one that runs beside', async () => {
    const beside = openStore();
    expect(await beside.read(STREAM, 1)).toBeUndefined();
    await store.write(snapshotOf(STREAM));
    for (const other of [beside, openStore()]) expect(await other.read(STREAM, 1)).toEqual(snapshotOf(STREAM));
  });

  test('is written by several stores at once, as processes on one folder do, and then is one of theirs', async () => {
    const stores = [store, openStore(), openStore()];
    const written = stores.flatMap((_, n) => [n, n + 10].map((onHand) => snapshotOf(STREAM, { state: [{ onHand }] })));
    await Promise.all(written.map((snapshot, n) => stores[n % 3]!.write(snapshot)));
    expect(written).toContainEqual(await store.read(STREAM, 1));
    expect(files()).toHaveLength(1);
  });

  test('of which any byte is changed, added or cut off is not taken', async () => {
    await store.write(snapshotOf(STREAM));
    const whole = readFileSync(theFile());
    const refused = async () => {
      await expect(store.read(STREAM, 1)).rejects.toBeInstanceOf(SnapshotUnusable);
    };
    for (let at = 0; at < whole.length; at++) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 1 << (at % 8);
      writeFileSync(theFile(), damaged);
      await refused();
    }
    for (let length = 0; length < whole.length; length += 3) {
      writeFileSync(theFile(), whole.subarray(0, length));
      await refused();
    }
    writeFileSync(theFile(), Buffer.concat([whole, Buffer.alloc(1)]));
    await refused();
    writeFileSync(theFile(), whole);
    expect(await store.read(STREAM, 1)).toEqual(snapshotOf(STREAM));
  });

  test('that says to be longer than it is takes no memory for it', async () => {
    await store.write(snapshotOf(STREAM));
    const whole = readFileSync(theFile());
    whole.writeUInt32LE(2 ** 32 - 1, 9);
    writeFileSync(theFile(), whole);
    await expect(store.read(STREAM, 1)).rejects.toThrow(/ends too early/);
  });

  test('of another program is not taken, and is named', async () => {
    await store.write(snapshotOf(STREAM));
    writeFileSync(theFile(), 'SQLite format 3 and so on');
    await expect(store.read(STREAM, 1)).rejects.toThrow(`${theFile()}: it is no snapshot of this format`);
  });

  test('of another log is not found, nor taken when it is put in its place', async () => {
    await store.write(snapshotOf(STREAM));
    const mine = readFileSync(theFile());
    log = LOG.replace('a', 'b');
    expect(await store.read(STREAM, 1)).toBeUndefined();
    await store.write(snapshotOf(STREAM, { head: { ...head, revision: 7n } }));
    expect(files()).toHaveLength(2);
    expect(await store.read(STREAM, 1)).toMatchObject({ head: { revision: 7n } });
    for (const name of files()) writeFileSync(join(folder, name), mine);
    await expect(store.read(STREAM, 1)).rejects.toThrow(/is of stock-A@main in the log 0000/);
  });

  test('that cannot be read or written is said to be so', async () => {
    writeFileSync(join(folder, '..', '..', 'data'), ''); // a file where the folder is to be made
    await expect(store.write(snapshotOf(STREAM))).rejects.toBeInstanceOf(SnapshotStoreUnavailable);
    await expect(store.read(STREAM, 1)).rejects.toBeInstanceOf(SnapshotStoreUnavailable);
  });
});

describe('a folder', () => {
  const sized = (stream: string) => snapshotOf(stream, { commands: new Uint32Array(3_000) });

  test('stays below its limit: those written longest ago go first', async () => {
    store = openStore(40_000);
    for (let n = 0; n < 6; n++) {
      await store.write(sized(`stock-${n}@main`));
      for (const name of files()) {
        const { mtimeMs } = statSync(join(folder, name));
        if (mtimeMs > 1_000_000) utimesSync(join(folder, name), n, n);
      }
    }
    const found = await Promise.all([0, 1, 2, 3, 4, 5].map((n) => store.read(`stock-${n}@main`, 1)));
    expect(found.map((snapshot) => snapshot !== undefined)).toEqual([false, false, false, true, true, true]);
    expect(files()).toHaveLength(3);
  });

  test('takes none that is larger than the limit alone, and keeps what it has', async () => {
    store = openStore(40_000);
    await store.write(sized(STREAM));
    const tooLarge = snapshotOf(STREAM, { commands: new Uint32Array(30_000) });
    await expect(store.write(tooLarge)).rejects.toThrow(/takes more than the 40000 bytes that all may take/);
    expect(files()).toHaveLength(1);
    expect(await store.read(STREAM, 1)).toEqual(sized(STREAM));
  });

  test('loses what a killed process left, once it is old, and nothing that may still be written', async () => {
    await store.write(snapshotOf(STREAM));
    const [old, young] = ['x.snapshot.1-1.unfinished', 'y.snapshot.2-1.unfinished'];
    for (const name of [old, young]) writeFileSync(join(folder, name), 'half');
    const anHourAgo = Date.now() / 1_000 - 3_600;
    utimesSync(join(folder, old), anHourAgo, anHourAgo);
    utimesSync(theFile(), anHourAgo, anHourAgo);
    await store.write(snapshotOf('stock-B@main'));
    expect(files()).toHaveLength(3);
    expect(files()).toContain(young);
    expect(await store.read(STREAM, 1)).toBeDefined();
  });
});

test('closing gives up what is being written, and leaves no trace of it', async () => {
  const endless = function* () {
    for (;;) yield 'x'.repeat(1_000);
  };
  const writing = store.write(snapshotOf(STREAM, { state: endless() }));
  const refused = expect(writing).rejects.toBeInstanceOf(SnapshotStoreUnavailable);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await store.close();
  expect(files()).toEqual([]);
  await refused;
});

test('a file that ends after its header is damaged, as after a power failure', async () => {
  await store.write(snapshotOf(STREAM));
  truncateSync(theFile(), 0);
  await expect(store.read(STREAM, 1)).rejects.toThrow(/no snapshot/);
});
