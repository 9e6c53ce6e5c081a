import { expect, test } from '@jest/globals';
import type { StockEvent } from '../../src/domain/stock/stock.events.js';
import { transfers } from '../../src/projections/transfers.projection.js';
import { transferKey, transfersView, type TransferDocument } from '../../src/projections/transfers.view.js';
import { given } from './project.js';
import { arrivedFrom, sentTo, SKU } from './recorded.js';

const MONDAY = '2011-08-08T09:00:00.000Z';
const TUESDAY = '2011-08-09T09:00:00.000Z';
const ID = transferKey(SKU, 'main', 't1');
const sent = { event: sentTo('york', 4), at: MONDAY };
const arrived = { event: arrivedFrom('main', 4, 'york'), at: TUESDAY };
const atOnce: StockEvent = {
  type: 'StockTransferredOut',
  data: { sku: SKU, location: 'main', transferId: 't1', to: 'york', quantity: 4, arrives: 'at-once', reason: 'Demand' },
};
const keys = (document: TransferDocument) =>
  Object.fromEntries(Object.entries(transfersView.indexes).map(([name, { of }]) => [name, of(document)]));

test('a transfer is in transit, and then has arrived', () => {
  const leaving = given(transfers, sent).get(ID)!;
  expect(leaving).toEqual({
    _id: '22423@main/t1',
    sku: SKU,
    transferId: 't1',
    from: 'main',
    to: 'york',
    quantity: 4,
    status: 'in-transit',
    arrives: 'when-received',
    sentAt: MONDAY,
    revision: '0',
  });
  expect(given(transfers, sent, arrived).get(ID)).toEqual({ ...leaving, status: 'arrived', arrivedAt: TUESDAY });
});

test('it is the same whichever of its two sides is seen first', () => {
  expect(given(transfers, arrived, sent).get(ID)).toEqual(given(transfers, sent, arrived).get(ID));
});

test('one that has only been seen to arrive is in no list', () => {
  const early = given(transfers, arrived).get(ID)!;
  expect(Object.values(keys(early)).every((key) => key === undefined)).toBe(true);
});

test('one is due while it is in transit, and only where it arrives at once', () => {
  expect(keys(given(transfers, { event: atOnce, at: MONDAY }).get(ID)!)).toEqual({
    sent: [MONDAY],
    status: ['in-transit', MONDAY],
    to: ['york', 'in-transit', MONDAY],
    from: ['main', 'in-transit', MONDAY],
    due: [MONDAY],
  });
  expect(keys(given(transfers, sent).get(ID)!)['due']).toBeUndefined();
  const done = given(transfers, { event: atOnce, at: MONDAY }, arrived).get(ID)!;
  expect(done).toMatchObject({ arrives: 'at-once', reason: 'Demand', status: 'arrived' });
  expect(keys(done)['due']).toBeUndefined();
});
