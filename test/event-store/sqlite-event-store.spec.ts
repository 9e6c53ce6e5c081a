import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { StoreUnavailable } from '../../src/application/ports/event-store.js';
import {
  SqliteEventStore,
  type SqliteEventStoreOptions,
} from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { IncompatibleLog } from '../../src/infrastructure/event-store/sqlite-schema.js';
import { identityOf } from '../../src/infrastructure/sqlite/file-identity.js';
import { SqliteWriter } from '../../src/infrastructure/event-store/sqlite-writer.js';
import { describeEventStore } from '../contracts/event-store.contract.js';
import { anyStream, clock, confirmed, streamOf, temporaryLog, transactionsInWal } from './log-file.js';
import { LogProcess } from './log-process.js';

describeEventStore('sqlite', async () => {
  const { file, folder, remove } = await temporaryLog();
  return {
    open: (options) => SqliteEventStore.open({ clock, ...options, file }),
    openEmpty: () => SqliteEventStore.open({ clock, file: join(folder, 'empty.sqlite') }),
    stop: remove,
  };
});

describe('the log in a file is append-only for every program', () => {
  let temporary: Awaited<ReturnType<typeof temporaryLog>>;
  let store: SqliteEventStore;
  /** The file as another program sees it that keeps to none of our rules. */
  let elsewhere: DatabaseSync;
  const stream = anyStream();
  beforeAll(async () => {
    temporary = await temporaryLog();
    store = await SqliteEventStore.open({ file: temporary.file, clock });
    await store.append(stream, 'no-stream', [confirmed('1'), confirmed('2')]);
    elsewhere = new DatabaseSync(temporary.file, { enableForeignKeyConstraints: false });
    elsewhere.exec('PRAGMA recursive_triggers = OFF');
  });
  afterAll(async () => {
    elsewhere.close();
    await store.close();
    await temporary.remove();
  });

  const columns = `position, stream, revision, type, schema_version, occurred_at, recorded_at, id, command_id,
    command_hash, principal, more, data`;
  const copy = (position: number, revision: number) =>
    `INTO events (${columns}) ${`SELECT ${columns} FROM events WHERE position = 2`
      .replace('position,', `${position},`)
      .replace('revision', `${revision}`)}`;
  test.each([
    ['UPDATE', `UPDATE events SET data = '{}' WHERE position = 1`],
    ['UPDATE OR REPLACE', `UPDATE OR REPLACE events SET position = 2 WHERE position = 1`],
    ['DELETE', `DELETE FROM events WHERE position = 2`],
    ['DELETE of all', `DELETE FROM events`],
    ['REPLACE', `REPLACE ${copy(2, 1)}`],
    ['REPLACE of a revision', `INSERT OR REPLACE ${copy(3, 1)}`],
    ['REPLACE of a position', `INSERT OR REPLACE ${copy(1, 2)}`],
    ['IGNORE with a gap', `INSERT OR IGNORE ${copy(5, 2)}`],
    ['a gap in positions', `INSERT ${copy(4, 2)}`],
    ['a position before all', `INSERT ${copy(0, 2)}`],
    ['a gap in revisions', `INSERT ${copy(3, 3)}`],
    ['a revision before all', `INSERT ${copy(3, -1)}`],
    ['UPDATE of a stream', `UPDATE streams SET name = 'order-other'`],
    ['DELETE of a stream', `DELETE FROM streams`],
    ['REPLACE of a stream', `REPLACE INTO streams VALUES (1, 'order-other')`],
    ['REPLACE of a stream by name', `REPLACE INTO streams SELECT 2, name FROM streams`],
    ['UPDATE of a type', `UPDATE event_types SET name = 'OrderCancelled'`],
    ['DELETE of a type', `DELETE FROM event_types`],
    ['REPLACE of a type', `REPLACE INTO event_types VALUES (1, 'OrderCancelled')`],
  ])('%s is refused', async (_, sql) => {
    const before = await streamOf(store, stream);
    expect(() => elsewhere.exec(sql)).toThrow(/the log is append-only/);
    expect(await streamOf(store, stream)).toEqual(before);
  });

  test('the next event is taken from any of them', async () => {
    elsewhere.exec(`INSERT ${copy(3, 2)}`);
    expect(await streamOf(store, stream)).toHaveLength(3);
    await expect(store.append(stream, 2n, [confirmed('4')])).resolves.toMatchObject({ revision: 3n, position: 4n });
  });
});

