import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { compare } from '../../apps/ledger/online-retail/verify/compare.js';
import type { Comparison } from '../../apps/ledger/online-retail/verify/comparison.js';
import { readLedger, type LedgerFigures } from '../../apps/ledger/online-retail/verify/ledger-figures.js';
import { NotATruth, Truth } from '../../apps/ledger/online-retail/verify/truth.js';
import { temporaryFolders } from '../temporary-folders.js';
import { run, truthOf } from './command-line.js';
import { fileOf, rawFile, SHOP } from './shop.js';
import { SqliteViewStore } from '../../src/infrastructure/view-store/sqlite-view-store.js';

/** Parts of a truth that a test changes. */
type Figures = Record<string, Record<string, unknown>>;

const file = fileOf(SHOP);
const truth = truthOf(file);
const newFolder = temporaryFolders();
const folder = newFolder();
let figures: LedgerFigures;

/** The comparisons against a truth in which something has been changed. */
function compared(change: (truth: Figures) => void = () => undefined): readonly Comparison[] {
  const changed = JSON.parse(truth) as Figures;
  change(changed);
  return compare(figures, Truth.parse(JSON.stringify(changed)));
}
const differing = (comparisons: readonly Comparison[]) => comparisons.filter(({ agrees }) => !agrees);

beforeAll(async () => {
  const imported = await run(folder, 'import', 'online-retail', file);
  expect(imported).toMatchObject({ exitCode: 0, notes: [] });
  const verified = await run(folder, 'verify', 'online-retail', rawFile(truth, 'truth.json'));
  expect(verified).toMatchObject({ exitCode: 0 });
  const views = await SqliteViewStore.open({ file: join(folder, 'views.sqlite'), clock: { now: Date.now } });
  figures = await readLedger(views);
  await views.close();
});

describe('the made-up shop', () => {
  test('agrees with its truth in every figure, which is computed apart', () => {
    expect(differing(compared())).toEqual([]);
    expect(compared().length).toBeGreaterThan(150);
  });

  test('has the figures that a person works out on paper', () => {
    const figure = (name: string) => compared().find(({ section, figure }) => `${section}: ${figure}` === name)?.ledger;
    expect({
      rows: figure('counts: rows'),
      gross: figure('money: gross'),
      returns: figure('money: returns'),
      journals: figure('money: journals (bad debt)'),
      net: figure('money: net'),
      units: figure('counts: net units (a journal counts as one)'),
      left: figure('stock: units left'),
      december: figure('month 2010-12: gross'),
      customers: figure('counts: customers'),
    }).toEqual({
      rows: '32',
      gross: '209.21',
      returns: '-172.99',
      journals: '-20.25',
      net: '15.97',
      units: '146',
      left: '17',
      december: '146.71',
      customers: '3',
    });
  });

  test('explains fractions of a penny: what is booked and what rounding took are the truth together', () => {
    const rounded = compared().filter(({ rounding }) => rounding !== undefined);
    expect(rounded).toContainEqual({
      section: 'money',
      figure: 'gross',
      ledger: '209.21',
      rounding: '0.001',
      truth: '209.211',
      agrees: true,
    });
    expect(rounded.every(({ rounding }) => rounding === '0.001')).toBe(true);
  });
});

describe('a difference', () => {
  test.each([
    [
      'a penny of gross',
      (t: Figures) => (t['money']!['gross_positive_lines (not C, not A, qty>0, price>0)'] = '209.221'),
      ['gross'],
    ],
    ['a tenth of a penny', (t: Figures) => (t['money']!['net_all_rows'] = '15.970'), ['net']],
    ['an invoice', (t: Figures) => (t['counts']!['invoices'] = 19), ['invoices']],
    [
      'a month’s returns',
      (t: Figures) => ((t['by_month']!['2010-12'] as Figures)['returns'] = '0.00' as never),
      ['returns'],
    ],
    ['a country that is not there', (t: Figures) => (t['countries_all_by_net']!['Atlantis'] = '1.00'), ['Atlantis']],
    ['a unit left on a shelf', (t: Figures) => (t['stock_left']!['10001'] = 14), ['10001']],
    ['a shelf too few', (t: Figures) => delete t['stock_left']!['10001'], ['number of SKUs']],
  ])('of %s is found, and it alone', (_, change, names) => {
    expect(differing(compared(change)).map(({ figure }) => figure)).toEqual(names);
  });

  test('of a list that leaves out the largest is found', () => {
    const changed = compared((t) => {
      const list = t['customers_top10_by_net'] as unknown as unknown[];
      list.shift();
    });
    expect(differing(changed).map(({ figure }) => figure)).toContain('1. 501, value of this rank');
  });
});

