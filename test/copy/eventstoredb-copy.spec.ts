import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ConcurrencyConflict } from '../../src/application/ports/event-store.js';
import { copyLog } from '../../src/infrastructure/event-store/copy/copy-log.js';
import { EventStoreDbCopyTarget } from '../../src/infrastructure/event-store/copy/eventstoredb-copy-target.js';
import { SqliteCopyTarget } from '../../src/infrastructure/event-store/copy/sqlite-copy-target.js';
import { EventStoreDbEventStore } from '../../src/infrastructure/event-store/eventstoredb/eventstoredb-event-store.js';
import { clock, confirmed } from '../event-store/log-file.js';
import { EventStoreDbTestServer } from '../eventstoredb-server/server.js';
import { run } from '../online-retail/command-line.js';
import { temporaryFolders } from '../temporary-folders.js';
import { fillLog, rowsOf } from './log-of-many.js';
import { contentOf, eventsOf, explained, SmallLog } from './small-log.js';

const temporaryFolder = temporaryFolders();
let server: EventStoreDbTestServer;
let to: EventStoreDbCopyTarget;
let { log, source, from }: SmallLog = new SmallLog();
let fill: SmallLog['fill'];

beforeEach(async () => {
  server = await new EventStoreDbTestServer().start();
  to = await EventStoreDbCopyTarget.open(server.url(), clock);
  const small = new SmallLog();
  ({ log, source, from } = small);
  fill = (rounds) => small.fill(rounds);
});
afterEach(async () => {
  await to.close();
  server.stop();
});

test('keeps ids, order, revisions, metadata, data and recorded times, there and back', async () => {
  await fill(5);
  await source.append('order-explained', 'no-stream', [explained()]);
  expect(await copyLog({ from, to })).toEqual({ found: 0, copied: 31, more: false });
  const reader = await EventStoreDbEventStore.open({ url: server.url(), clock, readOnly: true });
  expect(await contentOf(reader)).toEqual(await contentOf(source));
  await reader.close();

  const back = await SqliteCopyTarget.open(join(temporaryFolder(), 'log.sqlite'), clock);
  expect(await copyLog({ from: to, to: back })).toEqual({ found: 0, copied: 31, more: false });
  expect(await contentOf(back)).toEqual(await contentOf(from));
  await back.close();
});

test('takes over what this build cannot read, to the letter, and recorded times that went back', async () => {
  await source.append('order-a', 'no-stream', [confirmed('1'), confirmed('2')]);
  const [first, second] = log.events;
  if (!first || !second) throw new Error('two events were appended');
  log.events[0] = { ...first, type: 'FromTheFuture', stored: { schemaVersion: 7, json: '{"new": [1, 2.50]}' } };
  log.events[1] = { ...second, recordedAt: '1999-01-01T00:00:00.000Z' };
  await copyLog({ from, to });
  expect(await contentOf(to)).toMatchObject([
    { type: 'FromTheFuture', data: { schemaVersion: 7, json: '{"new": [1, 2.50]}' } },
    { metadata: { recordedAt: '1999-01-01T00:00:00.000Z' } },
  ]);
});

test('events that were recorded together share an append, as far as it has room', async () => {
  const long = (n: number) => confirmed(`${n} ${'x'.repeat(1_000)}`);
  const half = Array.from({ length: 700 }, (_, n) => long(n));
  const { revision } = await source.append('order-a', 'no-stream', half);
  await source.append(
    'order-a',
    revision,
    Array.from({ length: 700 }, (_, n) => long(n)),
  );
  const before = server.faults.count('batchAppend');
  expect(await copyLog({ from, to })).toMatchObject({ copied: 1_400 });
  expect(server.faults.count('batchAppend') - before).toBe(2); // of 2 MB together
});