describe('the log in a file', () => {
  let file: string;
  let folder: string;
  let remove: () => Promise<void>;
  const stores: SqliteEventStore[] = [];
  const others: DatabaseSync[] = [];

  async function open(options: Partial<SqliteEventStoreOptions> = {}): Promise<SqliteEventStore> {
    const store = await SqliteEventStore.open({ file, clock, ...options });
    stores.push(store);
    return store;
  }
  function openElsewhere(): DatabaseSync {
    const database = new DatabaseSync(file, { timeout: 0 });
    others.push(database);
    return database;
  }

  beforeEach(async () => {
    ({ file, folder, remove } = await temporaryLog());
  });
  afterEach(async () => {
    for (const other of others.splice(0)) if (other.isOpen) other.close();
    for (const store of stores.splice(0)) await store.close();
    await remove();
  });

  describe('appends that wait together', () => {
    test('share one transaction', async () => {
      const store = await open();
      await store.append(anyStream(), 'no-stream', [confirmed('the thread runs now')]);
      const holder = openElsewhere();
      holder.exec('PRAGMA wal_checkpoint(TRUNCATE); BEGIN IMMEDIATE'); // until all of them are with the thread
      const appended = Array.from({ length: 100 }, (_, n) =>
        store.append(anyStream(), 'no-stream', [confirmed(`${n}`)]),
      );
      await new Promise((resolve) => setImmediate(resolve));
      holder.exec('ROLLBACK');
      await Promise.all(appended);
      expect(transactionsInWal(file)).toBe(1);
      await store.append(anyStream(), 'no-stream', [confirmed('alone')]);
      expect(transactionsInWal(file)).toBe(2);
    });

    test('succeed, conflict or repeat each by itself', async () => {
      const store = await open();
      const [a, b] = [anyStream(), anyStream()];
      const first = [confirmed('1'), confirmed('2')];
      const outcomes = await Promise.allSettled([
        store.append(a, 'no-stream', first),
        store.append(a, 'no-stream', [confirmed('late')]),
        store.append(b, 0n, [confirmed('too early')]),
        store.append(a, 1n, [confirmed('3')]),
        store.append(a, 'no-stream', first),
        store.append(b, 'no-stream', [confirmed('in time')]),
      ]);
      expect(outcomes).toMatchObject([
        { value: { revision: 1n, position: 2n, repeated: false } },
        { reason: { name: 'ConcurrencyConflict' } },
        { reason: { name: 'ConcurrencyConflict' } },
        { value: { revision: 2n, position: 3n, repeated: false } },
        { value: { revision: 1n, position: 2n, repeated: true } },
        { value: { revision: 0n, position: 4n } },
      ]);
    });

    test('fail each by itself when one of them cannot be written', async () => {
      const store = await open();
      await store.append(anyStream(), 'no-stream', [confirmed('1')]);
      openElsewhere().exec(`CREATE TRIGGER refuse_poison BEFORE INSERT ON events WHEN NEW.data LIKE '%poison%'
        BEGIN SELECT RAISE(ABORT, 'poison'); END`);
      const stream = anyStream();
      const outcomes = await Promise.allSettled([
        store.append(stream, 'no-stream', [confirmed('2')]),
        store.append(anyStream(), 'no-stream', [confirmed('3'), confirmed('poison')]),
        store.append(stream, 0n, [confirmed('4')]),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(outcomes[1]).toMatchObject({
        reason: { name: 'StoreUnavailable', message: expect.stringMatching('poison') as unknown },
      });
      expect(await store.head()).toBe(3n);
    });
  });

  describe('that is not ours', () => {
    const untouched = async (attempt: () => Promise<unknown>) => {
      const fingerprint = () => [createHash('sha256').update(readFileSync(file)).digest('hex'), readdirSync(folder)];
      const before = fingerprint();
      await expect(attempt()).rejects.toBeInstanceOf(IncompatibleLog);
      expect(fingerprint()).toEqual(before);
    };

    test.each(['WAL', 'DELETE'])('is refused and left as it is when its format is newer (%s)', async (mode) => {
      const store = await open();
      await store.append(anyStream(), 'no-stream', [confirmed('1')]);
      await store.close();
      const newer = openElsewhere();
      newer.exec(`PRAGMA user_version = 3; PRAGMA journal_mode = ${mode}`);
      newer.close();
      await untouched(() => open());
      await untouched(() => open({ readOnly: true }));
    });

    test('is refused and left as it is when another program made it', async () => {
      const foreign = openElsewhere();
      foreign.exec('CREATE TABLE notes (text TEXT)');
      foreign.close();
      await untouched(() => open());
    });

    test('is refused and left as it is when it is no database at all', async () => {
      writeFileSync(file, 'Dear diary, '.repeat(500));
      await untouched(() => open());
      writeFileSync(file, 'short');
      await untouched(() => open());
    });

    test('is made where there is none, or an empty file; reading only makes none', async () => {
      await expect(open({ readOnly: true })).rejects.toThrow(StoreUnavailable);
      expect(readdirSync(folder)).toEqual([]);
      writeFileSync(file, '');
      const store = await open();
      expect(await store.head()).toBeUndefined();
      await expect(open({ file: join(folder, 'no', 'such', 'folder') })).rejects.toBeInstanceOf(StoreUnavailable);
    });
  });

  describe('of format 1, which had no identity', () => {
    beforeEach(async () => {
      const store = await open();
      await store.append('order-1', 'no-stream', [confirmed('1')]);
      await store.close();
      openElsewhere().exec('DROP TABLE log; PRAGMA user_version = 1');
    });

    test('is brought up to date once, whoever opens it for writing, and keeps its events', async () => {
      const both = await Promise.all([open(), open()]);
      const [one, other] = await Promise.all(both.map((store) => store.identity()));
      expect(one).toMatch(/^[0-9a-f-]{36}$/);
      expect(other).toBe(one);
      expect(await streamOf(both[0], 'order-1')).toHaveLength(1);
      await both[1].append('order-1', 0n, [confirmed('2')]);
    });

    test('is left as it is by readers, who say how to go on', async () => {
      const before = readFileSync(file);
      await expect(open({ readOnly: true })).rejects.toThrow('Starting the ledger brings it to format 2');
      expect(readFileSync(file).equals(before)).toBe(true);
    });
  });

  test('keeps its identity against every program that opens the file', async () => {
    const identity = await (await open()).identity();
    const elsewhere = openElsewhere();
    for (const sql of [`UPDATE log SET identity = 'x'`, 'DELETE FROM log', `INSERT INTO log VALUES ('x')`]) {
      expect(() => elsewhere.exec(sql)).toThrow('the log is append-only');
    }
    expect(await (await open()).identity()).toBe(identity);
  });

  test('is made once when five open it at the same time', async () => {
    const many = await Promise.all(Array.from({ length: 5 }, () => open()));
    await Promise.all(many.map((store, n) => store.append(`order-${n}`, 'no-stream', [confirmed(`${n}`)])));
    expect(await many[0]?.head()).toBe(5n);
  });

  test('serves readers who may not write, and refuses their appends', async () => {
    const writer = await open();
    const reader = await open({ readOnly: true });
    await writer.append('order-1', 'no-stream', [confirmed('1')]);
    expect(await streamOf(reader, 'order-1')).toHaveLength(1);
    await expect(reader.append('order-1', 0n, [confirmed('2')])).rejects.toBeInstanceOf(StoreUnavailable);
  });

  test('while locked by another process, appends fail typed, readers go on, and nothing is lost', async () => {
    const store = await open({ busyTimeoutMs: 50 });
    await store.append('order-1', 'no-stream', [confirmed('1')]);
    const holder = openElsewhere();
    holder.exec('BEGIN IMMEDIATE');
    const events = [confirmed('2')];
    await expect(store.append('order-1', 0n, events)).rejects.toMatchObject({
      name: 'StoreUnavailable',
      message: expect.stringMatching(/locked/) as unknown,
    });
    expect(await streamOf(store, 'order-1')).toHaveLength(1);
    holder.exec('ROLLBACK');
    await expect(store.append('order-1', 0n, events)).resolves.toMatchObject({ revision: 1n, repeated: false });
  });

  test('waits for a lock that is given back in time', async () => {
    const store = await open({ busyTimeoutMs: 5_000 });
    await store.append('order-1', 'no-stream', [confirmed('1')]);
    const holder = openElsewhere();
    holder.exec('BEGIN IMMEDIATE');
    const appended = store.append('order-1', 0n, [confirmed('2')]);
    await delay(100);
    holder.exec('ROLLBACK');
    await expect(appended).resolves.toMatchObject({ revision: 1n });
  });

  test('cannot be made or opened while another process holds all of it', async () => {
    const holder = openElsewhere();
    holder.exec('BEGIN EXCLUSIVE');
    await expect(open({ busyTimeoutMs: 50 })).rejects.toBeInstanceOf(StoreUnavailable);
    holder.exec('ROLLBACK');
    await expect(open()).resolves.toBeDefined();
  });

  test('that may not grow any more fails typed, keeps what it has, and goes on once it may', async () => {
    const bounded = await open({ maxBytes: 400_000 });
    const big = 'x'.repeat(10_000);
    const written: bigint[] = [];
    let failed: unknown;
    for (let n = 0; n < 100 && failed === undefined; n++) {
      const expected = n === 0 ? 'no-stream' : BigInt(n - 1);
      await bounded.append('order-1', expected, [confirmed(big)]).then(
        ({ revision }) => written.push(revision),
        (cause: unknown) => (failed = cause),
      );
    }
    expect(failed).toBeInstanceOf(StoreUnavailable);
    expect(failed).toMatchObject({ message: expect.stringMatching(/disk is full/) as unknown });
    expect(written.length).toBeGreaterThan(10);
    expect((await streamOf(bounded, 'order-1')).map(({ revision }) => revision)).toEqual(written);
    // An append that fits still goes through, beside one that does not.
    const last = written.at(-1) as bigint;
    await bounded.append('order-small', 'no-stream', [confirmed('fits')]);
    const roomy = await open();
    await expect(roomy.append('order-1', last, [confirmed(big)])).resolves.toMatchObject({ revision: last + 1n });
    expect(openElsewhere().prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  });

  test('on a disk that is full fails typed, and takes appends again when there is room', async () => {
    const inNamespace = ['-Urm', 'sh', '-c'];
    if (spawnSync('unshare', [...inNamespace, 'mount -t tmpfs tmpfs /mnt']).status !== 0) {
      console.log('no small disk can be mounted here, so a full one was not tested');
      return;
    }
    const small = `mount -t tmpfs -o size=3m tmpfs "${folder}" && exec "$@"`;
    const child = new LogProcess('fill-disk', [file], ['unshare', ...inNamespace, small, 'sh']);
    const lines = await child.finished();
    expect(lines).toEqual([
      'full StoreUnavailable', // with what had been acknowledged still there, once
      'intact true',
      'again true',
      'intact true',
    ]);
  });

  test('its writer’s death fails what it had not answered, and the next append starts another', async () => {
    const workers: Worker[] = [];
    await open(); // makes the file
    const url = new URL('../../src/infrastructure/event-store/sqlite-writer.worker.ts', import.meta.url);
    const writer = new SqliteWriter(
      { file, identity: identityOf(file), busyTimeoutMs: 60_000, maxBytes: undefined },
      Date.now,
      (workerData) => {
        const worker = new Worker(url, { workerData });
        workers.push(worker);
        return worker;
      },
    );
    const holder = openElsewhere();
    holder.exec('BEGIN IMMEDIATE');
    const stuck = [1, 2, 3].map((n) => writer.append([`order-${n}`, -1, []]));
    await delay(50);
    const drained = writer.drained();
    void workers[0]?.terminate();
    holder.exec('ROLLBACK');
    for (const append of stuck) await expect(append).rejects.toBeInstanceOf(StoreUnavailable);
    await drained;
    const row = ['id', 'OrderConfirmed', 1, 0, 'c', 'h', 'p', null, '{}'] as const;
    await expect(writer.append(['order-4', -1, [row]])).resolves.toEqual({ kind: 'written', revision: 0, position: 1 });
    expect(workers).toHaveLength(2);
    await writer.close();
  });

  describe('shared with another process', () => {
    test('is followed while that one appends; nothing is missed', async () => {
      const store = await open();
      const child = new LogProcess('append', [file, '200']);
      const arrived = new Map<string, number>();
      const abort = new AbortController();
      for await (const { events } of store.subscribe({ signal: abort.signal })) {
        for (const { id } of events) arrived.set(id, Date.now());
        if (arrived.size >= 200) break;
      }
      const acknowledged = (await child.finished()).map((line) => line.split(' ') as [string, string]);
      expect(new Set(acknowledged.map(([id]) => id))).toEqual(new Set(arrived.keys()));
      const delays = acknowledged.map(([id, at]) => (arrived.get(id) as number) - Number(at)).sort((a, b) => a - b);
      console.log(`from acknowledged there to read here: p50 ${delays[100]} ms, worst ${delays.at(-1)} ms`);
    });

    test('followers that wait ask only whether it changed, together and some 50 times a second', async () => {
      const store = await open();
      await store.append('order-1', 'no-stream', [confirmed('1')]);
      const prepare = jest.spyOn(DatabaseSync.prototype, 'prepare');
      const all = jest.spyOn(StatementSync.prototype, 'all');
      jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'setTimeout', 'performance'] });
      const abort = new AbortController();
      let caughtUp = 0;
      const followers = Array.from({ length: 5 }, async () => {
        for await (const { upTo } of store.subscribe({ signal: abort.signal })) if (upTo === 1n) caughtUp++;
      });
      while (caughtUp < 5 || jest.getTimerCount() === 0) await delay(5);
      jest.advanceTimersByTime(20); // the first question of all wakes them, since it only learns where the log is
      while (jest.getTimerCount() === 0) await delay(5);
      await delay(20);

      prepare.mockClear();
      all.mockClear();
      jest.advanceTimersByTime(1_000);
      await delay(5);
      expect(all.mock.calls.length).toBeGreaterThan(30);
      expect(all.mock.calls.length).toBeLessThan(100);
      abort.abort();
      await Promise.all(followers);
      jest.useRealTimers();
      jest.restoreAllMocks();
    });
  });
});
