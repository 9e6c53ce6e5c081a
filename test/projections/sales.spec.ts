import { describe, expect, test } from '@jest/globals';
import { CorruptHistory } from '../../src/domain/decider.js';
import type { LedgerEvent } from '../../src/domain/ledger.events.js';
import { salesByCode } from '../../src/projections/sales-by-code.js';
import { sales } from '../../src/projections/sales.projection.js';
import {
  exactSales,
  pairKey,
  salesId,
  salesView,
  type SalesDimension,
  type SalesDocument,
} from '../../src/projections/sales.view.js';
import { given } from './project.js';
import { cancelled, credited, goods, placed, posted, type Told } from './recorded.js';

type History = readonly (Told | LedgerEvent)[];
const of = (history: History, dimension: SalesDimension, key = '', currency = 'GBP'): SalesDocument | undefined =>
  given(sales, ...history).get(salesId(dimension, currency, key));
const total = (...history: History): SalesDocument => of(history, 'total')!;
const idsOf = (...history: History): readonly string[] => [...given(sales, ...history).keys()].sort();

const none = {
  orders: 0,
  cancelledOrders: 0,
  creditNotes: 0,
  journals: 0,
  orderLines: 0,
  freeLines: 0,
  cancelledLines: 0,
  creditLines: 0,
  grossMinor: '0',
  cancelledMinor: '0',
  returnsMinor: '0',
  adjustmentsMinor: '0',
  netMinor: '0',
  grossRounding: '0',
  cancelledRounding: '0',
  returnsRounding: '0',
  unitsSold: '0',
  unitsFree: '0',
  unitsCancelled: '0',
  unitsReturned: '0',
};
const postage = { kind: 'charge', sku: 'POST', quantity: 1, unitPrice: '2.95' } as const;
const parties = { customerId: '17850', country: 'United Kingdom', channel: 'web', documentDay: '2011-08-13' } as const;

describe('an order', () => {
  const order = placed([goods(2, '12.75'), postage, goods(1, '0'), goods(4, '10')], parties);

  test('counts in every dimension it has, once in each', () => {
    expect(idsOf(order)).toEqual([
      'channel|GBP|web',
      'country|GBP|United Kingdom',
      'customer-country|GBP|["United Kingdom","17850"]',
      'customer-month|GBP|["2011-08","17850"]',
      'customer|GBP|17850',
      'day|GBP|2011-08-13',
      'kind|GBP|charge',
      'kind|GBP|goods',
      'month|GBP|2011-08',
      'product|GBP|22423',
      'product|GBP|POST',
      'total|GBP|',
    ]);
  });

  test('of a guest, without country or channel, counts beside them, so that each dimension adds up', () => {
    expect(idsOf(placed([goods(1, '1')]))).toEqual([
      'day|GBP|2011-08-12',
      'kind|GBP|goods',
      'month|GBP|2011-08',
      'no-channel|GBP|',
      'no-country|GBP|',
      'no-customer|GBP|',
      'product|GBP|22423',
      'total|GBP|',
    ]);
  });

  test('adds its lines to the whole', () => {
    expect(total(order)).toEqual({
      _id: 'total|GBP|',
      dimension: 'total',
      currency: 'GBP',
      key: '',
      ...none,
      orders: 1,
      orderLines: 4,
      freeLines: 1,
      grossMinor: '6845',
      netMinor: '6845',
      unitsSold: '8',
      unitsFree: '1',
    });
  });

  test('adds the lines of a product to the product, and counts once there', () => {
    expect(of([order, order], 'product', '22423')).toEqual({
      _id: 'product|GBP|22423',
      dimension: 'product',
      currency: 'GBP',
      key: '22423',
      kinds: ['goods'],
      ...none,
      orders: 2,
      orderLines: 6,
      freeLines: 2,
      grossMinor: '13100',
      netMinor: '13100',
      unitsSold: '14',
      unitsFree: '2',
    });
  });

  test('counts on the UTC day of its time where it names no document day', () => {
    const told = [{ event: placed([goods(1, '1')]), at: '2011-07-31T23:59:59.999Z' }];
    expect(of(told, 'day', '2011-07-31')).toBeDefined();
    expect(of(told, 'month', '2011-07')).toBeDefined();
  });

  test('counts in its own currency only', () => {
    const history = [placed([goods(1, '1.5')]), placed([goods(1, '150')], { currency: 'JPY' })];
    expect(of(history, 'total', '', 'GBP')).toMatchObject({ grossMinor: '150', orders: 1 });
    expect(of(history, 'total', '', 'JPY')).toMatchObject({ grossMinor: '150', orders: 1 });
  });
});

