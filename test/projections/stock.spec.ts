import { describe, expect, test } from '@jest/globals';
import { availabilityOf } from '../../src/projections/shelf.js';
import { stock } from '../../src/projections/stock.projection.js';
import { stockId, stockView } from '../../src/projections/stock.view.js';
import { given } from './project.js';
import {
  adjusted,
  arrivedFrom,
  backorders,
  committedReservation,
  countedStock,
  expiredReservation,
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
    reserved('r0', 1, LATER),
    expiredReservation('r0', 1, LATER),
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
    held: 4,
    totals: {
      received: 120,
      adjustedUp: 7,
      adjustedDown: 5,
      countedUp: 1,
      countedDown: 2,
      reserved: 17,
      committed: 2,
      released: 4,
      expired: 1,
      shipped: 37,
      returned: 5,
      returnedDamaged: 3,
      writtenOff: 1,
      transferredOut: 9,
      transferredIn: 0,
    },
    movements: 23,
    lastMovementAt: '2011-08-12T12:00:00.000Z',
    revision: '22',
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
  const shelfAfter = (...told: Parameters<typeof given>[1][]) => availabilityOf(given(stock, ...told).get(ID)!);

  test('counts as held, as allocated once it is committed, and no longer when the log says that it has ended', () => {
    const held = [received(9), reserved('r1', 4, LATER)];
    expect(shelfAfter(...held)).toMatchObject({ reserved: 4, allocated: 0, available: 5 });
    expect(shelfAfter(...held, committedReservation('r1', 4))).toMatchObject({ reserved: 0, allocated: 4 });
    expect(shelfAfter(...held, expiredReservation('r1', 4, LATER))).toMatchObject({ reserved: 0, available: 9 });
    expect(shelfAfter(...held, released('r1', 4))).toMatchObject({ reserved: 0, available: 9 });
  });

  test('holds as many units as before when it is extended', () => {
    const history = [received(9), reserved('r1', 4, '2011-08-12T12:10:00.000Z')];
    expect(shelfAfter(...history, extendedReservation('r1', 4, LATER))).toMatchObject({ reserved: 4, available: 5 });
  });

  test('takes no room of its own: a shelf with thousands is as small as one with none', () => {
    const many = Array.from({ length: 5_000 }, (_, n) => reserved(`r${n}`, 1, LATER));
    const document = given(stock, received(9_999), ...many).get(ID)!;
    expect(document.held).toBe(5_000);
    expect(JSON.stringify(document).length).toBeLessThan(600);
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
