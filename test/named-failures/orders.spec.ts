import { beforeEach, describe, expect, test } from '@jest/globals';
import { runOrder } from '../../src/application/order/run-order.handler.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import type { Recorded } from '../../src/domain/fact.js';
import type { LedgerEvent } from '../../src/domain/ledger.events.js';
import type { OrderCommand } from '../../src/domain/order/order.commands.js';
import { order } from '../../src/domain/order/order.decider.js';
import { orderStream } from '../../src/domain/streams.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { orders } from '../../src/projections/orders.projection.js';
import { PlaceOrderBody } from '../../apps/api/orders/order.dto.js';
import { checkOf } from '../../apps/api/validation/compile.js';
import {
  back,
  cancel,
  cancelLines,
  complete,
  confirm,
  discount,
  edit,
  facts,
  goods,
  of,
  orderId,
  place,
  requestReturn,
  receiveReturn,
  ship,
  shipping,
  tax,
} from '../domain/order-commands.js';
import { fold } from '../projections/project.js';

/**
 * What other platforms' users reported of orders, totals and rounding, each as a test that it cannot happen here. The
 * address of the report stands beside it.
 */

const totalOf = (event: { data: object } | undefined): bigint => (event?.data as { totalMinor: bigint }).totalMinor;
/** What each of the commands gives back, after `before`. */
const givenBack = (before: readonly OrderCommand[], ...commands: readonly OrderCommand[]): readonly bigint[] =>
  facts(...before, ...commands)
    .filter(({ type }) => type === 'OrderLinesCancelled' || type === 'ReturnReceived' || type === 'OrderCancelled')
    .map(totalOf);
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);

describe('sums always add up', () => {
  const coupon = place([goods(3, '3.33'), goods(1, '0.01', 'PIN')], [discount(-100n), shipping(491n), tax(13n)]);
  const total = totalOf(facts(coupon)[0]);

  // github.com/vendurehq/vendure/issues/1753, github.com/saleor/saleor/issues/12348
  test('a discount that does not divide evenly loses no penny, whatever goes back first', () => {
    const ways = [
      [cancelLines(of(1, 1)), cancelLines(of(1, 2)), cancel],
      [cancelLines(of(2, 1)), cancelLines(of(1, 1)), cancel],
      [cancelLines(of(1, 2), of(2, 1)), cancel],
      [cancel],
    ];
    for (const way of ways) expect(sum(givenBack([coupon], ...way))).toBe(total);
  });

  // github.com/medusajs/medusa/issues/13972, 13091
  test('a price of half a penny leaves no difference of 0.005', () => {
    const half = place([goods(3, '0.005'), goods(1, '0.005', 'PIN')]);
    expect(totalOf(facts(half)[0])).toBe(2n); // 0.015 is 2 pence, half to even; 0.005 is none
    const way = [requestReturn('r1', of(1, 3), of(2, 1)), receiveReturn('r1', back(1, 1), back(1, 2), back(2, 1))];
    expect(sum(givenBack([half, confirm, ship()], ...way))).toBe(2n);
  });

  // github.com/medusajs/medusa/issues/14205, github.com/medusajs/medusa/pull/15930
  test('an order is not completed too early, and what is refused leaves nothing behind', () => {
    for (const before of [[coupon], [coupon, confirm], [coupon, confirm, ship(of(1, 1))]]) {
      expect(() => facts(...before, complete)).toThrow();
    }
    expect(facts(coupon, confirm, ship(), complete).at(-1)).toMatchObject({ type: 'OrderCompleted' });
  });

  // github.com/medusajs/medusa/issues/13433, 10686
  test('several returns are worth as much as one', () => {
    const one = [requestReturn('r1', of(1, 3)), receiveReturn('r1', back(1, 3))];
    const three = ['r1', 'r2', 'r3'].flatMap((id) => [requestReturn(id, of(1, 1)), receiveReturn(id, back(1, 1))]);
    const gone = [coupon, confirm, ship()];
    expect(sum(givenBack(gone, ...three))).toBe(sum(givenBack(gone, ...one)));
  });

  // github.com/vendurehq/vendure/issues/2302, 2523
  test('a promotion does not make the refund of a line 0', () => {
    const gone = [coupon, confirm, ship()];
    for (const line of [1, 2]) {
      const [amount] = givenBack(gone, requestReturn('r1', of(line, 1)), receiveReturn('r1', back(line, 1)));
      expect([line, amount! > 0n]).toEqual([line, true]);
    }
  });

  // github.com/vendurehq/vendure/issues/2393
  test('a promotion is part of the refund', () => {
    const half = [place([goods(2, '10')], [discount(-1000n)]), confirm, ship()];
    expect(givenBack(half, requestReturn('r1', of(1, 1)), receiveReturn('r1', back(1, 1)))).toEqual([500n]);
  });

  // github.com/vendurehq/vendure/issues/2912, 4013
  test('no more can be given back than was sold: cancelled units do not come back, returned ones not twice', () => {
    const history = [coupon, confirm, cancelLines(of(1, 1)), ship(), requestReturn('r1', of(1, 2), of(2, 1))];
    const all = [...history, receiveReturn('r1', back(1, 2), back(2, 1))];
    expect(sum(givenBack(all))).toBe(total);
    expect(() => facts(...all, requestReturn('r2', of(1, 1)))).toThrow('exceeds-shipped');
  });

  // github.com/vendurehq/vendure/issues/4135
  test('a line counts once, however often and over however many payments it is named', () => {
    const gone = [coupon, confirm, ship(), requestReturn('r1', of(1, 2), of(1, 1))];
    expect(() => facts(...gone, receiveReturn('r1', back(1, 2), back(1, 2)))).toThrow('exceeds-requested');
    expect(() => facts(...gone, requestReturn('r2', of(1, 1)))).toThrow('exceeds-shipped');
    expect(facts(...gone).at(-1)!.data).toMatchObject({ lines: [{ line: 1, quantity: 3 }] });
  });
});

