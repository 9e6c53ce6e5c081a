import { beforeEach, expect, test } from '@jest/globals';
import { StoreUnavailable } from '../../src/application/ports/event-store.js';
import { collectionOf } from '../../src/application/ports/view-store.js';
import { ViewNotReady, ViewReader } from '../../src/application/views/view-reader.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { MemoryViewStore, MemoryViews } from '../../src/infrastructure/view-store/memory-view-store.js';
import { stockView } from '../../src/projections/stock.view.js';

const LOG = '7a2f7c1e-4a0b-4a8e-9d3f-0b5e8a1c2d3e';
let views: MemoryViewStore;
let head: bigint | undefined | StoreUnavailable;
let reader: ViewReader;
let identity = LOG;

beforeEach(async () => {
  views = new MemoryViewStore(systemClock, new MemoryViews());
  identity = LOG;
  await views.prepare(stockView, LOG);
  reader = new ViewReader(views, {
    identity: () => Promise.resolve(identity),
    head: () => (head instanceof StoreUnavailable ? Promise.reject(head) : Promise.resolve(head)),
  });
});
const builtUpTo = async (checkpoint: bigint) => {
  const lease = await views.acquireLease(collectionOf(stockView), 'test', 60_000);
  if (!lease) throw new Error('the lease is free');
  await views.commit(stockView, { documents: [], checkpoint }, lease);
};
const read = () => reader.read(stockView, { waitMs: 0 }, () => Promise.resolve('read'));

test.each([
  ['an empty log needs no view', undefined, undefined, { value: 'read', lag: 0n }],
  ['a view at the head', 7n, 7n, { value: 'read', position: 7n, lag: 0n }],
  ['a view behind', 5n, 7n, { value: 'read', position: 5n, lag: 2n }],
  ['a log that does not answer', 5n, new StoreUnavailable('gone'), { value: 'read', position: 5n }],
])('%s is read, and it says how old it may be', async (_, checkpoint, end, answer) => {
  if (checkpoint !== undefined) await builtUpTo(checkpoint);
  head = end;
  expect(await read()).toEqual(answer);
  expect(await reader.notReady([stockView])).toEqual([]);
});

test.each([
  ['has not been begun', undefined, 1n],
  ['has not been begun, as far as anybody knows', undefined, new StoreUnavailable('gone')],
  ['was made from a longer log', 7n, 6n],
  ['was made from a log that began anew', 7n, undefined],
  ['was made from another log', 5n, 7n, '0c9d1b52-6f3e-4f4b-8a57-2e1d90c7b6a4'],
  ['was made from another log than this empty one', 5n, undefined, '0c9d1b52-6f3e-4f4b-8a57-2e1d90c7b6a4'],
])('a view that %s is not read, and not ready', async (_, checkpoint, end, otherIdentity = LOG) => {
  if (checkpoint !== undefined) await builtUpTo(checkpoint);
  head = end;
  identity = otherIdentity;
  await expect(read()).rejects.toBeInstanceOf(ViewNotReady);
  expect(await reader.notReady([stockView])).toEqual(['stock']);
});

test('a view is not read on when the log was away and another has come back', async () => {
  await builtUpTo(5n);
  head = 7n;
  expect(await read()).toMatchObject({ position: 5n });
  head = new StoreUnavailable('gone');
  expect(await read()).toEqual({ value: 'read', position: 5n });
  head = 7n;
  identity = '0c9d1b52-6f3e-4f4b-8a57-2e1d90c7b6a4';
  await expect(read()).rejects.toBeInstanceOf(ViewNotReady);
});
