import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { StoreUnavailable, type EventStore } from '../../src/application/ports/event-store.js';
import { clock, confirmed, streamOf, temporaryLog } from './log-file.js';

let file: string;
let remove: () => Promise<void>;
let stores: EventStore[];
const open = async () => {
  const store = await SqliteEventStore.open({ file, clock });
  stores.push(store);
  return store;
};

beforeEach(async () => {
  ({ file, remove } = await temporaryLog());
  stores = [];
});
afterEach(async () => {
  for (const store of stores) await store.close();
  await remove();
});

const accidents: readonly [string, string, () => void][] = [
  ['deleted', 'was deleted or moved while it was in use: nothing is recorded. Stop the ledger', () => rmSync(file)],
  ['moved', 'was deleted or moved while it was in use: nothing', () => renameSync(file, `${file}.moved`)],
  [
    'replaced by a copy',
    'was replaced by another file while it was in use: nothing is recorded. Restart the ledger',
    () => {
      copyFileSync(file, `${file}.copy`);
      renameSync(`${file}.copy`, file);
    },
  ],
];

describe.each(accidents)('a log that is %s while it is open', (_, message, happens) => {
  const unavailable = { name: 'StoreUnavailable', message: expect.stringContaining(message) as unknown };

  test('takes no append more, and is not read any more', async () => {
    const store = await open();
    await store.append('order-1', 'no-stream', [confirmed('1')]);
    happens();
    await expect(store.append('order-1', 0n, [confirmed('2')])).rejects.toMatchObject(unavailable);
    const together = [1, 2].map((n) => store.append(`order-2${n}`, 'no-stream', [confirmed('3')]));
    for (const append of together) await expect(append).rejects.toMatchObject(unavailable);
    await expect(store.head()).rejects.toMatchObject(unavailable);
    await expect(streamOf(store, 'order-1')).rejects.toMatchObject(unavailable);
  });

  test('is not made anew by a writer that had not begun', async () => {
    const store = await open();
    happens();
    const there = existsSync(file);
    await expect(store.append('order-1', 'no-stream', [confirmed('1')])).rejects.toBeInstanceOf(StoreUnavailable);
    expect(existsSync(file)).toBe(there);
  });

  test('ends a subscription that waits', async () => {
    const store = await open();
    const { signal } = new AbortController();
    const next = store.subscribe({ signal })[Symbol.asyncIterator]().next();
    happens();
    await expect(next).rejects.toMatchObject(unavailable);
  });
});

test('what was refused is not in the file that was moved away, and a log that is put back is whole and goes on', async () => {
  const store = await open();
  await store.append('order-1', 'no-stream', [confirmed('1')]);
  renameSync(file, `${file}.moved`);
  const refused = [confirmed('2')];
  await expect(store.append('order-1', 0n, refused)).rejects.toBeInstanceOf(StoreUnavailable);
  renameSync(`${file}.moved`, file);
  expect(await store.head()).toBe(1n);
  await expect(store.append('order-1', 0n, refused)).resolves.toMatchObject({ revision: 1n, repeated: false });
});