describe('a cancellation', () => {
  const order = placed([goods(74_215, '1.04', '23166')], parties);
  const history: History = [
    { event: order, at: '2011-08-13T10:00:00.000Z' },
    { event: cancelled(order), at: '2011-09-01T00:16:00.000Z' },
  ];

  test('takes the order out of net and net units, and leaves gross as it was', () => {
    for (const [dimension, key] of [
      ['total', ''],
      ['product', '23166'],
      ['customer', '17850'],
      ['country', 'United Kingdom'],
      ['channel', 'web'],
      ['kind', 'goods'],
    ] as const) {
      expect(of(history, dimension, key)).toMatchObject({
        ...none,
        orders: 1,
        cancelledOrders: 1,
        orderLines: 1,
        cancelledLines: 1,
        grossMinor: '7718360',
        cancelledMinor: '7718360',
        unitsSold: '74215',
        unitsCancelled: '74215',
      });
    }
  });

  test('counts on its own UTC day, the order on its document day', () => {
    expect(of(history, 'day', '2011-08-13')).toMatchObject({ netMinor: '7718360', cancelledOrders: 0 });
    expect(of(history, 'day', '2011-09-01')).toMatchObject({ netMinor: '-7718360', orders: 0, cancelledOrders: 1 });
    expect(of(history, 'month', '2011-09')).toMatchObject({ netMinor: '-7718360' });
  });

  test('gives back the rounding of its lines too', () => {
    const rounded = placed([goods(1, '0.001')]);
    const document = total(rounded, cancelled(rounded));
    expect(document).toMatchObject({ grossRounding: '0.001', cancelledRounding: '0.001' });
    expect(exactSales(document)).toMatchObject({ gross: '0.001', cancelled: '0.001', net: '0' });
  });
});

describe('a credit note', () => {
  test('is a return, whatever kind its lines are of', () => {
    const discount = { kind: 'discount', sku: 'D', quantity: 3, unitPrice: '1.1' } as const;
    const history = [placed([goods(10, '2')]), credited([goods(4, '2'), discount], { country: 'EIRE' })];
    expect(total(...history)).toMatchObject({
      orders: 1,
      creditNotes: 1,
      creditLines: 2,
      grossMinor: '2000',
      returnsMinor: '1130',
      netMinor: '870',
      unitsSold: '10',
      unitsReturned: '7',
    });
    expect(of(history, 'kind', 'discount')).toMatchObject({ returnsMinor: '330', netMinor: '-330' });
    expect(of(history, 'country', 'EIRE')).toMatchObject({ creditNotes: 1, netMinor: '-1130' });
    expect(of(history, 'no-customer')).toMatchObject({ orders: 1, creditNotes: 1 });
  });

  test('counts on its document day', () => {
    expect(of([credited([goods(1, '1')], { documentDay: '2010-12-01' })], 'month', '2010-12')).toBeDefined();
  });
});

describe('a journal', () => {
  test('adjusts revenue by its legs on revenue accounts: credit up, debit down', () => {
    const legs = [
      ['revenue', 'credit', 5n],
      ['revenue:bad-debts', 'debit', 1_106_206n],
      ['revenues', 'credit', 1_000n],
      ['assets:revenue', 'credit', 1_105_201n],
    ] as const;
    const history = [posted(legs, { product: 'B', country: 'United Kingdom', documentDay: '2011-08-12' })];
    const figures = { ...none, journals: 1, adjustmentsMinor: '-1106201', netMinor: '-1106201' };
    expect(total(...history)).toMatchObject(figures);
    expect(of(history, 'product', 'B')).toMatchObject({ ...figures, kinds: ['journal'] });
    expect(of(history, 'kind', 'journal')).toMatchObject(figures);
    expect(of(history, 'month', '2011-08')).toMatchObject(figures);
  });

  test('without a product counts beside the products', () => {
    expect(of([posted([['revenue', 'debit', 7n]])], 'no-product')).toMatchObject({ netMinor: '-7' });
  });

  test('adjusts each currency by its own legs', () => {
    const history = [
      posted([
        ['revenue', 'debit', 7n],
        ['revenue', 'credit', 9n, 'EUR'],
      ]),
    ];
    expect(total(...history)).toMatchObject({ adjustmentsMinor: '-7' });
    expect(of(history, 'total', '', 'EUR')).toMatchObject({ adjustmentsMinor: '9', journals: 1 });
  });

  test('that does not touch revenue changes nothing; one that moves it within revenue counts, with 0', () => {
    expect(idsOf(posted([['assets:cash', 'debit', 7n]]))).toEqual([]);
    const within = posted([
      ['revenue:a', 'debit', 7n],
      ['revenue:b', 'credit', 7n],
    ]);
    expect(total(within)).toMatchObject({ journals: 1, netMinor: '0' });
  });
});

