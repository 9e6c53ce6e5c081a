import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readRow } from '../../apps/ledger/online-retail/import/row.js';
import { Surveyor, type Survey } from '../../apps/ledger/online-retail/import/survey.js';
import { SHOP } from './shop.js';

function surveyOf(rows: readonly string[]): Survey {
  const surveyor = new Surveyor();
  // Good enough for rows whose only comma within quotes is a mug's.
  const fields = (row: string) => row.replace('"BLUE MUG, LARGE"', 'BLUE MUG').split(',');
  rows.forEach((row, index) => surveyor.add(readRow(fields(row), index + 2)));
  return surveyor.finish('digest');
}
const sale = (sku: string, quantity: number, price = '1', name = 'X', invoice = '1') =>
  `${invoice},${sku},${name},${quantity},2010-12-01T08:00:00,${price},,France`;

describe('pass 1', () => {
  test('tells what every invoice is', () => {
    const classes = [...surveyOf(SHOP).invoices].map(([number, invoice]) => [number, invoice.class]);
    expect(Object.groupBy(classes, ([, name]) => name!)).toMatchObject({
      order: { length: 8 },
      credit: { length: 7 },
      adjustment: { length: 2 },
      journal: { length: 1 },
    });
  });

  test('lists goods only: charges, vouchers, fees and journals are no products', () => {
    expect(surveyOf(SHOP).products.map(({ sku }) => sku)).toEqual(['10001', '10002A', '10003', '10004', '10005']);
  });

  test('names a product as most of its priced rows do; of equals, the first', () => {
    const rows = [
      sale('1', 1, '0', 'damaged'),
      sale('1', 1, '1', 'B'),
      sale('1', 1, '1', 'A'),
      sale('1', 1, '2', ' A '),
    ];
    expect(surveyOf(rows).products).toEqual([{ sku: '1', name: 'A', price: '1' }]);
    expect(surveyOf(rows.slice(0, 3)).products).toMatchObject([{ name: 'B' }]);
  });

  test('prices a product as most rows do; of equals, at the lowest', () => {
    const rows = ['10', '9', '10', '9.5', '9'].map((price) => sale('1', 1, price));
    expect(surveyOf(rows).products).toMatchObject([{ price: '9' }]);
    expect(surveyOf(rows.slice(2)).products).toMatchObject([{ price: '9' }]);
  });

  test('names a product that was never sold by its code, without a price', () => {
    expect(surveyOf([sale('1', -1, '0', 'check')]).products).toEqual([{ sku: '1', name: '1', price: undefined }]);
  });

  test('opens stock with exactly what the rows take before they bring it', () => {
    // Worked out by hand from SHOP: 10001 goes to -22, -24, -21, -26, -20, -16, -19, -13 …; its lowest is -26.
    expect(surveyOf(SHOP).openings).toEqual([
      { sku: '10001', units: 26 },
      { sku: '10002A', units: 6 },
      { sku: '10003', units: 9 },
      { sku: '10004', units: 2 },
      { sku: '10005', units: 14 },
    ]);
  });

  test('moves stock where an invoice is complete, as pass 2 will, not where it begins', () => {
    const rows = [sale('1', 5), sale('1', -5, '1', 'X', 'C2'), sale('2', 1)];
    expect(surveyOf(rows).openings).toEqual([{ sku: '2', units: 1 }]); // C2 is complete first, and brings what 1 takes
  });

  test('opening stock keeps every level at or above nothing, and one unit less would not', () => {
    const move = fc.record({
      sku: fc.constantFrom('1', '2'),
      quantity: fc.integer({ min: -9, max: 9 }).filter(Boolean),
    });
    fc.assert(
      fc.property(fc.array(move, { minLength: 1, maxLength: 30 }), (moves) => {
        const rows = moves.map(({ sku, quantity }, n) =>
          quantity < 0 ? sale(sku, quantity, '1', 'X', `C${n}`) : sale(sku, quantity, '1', 'X', `${n}`),
        );
        const openings = new Map(surveyOf(rows).openings.map(({ sku, units }) => [sku, units]));
        for (const sku of ['1', '2']) {
          let level = openings.get(sku) ?? 0;
          let lowest = level;
          for (const each of moves) if (each.sku === sku) lowest = Math.min(lowest, (level -= each.quantity));
          expect(lowest).toBeGreaterThanOrEqual(0);
          if (openings.has(sku)) expect(lowest).toBe(0);
        }
      }),
    );
  });

  test.each([
    [
      'two customers',
      ['1,10,X,1,2010-12-01T08:00:00,1,501,France', '1,10,X,1,2010-12-01T08:00:00,1,502,France'],
      3,
      /another customer/,
    ],
    [
      'two countries',
      ['1,10,X,1,2010-12-01T08:00:00,1,,France', '1,10,X,1,2010-12-01T08:00:00,1,,Spain'],
      3,
      /another country/,
    ],
    ['a negative price', [sale('10', 1, '-1')], 2, /negative price, which only an A invoice may/],
    ['a negative line on an order', [sale('10', 1), sale('10', -1)], 3, /negative quantity on an order/],
    [
      'a positive line on a credit note',
      [sale('10', -1, '1', 'X', 'C1'), sale('10', 1, '1', 'X', 'C1')],
      3,
      /positive quantity on a credit note/,
    ],
    ['a row that cannot be read', [sale('10', 1), sale('10', 1, 'free')], 3, /UnitPrice/],
  ])('refuses an invoice with %s whole', (_, rows, line, reason) => {
    const { invoices, refused, products, openings } = surveyOf(rows);
    expect([...refused.values()]).toEqual([[{ line, reason: expect.stringMatching(reason) }]]);
    expect([invoices.size, products, openings]).toEqual([0, [], []]); // and its rows count for nothing
  });
});
