import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ledger } from '../../apps/ledger/program.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { clock, confirmed } from '../event-store/log-file.js';
import { destroyAll, start } from '../online-retail/command-line.js';
import { waitFor } from '../processes/processes.js';
import { temporaryFolders } from '../temporary-folders.js';
import { fillLog, rowsOf } from './log-of-many.js';

afterAll(destroyAll);
const temporaryFolder = temporaryFolders();

let from: string;
let to: string;
beforeEach(() => {
  from = temporaryFolder();
  to = temporaryFolder();
});
const logIn = (folder: string) => join(folder, 'log.sqlite');

/** `onProgress` hears what a person would see: the step, and how many events it has come to. */
async function copy(args: readonly string[], onProgress: (step: string, events: number) => void = () => undefined) {
  const [lines, notes]: [string[], string[]] = [[], []];
  let json: unknown;
  const output = {
    line: (text: string) => void lines.push(text),
    note: (text: string) => void notes.push(text),
    json: (value: unknown) => void (json = value),
    progress: (what: string) => ({
      update: (done: number) => onProgress(what.trim(), done),
      finish: () => undefined,
    }),
  };
  const exitCode = await ledger(['copy', ...args], {}, output, 'test');
  return { exitCode, out: lines.join('\n'), err: notes.join('\n'), json };
}
const copyBetween = () => copy(['--from', from, '--to', to]);

test('takes everything over, and says what to do next', async () => {
  await fillLog(logIn(from), 2_500);
  const before = readFileSync(logIn(from));
  const { exitCode, out, err } = await copyBetween();
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
  expect(out).toContain('2,500 events copied; all 2,500 were compared and are the same.');
  expect(out).toContain(`LEDGER_DATA=${to}`);
  expect(out).toContain('rebuild --all');
  expect(rowsOf(logIn(to))).toEqual(rowsOf(logIn(from)));
  expect(readFileSync(logIn(from)).equals(before)).toBe(true);
});

test('copied again, it takes over what is new', async () => {
  await fillLog(logIn(from), 10);
  await copyBetween();
  const log = await SqliteEventStore.open({ file: logIn(from), clock });
  await log.append('order-new', 'no-stream', [confirmed('new')]);
  await log.close();
  const { exitCode, json } = await copy(['--from', from, '--to', to, '--json']);
  expect(exitCode).toBe(0);
  expect(json).toMatchObject({ from, to, found: 10, copied: 1, more: false });
  expect(rowsOf(logIn(to))).toEqual(rowsOf(logIn(from)));
});

test('killed in the middle, the same command goes on where it ended', async () => {
  await fillLog(logIn(from), 40_000);
  const { child, ended } = start(to, 'copy', '--from', from, '--to', to);
  const wal = `${logIn(to)}-wal`;
  await waitFor(() => existsSync(wal) && statSync(wal).size > 2_000_000, 30_000);
  child.kill('SIGKILL');
  expect((await ended).signal).toBe('SIGKILL');
  const there = rowsOf(logIn(to)).length;
  expect(there).toBeGreaterThan(0);
  expect(there).toBeLessThan(40_000);
  const { exitCode, json } = await copy(['--from', from, '--to', to, '--json']);
  expect(exitCode).toBe(0);
  expect(json).toMatchObject({ found: there, copied: 40_000 - there });
  expect(rowsOf(logIn(to))).toEqual(rowsOf(logIn(from)));
}, 60_000);

test('Ctrl-C stops it between two batches, and it says how to go on', async () => {
  await fillLog(logIn(from), 5_000);
  const { exitCode, err } = await copy(['--from', from, '--to', to], () => process.emit('SIGINT', 'SIGINT'));
  expect(exitCode).toBe(130);
  expect(err).toContain('What was copied stays; the same command again goes on where this ended');
  expect(rowsOf(logIn(to)).length % 2_000).toBe(0);
  expect((await copyBetween()).exitCode).toBe(0);
});

test('a source that goes on meanwhile is to be copied again, which is no success', async () => {
  await fillLog(logIn(from), 4_500);
  let went = false;
  const { exitCode, err } = await copy(['--from', from, '--to', to], (step) => {
    if (step === 'comparing' && !went) appendAtOnce(logIn(from));
    went ||= step === 'comparing';
  });
  expect({ exitCode, err }).toEqual({ exitCode: 1, err: expect.stringContaining('a ledger runs on it. Stop it') });
  const { exitCode: again, out } = await copyBetween();
  expect(again).toBe(0);
  expect(out).toContain('1 events copied, 4,500 were there before');
});