describe('rounding', () => {
  test('what a line rounds away is kept: gross and its rounding are the exact total of the source', () => {
    // The four lines of the real year that are finer than a penny, and one of each half that rounds to even.
    const lines = [goods(1, '0.001'), goods(1, '0.001'), goods(1, '0.001'), goods(1, '0.001')];
    const document = total(placed([...lines, goods(1, '0.005'), goods(1, '0.015'), goods(1, '2.5')]));
    expect(document).toMatchObject({ grossMinor: '252', grossRounding: '0.004' });
    expect(exactSales(document)).toEqual({
      gross: '2.524',
      cancelled: '0',
      returns: '0',
      adjustments: '0',
      net: '2.524',
    });
  });

  test('rounding of returns counts against net', () => {
    const document = total(placed([goods(1, '1')]), credited([goods(3, '0.333')]));
    expect(document).toMatchObject({ returnsMinor: '100', returnsRounding: '-0.001', netMinor: '0' });
    expect(exactSales(document)).toMatchObject({ gross: '1', returns: '0.999', net: '0.001' });
  });

  test('goes by the digits of the currency', () => {
    const price = { currency: 'KWD' };
    expect(of([placed([goods(1, '0.001')], price)], 'total', '', 'KWD')).toMatchObject({
      grossMinor: '1',
      grossRounding: '0',
    });
  });

  test('a line that rounds to nothing is not free', () => {
    expect(total(placed([goods(1, '0.001')]))).toMatchObject({ freeLines: 0, unitsFree: '0', grossMinor: '0' });
  });
});

describe('a product', () => {
  const line = { ...goods(1, '1', '85123A'), name: 'HANGING HEART' };

  test('has the kinds of all its lines, and the newest name by business time, whichever came last', () => {
    const history = [
      { event: placed([{ ...line, name: 'NEW' }]), at: '2011-02-01T00:00:00.000Z' },
      { event: placed([{ ...line, name: 'OLD' }]), at: '2011-01-01T00:00:00.000Z' },
      { event: credited([{ ...goods(1, '1', '85123A'), kind: 'fee' }]), at: '2011-03-01T00:00:00.000Z' },
    ];
    expect(of(history, 'product', '85123A')).toMatchObject({
      kinds: ['fee', 'goods'],
      name: 'NEW',
      namedAt: '2011-02-01T00:00:00.000Z',
    });
  });

  test.each([
    ['o1', 'o2'],
    ['o2', 'o1'],
  ])('of names of one instant, has that of the greater event id: %s before %s', (...ids) => {
    const history = ids.map((orderId) => placed([{ ...line, name: `name on ${orderId}` }], { orderId }));
    expect(of(history, 'product', '85123A')).toMatchObject({ name: 'name on o2', namedBy: 'id of order-o2/0' });
  });

  test('takes all kinds and the last name from the lines of one document', () => {
    const charge = { ...line, kind: 'charge', name: 'LAST' } as const;
    const order = placed([line, charge, goods(1, '1', '85123A')]);
    expect(of([order], 'product', '85123A')).toMatchObject({ kinds: ['charge', 'goods'], name: 'LAST' });
  });

  test('keeps apart what its documents wrote with another code', () => {
    const order = placed([line, { ...line, quantity: 5, writtenAs: '85123a' }, { ...line, writtenAs: '85123A' }]);
    const note = credited([{ ...line, writtenAs: '85123a' }]);
    const documents = given(sales, order, note);
    expect(documents.get(salesId('product', 'GBP', '85123A'))).toMatchObject({ unitsSold: '7', unitsReturned: '1' });
    expect([...documents.values()].filter(({ dimension }) => dimension === 'variant')).toMatchObject([
      {
        key: pairKey('85123A', '85123a'),
        sku: '85123A',
        writtenAs: '85123a',
        name: 'HANGING HEART',
        orders: 1,
        unitsSold: '5',
        unitsReturned: '1',
        netMinor: '400',
      },
    ]);
  });

  test('can be read by code as written', () => {
    const rounded = { ...line, unitPrice: '0.001', writtenAs: '85123a' };
    const other = { ...goods(3, '1', 'POST'), writtenAs: '85123A' }; // another SKU, written with the first one's
    const documents = [...given(sales, placed([line, rounded, other]), credited([rounded])).values()];
    const pick = (dimension: string) => documents.filter((document) => document.dimension === dimension);
    const codes = salesByCode(pick('product'), pick('variant'));
    expect(codes).toMatchObject([
      { code: '85123A', orderLines: 2, unitsSold: '4', netMinor: '400', grossRounding: '0' },
      {
        code: '85123a',
        orderLines: 1,
        unitsSold: '1',
        netMinor: '0',
        grossRounding: '0.001',
        returnsRounding: '0.001',
      },
      { code: 'POST', orderLines: 0, unitsSold: '0', netMinor: '0' },
    ]);
    expect(codes.map((code) => exactSales(code).gross)).toEqual(['4', '0.001', '0']);
  });
});

