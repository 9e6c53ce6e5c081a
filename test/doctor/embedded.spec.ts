import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { chmod, open } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { readConfig } from '../../src/infrastructure/config/config.js';
import { collectionOf } from '../../src/application/ports/view-store.js';
import { openEventStore, openViewStore } from '../../src/infrastructure/engines.js';
import { providerEventsFollower } from '../../src/infrastructure/processes/provider-events.js';
import { projections } from '../../src/projections/index.js';
import type { ViewDefinition } from '../../src/projections/projection.js';
import { confirmed } from '../event-store/log-file.js';
import { temporaryFolders } from '../temporary-folders.js';
import { diagnose, Diagnosis, everyFollower, runDoctor } from './doctor.js';

const temporaryFolder = temporaryFolders();
const [catalog] = projections as [(typeof projections)[number]];
let folder: string;
let env: { LEDGER_DATA: string };
beforeEach(() => {
  folder = temporaryFolder();
  env = { LEDGER_DATA: folder };
});

const openLog = () => openEventStore(readConfig(env), 'read-write');
const openViews = () => openViewStore(readConfig(env), 'read-write');

async function append(...orderIds: string[]): Promise<void> {
  await using log = disposable(await openLog());
  for (const id of orderIds) await log.store.append(`order-${id}`, 'no-stream', [confirmed(id)]);
}

/** In the place of the log there is another, with one event. */
async function replaceLog(): Promise<void> {
  env = { LEDGER_DATA: temporaryFolder() };
  await append('another');
  copyFileSync(join(env.LEDGER_DATA, 'log.sqlite'), join(folder, 'log.sqlite'));
  env = { LEDGER_DATA: folder };
}

/** Every view of `views` is brought to the log's head by a holder that has given its leases back. */
async function follow(views: readonly ViewDefinition[] = everyFollower): Promise<void> {
  await using log = disposable(await openLog());
  await using store = disposable(await openViews());
  for (const view of views) {
    await store.store.prepare(view, await log.store.identity());
    const lease = await store.store.acquireLease(collectionOf(view), 'host:1', 60_000);
    if (!lease) throw new Error('nobody else asks for it');
    await store.store.commit(view, { documents: [], checkpoint: (await log.store.head()) ?? 0n }, lease);
    await store.store.releaseLease(lease);
  }
}

const disposable = <S extends { close(): Promise<void> }>(store: S) => ({
  store,
  [Symbol.asyncDispose]: () => store.close(),
});

/** Names, sizes and times of everything in the folder, but for the index to a WAL, which readers write to as well. */
const listing = () =>
  readdirSync(folder).map((name) => {
    const { size, mtimeMs } = statSync(join(folder, name));
    return name.endsWith('-shm') ? { name } : { name, size, mtimeMs };
  });

test('where nothing is yet, all is well, and nothing is made', async () => {
  env = { LEDGER_DATA: join(folder, 'not', 'made') };
  const { exitCode, complaints } = await diagnose(env);
  expect({ exitCode, complaints }).toEqual({ exitCode: 0, complaints: [] });
  expect(readdirSync(folder)).toEqual([]);
});

test('a ledger at rest is well, and not a byte of it changes', async () => {
  await append('a', 'b');
  await follow();
  const before = listing();
  const diagnosis = await diagnose(env, '--deep');
  expect(diagnosis.complaints).toEqual([]);
  expect(diagnosis.exitCode).toBe(0);
  expect(diagnosis.finding('log', 'contents')?.found).toContain('quick_check is ok');
  expect(diagnosis.finding('views', 'contents')?.found).toContain('quick_check is ok');
  expect(diagnosis.finding('followers', 'catalog@3')?.found).toBe('at 2, up to date');
  expect(listing()).toEqual(before);
});

test('a ledger that runs is well, and its write-ahead log is left to it', async () => {
  await follow();
  await using log = disposable(await openLog());
  await using views = disposable(await openViews());
  await log.store.append('order-a', 'no-stream', [confirmed('a')]);
  await views.store.acquireLease(collectionOf(catalog), 'host:42:78087898-ef30-4afd-8487-297b45dc8f2b', 60_000);
  const before = listing().filter(({ name }) => name.startsWith('log.'));
  const diagnosis = await diagnose(env);
  expect(diagnosis.exitCode).toBe(0);
  expect(diagnosis.finding('followers', 'catalog@3 lease')).toMatchObject({
    verdict: 'ok',
    found: expect.stringMatching(/^host:42, for \d+\.\d s unless it renews it$/),
  });
  expect(diagnosis.finding('followers', 'catalog@3')).toMatchObject({
    verdict: 'ok',
    found: expect.stringMatching(/^at 0, 1 event, \d+ s behind$/),
  });
  expect(listing().filter(({ name }) => name.startsWith('log.'))).toEqual(before);
});

