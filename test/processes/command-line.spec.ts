import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CommandFailed } from '../../apps/ledger/command.js';
import { explainError } from '../../apps/ledger/explain-error.js';
import { Interrupted, listenForInterrupts } from '../../apps/ledger/interrupts.js';
import { outputTo, toJson } from '../../apps/ledger/output.js';
import { ledger } from '../../apps/ledger/program.js';
import { StoreUnavailable } from '../../src/application/ports/event-store.js';
import { collectionOf } from '../../src/application/ports/view-store.js';
import { ConfigError, readConfig } from '../../src/infrastructure/config/config.js';
import { openEventStore, openViewStore } from '../../src/infrastructure/engines.js';
import { providerEventsFollower } from '../../src/infrastructure/processes/provider-events.js';
import { projections } from '../../src/projections/index.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-cli-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A stream that keeps what was written. */
function sink() {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => text };
}

async function run(...args: string[]) {
  const [out, err] = [sink(), sink()];
  const exitCode = await ledger(args, { LEDGER_DATA: folder }, outputTo(out.stream, err.stream), '1.2.3');
  return { exitCode, out: out.text(), err: err.text() };
}

/** An empty ledger, as `npm start` leaves it. */
async function emptyLedger(): Promise<void> {
  const config = readConfig({ LEDGER_DATA: folder });
  const [log, views] = [await openEventStore(config, 'read-write'), await openViewStore(config, 'read-write')];
  const identity = await log.identity();
  for (const projection of projections) await views.prepare(projection, identity);
  await Promise.all([log.close(), views.close()]);
}

describe('usage', () => {
  test('--version and --help are fine and go to standard output', async () => {
    expect(await run('--version')).toEqual({ exitCode: 0, out: '1.2.3\n', err: '' });
    const { exitCode, out, err } = await run('--help');
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    for (const word of [
      'start',
      'status',
      'doctor',
      'rebuild',
      'drop',
      'rotate-master-key',
      'copy',
      'import',
      'verify',
      'Exit codes',
      'LEDGER_DATA',
    ]) {
      expect(out).toContain(word);
    }
  });

  test.each([
    'start',
    'status',
    'doctor',
    'rebuild',
    'drop',
    'rotate-master-key',
    'copy',
    'import online-retail',
    'verify online-retail',
  ])('%s --help says the exit codes', async (command) => {
    const { out } = await run(...command.split(' '), '--help');
    expect(out).toMatch(/Exit codes: 0 fine; 1 failed.*2 wrong usage/s);
  });

  test.each([
    ['no command', []],
    ['an unknown command', ['statsu']],
    ['an unknown option', ['status', '--frob']],
    ['an argument too many', ['status', 'catalog']],
    ['a missing argument', ['import', 'online-retail']],
    ['an unknown view', ['rebuild', 'nonsense']],
    ['no view', ['rebuild']],
    ['a view and all', ['rebuild', 'catalog', '--all']],
  ])('%s is wrong usage: 2, and a hint on standard error', async (_, args) => {
    const { exitCode, out, err } = await run(...args);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).not.toBe('');
  });

  test('an unknown command suggests one', async () => {
    expect((await run('statsu')).err).toContain('Did you mean status?');
  });
});

