import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LeaseLost, ViewStoreUnavailable, type Lease } from '../../src/application/ports/view-store.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { IncompatibleViews } from '../../src/infrastructure/view-store/sqlite-view-file.js';
import { findSql } from '../../src/infrastructure/view-store/sqlite-view-sql.js';
import { SqliteViewStore } from '../../src/infrastructure/view-store/sqlite-view-store.js';
import type { ViewDefinition } from '../../src/projections/projection.js';

type Note = Readonly<{ _id: string; topic: string; rank: number; text?: string }>;
const notes: ViewDefinition<Note> = {
  name: 'notes',
  version: 1,
  indexes: { byTopic: { parts: ['text', 'integer'], of: ({ topic, rank }) => [topic, BigInt(rank)] } },
};
const note = (n: number, text = '') => ({ _id: `note-${n}`, topic: `t${n % 3}`, rank: n, text, asOf: BigInt(n + 1) });

const LOG = '7a2f7c1e-4a0b-4a8e-9d3f-0b5e8a1c2d3e';
let folder: string;
let file: string;
let opened: SqliteViewStore[];
const open = async (options: { readOnly?: boolean; busyTimeoutMs?: number } = {}) => {
  const store = await SqliteViewStore.open({ file, clock: systemClock, ...options });
  opened.push(store);
  return store;
};
const writer = async (store: SqliteViewStore): Promise<Lease> => {
  await store.prepare(notes, LOG);
  const lease = await store.acquireLease('notes@1', 'test', 60_000);
  if (!lease) throw new Error('the lease is free');
  return lease;
};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-views-'));
  file = join(folder, 'views.sqlite');
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()));
  await rm(folder, { recursive: true });
});

describe('whose file it is', () => {
  const foreign: [string, () => void][] = [
    ['text', () => writeFileSync(file, 'Not a database, but longer than the header of one. '.repeat(10))],
    ['a database of another program', () => sqlite('CREATE TABLE t (a)')],
    ['a database of another program, in WAL mode', () => sqlite('PRAGMA journal_mode = WAL; CREATE TABLE t (a)')],
    ['a database with another application id', () => sqlite('PRAGMA application_id = 7')],
  ];
  const sqlite = (sql: string) => {
    const db = new DatabaseSync(file);
    db.exec(sql);
    db.close();
  };

  test.each(foreign)('%s is refused and left as it is', async (_, make) => {
    make();
    const before = readFileSync(file);
    for (const readOnly of [false, true]) await expect(open({ readOnly })).rejects.toBeInstanceOf(IncompatibleViews);
    expect(readFileSync(file)).toEqual(before);
  });

  test('a newer format is refused and left as it is', async () => {
    await (await open()).close();
    sqlite('PRAGMA user_version = 3; CREATE TABLE from_the_future (a)');
    const before = readFileSync(file);
    for (const readOnly of [false, true]) await expect(open({ readOnly })).rejects.toThrow('has format 3');
    expect(readFileSync(file)).toEqual(before);
  });

  test('an older format is emptied by whoever may write, to be filled again, and its leases count no more', async () => {
    const before = await open();
    const old = await writer(before);
    await before.commit(notes, { documents: [note(1)], checkpoint: 2n }, old);
    await before.close();
    sqlite('ALTER TABLE views DROP COLUMN log; PRAGMA user_version = 1');
    const reader = await open({ readOnly: true });
    expect(await reader.checkpoint(notes)).toBeUndefined();
    const store = await open();
    expect(await store.versions('notes')).toEqual([]);
    const { epoch } = await writer(store);
    expect(epoch).toBeGreaterThan(old.epoch);
    await expect(store.commit(notes, { documents: [], checkpoint: 3n }, old)).rejects.toBeInstanceOf(LeaseLost);
    expect(await reader.versions('notes')).toEqual([1]);
  });

  test('an empty file becomes one of ours, and several that open at once agree', async () => {
    writeFileSync(file, '');
    const stores = await Promise.all([open(), open(), open(), open()]);
    await Promise.all(stores.map((store) => store.prepare(notes, LOG)));
    expect(await stores[0]?.versions('notes')).toEqual([1]);
  });

  test('a folder that is missing, or a folder in its place, is unavailable', async () => {
    const place = file;
    file = join(folder, 'missing', 'views.sqlite');
    await expect(open()).rejects.toBeInstanceOf(ViewStoreUnavailable);
    file = folder;
    await expect(open()).rejects.toBeInstanceOf(ViewStoreUnavailable);
    file = place;
  });
});

