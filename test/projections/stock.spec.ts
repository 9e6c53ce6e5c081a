import { describe, expect, test } from '@jest/globals';
import { shelfAvailabilityAt } from '../../src/projections/shelf.js';
import { stock } from '../../src/projections/stock.projection.js';
import { stockId, stockView } from '../../src/projections/stock.view.js';
import { given } from './project.js';
import {
  adjusted,
  arrivedFrom,
  backorders,
  committedReservation,
  countedStock,
  extendedReservation,
  received,
  released,
  reserved,
  returnedStock,
  sentTo,
  shippedCommitted,
  shippedStock,
  SHELF,
  SKU,
  writtenOff,
  type Told,
} from './recorded.js';

const LATER = '2999-01-01T00:00:00.000Z';
const ID = stockId(SHELF.sku, SHELF.location);

test('every kind of movement has its total, and the shelf its balance', () => {
  const history = [
    backorders(5),
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
    returnedStock(3, 'damaged'),
    writtenOff(1),
    reserved('r3', 2, LATER),
    committedReservation('r3', 2),
    shippedCommitted(1, 'r3'),
    countedStock(88, -2),
    countedStock(89, 1),
    countedStock(89, 0),
    sentTo('york', 9),
  ];
  expect(given(stock, ...history).get(ID)).toEqual({
    _id: '22423@main',
    ...SHELF,
    onHand: 80,
    allocated: 1,
    damaged: 2,
    inTransit: 9,
    backorderLimit: 5,
    reservations: [{ reservationId: 'r1', quantity: 4, expiresAt: LATER }],
    totals: {
      received: 120,
      adjustedUp: 7,
      adjustedDown: 5,
      countedUp: 1,
      countedDown: 2,
      reserved: 16,
      committed: 2,
      released: 4,
      shipped: 37,
      returned: 5,
      returnedDamaged: 3,
      writtenOff: 1,
      transferredOut: 9,
      transferredIn: 0,
    },
    movements: 21,
    lastMovementAt: '2011-08-12T12:00:00.000Z',
    revision: '20',
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

describe('units on their way', () => {
  const york = stockId(SKU, 'york');

  test('are in transit where they left, until they arrive elsewhere', () => {
    expect(given(stock, received(9), sentTo('york', 4)).get(ID)).toMatchObject({ onHand: 5, inTransit: 4 });
    const arrived = given(stock, received(9), sentTo('york', 4), arrivedFrom('main', 4, 'york'));
    expect(arrived.get(ID)).toMatchObject({ onHand: 5, inTransit: 0, movements: 2, revision: '1' });
    expect(arrived.get(york)).toMatchObject({ location: 'york', onHand: 4, inTransit: 0, movements: 1, revision: '0' });
  });

  test('that are seen to arrive before they left: what they left is in no list until then', () => {
    const early = given(stock, arrivedFrom('main', 4, 'york')).get(ID)!;
    expect(early).toMatchObject({ ...SHELF, movements: 0, inTransit: -4 });
    for (const { of } of Object.values(stockView.indexes)) expect(of(early)).toBeUndefined();
    const late = given(stock, arrivedFrom('main', 4, 'york'), received(9), sentTo('york', 4)).get(ID);
    expect(late).toMatchObject({ onHand: 5, inTransit: 0, movements: 2 });
  });
});

describe('a reservation', () => {
  const SOON = '2011-08-12T12:10:00.000Z';
  const during = (event: Told['event'], minute: number): Told => ({ event, at: `2011-08-12T12:${minute}:00.000Z` });

  test('that is committed no longer ends by itself', () => {
    const documents = given(
      stock,
      received(9),
      reserved('r1', 4, SOON),
      { event: committedReservation('r1', 4), at: '2011-08-12T12:09:00.000Z' },
      during(received(1), 30),
    );
    const shelf = documents.get(ID)!;
    expect(shelf).toMatchObject({ allocated: 4, reservations: [] });
    expect(shelfAvailabilityAt(shelf, LATER)).toMatchObject({ reserved: 0, allocated: 4, available: 6 });
  });

  test('that is extended counts until its new end, also when it had been forgotten in between', () => {
    const extended = { reservationId: 'r1', quantity: 4, expiresAt: LATER };
    const history = [received(9), reserved('r1', 4, SOON)];
    const at = '2011-08-12T12:09:59.999Z';
    const crossed = {
      event: extendedReservation('r1', 4, LATER),
      at,
      recordedAt: '2011-08-12T12:11:00.000Z',
    };
    for (const between of [[], [during(received(1), 10)]]) {
      expect(given(stock, ...history, ...between, crossed).get(ID)).toMatchObject({ reservations: [extended] });
    }
  });
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

  test('go below zero where more is promised than there is', () => {
    const history = [backorders(9), received(1), reserved('r1', 2, LATER), committedReservation('r1', 2)];
    const document = given(stock, ...history, reserved('r2', 3, LATER)).get(ID)!;
    expect(stockView.indexes['left']!.of(document)).toEqual([-4n]);
  });
});