describe('what cannot be copied', () => {
  test('a log to itself, by whichever path', async () => {
    await fillLog(logIn(from), 1);
    symlinkSync(from, join(to, 'link'));
    for (const path of [from, `${from}/../${from.split('/').at(-1)}`, join(to, 'link')]) {
      const { exitCode, err } = await copy(['--from', from, '--to', path]);
      expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining('are the same log') });
    }
  });

  test('a source that is not there; nothing is made', async () => {
    const { exitCode, err } = await copyBetween();
    expect({ exitCode, err }).toEqual({ exitCode: 1, err: `There is no ledger in ${from}: nothing to copy.` });
    expect([...readdirSync(from), ...readdirSync(to)]).toEqual([]);
  });

  test('to a folder that is not there; it is not made', async () => {
    await fillLog(logIn(from), 1);
    const missing = join(to, 'missing');
    const { exitCode, err } = await copy(['--from', from, '--to', missing]);
    expect({ exitCode, err }).toEqual({
      exitCode: 1,
      err: `There is no folder ${missing}. Make it first, or correct --to.`,
    });
    expect(existsSync(missing)).toBe(false);
  });

  test('to a log that holds something else, which stays as it is', async () => {
    await fillLog(logIn(from), 3);
    await fillLog(logIn(to), 2);
    const before = rowsOf(logIn(to));
    const { exitCode, err } = await copyBetween();
    expect(exitCode).toBe(1);
    expect(err).toMatch(
      /holds something else than the source, or more\. Event 1 differs: .+\. Copy to an empty one\.$/,
    );
    expect(rowsOf(logIn(to))).toEqual(before);
  });

  test('to another program’s file, which is not touched', async () => {
    await fillLog(logIn(from), 1);
    writeFileSync(logIn(to), 'a letter to my aunt');
    const { exitCode, err } = await copyBetween();
    expect({ exitCode, err }).toEqual({ exitCode: 1, err: expect.stringContaining('is not a log') });
    expect(readFileSync(logIn(to), 'utf8')).toBe('a letter to my aunt');
  });

  test('to a log that a ledger runs on', async () => {
    await fillLog(logIn(from), 3);
    const running = await SqliteEventStore.open({ file: logIn(to), clock });
    await running.head();
    const { exitCode, err } = await copyBetween();
    await running.close();
    expect({ exitCode, err }).toEqual({ exitCode: 1, err: expect.stringContaining(`A ledger runs on ${to}`) });
    expect((await copyBetween()).exitCode).toBe(0);
  });

  test.each([
    [
      'another kind of URL',
      ['--from', 'http://127.0.0.1/', '--to', '.'],
      /--from is neither a data folder nor the URL/,
    ],
    [
      'a malformed one, without its secrets',
      ['--from', '.', '--to', 'esdb://user:secret@'],
      /The URL of --to is not of/,
    ],
    ['no target', ['--from', '.'], /required option '--to <location>' not specified/],
  ])('%s is wrong usage', async (_, args, words) => {
    const { exitCode, err } = await copy(args);
    expect(exitCode).toBe(2);
    expect(err).toMatch(words);
    expect(err).not.toContain('secret');
  });

  test('where no server answers', async () => {
    await fillLog(logIn(from), 1);
    const { exitCode, err } = await copy([
      '--from',
      from,
      '--to',
      'esdb://user:secret@127.0.0.1:1?tls=false&defaultDeadline=3000',
    ]);
    expect(exitCode).toBe(1);
    expect(err).toContain('ECONNREFUSED');
    expect(err).not.toContain('secret');
  }, 20_000);
});

/** One more event behind the last, before anybody else gets his turn. */
function appendAtOnce(file: string): void {
  const database = new DatabaseSync(file);
  database.exec(`
    INSERT INTO events SELECT position + 1, stream, revision + 1, type, schema_version, occurred_at, recorded_at,
      'ffffffff-0000-4000-8000-000000000000', command_id, command_hash, principal, more, data
    FROM events WHERE position = (SELECT max(position) FROM events)`);
  database.close();
}
