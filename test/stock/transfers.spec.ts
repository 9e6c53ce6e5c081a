/** Units on their way between locations: told by hand, or taken in by the ledger; none is made and none is lost. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { StoreUnavailable, type EventStore } from '../../src/application/ports/event-store.js';
import { TransferArrivals } from '../../src/application/processes/transfer-arrivals.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import type { Arrival } from '../../src/domain/stock/stock.events.js';
import { stockStream } from '../../src/domain/streams.js';
import { stock } from '../../src/projections/stock.projection.js';
import { stockView } from '../../src/projections/stock.view.js';
import { transfers } from '../../src/projections/transfers.projection.js';
import { transferKey, transfersView } from '../../src/projections/transfers.view.js';
import { dyingAfterAppend, NOON, past, RUNNING, Shop, withAppend } from './shop.js';

let shop: Shop;
beforeEach(() => void (shop = new Shop()));
const receive = (location: string, quantity: number) =>
  shop.send({ type: 'ReceiveStock', data: { sku: 'MUG', location, quantity } });
const transfer = (transferId: string, from: string, to: string, quantity: number, arrives: Arrival = 'at-once') =>
  shop.send({ type: 'TransferStock', data: { sku: 'MUG', location: from, transferId, to, quantity, arrives } });
const arrive = (transferId: string, from: string, to: string, quantity: number, commandId?: string) =>
  shop.send({ type: 'ReceiveTransfer', data: { sku: 'MUG', location: to, transferId, from, quantity } }, commandId);
const project = () => shop.project(stock, transfers);
const arrivals = (log: EventStore = shop.log) =>
  new TransferArrivals({ writer: new StreamWriter(log), views: shop.views });
const key = (id: string, from = 'main') => transferKey('MUG', from, id);

describe('units that arrive at once', () => {
  test('are in transit until the ledger has taken them in, at the time at which they were sent', async () => {
    await receive('main', 9);
    await transfer('t1', 'main', 'york', 4);
    await project();
    expect(await shop.views.get(stockView, 'MUG@main')).toMatchObject({ onHand: 5, inTransit: 4 });
    expect(await shop.views.get(transfersView, key('t1'))).toMatchObject({ status: 'in-transit', sentAt: past(0) });
    shop.nowMs = NOON + 60_000;
    expect(await arrivals().sweep(RUNNING)).toEqual({ tried: [key('t1')], failed: [], isAll: true });
    await project();
    expect(await shop.views.get(stockView, 'MUG@main')).toMatchObject({ onHand: 5, inTransit: 0 });
    expect(await shop.views.get(stockView, 'MUG@york')).toMatchObject({ onHand: 4, lastMovementAt: past(0) });
    expect(await shop.views.get(transfersView, key('t1'))).toMatchObject({ status: 'arrived', arrivedAt: past(0) });
    expect(await arrivals().sweep(RUNNING)).toEqual({ tried: [], failed: [], isAll: true });
  });

  test('arrive once, with two processes at once and with views that are behind', async () => {
    await receive('main', 9);
    for (const id of ['t1', 't2', 't3']) await transfer(id, 'main', 'york', 1);
    await project();
    await Promise.all([arrivals(), arrivals()].map((sweep) => sweep.sweep(RUNNING)));
    expect(await arrivals().sweep(RUNNING)).toEqual({
      tried: ['t1', 't2', 't3'].map((id) => key(id)),
      failed: [],
      isAll: true,
    });
    expect(await shop.types('MUG', 'york')).toEqual(Array.from({ length: 3 }, () => 'StockTransferredIn'));
  });

  test('arrive once, also when a process ends between the append and its answer', async () => {
    await receive('main', 9);
    await transfer('t1', 'main', 'york', 4);
    await project();
    await expect(arrivals(dyingAfterAppend(shop.log)).sweep(RUNNING)).rejects.toThrow(StoreUnavailable);
    expect((await arrivals().sweep(RUNNING)).failed).toEqual([]);
    expect(await shop.types('MUG', 'york')).toEqual(['StockTransferredIn']);
  });

  test('arrive from two locations under one id', async () => {
    await receive('main', 9);
    await receive('bath', 9);
    await transfer('t1', 'main', 'york', 4);
    await transfer('t1', 'bath', 'york', 5);
    await project();
    expect((await arrivals().sweep(RUNNING)).failed).toEqual([]);
    await project();
    expect(await shop.views.get(stockView, 'MUG@york')).toMatchObject({ onHand: 9 });
  });

  test('that cannot be taken in do not keep others waiting, are told, and stay in transit', async () => {
    await receive('main', 9);
    await transfer('t1', 'main', 'york', 4);
    await transfer('t2', 'main', 'bath', 5);
    await project();
    const failure = new Error('york is closed');
    const closed = withAppend(shop.log, (...given) =>
      given[0] === stockStream('MUG', 'york') ? Promise.reject(failure) : shop.log.append(...given),
    );
    const { tried, failed } = await arrivals(closed).sweep(RUNNING);
    expect([...tried].sort()).toEqual([key('t1'), key('t2')]);
    expect(failed).toEqual([{ id: key('t1'), cause: failure }]);
    await project();
    expect(await shop.views.get(stockView, 'MUG@main')).toMatchObject({ onHand: 0, inTransit: 4 });
    expect(await shop.views.get(stockView, 'MUG@bath')).toMatchObject({ onHand: 5 });
  });
});

describe('units that arrive when they are received', () => {
  beforeEach(async () => {
    await receive('main', 9);
    await transfer('t1', 'main', 'york', 4, 'when-received');
    await project();
  });

  test('are left alone by the ledger', async () => {
    expect(await arrivals().sweep(RUNNING)).toEqual({ tried: [], failed: [], isAll: true });
    expect(await shop.views.get(transfersView, key('t1'))).toMatchObject({ status: 'in-transit' });
  });

  test('are received once: the same request again, and another one for the same, change nothing', async () => {
    const first = await arrive('t1', 'main', 'york', 4, 'first');
    expect(await arrive('t1', 'main', 'york', 4, 'first')).toEqual({ ...first, replayed: true });
    expect(await arrive('t1', 'main', 'york', 4, 'other')).toMatchObject({ revision: 0n, replayed: false });
    await project();
    expect(await shop.views.get(stockView, 'MUG@york')).toMatchObject({ onHand: 4 });
  });

  test.each([
    ['more than was sent', ['t1', 'main', 'york', 5], { code: 'transfer-differs', to: 'york', sent: 4 }],
    ['less than was sent', ['t1', 'main', 'york', 3], { code: 'transfer-differs', to: 'york', sent: 4 }],
    ['elsewhere', ['t1', 'main', 'bath', 4], { code: 'transfer-differs', to: 'york', sent: 4 }],
    ['what was never sent', ['t2', 'main', 'york', 4], { code: 'transfer-unknown', transferId: 't2' }],
    ['from where it was not sent', ['t1', 'bath', 'york', 4], { code: 'transfer-unknown', transferId: 't1' }],
    ['where they are', ['t1', 'main', 'main', 4], { code: 'transfer-within-location', location: 'main' }],
  ] as const)('cannot be received as %s', async (_, [id, from, to, quantity], rejection) => {
    await expect(arrive(id, from, to, quantity)).rejects.toMatchObject({ rejection });
    expect(await shop.types('MUG', 'york')).toEqual([]);
  });
});

test('at every moment, all units are on hand somewhere or on their way, whoever stops where', async () => {
  const place = fc.constantFrom('main', 'york', 'bath');
  const step = fc.oneof(
    fc.record({ act: fc.constant('send' as const), from: place, to: place, quantity: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ act: fc.constantFrom('sweep' as const, 'sweep and die' as const, 'project' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }), async (steps) => {
      shop = new Shop();
      for (const location of ['main', 'york', 'bath']) await receive(location, 5);
      for (const [n, each] of steps.entries()) {
        if (each.act === 'send') await transfer(`t${n}`, each.from, each.to, each.quantity).catch(refused);
        else if (each.act === 'project') await project();
        else if (each.act === 'sweep') await arrivals().sweep(RUNNING);
        else await arrivals(dyingAfterAppend(shop.log)).sweep(RUNNING).catch(died);
        if (each.act === 'project') expect(await units()).toBe(15);
      }
      for (let round = 0; round < 2; round++) {
        await project();
        await arrivals().sweep(RUNNING);
      }
      await project();
      expect(await units()).toBe(15);
      expect(await units('inTransit')).toBe(0);
    }),
    { numRuns: 30 },
  );
});

async function units(...measures: readonly ('onHand' | 'inTransit')[]): Promise<number> {
  const { documents } = await shop.views.find(stockView, { index: 'sku', limit: 10 });
  const counted = measures.length > 0 ? measures : (['onHand', 'inTransit'] as const);
  return documents.reduce((sum, each) => sum + counted.reduce((all, measure) => all + each[measure], 0), 0);
}

const refused = (error: unknown): void => expect(error).toMatchObject({ name: 'Rejected' });
const died = (error: unknown): void => expect(error).toBeInstanceOf(StoreUnavailable);