describe('verify', () => {
  test('fails, and names the figure, when one differs', async () => {
    const wrong = rawFile(
      truth.replace('"rows": 32,', '"rows": 33,').replace('"rows": 32\n', '"rows": 32\n'),
      'truth.json',
    );
    const { exitCode, lines, notes } = await run(folder, 'verify', 'online-retail', wrong);
    expect(exitCode).toBe(1);
    expect(lines.filter((line) => line.includes('DIFFERS'))).toHaveLength(1);
    expect(notes.at(-1)).toMatch(/^1 of \d+ figures differ\. The read models hold all of this ledger/);
  });

  test('says what of the truth it did not compare', async () => {
    const extended = { ...(JSON.parse(truth) as object), weather: { rain: 1, sun: 2 } };
    const { exitCode, lines } = await run(
      folder,
      'verify',
      'online-retail',
      rawFile(JSON.stringify(extended), 't.json'),
    );
    expect(exitCode).toBe(0);
    const rest = lines.slice(lines.findIndex((line) => line.includes('not compared')) + 1);
    expect(rest).toContain('  weather');
    expect(rest).toContain('  source');
  });

  test('gives programs every comparison as JSON', async () => {
    const { json } = await run(folder, 'verify', 'online-retail', rawFile(truth, 'truth.json'), '--json');
    expect(json).toMatchObject({ head: expect.anything(), notCompared: expect.arrayContaining(['source']) });
    expect((json as { comparisons: unknown[] }).comparisons).toHaveLength(compared().length);
  });

  test.each([
    ['a file without any known figure', '{"weather": 1}', /Nothing was compared/],
    ['what is not JSON', 'rows: 32', /truth.json is not JSON/],
    ['a list', '[1, 2]', /not a JSON object/],
    ['a figure of another form', '{"counts": {"rows": "many"}}', /no whole number at counts › rows/],
    ['money as a number', '{"money": {"net_all_rows": 1.5}}', /no decimal text at money › net_all_rows/],
  ])('fails on %s', async (_, text, message) => {
    const { exitCode, notes } = await run(folder, 'verify', 'online-retail', rawFile(text, 'truth.json'));
    expect([exitCode, notes.at(-1)]).toEqual([1, expect.stringMatching(message)]);
  });

  test('fails on a file that is not there, and on an empty ledger', async () => {
    const missing = await run(folder, 'verify', 'online-retail', join(folder, 'missing.json'));
    expect([missing.exitCode, missing.notes.at(-1)]).toEqual([1, expect.stringMatching(/missing.json does not exist/)]);
    const nothing = await run(newFolder(), 'verify', 'online-retail', rawFile(truth, 'truth.json'));
    expect([nothing.exitCode, nothing.notes.at(-1)]).toEqual([1, expect.stringMatching(/no ledger|ledger is empty/)]);
  });
});

test('a truth remembers what was read, and names the rest as high up as it can', () => {
  const some = Truth.parse('{"a": {"b": 1, "c": {"d": "2.50", "e": "x"}}, "f": [1, 2], "g": {}}');
  expect([some.integer('a', 'b'), some.decimal('a', 'c', 'd'), some.text('nothing')]).toEqual([1n, '2.50', undefined]);
  expect(some.unread()).toEqual(['a › c › e', 'f', 'g']);
  expect(() => some.integer('a', 'c', 'd')).toThrow(NotATruth);
});
