import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { temporaryFolders } from '../temporary-folders.js';
import { destroyAll, EXAMPLE, EXAMPLE_TRUTH, run, start } from './command-line.js';
import { contentOf, fileOf, rawFile, SHOP } from './shop.js';

afterAll(destroyAll);
const newFolder = temporaryFolders();

async function contentIn(folder: string): Promise<ReadonlyMap<string, readonly object[]>> {
  const log = await SqliteEventStore.open({
    file: join(folder, 'log.sqlite'),
    clock: { now: Date.now },
    readOnly: true,
  });
  try {
    return await contentOf(log);
  } finally {
    await log.close();
  }
}

/** Until the log has taken more than its first few pages. */
async function untilItWrites(folder: string): Promise<void> {
  const wal = join(folder, 'log.sqlite-wal');
  while (!existsSync(wal) || statSync(wal).size < 2_000_000) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('import', () => {
  test('says what it did', async () => {
    const { exitCode, lines, notes } = await run(newFolder(), 'import', 'online-retail', fileOf(SHOP, 'shop.csv.gz'));
    expect([exitCode, notes]).toEqual([0, []]);
    const text = lines.join('\n');
    expect(text).toMatch(/^ {2}rows +32$/m);
    expect(text).toMatch(/^ {2}invoices: orders +8$/m);
    expect(text).toMatch(/^ {2}PlaceOrder +8 +0 +0$/m);
    expect(text).toMatch(/80 commands accepted, 0 already there, 0 refused, in [\d.]+ s \([\d,]+ rows\/s\)/);
  });

  test('lists what it refused, writes all of it to the report, and fails', async () => {
    const bad = Array.from({ length: 25 }, (_, n) => `9000${n + 10},10001,MUG,none,2011-12-01T08:00:00,1,,France`);
    const folder = newFolder();
    const report = join(folder, 'refused.jsonl');
    const file = fileOf([...SHOP, ...bad]);
    const { exitCode, notes, lines } = await run(folder, 'import', 'online-retail', file, '--report', report);
    expect(exitCode).toBe(1);
    expect(notes[0]).toBe('line 34 (invoice 900010): Quantity "none" is not a whole number');
    expect(notes.slice(20)).toEqual([
      '… and 5 more; --report FILE writes them all.',
      'Not everything was taken: 25 rows of 25 invoices, 0 commands. The rest stands.',
    ]);
    expect(lines.join('\n')).toMatch(/^ {2}invoices refused whole +25$/m);
    const written = readFileSync(report, 'utf8').trimEnd().split('\n');
    expect(written).toHaveLength(25);
    expect(JSON.parse(written[24]!)).toMatchObject({ line: 58, invoice: '900034' });
  });

  test('says so when the report could not be written to its end, and keeps what it took', async () => {
    const folder = newFolder();
    const file = fileOf([...SHOP, '?']);
    const full = await run(folder, 'import', 'online-retail', file, '--report', '/dev/full');
    expect(full.exitCode).toBe(1);
    expect(full.notes.join('\n')).toMatch(/\/dev\/full cannot be written: the disk is full/);
    expect(await run(folder, 'import', 'online-retail', file, '--json')).toMatchObject({
      json: { commands: { PlaceOrder: { accepted: 0, repeated: 8 } } },
    });
  });

  test('asks what to do with a file that may be a corrected copy, and does it', async () => {
    const folder = newFolder();
    expect(await run(folder, 'import', 'online-retail', fileOf(SHOP.slice(0, 26)))).toMatchObject({ exitCode: 0 });
    const file = fileOf(SHOP);
    const asked = await run(folder, 'import', 'online-retail', file);
    expect(asked.exitCode).toBe(1);
    expect(asked.notes.join('\n')).toMatch(
      /^Invoice 600001 of this file was imported before, with another file[^]*--opening-stock skip/,
    );
    const received = await run(folder, 'import', 'online-retail', file, '--opening-stock', 'receive', '--json');
    expect(received).toMatchObject({ exitCode: 0, json: { commands: { ReceiveStock: { accepted: 5 } } } });
    const wrong = await run(folder, 'import', 'online-retail', file, '--opening-stock', 'perhaps');
    expect(wrong.exitCode).toBe(2);
  });

  test('gives programs the same as JSON', async () => {
    const { json, exitCode } = await run(newFolder(), 'import', 'online-retail', fileOf([...SHOP, '?']), '--json');
    expect(exitCode).toBe(1);
    expect(json).toMatchObject({ rows: 33, rowsRefused: 1, refusals: [{ line: 34 }], invoices: { order: 8 } });
  });

  test.each([
    ['a file that is not there', () => [join(newFolder(), 'no.csv')], 1, /no.csv does not exist/],
    ['a file of another shape', () => [rawFile('a,b\n1,2\n')], 1, /does not look like the Online Retail data/],
    ['an unknown time zone', () => [fileOf(SHOP), '--time-zone', 'Mars/Olympus'], 2, /no time zone "Mars\/Olympus"/],
    [
      'a report that cannot be written',
      () => [fileOf(SHOP), '--report', '/nowhere/at/all'],
      1,
      /\/nowhere\/at\/all cannot be written: its folder does not exist/,
    ],
  ])('refuses %s in plain words, and writes nothing', async (_, args, code, message) => {
    const folder = newFolder();
    const { exitCode, notes, lines } = await run(folder, 'import', 'online-retail', ...args());
    expect([exitCode, lines]).toEqual([code, []]);
    expect(notes.join('\n')).toMatch(message);
    expect(notes.join('\n')).not.toMatch(/defect/);
  });

  test('that is interrupted says how to go on', async () => {
    const folder = newFolder();
    const { child, ended } = start(folder, 'import', 'online-retail', EXAMPLE);
    await untilItWrites(folder);
    child.kill('SIGTERM');
    const { code, errors } = await ended;
    expect([code, errors]).toEqual([143, expect.stringMatching(/the same command again takes the rest/)]);
  }, 30_000);

  test('killed three times at any moment and run again ends in the same ledger', async () => {
    const many = Array.from({ length: 1_500 }, (_, n) => {
      const line = (sku: number) =>
        `${610_000 + n},${sku},MUG,${1 + (n % 7)},2011-03-01T08:00:00,1.25,50${n % 3},France`;
      const back = `C${620_000 + n},${10_000 + (n % 40)},MUG,-1,2011-03-01T09:00:00,1.25,50${n % 3},France`;
      return [line(10_000 + (n % 40)), line(10_040 + (n % 11)), ...(n % 5 === 4 ? [back] : [])];
    });
    const file = fileOf([...SHOP, ...many.flat()]);
    const undisturbed = newFolder();
    expect(await run(undisturbed, 'import', 'online-retail', file)).toMatchObject({ exitCode: 0 });

    const folder = newFolder();
    let killed = 0;
    for (let attempt = 1; attempt <= 3; attempt++) {
      const { child, ended } = start(folder, 'import', 'online-retail', file);
      const moment = setTimeout(() => child.kill('SIGKILL'), 900 + Math.random() * 500 * attempt);
      const { code, signal, errors } = await ended;
      clearTimeout(moment);
      if (signal === 'SIGKILL') killed++;
      else expect([code, errors]).toEqual([0, expect.any(String)]);
    }
    expect(killed).toBeGreaterThan(0);
    expect(await run(folder, 'import', 'online-retail', file)).toMatchObject({ exitCode: 0 });
    expect(await contentIn(folder)).toEqual(await contentIn(undisturbed));
  }, 60_000);
});

test('the real month in examples/ imports whole, and every figure agrees with its truth', async () => {
  const folder = newFolder();
  const imported = await run(folder, 'import', 'online-retail', EXAMPLE);
  expect([imported.exitCode, imported.notes]).toEqual([0, []]);
  const verified = await run(folder, 'verify', 'online-retail', EXAMPLE_TRUTH);
  expect(verified.lines.filter((line) => line.includes('DIFFERS'))).toEqual([]);
  expect([verified.exitCode, verified.notes.at(-1)]).toEqual([0, 'All 5,801 figures agree.']);
}, 120_000);
