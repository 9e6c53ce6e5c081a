import { describe, expect, test } from '@jest/globals';
import { stock } from '../../src/projections/stock.projection.js';
import { stockId, stockView } from '../../src/projections/stock.view.js';
import { given } from './project.js';
import {
  adjusted,
  received,
  released,
  reserved,
  returnedStock,
  shippedStock,
  SHELF,
  SKU,
  type Told,
} from './recorded.js';

const LATER = '2999-01-01T00:00:00.000Z';
const ID = stockId(SHELF.sku, SHELF.location);

test('every kind of movement has its total, and the shelf its balance', () => {
  const history = [
    received(100),
    received(20),
    adjusted(7),
    adjusted(-3),
    adjusted(-2),
    reserved('r1', 10, LATER),
    reserved('r2', 4, LATER),
    released('r2', 4),
    shippedStock(6, 'r1'),
    shippedStock(30),
    returnedStock(5),
  ];
  expect(given(stock, ...history).get(ID)).toEqual({
    _id: '22423@main',
    ...SHELF,
    onHand: 91,
    reservations: [{ reservationId: 'r1', quantity: 4, expiresAt: LATER }],
    totals: { received: 120, adjustedUp: 7, adjustedDown: 5, reserved: 14, released: 4, shipped: 36, returned: 5 },
    movements: 11,
    lastMovementAt: '2011-08-12T12:00:00.000Z',
    revision: '10',
  });
});

test('the last movement is the newest on the stream, whatever time it says', () => {
  const told: readonly Told[] = [
    { event: received(1), at: '2011-08-02T00:00:00.000Z' },
    { event: received(1), at: '2011-08-01T00:00:00.000Z' },
  ];
  expect(given(stock, ...told).get(ID)).toMatchObject({ lastMovementAt: '2011-08-01T00:00:00.000Z', revision: '1' });
});

test('a SKU has a document at each location', () => {
  const york = { sku: SKU, location: 'york' };
  const documents = given(stock, received(1), received(2, york), received(3));
  expect([...documents].map(([id, { onHand }]) => [id, onHand])).toEqual([
    ['22423@main', 4],
    ['22423@york', 2],
  ]);
});

describe('lists', () => {
  test('sort by what is left when open reservations are served', () => {
    const document = given(stock, received(9), reserved('r1', 4, LATER), reserved('r2', 1, LATER)).get(ID)!;
    expect(Object.entries(stockView.indexes).map(([name, { of }]) => [name, of(document)])).toEqual([
      ['sku', [SKU, 'main']],
      ['location', ['main', 4n]],
      ['left', [4n]],
    ]);
  });
});
