import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Recorded } from '../../src/domain/fact.js';
import { copyLog, type CopyProgress, type CopyTarget } from '../../src/infrastructure/event-store/copy/copy-log.js';
import { SqliteCopyTarget } from '../../src/infrastructure/event-store/copy/sqlite-copy-target.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { clock, confirmed, temporaryLog, writeStream } from '../event-store/log-file.js';
import { contentOf, eventsOf, explained, SmallLog } from './small-log.js';

let file: string;
let remove: () => Promise<void>;
let { log, source, from }: SmallLog = new SmallLog();
let fill: SmallLog['fill'];
let to: SqliteCopyTarget;

beforeEach(async () => {
  ({ file, remove } = await temporaryLog());
  const small = new SmallLog();
  ({ log, source, from } = small);
  fill = (rounds) => small.fill(rounds);
  to = await SqliteCopyTarget.open(file, clock);
});
afterEach(async () => {
  await to.close();
  await remove();
});

test('keeps ids, order, revisions, metadata, data and recorded times', async () => {
  await fill(5);
  await source.append('order-explained', 'no-stream', [explained()]);
  expect(await copyLog({ from, to })).toEqual({ found: 0, copied: 31, more: false });
  const copied = await SqliteEventStore.open({ file, clock, readOnly: true });
  const events = await contentOf(copied);
  await copied.close();
  expect(events).toHaveLength(31);
  expect(events).toEqual(await contentOf(source));
  expect(new Set(events.map(({ metadata }) => metadata.recordedAt)).size).toBe(5);
});

test('takes over what this build cannot read, and the recorded times of a log whose clock went back', async () => {
  await source.append('order-a', 'no-stream', [confirmed('1'), confirmed('2')]);
  const [first, second] = log.events;
  if (!first || !second) throw new Error('two events were appended');
  log.events[0] = { ...first, type: 'FromTheFuture', stored: { schemaVersion: 7, json: '{"new": [1, 2.50]}' } };
  log.events[1] = { ...second, recordedAt: '1999-01-01T00:00:00.000Z' };
  log.streams.set('order-a', [...log.events]);
  await copyLog({ from, to });
  const rows = new DatabaseSync(file, { readOnly: true })
    .prepare('SELECT t.name, schema_version, recorded_at, data FROM events JOIN event_types t ON t.number = type')
    .all();
  expect(rows).toMatchObject([
    { name: 'FromTheFuture', schema_version: 7, data: '{"new": [1, 2.50]}' },
    { recorded_at: Date.UTC(1999, 0, 1) },
  ]);
});

test('an empty log is a copy of an empty log', async () => {
  expect(await copyLog({ from, to })).toEqual({ found: 0, copied: 0, more: false });
});

describe('copied again', () => {
  test('nothing is written when nothing is new', async () => {
    await fill(3);
    await copyLog({ from, to });
    expect(await copyLog({ from, to })).toEqual({ found: 18, copied: 0, more: false });
    expect(await eventsOf(to)).toHaveLength(18);
  });

  test('what the source has taken since comes behind', async () => {
    await fill(2);
    await copyLog({ from, to });
    await fill(1);
    expect(await copyLog({ from, to })).toEqual({ found: 12, copied: 6, more: false });
    expect(await contentOf(to)).toEqual(await contentOf(from));
  });

  test.each([1, 7, 17])('it goes on after the %s events that were there when it was stopped', async (written) => {
    await fill(3);
    await to.restore((await eventsOf(from)).slice(0, written));
    expect(await copyLog({ from, to })).toEqual({ found: written, copied: 18 - written, more: false });
    expect(await contentOf(to)).toEqual(await contentOf(from));
  });

  test('it goes on after it was interrupted between two batches', async () => {
    const events = Array.from({ length: 4_500 }, (_, n) => confirmed(String(n)));
    await writeStream(source, 'order-a', events, 1_500);
    const stop = new AbortController();
    const stopped = copyLog({ from, to, signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
    await expect(stopped).rejects.toThrow('enough');
    const found = (await eventsOf(to)).length;
    expect(found).toBeGreaterThan(0);
    expect(found).toBeLessThan(4_500);
    expect(await copyLog({ from, to })).toEqual({ found, copied: 4_500 - found, more: false });
  });
});

test('interrupted while it compares what is there, it writes nothing and says that it was stopped', async () => {
  await fill(3);
  await copyLog({ from, to });
  await fill(3);
  const stop = new AbortController();
  const halfRead: CopyTarget = {
    readAll: async function* (query) {
      for await (const batch of to.readAll({ ...query, batchSize: 5 })) {
        yield batch;
        stop.abort(new Error('enough'));
        return;
      }
    },
    restore: (events) => to.restore(events),
  };
  await expect(copyLog({ from, to: halfRead, signal: stop.signal })).rejects.toThrow('enough');
  expect(await eventsOf(to)).toHaveLength(18);
});

test('says that there is more when the source goes on meanwhile', async () => {
  await fill(1);
  let went = false;
  const onProgress = ({ step }: CopyProgress): void => {
    if (step === 'copying' || went) return;
    void source.append('order-late', 'no-stream', [confirmed('late')]);
    went = true;
  };
  expect(await copyLog({ from, to, onProgress })).toEqual({ found: 0, copied: 6, more: true });
  expect(await copyLog({ from, to })).toEqual({ found: 6, copied: 1, more: false });
});

describe('a target that holds something else', () => {
  test('is refused with the first event that differs, and left as it is', async () => {
    await fill(2);
    await to.restore((await eventsOf(from)).slice(0, 3));
    const other: Recorded = { ...((await eventsOf(from))[3] as Recorded), id: '00000000-0000-5000-8000-000000000000' };
    await to.restore([other]);
    await expect(copyLog({ from, to })).rejects.toThrow(
      /^Event 4 differs: OrderConfirmed in stock-c at revision 0, id is .+ in the source, 00000000-/,
    );
    expect(await eventsOf(to)).toHaveLength(4);
  });

  test.each([
    ['recordedAt', (event: Recorded) => ({ metadata: { ...event.metadata, recordedAt: '2020-02-02T00:00:00.000Z' } })],
    ['data', () => ({ data: { schemaVersion: 2, json: '{"orderId":"other"}' } })],
    ['reason', (event: Recorded) => ({ metadata: { ...event.metadata, reason: 'invented' } })],
  ])('is refused for its %s alone', async (part, changed) => {
    await fill(1);
    const [first] = await eventsOf(from);
    await to.restore([{ ...(first as Recorded), ...changed(first as Recorded) }]);
    await expect(copyLog({ from, to })).rejects.toThrow(
      `Event 1 differs: OrderConfirmed in order-a at revision 0, ${part}`,
    );
  });

  test('is refused when it goes on where the source ends', async () => {
    await fill(1);
    await copyLog({ from, to });
    const own = await SqliteEventStore.open({ file, clock });
    await own.append('order-own', 'no-stream', [confirmed('1')]);
    await own.close();
    await expect(copyLog({ from, to })).rejects.toThrow(
      'Event 7 differs: the target has OrderConfirmed in order-own at revision 0, the source has ended',
    );
  });

  test('is refused when somebody writes to a stream of the source meanwhile, with nothing of that batch written', async () => {
    await fill(2);
    const own = await SqliteEventStore.open({ file, clock });
    await own.append('stock-c', 'no-stream', [confirmed('1')]);
    const batch = await eventsOf(from);
    await expect(to.restore(batch)).rejects.toMatchObject({ name: 'ConcurrencyConflict', stream: 'stock-c' });
    expect(await eventsOf(to)).toHaveLength(1);
    await own.close();
  });
});
