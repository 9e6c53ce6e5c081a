import { describe, expect, test } from '@jest/globals';
import { readCode } from '../../apps/ledger/online-retail/import/codes.js';
import { toUtc } from '../../apps/ledger/online-retail/import/local-time.js';
import { readRow } from '../../apps/ledger/online-retail/import/row.js';

const good = ['536365', '85123a', ' WHITE HEART ', '6', '2010-12-01T08:26:00', '2.50', '17850', 'United Kingdom'];
const withField = (index: number, text: string): string[] => good.with(index, text);

describe('a row', () => {
  test('is read with its code folded, its texts trimmed and its price canonical', () => {
    expect(readRow(good, 2)).toEqual({
      line: 2,
      invoice: '536365',
      written: '85123a',
      code: { sku: '85123A', onOrder: 'goods', onCredit: 'goods' },
      description: 'WHITE HEART',
      quantity: 6,
      localTime: '2010-12-01T08:26:00',
      unitPrice: '2.5',
      customerId: '17850',
      country: 'United Kingdom',
    });
  });

  test('needs neither a customer nor a description', () => {
    const row = readRow(withField(6, '').with(2, ''), 2);
    expect(row).toMatchObject({ customerId: undefined, description: '' });
  });

  test.each([
    ['another number of columns', good.slice(0, 7), /7 columns instead of 8/],
    ['one column too many', [...good, ''], /9 columns/],
    ['no invoice', withField(0, ''), /InvoiceNo "" is not an invoice number/],
    ['an unknown letter before the number', withField(0, 'X536365'), /InvoiceNo/],
    ['no code', withField(1, ''), /StockCode ""/],
    ['a code with a slash', withField(1, '85/23'), /StockCode "85\/23" cannot be a stock keeping unit/],
    ['a code that is too long', withField(1, 'A'.repeat(65)), /StockCode/],
    ['no quantity', withField(3, ''), /Quantity ""/],
    ['half a unit', withField(3, '1.5'), /Quantity "1.5" is not a whole number/],
    ['a quantity of nothing', withField(3, '0'), /Quantity is 0/],
    ['an absurd quantity', withField(3, '1000000001'), /beyond 1000000000/],
    ['an absurd negative quantity', withField(3, '-1000000001'), /beyond 1000000000/],
    ['a quantity beyond all numbers', withField(3, '9'.repeat(400)), /Quantity "9{40}…"/],
    ['no date', withField(4, ''), /InvoiceDate ""/],
    ['a day that no calendar has', withField(4, '2011-02-29T08:26:00'), /InvoiceDate/],
    ['a 25th hour', withField(4, '2011-02-28T24:00:00'), /InvoiceDate/],
    ['an American date', withField(4, '12/1/2010 8:26'), /InvoiceDate/],
    ['no price', withField(5, ''), /UnitPrice ""/],
    ['a price in words', withField(5, 'two'), /UnitPrice "two" is not a price/],
    ['a price with an exponent', withField(5, '1e3'), /UnitPrice/],
    ['a price with a decimal comma', withField(5, '2,5'), /UnitPrice/],
    ['an absurd price', withField(5, '1234567890123'), /UnitPrice/],
    ['a customer with a fraction', withField(6, '17850.0'), /CustomerID "17850.0" is not a number/],
    ['no country', withField(7, ' '), /Country is missing/],
    ['bytes that are not UTF-8', withField(2, 'CAF\uFFFD'), /not UTF-8/],
    ['an endless description', withField(2, 'x'.repeat(201)), /beyond 200 characters/],
  ])('with %s is not taken, and says why', (_, fields, reason) => {
    const row = readRow(fields, 7);
    expect(row).toMatchObject({ line: 7, reason: expect.stringMatching(reason) });
  });

  test('that cannot be taken still names its invoice, so that the invoice can be refused', () => {
    expect(readRow(withField(3, 'x'), 2)).toMatchObject({ invoice: '536365' });
    expect(readRow(withField(0, '?'), 2)).toMatchObject({ invoice: undefined });
  });
});

describe('a stock code', () => {
  test.each([
    ['85123A', 'goods', 'goods', '85123A'],
    ['15056bl', 'goods', 'goods', '15056BL'],
    [' 47503J ', 'goods', 'goods', '47503J'],
    ['DCGSSBOY', 'goods', 'goods', 'DCGSSBOY'],
    ['POST', 'charge', 'charge', 'POST'],
    ['C3', 'charge', 'charge', 'C3'],
    ['ADJUST2', 'charge', 'charge', 'ADJUST2'],
    ['m', 'charge', 'charge', 'M'],
    ['D', 'charge', 'discount', 'D'],
    ['BANK CHARGES', 'charge', 'fee', 'BANK-CHARGES'],
    ['gift_0001_10', 'voucher', 'voucher', 'GIFT_0001_10'],
  ])('%s is %s on an order and %s on a credit note', (written, onOrder, onCredit, sku) => {
    expect(readCode(written)).toEqual({ sku, onOrder, onCredit });
  });

  test.each(['', ' ', 'TWO WORDS', '-1', 'Ä1', 'A/B'])('%j cannot be a stock keeping unit', (written) => {
    expect(readCode(written)).toBeUndefined();
  });
});

describe('wall clock time', () => {
  const london = toUtc('Europe/London');

  test.each([
    ['in winter is UTC', '2010-12-01T08:26:00', '2010-12-01T08:26:00.000Z'],
    ['in summer is an hour ahead of it', '2011-07-01T00:30:00', '2011-06-30T23:30:00.000Z'],
    ['before the clocks go forward', '2011-03-27T00:59:00', '2011-03-27T00:59:00.000Z'],
    ['that is skipped counts on', '2011-03-27T01:30:00', '2011-03-27T01:30:00.000Z'],
    ['after the clocks went forward', '2011-03-27T02:00:00', '2011-03-27T01:00:00.000Z'],
    ['before the clocks go back', '2011-10-30T00:59:00', '2011-10-29T23:59:00.000Z'],
    ['that comes twice is the first of the two', '2011-10-30T01:30:00', '2011-10-30T00:30:00.000Z'],
    ['after the clocks went back', '2011-10-30T02:00:00', '2011-10-30T02:00:00.000Z'],
  ])('%s', (_, local, utc) => {
    expect(london(local)).toBe(utc);
  });

  test('follows the zone that is asked for', () => {
    expect(toUtc('Asia/Kolkata')('2010-12-01T05:00:00')).toBe('2010-11-30T23:30:00.000Z');
    expect(toUtc('America/St_Johns')('2011-07-01T12:00:00')).toBe('2011-07-01T14:30:00.000Z');
  });

  test('of an unknown zone is refused', () => {
    expect(() => toUtc('Europe/Atlantis')).toThrow(RangeError);
  });

  test('goes there and back on every hour of a year', () => {
    const show = new Intl.DateTimeFormat('sv-SE', {
      timeZone: 'Europe/London',
      dateStyle: 'short',
      timeStyle: 'medium',
    });
    for (let at = Date.UTC(2011, 0, 1); at < Date.UTC(2012, 0, 1); at += 3_600_000) {
      const local = show.format(at).replace(' ', 'T');
      const back = Date.parse(london(local));
      const again = local.startsWith('2011-10-30T01') ? Date.UTC(2011, 9, 30, 0) : at;
      expect(back).toBe(again);
    }
  });
});