describe('over one log', () => {
  let store: MemoryEventStore;
  /** Two processes. */
  let shop: StreamWriter;
  let warehouse: StreamWriter;
  let commands = 0;
  beforeEach(() => {
    store = new MemoryEventStore();
    [shop, warehouse] = [new StreamWriter(store), new StreamWriter(store)];
  });
  const context = (principal: string) => ({
    commandId: `c${++commands}`,
    principal,
    occurredAt: '2026-03-01T12:00:00.000Z',
  });
  const history = async (): Promise<Recorded<LedgerEvent>[]> => {
    const events: Recorded<LedgerEvent>[] = [];
    for await (const batch of store.readStream(orderStream(orderId)))
      events.push(...(batch as Recorded<LedgerEvent>[]));
    return events;
  };

  test('an edit that races a shipment: one of them happens, and the other is told why not', async () => {
    const seen = new Set<boolean>();
    for (const first of ['edit', 'shipment']) {
      store = new MemoryEventStore();
      [shop, warehouse] = [new StreamWriter(store), new StreamWriter(store)];
      await runOrder(shop, place([goods(2, '10')]), context('shop'));
      const confirmed = await runOrder(shop, confirm, context('shop'));
      await warehouse.current(order, orderStream(orderId), 0); // it keeps the order as it was before the edit
      const change = edit({ setQuantities: [of(1, 5)] });
      const race = [
        () => runOrder(shop, change, { ...context('shop'), expectedRevision: confirmed.revision! }),
        () => runOrder(warehouse, ship(), context('warehouse')),
      ];
      const outcomes = await Promise.allSettled((first === 'edit' ? race : race.toReversed()).map((begin) => begin()));
      const types = (await history()).map(({ type }) => type);
      const edited = types.includes('OrderEdited');
      seen.add(edited);
      if (edited) {
        // The shipment was decided on the edited order: all five of it.
        expect(types).toEqual(['OrderPlaced', 'OrderConfirmed', 'OrderEdited', 'OrderShipped']);
        expect((await history()).at(-1)!.data).toMatchObject({ lines: [{ line: 1, quantity: 5 }] });
      } else {
        expect(types).toEqual(['OrderPlaced', 'OrderConfirmed', 'OrderShipped']);
        const refused = outcomes.find((outcome) => outcome.status === 'rejected');
        expect(refused?.reason).toMatchObject({ name: 'RevisionMismatch', expected: 1n, current: 2n });
      }
    }
    expect([...seen].sort()).toEqual([false, true]); // both ways
  });

  // github.com/nopSolutions/nopCommerce/issues/7065, github.com/medusajs/medusa/pull/14935
  test('who cancelled what, and why, is in the history', async () => {
    await runOrder(shop, place([goods(2, '10'), goods(1, '5')]), context('checkout'));
    await runOrder(shop, cancelLines(of(2, 1)), context('ada'));
    await runOrder(shop, cancel, context('grace'));
    const [document] = fold(orders, await history()).values();
    expect(document).toMatchObject({
      life: 'cancelled',
      cancellations: [
        { principal: 'ada', reason: 'because', lines: [{ line: 2, quantity: 1 }], minor: '500' },
        { principal: 'grace', reason: 'because', lines: [{ line: 1, quantity: 2 }], minor: '2000' },
      ],
    });
    expect(document!.timeline.map(({ type, principal, reason }) => [type, principal, reason])).toEqual([
      ['OrderPlaced', 'checkout', undefined],
      ['OrderLinesCancelled', 'ada', 'because'],
      ['OrderCancelled', 'grace', 'because'],
    ]);
  });
});

// Spree's decision of 2026-08-16: a writable status "is how the transitions stop meaning anything".
test('a status is nothing that anybody can write', () => {
  const body = { currency: 'GBP', lines: [{ sku: 'MUG', quantity: 1 }] };
  for (const status of ['status', 'life', 'fulfilment', 'payment', 'returned']) {
    expect(checkOf(PlaceOrderBody)({ ...body, [status]: 'paid' })).toEqual([
      { path: [status], detail: 'is not known here' },
    ]);
  }
  const stored = facts(
    place([goods(1, '1')]),
    edit({ setQuantities: [of(1, 2)] }),
    confirm,
    ship(),
    requestReturn('r1', of(1, 1)),
    receiveReturn('r1', back(1, 1)),
  );
  for (const { data } of stored)
    expect(Object.keys(data).filter((field) => /status|fulfilment/i.test(field))).toEqual([]);
});