describe('a read-only handle', () => {
  test('makes nothing, sees nothing, and then what another makes', async () => {
    const reader = await open({ readOnly: true });
    expect(await reader.get(notes, 'note-1')).toBeUndefined();
    expect(await reader.find(notes, { index: 'byTopic', limit: 1 })).toEqual({ documents: [] });
    expect(await reader.checkpoint(notes)).toBeUndefined();
    expect(await reader.lease('notes@1')).toBeUndefined();
    expect(await reader.versions('notes')).toEqual([]);
    expect(existsSync(file)).toBe(false);
    const store = await open();
    const lease = await writer(store);
    await store.commit(notes, { documents: [note(1)], checkpoint: 2n }, lease);
    expect((await Promise.all([1, 2, 3].map(() => reader.get(notes, 'note-1')))).map((found) => found?.rank)).toEqual([
      1, 1, 1,
    ]);
    expect((await reader.checkpoint(notes))?.position).toBe(2n);
  });

  test('writes nothing', async () => {
    const lease = await writer(await open());
    const reader = await open({ readOnly: true });
    const writes = [
      () => reader.commit(notes, { documents: [note(1)], checkpoint: 2n }, lease),
      () => reader.prepare({ ...notes, version: 2 }, LOG),
      () => reader.drop('notes', 1),
      () => reader.acquireLease('notes@1', 'test', 1),
      () => reader.releaseLease(lease),
    ];
    for (const write of writes) await expect(write()).rejects.toBeInstanceOf(ViewStoreUnavailable);
    expect(await reader.lease('notes@1')).toEqual(lease);
  });
});

describe('a file that is locked', () => {
  test('is unavailable after the time to wait, and nothing is lost', async () => {
    const store = await open({ busyTimeoutMs: 150 });
    const lease = await writer(store);
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const commit = () => store.commit(notes, { documents: [note(1)], checkpoint: 2n }, lease);
    let turns = 0;
    const timer = setInterval(() => turns++, 5);
    await expect(commit()).rejects.toBeInstanceOf(ViewStoreUnavailable);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2); // others in this process went on
    expect(await store.get(notes, 'note-1')).toBeUndefined(); // reading goes on too
    other.exec('COMMIT');
    other.close();
    await commit();
    expect((await store.checkpoint(notes))?.position).toBe(2n);
  });

  test('is waited for', async () => {
    const store = await open();
    const lease = await writer(store);
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const committed = store.commit(notes, { documents: [note(1)], checkpoint: 2n }, lease);
    setTimeout(() => other.exec('COMMIT'), 100);
    await committed;
    other.close();
    expect(await store.get(notes, 'note-1')).toBeDefined();
  });
});

test('a file that cannot grow is unavailable; what was committed stays, and it goes on when there is room', async () => {
  const first = await open();
  const lease = await writer(first);
  await first.commit(notes, { documents: [note(1)], checkpoint: 2n }, lease);
  await first.close();
  const child = [
    'import { SqliteViewStore } from "./src/infrastructure/view-store/sqlite-view-store.ts";',
    `const view = { name: "notes", version: 1, indexes: { byTopic: { parts: ["text", "integer"], of: (d) => [d.topic, BigInt(d.rank)] } } };`,
    `const store = await SqliteViewStore.open({ file: ${JSON.stringify(file)}, clock: { now: Date.now } });`,
    'const lease = await store.acquireLease("notes@1", "test", 60000);',
    'const documents = Array.from({ length: 200 }, (_, n) => ({ _id: `big-${n}`, topic: "t", rank: n, text: "x".repeat(10000), asOf: 9n }));',
    'const outcome = await store.commit(view, { documents, checkpoint: 9n }, lease).then(() => "committed", (e) => e.name);',
    'console.log(outcome, (await store.checkpoint(view)).position, (await store.getMany(view, documents.map((d) => d._id))).length);',
  ].join('\n');
  const limited = `trap '' XFSZ; ulimit -f 1000; exec "$0" --import ./scripts/typescript.mjs --input-type=module -e "$1"`;
  const run = spawn('bash', ['-c', limited, process.execPath, child]);
  const output: string[] = [];
  run.stdout.on('data', (text: Buffer) => output.push(text.toString()));
  run.stderr.on('data', (text: Buffer) => output.push(text.toString()));
  await once(run, 'close');
  expect(output.join('')).toBe('ViewStoreUnavailable 2n 0\n');
  const again = await open();
  await again.commit(notes, { documents: [note(3)], checkpoint: 4n }, await writer(again));
  expect(await again.getMany(notes, ['note-1', 'note-3'])).toHaveLength(2);
});

test.each([
  ['a whole index', {}],
  ['a prefix', { prefix: ['t1'] }],
  ['a range', { prefix: ['t1'], from: 3n, to: 9n }],
  ['a later page', { after: { key: ['t1', 4n], id: 'note-4' } }],
  ['a later page of a range', { prefix: ['t1'], from: 3n, to: 9n, after: { key: ['t1', 4n], id: 'note-4' } }],
  ['a range of the first part', { from: 't0', to: 't2', after: { key: ['t1', 4n], id: 'note-4' } }],
])('%s is read from the index in order, both ways, without a sort or a scan', async (_, query) => {
  await writer(await open());
  const db = new DatabaseSync(file);
  for (const direction of ['ascending', 'descending'] as const) {
    const { sql, values } = findSql(notes, 2, { index: 'byTopic', limit: 10, direction, ...query });
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
    const steps = plan.map(({ detail }) => String(detail)).join('; ');
    expect(steps).toMatch(/^(SEARCH|SCAN) notes@1 USING INDEX notes@1\.byTopic/);
    expect(steps).not.toContain('TEMP B-TREE');
    if ('after' in query || 'prefix' in query) expect(steps).toMatch(/^SEARCH/);
  }
  db.close();
});