test('what a crash has left in the write-ahead log is left there', async () => {
  await append('a');
  const crashed = new DatabaseSync(join(folder, 'log.sqlite'));
  crashed.exec('BEGIN IMMEDIATE; ROLLBACK; PRAGMA wal_checkpoint(PASSIVE)');
  await append('b');
  const kept = ['log.sqlite', 'log.sqlite-wal', 'log.sqlite-shm'].filter((name) => readdirSync(folder).includes(name));
  expect(kept).toContain('log.sqlite-wal');
  const copy = temporaryFolder();
  for (const name of kept) copyFileSync(join(folder, name), join(copy, name));
  crashed.close();
  const before = statSync(join(copy, 'log.sqlite-wal')).size;
  expect(before).toBeGreaterThan(0);
  await diagnose({ LEDGER_DATA: copy });
  expect(statSync(join(copy, 'log.sqlite-wal')).size).toBe(before);
});

describe('the data folder', () => {
  test('that this user may not write fails', async () => {
    await append('a');
    await chmod(folder, 0o555);
    const diagnosis = diagnoseAsNobody();
    expect(diagnosis.exitCode).toBe(1);
    expect(diagnosis.finding('data folder', 'folder')?.found).toBe(`${folder}: this user may not write there`);
    expect(diagnosis.complaints).toContain('fail: log, rights');
  });

  test('that is a file fails', async () => {
    env = { LEDGER_DATA: join(folder, 'file') };
    writeFileSync(env.LEDGER_DATA, 'kept');
    const { exitCode, finding } = await bound(diagnose(env));
    expect(exitCode).toBe(1);
    expect(finding('data folder', 'folder')?.found).toContain('is a file, not a folder');
  });
});

describe('the log', () => {
  test.each([
    ['log.sqlite', 'log', 'is not a log'],
    ['views.sqlite', 'views', 'damaged, or another program'],
  ])('%s of another program fails, and is not touched', async (name, section, words) => {
    writeFileSync(join(folder, name), 'a letter to my aunt, longer than a header of SQLite has to be. '.repeat(4));
    const before = listing();
    const { exitCode, finding, complaints } = await bound(diagnose(env));
    expect(exitCode).toBe(1);
    expect(complaints).toContain(`fail: ${section}, format`);
    expect(finding(section, 'format')?.found).toContain(words);
    expect(listing()).toEqual(before);
  });

  test('without a trigger of its own is not append-only', async () => {
    await append('a');
    const tampering = new DatabaseSync(join(folder, 'log.sqlite'));
    tampering.exec('DROP TRIGGER events_refuse_update');
    tampering.close();
    const { exitCode, finding } = await bound(diagnose(env));
    expect(exitCode).toBe(1);
    expect(finding('log', 'append-only')?.found).toBe('missing or changed: events_refuse_update');
  });

  test('with damaged pages fails, if it is looked at deeply', async () => {
    await append(...Array.from({ length: 200 }, (_, n) => `order${n}`));
    const file = await open(join(folder, 'log.sqlite'), 'r+');
    await file.write(Buffer.alloc(4_096 * 4, 0x5a), 0, 4_096 * 4, 4_096 * 8);
    await file.close();
    const { exitCode, finding } = await bound(diagnose(env, '--deep'));
    expect(exitCode).toBe(1);
    expect(finding('log', 'contents')).toMatchObject({ verdict: 'fail', todo: expect.stringContaining('backup') });
  });

  test('locked by another program fails, after it was waited for', async () => {
    await append('a');
    const other = new DatabaseSync(join(folder, 'log.sqlite'));
    other.exec('BEGIN IMMEDIATE');
    const { exitCode, finding } = await bound(diagnose(env));
    other.exec('ROLLBACK');
    other.close();
    expect(exitCode).toBe(1);
    expect(finding('log', 'lock')).toMatchObject({
      verdict: 'fail',
      found: 'locked by another program for more than 2 s',
    });
    expect(finding('log', 'file')?.verdict).toBe('ok');
  });
});