describe('keys', () => {
  const hostile = ['|', 'a|b', '__proto__', '', '"],["', 'Ürümqi', '\u0000', 'constructor', ' '];

  test.each(hostile)('a country, customer, channel or code may be %j', (text) => {
    const names = { country: text, customerId: text, channel: text };
    const order = placed([{ ...goods(1, '1', text), writtenAs: `${text}!` }], names);
    const documents = given(sales, order);
    for (const dimension of ['country', 'customer', 'channel', 'product'] as const) {
      expect(documents.get(salesId(dimension, 'GBP', text))).toMatchObject({ dimension, key: text, orders: 1 });
    }
    expect(documents.get(salesId('customer-country', 'GBP', pairKey(text, text)))).toMatchObject({ orders: 1 });
    expect(documents.get(salesId('variant', 'GBP', pairKey(text, `${text}!`)))).toMatchObject({ sku: text });
    expect(documents.has(salesId('no-customer', 'GBP', ''))).toBe(false);
  });

  test('pairs never collide', () => {
    expect(pairKey('a', 'b","c')).not.toBe(pairKey('a","b', 'c'));
  });

  test('texts that are stored alike are one: a lone surrogate cannot be kept', () => {
    const lines = [goods(1, '1', 'A\ud800'), goods(2, '1', 'A\ufffd')];
    const documents = given(sales, placed(lines, { country: 'X\udfff' }));
    expect(documents.get(salesId('product', 'GBP', 'A\ufffd'))).toMatchObject({ orders: 1, unitsSold: '3' });
    expect(documents.has(salesId('country', 'GBP', 'X\ufffd'))).toBe(true);
  });

  test.each([
    ['no currency: GB|', placed([]), { currency: 'GB|' }],
    ['no calendar day: 12/08/2011', placed([]), { documentDay: '12/08/2011' }],
    ['no currency: gbp', posted([['revenue', 'debit', 1n, 'gbp']]), {}],
  ])('%s is no history', (message, event, data) => {
    const wrong = { ...event, data: { ...event.data, ...data } } as LedgerEvent;
    expect(() => total(wrong)).toThrow(CorruptHistory);
    expect(() => total(wrong)).toThrow(new RegExp(`-[oj]1 at revision 0: ${message.replace('|', '\\|')}`));
  });
});

describe('lists', () => {
  const keysOf = (document: SalesDocument) => Object.values(salesView.indexes).map(({ of }) => of(document));

  test('go by key, by net and by net units', () => {
    const order = placed([goods(9, '1.5')]);
    expect(Object.keys(salesView.indexes)).toEqual(['key', 'net', 'units']);
    const history = [order, cancelled(placed([goods(2, '1.5')])), credited([goods(4, '1')])];
    expect(keysOf(of(history, 'product', '22423')!)).toEqual([
      ['product', 'GBP', '22423'],
      ['product', 'GBP', 650n],
      ['product', 'GBP', 3n],
    ]);
  });

  test('put what is beyond 64 bits last; the document stays exact', () => {
    const huge = placed([goods(1_000_000_000, '92233720368.54775807')]);
    const events = Array.from({ length: 3 }, () => huge);
    const document = total(...events);
    expect(document.netMinor).toBe((3n * 9_223_372_036_854_775_807_000n).toString());
    expect(keysOf(document)[1]).toEqual(['total', 'GBP', 2n ** 63n - 1n]);
    expect(keysOf(total(...events.map((each) => cancelled(each))))[1]).toEqual(['total', 'GBP', -(2n ** 63n) + 1n]);
  });
});
