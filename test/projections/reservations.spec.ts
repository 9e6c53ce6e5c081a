import { expect, test } from '@jest/globals';
import { CorruptHistory } from '../../src/domain/decider.js';
import { reservations } from '../../src/projections/reservations.projection.js';
import { reservationKey, reservationsView } from '../../src/projections/reservations.view.js';
import { given } from './project.js';
import {
  committedReservation,
  expiredReservation,
  extendedReservation,
  received,
  released,
  reserved,
  SHELF,
  shippedCommitted,
  shippedStock,
  SKU,
} from './recorded.js';

const SOON = '2011-08-12T12:10:00.000Z';
const LATER = '2011-08-12T13:00:00.000Z';
const ID = reservationKey(SKU, 'main', 'r1');
const after = (...told: Parameters<typeof given>[1][]) => given(reservations, received(9), ...told).get(ID)!;
const held = reserved('r1', 4, SOON);

test('a reservation begins with all its units held', () => {
  expect(after({ event: held, at: '2011-08-12T12:00:00.000Z' })).toEqual({
    _id: '22423@main/r1',
    ...SHELF,
    reservationId: 'r1',
    status: 'held',
    quantity: 4,
    left: 4,
    shipped: 0,
    released: 0,
    expired: 0,
    backordered: 0,
    expiresAt: SOON,
    reservedAt: '2011-08-12T12:00:00.000Z',
    changedAt: '2011-08-12T12:00:00.000Z',
    revision: '1',
  });
});

test.each([
  ['extended', [extendedReservation('r1', 4, LATER)], { status: 'held', left: 4, expiresAt: LATER, revision: '2' }],
  ['shipped in part', [shippedStock(1, 'r1')], { status: 'held', left: 3, shipped: 1 }],
  ['shipped in two parts', [shippedStock(1, 'r1'), shippedStock(3, 'r1')], { status: 'shipped', left: 0, shipped: 4 }],
  ['released', [released('r1', 4)], { status: 'released', left: 0, released: 4 }],
  [
    'shipped in part, then released',
    [shippedStock(1, 'r1'), released('r1', 3)],
    { status: 'released', shipped: 1, released: 3 },
  ],
  [
    'shipped in part, then expired',
    [shippedStock(1, 'r1'), expiredReservation('r1', 3, SOON)],
    { status: 'expired', left: 0, expired: 3 },
  ],
  ['committed', [committedReservation('r1', 4)], { status: 'committed', left: 4 }],
  [
    'committed, shipped in part',
    [committedReservation('r1', 4), shippedCommitted(1, 'r1')],
    { status: 'committed', left: 3, shipped: 1 },
  ],
  ['committed and shipped', [committedReservation('r1', 4), shippedCommitted(4, 'r1')], { status: 'shipped', left: 0 }],
] as const)('one that was %s', (_, events, expected) => {
  expect(after(held, ...events)).toMatchObject(expected);
});

test('only a held one is due, at its end', () => {
  const due = (...told: Parameters<typeof after>) => reservationsView.indexes['due']!.of(after(...told));
  expect(due(held)).toEqual([SOON]);
  expect(due(held, extendedReservation('r1', 4, LATER))).toEqual([LATER]);
  expect(due(held, committedReservation('r1', 4))).toBeUndefined();
  expect(due(held, expiredReservation('r1', 4, SOON))).toBeUndefined();
});

test('units that come from no reservation are none of it', () => {
  expect([...given(reservations, received(9), shippedStock(3)).keys()]).toEqual([]);
});

test('a history that no command wrote stops the fold', () => {
  for (const events of [[released('r1', 1)], [held, held], [held, shippedStock(5, 'r1')]]) {
    expect(() => after(...events)).toThrow(CorruptHistory);
  }
});