describe('followers', () => {
  test('that are behind while nobody follows are something to look at, with events and seconds', async () => {
    await follow();
    await append('a', 'b', 'c');
    const { exitCode, finding } = await bound(diagnose(env));
    expect(exitCode).toBe(0);
    const found = finding('followers', 'catalog@3');
    expect(found?.verdict).toBe('warn');
    expect(found?.found).toMatch(/^at 0, 3 events, \d+ s behind, and nobody follows the log for it$/);
    expect(found?.todo).toContain('npm start');
  });

  test('whose lease has expired are named', async () => {
    await follow();
    await using views = disposable(await openViews());
    await views.store.acquireLease(collectionOf(catalog), 'host:42', 1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const { finding } = await bound(diagnose(env));
    const lease = finding('followers', 'catalog@3 lease');
    expect(lease?.verdict).toBe('warn');
    expect(lease?.found).toMatch(/^host:42 had it, and it expired \d+\.\d s ago$/);
  });

  test('beyond the end of a log that was put back fail', async () => {
    await append('a');
    const old = temporaryFolder();
    copyFileSync(join(folder, 'log.sqlite'), join(old, 'log.sqlite'));
    await append('b');
    await follow();
    copyFileSync(join(old, 'log.sqlite'), join(folder, 'log.sqlite'));
    const { exitCode, finding } = await bound(diagnose(env));
    expect(exitCode).toBe(1);
    expect(finding('followers', 'catalog@3')).toMatchObject({
      verdict: 'fail',
      found: 'is at 2, and the log ends at 1',
    });
  });

  test('of another log fail', async () => {
    await append('a');
    await follow();
    await replaceLog();
    const { exitCode, finding } = await bound(diagnose(env));
    expect(exitCode).toBe(1);
    expect(finding('followers', 'catalog@3')).toMatchObject({
      verdict: 'fail',
      found: 'was made from another log than this',
      todo: expect.stringContaining('rebuild catalog'),
    });
  });

  test('without a view, of another log, are to be dropped: there is nothing to rebuild', async () => {
    await append('a');
    await follow([providerEventsFollower]);
    await replaceLog();
    const { finding } = await bound(diagnose(env));
    expect(finding('followers', 'provider-events@1')).toMatchObject({
      verdict: 'fail',
      todo: expect.stringMatching(/or let it begin with this log, .*: npm run ledger -- drop provider-events@1$/),
    });
  });

  test('and sweeps: one that nobody does is named while a projector is at work, and only then', async () => {
    await follow();
    const idle = 'payment-requests@1 lease';
    expect((await bound(diagnose(env))).finding('followers', idle)).toMatchObject({ verdict: 'ok' });
    await using views = disposable(await openViews());
    await views.store.acquireLease(collectionOf(catalog), 'host:42', 60_000);
    expect((await bound(diagnose(env))).finding('followers', idle)).toMatchObject({
      verdict: 'warn',
      found: 'nobody, though a projector is at work',
    });
    await views.store.acquireLease('payment-requests@1', 'host:42', 60_000);
    expect((await bound(diagnose(env))).finding('followers', idle)).toMatchObject({ verdict: 'ok' });
  });

  test('without any log fail', async () => {
    await append('a');
    await follow();
    rmSync(join(folder, 'log.sqlite'));
    const { exitCode, finding } = await bound(diagnose(env));
    expect(exitCode).toBe(1);
    expect(finding('followers', 'catalog@3')).toMatchObject({
      verdict: 'fail',
      found: 'is at 1, and the log is empty',
    });
  });

  test('of a newer build, and of no view that there is, are named; so are other indexes', async () => {
    await follow([
      { ...catalog, version: catalog.version + 1 },
      { name: 'gone', version: 3, indexes: {} },
    ]);
    await follow([{ ...catalog, indexes: {} }]);
    const { exitCode, complaints, finding } = await bound(diagnose(env));
    expect(exitCode).toBe(1);
    expect(complaints).toEqual(
      expect.arrayContaining(['warn: followers, catalog@4', 'warn: followers, gone@3', 'fail: followers, catalog@3']),
    );
    expect(finding('followers', 'catalog@4')?.found).toBe(
      `a newer build made it: this one has version ${catalog.version}`,
    );
    expect(finding('followers', 'gone@3')?.found).toBe('this build has no such view');
    expect(finding('followers', 'catalog@3')?.found).toBe('was made with other indexes: {}');
  });
});

test('for people there is a line for each check, what to do below it, and a last word', async () => {
  await append('a');
  const { exitCode, out, err } = await runDoctor({ ...env, PORT: 'x', HOST: '' });
  expect({ exitCode, err }).toEqual({ exitCode: 1, err: '' });
  const lines = out.split('\n');
  expect(lines).toContain(`log: embedded, ${join(folder, 'log.sqlite')}`);
  expect(lines.filter((line) => /^ {2}(ok|warn|fail) /.test(line)).length).toBeGreaterThan(10);
  const at = lines.findIndex((line) => /^ {2}fail {2}PORT +"x" is not a port/.test(line));
  expect(lines[at + 1]).toMatch(/^ {8}→ /);
  expect(lines.at(-2)).toBe(`1 failed, ${everyFollower.length} to look at.`);
});

/** Methods of a diagnosis, to be taken apart. */
async function bound(diagnosing: ReturnType<typeof diagnose>) {
  const diagnosis = await diagnosing;
  const { exitCode, complaints } = diagnosis;
  return { exitCode, complaints, finding: diagnosis.finding.bind(diagnosis) };
}

/** Root may do everything, so that what a user may not has to be asked by another: in a process of its own. */
function diagnoseAsNobody(): Diagnosis {
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const args = ['--import', './scripts/typescript.mjs', 'test/online-retail/command-line.main.ts', 'doctor', '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8', ...nobody });
  if (stdout === '') throw new Error(stderr);
  return new Diagnosis(status ?? -1, (JSON.parse(stdout) as Pick<Diagnosis, 'sections'>).sections);
}