describe('when the server fails', () => {
  test.each(['drop', 'die', 'end'] as const)(
    '%s after one of the appends that it was sent together: nothing is there twice',
    async (after) => {
      await fill(4);
      server.faults.plan('batchAppend', {}, 5);
      server.faults.plan('batchAppend', { after }, 1);
      if (after === 'die') setTimeout(() => void server.start(), 300);
      expect(await copyLog({ from, to })).toMatchObject({ copied: 24 });
      expect(await contentOf(to)).toEqual(await contentOf(from));
    },
    20_000,
  );

  test('if it takes later ones and not an earlier one, the copy ends, and the next says which is not in its place', async () => {
    await fill(4);
    server.faults.plan('batchAppend', {}, 5);
    server.faults.plan('batchAppend', { before: 'busy' });
    await expect(copyLog({ from, to })).rejects.toThrow(
      /wrote later appends than one that it did not answer.*Copy again/,
    );
    await expect(copyLog({ from, to })).rejects.toThrow(/Event 10 differs/);
  });

  test('if only an answer is lost, the next copy finds all of it in its place', async () => {
    await fill(4);
    const impatient = await EventStoreDbCopyTarget.open(server.url(), clock, 300);
    server.faults.plan('batchAppend', {}, 5);
    server.faults.plan('batchAppend', { after: 'hang' });
    await expect(copyLog({ from, to: impatient })).rejects.toThrow(/wrote later appends/);
    await impatient.close();
    expect(await copyLog({ from, to })).toEqual({ found: 24, copied: 0, more: false });
  });

  test('if it comes back with another log, nothing is copied into that', async () => {
    await fill(4);
    const events = await eventsOf(from);
    await to.restore(events.slice(0, 9));
    server.stop();
    const other = await new EventStoreDbTestServer({ port: server.port }).start();
    const outcome = await to.restore(events.slice(9)).then(
      () => 'copied',
      (cause: Error) => cause.message,
    );
    other.stop();
    expect(outcome).toMatch(/has lost the log that this process opened/);
    expect(other.log.events).toEqual([]);
  });

  test('if the last ones are not taken, they are sent again', async () => {
    await fill(4);
    server.faults.plan('batchAppend', {}, 10);
    server.faults.plan('batchAppend', { before: 'busy' }, 2);
    expect(await copyLog({ from, to })).toMatchObject({ copied: 24 });
    expect(await contentOf(to)).toEqual(await contentOf(from));
  });

  test('for good: what was copied stays, and copying again goes on', async () => {
    await fill(4);
    const events = await eventsOf(from);
    await to.restore(events.slice(0, 9));
    server.stop();
    await expect(copyLog({ from, to })).rejects.toMatchObject({ name: 'StoreUnavailable' });
    await server.start();
    expect(await copyLog({ from, to })).toEqual({ found: 9, copied: 15, more: false });
  }, 30_000);
});

test('somebody else’s event in a stream is a conflict, not overwritten', async () => {
  await fill(1);
  const other = await EventStoreDbEventStore.open({ url: server.url(), clock });
  await other.append('stock-c', 'no-stream', [confirmed('own')]);
  await other.close();
  await expect(to.restore(await eventsOf(from))).rejects.toThrow(ConcurrencyConflict);
});

test('the command copies there and back, and refuses a server to itself under another name', async () => {
  const [here, back] = [temporaryFolder(), temporaryFolder()];
  await fillLog(join(here, 'log.sqlite'), 1_200);
  const there = await run(here, 'copy', '--from', here, '--to', server.url());
  expect(there).toMatchObject({ exitCode: 0, notes: [] });
  expect(there.lines.join('\n')).toContain('Set EVENTSTORE_URL');
  expect(await run(here, 'copy', '--from', server.url(), '--to', back)).toMatchObject({ exitCode: 0, notes: [] });
  expect(rowsOf(join(back, 'log.sqlite'))).toEqual(rowsOf(join(here, 'log.sqlite')));

  const alias = server.url().replace('127.0.0.1', 'localhost');
  expect(await run(here, 'copy', '--from', server.url(), '--to', alias)).toMatchObject({
    exitCode: 2,
    notes: [expect.stringContaining('are the same log')],
  });
});
