import { describe, expect, test } from '@jest/globals';
import { CorruptHistory } from '../../src/domain/decider.js';
import { catalog } from '../../src/projections/catalog.projection.js';
import { catalogView, nameKey, offerOf } from '../../src/projections/catalog.view.js';
import { given } from './project.js';
import {
  adjusted,
  expiredReservation,
  listed,
  received,
  released,
  reserved,
  shippedStock,
  SHELF,
  SKU,
} from './recorded.js';

const MONDAY = '2011-08-08T09:00:00.000Z';
const TUESDAY = '2011-08-09T09:00:00.000Z';
const WEDNESDAY = '2011-08-10T09:00:00.000Z';
const priceChanged = (amount: string, currency: string) =>
  ({ type: 'PriceChanged', data: { sku: SKU, price: { amount, currency } } }) as const;
const discontinued = { type: 'ProductDiscontinued', data: { sku: SKU } } as const;
const one = (...told: Parameters<typeof given>[1][]) => given(catalog, ...told).get(SKU)!;

describe('the product', () => {
  test('is listed with its name, prices by currency, times and the revision of its stream', () => {
    const euro = { amount: '15', currency: 'EUR' };
    const pound = { amount: '12.75', currency: 'GBP' };
    expect(one({ event: listed({ prices: [pound, euro] }), at: MONDAY })).toEqual({
      _id: SKU,
      sku: SKU,
      status: 'listed',
      name: 'REGENCY CAKESTAND',
      prices: [euro, pound],
      shelves: [],
      listedAt: MONDAY,
      changedAt: MONDAY,
      revision: '0',
    });
  });

  test('a price replaces the one in its currency, or joins the others', () => {
    const events = [listed(), priceChanged('10.95', 'GBP'), priceChanged('13', 'EUR')];
    expect(one(...events).prices).toEqual([
      { amount: '13', currency: 'EUR' },
      { amount: '10.95', currency: 'GBP' },
    ]);
  });

  test('a change moves `changedAt` and the revision, not the time of listing', () => {
    const document = one(
      { event: listed(), at: MONDAY, recordedAt: WEDNESDAY },
      { event: discontinued, at: TUESDAY, recordedAt: WEDNESDAY },
    );
    expect(document).toMatchObject({ status: 'discontinued', listedAt: MONDAY, changedAt: TUESDAY, revision: '1' });
  });

  test('a movement of its stock moves neither', () => {
    const document = one({ event: listed(), at: MONDAY }, { event: received(5), at: TUESDAY });
    expect(document).toMatchObject({ changedAt: MONDAY, revision: '0' });
  });

  test.each([priceChanged('1', 'GBP'), discontinued])('$type before the listing is no history', (event) => {
    expect(() => one(event)).toThrow(CorruptHistory);
    expect(() => one(received(1), event)).toThrow(/before ProductListed: product-22423 at revision 0/);
  });
});

describe('availability', () => {
  test('adds up locations, sorted by name', () => {
    const document = one(received(5, { sku: SKU, location: 'york' }), received(7), listed());
    const promised = { reserved: 0, allocated: 0, backordered: 0 };
    expect(offerOf(document)).toEqual({
      onHand: 12,
      ...promised,
      available: 12,
      locations: [
        { location: 'main', onHand: 7, ...promised, available: 7 },
        { location: 'york', onHand: 5, ...promised, available: 5 },
      ],
    });
  });

  test('a reservation holds its units until the log says that it has ended', () => {
    const history = [received(10), reserved('r1', 4, TUESDAY)];
    expect(offerOf(one(...history))).toMatchObject({ reserved: 4, available: 6 });
    expect(offerOf(one(...history, expiredReservation('r1', 4, TUESDAY)))).toMatchObject({
      reserved: 0,
      available: 10,
    });
  });

  test('units shipped from a reservation are no longer reserved; the rest is', () => {
    const history = [received(10), reserved('r1', 4, WEDNESDAY), shippedStock(3, 'r1')];
    const document = one(...history.map((event) => ({ event, at: MONDAY })));
    expect(offerOf(document)).toMatchObject({ onHand: 7, reserved: 1, available: 6 });
  });

  test('a released reservation is gone, another stays', () => {
    const history = [received(10), reserved('r1', 4, WEDNESDAY), reserved('r2', 1, WEDNESDAY), released('r1', 4)];
    const { shelves } = one(...history.map((event) => ({ event, at: MONDAY })));
    expect(shelves).toEqual([{ location: 'main', onHand: 10, allocated: 0, held: 1 }]);
  });

  test('never shows less than nothing, and says how many units are promised that are not there', () => {
    const shelf = {
      location: 'main',
      onHand: 2,
      allocated: 1,
      held: 5,
    };
    expect(offerOf({ shelves: [shelf] })).toMatchObject({
      onHand: 2,
      reserved: 5,
      allocated: 1,
      backordered: 4,
      available: 0,
    });
  });

  test.each([
    ['shipped', [received(3), shippedStock(4)]],
    ['adjusted', [received(3), adjusted(-4)]],
    ['taken from a reservation', [received(9), reserved('r1', 2, '2999-01-01T00:00:00.000Z'), shippedStock(3, 'r1')]],
  ])('more units %s than there are is no history', (_, history) => {
    expect(() => one(...history)).toThrow(new RegExp(`-1 units: stock-22423@main at revision ${history.length - 1}`));
  });
});

describe('lists', () => {
  const keys = (document: ReturnType<typeof one>) =>
    Object.entries(catalogView.indexes).map(([name, { of }]) => [name, of(document)]);

  test('a product that has only been seen as stock is in none', () => {
    expect(keys(one(received(1)))).toEqual([
      ['sku', undefined],
      ['name', undefined],
    ]);
  });

  test('a product is in the list of its status, by SKU and by name without case', () => {
    expect(keys(one(received(1, SHELF), listed({ name: ' Ｔea Set ' })))).toEqual([
      ['sku', ['listed', SKU]],
      ['name', ['listed', 'tea set']],
    ]);
    expect(keys(one(listed(), discontinued))[0]).toEqual(['sku', ['discontinued', SKU]]);
    expect(nameKey('REGENCY')).toBe(nameKey('regency '));
  });

  test('a name is sorted by at most 200 characters of well-formed text, however long its compatibility forms are', () => {
    expect(nameKey('\uFDFA'.repeat(200))).toHaveLength(200);
    const cutInTwo = `${'x'.repeat(199)}\u{1F600}`;
    expect([nameKey(cutInTwo).length, nameKey(cutInTwo).isWellFormed()]).toEqual([200, true]);
  });
});