describe('where there is nothing', () => {
  test.each([
    [['status']],
    [['rebuild', '--all']],
    [['drop', 'gone@1']],
    [['verify', 'online-retail', 'package.json']],
  ])('%j: says that there is no ledger, fails, and makes none', async (args) => {
    const err = `There is no ledger in ${folder} yet. npm start makes one, and so does an import.\n`;
    expect(await run(...args)).toEqual({ exitCode: 1, out: '', err });
    expect(await readdir(folder)).toEqual([]);
  });

  test('import: says that there is no such file, fails, and makes no ledger', async () => {
    const file = join(folder, 'no.csv');
    expect(await run('import', 'online-retail', file)).toEqual({
      exitCode: 1,
      out: '',
      err: `${file} does not exist.\n`,
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test('verify: says that there is no such file, in the same words', async () => {
    await emptyLedger();
    const file = join(folder, 'no.json');
    expect(await run('verify', 'online-retail', file)).toEqual({
      exitCode: 1,
      out: '',
      err: `${file} does not exist.\n`,
    });
  });
});

describe('status', () => {
  test('names every view, how far it is behind, and who follows', async () => {
    await emptyLedger();
    const views = await openViewStore(readConfig({ LEDGER_DATA: folder }), 'read-write');
    await views.acquireLease(collectionOf(projections[0]!), 'host:42:78087898-ef30-4afd-8487-297b45dc8f2b', 60_000);
    await views.close();
    const { exitCode, out } = await run('status');
    expect(exitCode).toBe(0);
    const rows = out.split('\n').map((line) => line.split(/ {2,}/));
    expect(rows).toContainEqual([
      projections[0]!.name,
      `${projections[0]!.version}`,
      '-',
      'up to date',
      'host:42 (epoch 1)',
    ]);
    expect(rows).toContainEqual([projections[1]!.name, `${projections[1]!.version}`, '-', 'up to date', 'nobody']);

    const json = JSON.parse((await run('status', '--json')).out) as { views: { name: string; lease: unknown }[] };
    expect(json.views.map(({ name }) => name)).toEqual(projections.map(({ name }) => name));
    expect(json).toMatchObject({
      dataFolder: folder,
      log: { head: null },
      views: [
        { problem: null, lag: { positions: '0' }, lease: { holder: 'host:42:78087898-ef30-4afd-8487-297b45dc8f2b' } },
        ...projections.slice(1).map(() => ({})),
      ],
    });
  });

  test('names what else the projector does, and who does it', async () => {
    const holder = 'host:42:78087898-ef30-4afd-8487-297b45dc8f2b';
    await emptyLedger();
    const views = await openViewStore(readConfig({ LEDGER_DATA: folder }), 'read-write');
    for (const name of ['provider-events@1', 'payment-requests@1']) await views.acquireLease(name, holder, 60_000);
    await views.close();
    const rows = (await run('status')).out.split('\n').map((line) => line.split(/ {2,}/));
    const held = expect.stringMatching(/^host:42 \(epoch \d+\)$/);
    expect(rows).toContainEqual(['provider-events', '1', '-', 'up to date', held]);
    expect(rows).toContainEqual(['payment-requests', '1', held]);
    expect(rows).toContainEqual(['provider-notices', '1', 'nobody']);
    expect(rows.map(([name]) => name)).not.toContain('public-events');
    expect(JSON.parse((await run('status', '--json')).out)).toMatchObject({
      effects: [{ name: 'provider-events', problem: null, lease: { holder } }],
      sweeps: expect.arrayContaining([
        { name: 'payment-requests@1', lease: expect.objectContaining({ holder }) },
        { name: 'provider-notices@1', lease: null },
      ]),
    });
  });
});

describe('views of another log, or past the end of this one', () => {
  async function catalogOf(log: 'another log' | 'this log', checkpoint: bigint): Promise<void> {
    const config = readConfig({ LEDGER_DATA: folder });
    const [store, views] = [await openEventStore(config, 'read-write'), await openViewStore(config, 'read-write')];
    await views.prepare(catalog, log === 'this log' ? await store.identity() : log);
    const lease = await views.acquireLease(collectionOf(catalog), 'test', 60_000);
    await views.commit(catalog, { documents: [], checkpoint }, lease!);
    await views.releaseLease(lease!);
    await Promise.all([store.close(), views.close()]);
  }
  const catalog = projections[0]!;

  test.each([
    ['another log', 'of another log', 'another-log'],
    ['this log', "past the log's end", 'past-the-end'],
  ] as const)('%s: status says so', async (log, words, problem) => {
    await catalogOf(log, 7n);
    const { exitCode, out } = await run('status');
    expect(exitCode).toBe(0);
    expect(out).toMatch(new RegExp(`^catalog +${catalog.version} +7 +${words} +nobody$`, 'm'));
    const json: unknown = JSON.parse((await run('status', '--json')).out);
    expect(json).toMatchObject({
      views: [{ name: 'catalog', checkpoint: '7', problem, lag: null }, ...projections.slice(1).map(() => ({}))],
    });
  });

  test('a follower without a view: status says so, and it is let begin anew by dropping it', async () => {
    const config = readConfig({ LEDGER_DATA: folder });
    const [store, views] = [await openEventStore(config, 'read-write'), await openViewStore(config, 'read-write')];
    await views.prepare(providerEventsFollower, 'another log');
    const lease = await views.acquireLease('provider-events@1', 'test', 60_000);
    await views.commit(providerEventsFollower, { documents: [], checkpoint: 7n }, lease!);
    await views.releaseLease(lease!);
    await Promise.all([store.close(), views.close()]);
    expect((await run('status')).out).toMatch(/^provider-events +1 +7 +of another log +nobody$/m);
    expect(await run('drop', 'provider-events@1')).toMatchObject({ exitCode: 0, out: 'provider-events@1 is gone.\n' });
  });

  test.each([
    ['another log', `${collectionOf(catalog)} was made from another log.`],
    ['this log', `${collectionOf(catalog)} was made from a log up to position 7, and this log is empty.`],
  ] as const)('%s: verify refuses, and says what to do', async (log, found) => {
    await catalogOf(log, 7n);
    const remedy =
      'Stop the ledger, then put the right log back, or make the view anew from this one: npm run ledger -- rebuild catalog';
    const refused = await run('verify', 'online-retail', 'examples/online-retail-2010-12.truth.json');
    expect(refused).toEqual({ exitCode: 1, out: '', err: `${found} ${remedy}\n` });
  });
});

describe('rebuild', () => {
  test('refuses while a projector holds the view, unless forced', async () => {
    await emptyLedger();
    const views = await openViewStore(readConfig({ LEDGER_DATA: folder }), 'read-write');
    await views.acquireLease(collectionOf(projections[1]!), 'somebody', 60_000);
    await views.close();
    const refused = await run('rebuild', '--all');
    expect(refused.exitCode).toBe(1);
    expect(refused.out).toBe('');
    expect(refused.err).toContain(`${projections[1]!.name} is followed by a running projector (somebody)`);
    expect((await run('rebuild', '--all', '--force')).exitCode).toBe(0);
  });

  test('says what it did, for people and for programs', async () => {
    await emptyLedger();
    const { name } = projections[0]!;
    expect((await run('rebuild', name)).out).toMatch(new RegExp(`^${name}: 0 events, 0 documents written, in`));
    expect(JSON.parse((await run('rebuild', name, '--json')).out)).toMatchObject({
      view: name,
      events: 0,
      position: '0',
    });
  });
});

describe('drop', () => {
  const { name, version } = projections[0]!;
  const newer = { name, version: version + 1, indexes: {} };

  test('removes a view that this build does not read, once nobody follows the log for it', async () => {
    await emptyLedger();
    const views = await openViewStore(readConfig({ LEDGER_DATA: folder }), 'read-write');
    await views.prepare(newer, 'any log');
    const lease = await views.acquireLease(collectionOf(newer), 'somebody', 60_000);
    const refused = await run('drop', collectionOf(newer));
    expect(refused).toMatchObject({ exitCode: 1, err: expect.stringContaining('followed by a running projector') });
    await views.releaseLease(lease!);
    expect(await run('drop', collectionOf(newer))).toEqual({
      exitCode: 0,
      out: `${collectionOf(newer)} is gone.\n`,
      err: '',
    });
    expect(await views.versions(name)).toEqual([version]);
    await views.close();
  });

  test.each([
    ['one that this build reads', `${name}@${version}`, 2, `rebuild ${name}`],
    ['none', 'catalog', 2, 'as in catalog@1'],
    ['one that there is not', 'catalog@9', 1, 'There is no view catalog@9.'],
  ])('refuses %s', async (_, view, exitCode, words) => {
    await emptyLedger();
    expect(await run('drop', view)).toMatchObject({ exitCode, err: expect.stringContaining(words) });
  });
});

describe('errors in words', () => {
  test.each([
    ['a command that failed', new CommandFailed('No.'), { message: 'No.', exitCode: 1 }],
    ['wrong usage', new CommandFailed('What?', 2), { message: 'What?', exitCode: 2 }],
    ['Ctrl-C', new Interrupted('SIGINT'), { message: 'Stopped before the end.', exitCode: 130 }],
    ['SIGTERM', new Interrupted('SIGTERM'), { message: 'Stopped before the end.', exitCode: 143 }],
    [
      'settings',
      new ConfigError([{ setting: 'PORT', message: 'no' }]),
      { message: 'A setting is wrong:\n  PORT: no', exitCode: 1 },
    ],
    [
      'a store with a cause',
      new StoreUnavailable('The log is gone', { cause: new Error('disk I/O error') }),
      { message: 'The log is gone: disk I/O error', exitCode: 1 },
    ],
  ])('%s has no stack', (_, error, explanation) => {
    expect(explainError(error)).toEqual(explanation);
  });

  test('a defect says that it is one, with its stack', () => {
    const { message, exitCode, details } = explainError(new TypeError('x is undefined'));
    expect({ message, exitCode }).toEqual({
      message: 'Unexpected error, a defect of the program: x is undefined',
      exitCode: 1,
    });
    expect(details).toContain('command-line.spec');
  });
});

describe('Ctrl-C', () => {
  test('counts once when npm passes it on, and again when it is pressed again', () => {
    const heard: string[] = [];
    let now = 0;
    const unlisten = listenForInterrupts(
      { first: (signal) => heard.push(`first ${signal}`), again: () => heard.push('again') },
      () => now,
    );
    const at = (ms: number, signal: NodeJS.Signals) => {
      now = ms;
      process.emit(signal, signal);
    };
    at(1_000, 'SIGINT');
    at(1_020, 'SIGINT');
    expect(heard).toEqual(['first SIGINT']);
    at(1_900, 'SIGINT');
    at(1_920, 'SIGINT');
    expect(heard).toEqual(['first SIGINT', 'again']);
    unlisten();
    expect(process.listeners('SIGINT')).toEqual([]);
  });
});

describe('output', () => {
  test('without a terminal, progress is a line every five seconds, and the last one', () => {
    const err = sink();
    let now = 0;
    const progress = outputTo(sink().stream, err.stream, () => now).progress('importing', 200);
    for (const done of [1, 50, 100, 150, 200]) {
      now += 2_000;
      progress.update(done, 'rows');
    }
    progress.finish();
    progress.finish();
    expect(err.text()).toBe('importing: 100 of 200 (50 %) rows\nimporting: 200 of 200 (100 %) rows\n');
  });

  test('JSON carries big integers as text', () => {
    expect(toJson({ position: 2n ** 63n, n: 1 })).toBe('{"position":"9223372036854775808","n":1}');
  });
});
