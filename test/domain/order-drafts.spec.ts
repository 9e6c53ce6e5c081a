import { describe, expect, test } from '@jest/globals';
import type { OrderCommand, RequestedDraftLine } from '../../src/domain/order/order.commands.js';
import { order } from '../../src/domain/order/order.decider.js';
import type { OrderEvent } from '../../src/domain/order/order.events.js';
import { cancel, discount, facts, goods, of, orderId, place } from './order-commands.js';
import { NOON, specify } from './specify.js';

const { given } = specify(order);

type Data<T extends OrderCommand['type']> = Extract<OrderCommand, { type: T }>['data'];
const draft = (lines: readonly RequestedDraftLine[], more: Partial<Data<'DraftOrder'>> = {}): OrderCommand => ({
  type: 'DraftOrder',
  data: { orderId, currency: 'GBP', lines, ...more },
});
const change = (changes: Data<'ChangeDraft'>['changes'], more: Partial<Data<'ChangeDraft'>> = {}): OrderCommand => ({
  type: 'ChangeDraft',
  data: { orderId, changes, ...more },
});
const discard: OrderCommand = { type: 'DiscardDraft', data: { orderId } };

const mug = { sku: 'MUG', quantity: 1 };
const tray = { sku: 'TRAY', quantity: 2, unitPrice: '1.00' };
const SOON = '2026-03-01T12:30:00.000Z';
const two = facts(draft([mug, tray]));

describe('drafting', () => {
  test('keeps what was asked for, as it was asked for', () => {
    given()
      .when(draft([mug, tray], { customerId: 'c1', adjustments: [discount(-5n)], expiresAt: SOON }))
      .then({
        type: 'OrderDrafted',
        data: {
          ...{ orderId, currency: 'GBP', customerId: 'c1', adjustments: [discount(-5n)], expiresAt: SOON },
          lines: [
            { ...mug, line: 1 },
            { ...tray, line: 2 },
          ],
        },
      });
    given()
      .when(draft([]))
      .then({ type: 'OrderDrafted', data: { orderId, currency: 'GBP', lines: [] } });
  });
  test.each<[object, OrderCommand]>([
    [{ code: 'currency-unknown', currency: 'XXX' }, draft([mug], { currency: 'XXX' })],
    [{ code: 'quantity-not-positive', line: 2 }, draft([mug, { sku: 'A', quantity: 0 }])],
    [{ code: 'price-malformed', line: 1 }, draft([{ ...mug, unitPrice: '1e3' }])],
    [{ code: 'price-negative', line: 1 }, draft([{ ...mug, unitPrice: '-1' }])],
    [{ code: 'adjustment-sign-wrong', adjustment: 1 }, draft([mug], { adjustments: [discount(5n)] })],
    [{ code: 'draft-expiry-not-ahead' }, draft([mug], { expiresAt: NOON })],
    [{ code: 'too-many-lines', allowed: 1_000 }, draft(Array.from({ length: 1_001 }, () => mug))],
  ])('refuses %j', (rejection, command) => {
    expect(order.decide(command, order.initial, NOON)).toEqual({ outcome: 'rejected', rejection });
  });
  test('is done once', () => {
    given(...two)
      .when(draft([mug]))
      .thenRejected({ code: 'order-already-placed' });
  });
});

describe('changing a draft', () => {
  test('says which lines are new or changed, and which are gone; numbers are not given again', () => {
    const changed: OrderEvent = {
      type: 'DraftChanged',
      data: {
        orderId,
        set: [
          { ...mug, line: 1, quantity: 5 },
          { ...tray, line: 3 },
        ],
        removed: [2],
        adjustments: [],
      },
    };
    const all = { setQuantities: [of(1, 5)], removeLines: [{ line: 2 }], addLines: [tray], setAdjustments: [] };
    given(...two)
      .when(change(all))
      .then(changed);
    const gone: OrderEvent = { type: 'DraftChanged', data: { orderId, removed: [3] } };
    given(...two, changed)
      .when(change({ removeLines: [{ line: 3 }] }))
      .then(gone);
    given(...two, changed, gone)
      .when(change({ addLines: [mug] }))
      .then({ type: 'DraftChanged', data: { orderId, set: [{ ...mug, line: 4 }] } });
  });
  test('lets it have a thousand lines, not one more', () => {
    const full: OrderEvent = {
      type: 'DraftChanged',
      data: { orderId, set: Array.from({ length: 998 }, (_, index) => ({ ...mug, line: index + 3 })) },
    };
    given(...two)
      .when(change({ addLines: Array.from({ length: 998 }, () => mug) }))
      .then(full);
    given(...two, full)
      .when(change({ addLines: [mug] }))
      .thenRejected({ code: 'too-many-lines', allowed: 1_000 });
    given(...two, full)
      .when(change({ removeLines: [{ line: 1 }], addLines: [mug] }))
      .then({ type: 'DraftChanged', data: { orderId, set: [{ ...mug, line: 1_001 }], removed: [1] } });
  });
  test('may be about whose it is and how long it stays', () => {
    const data = { orderId, customerId: 'c1', expiresAt: SOON };
    given(...two)
      .when(change({}, { customerId: 'c1', expiresAt: SOON }))
      .then({ type: 'DraftChanged', data });
  });
  test('needs a draft, and something to change', () => {
    given(...two)
      .when(change({}))
      .thenRejected({ code: 'nothing-to-change' });
    given(...two)
      .when(change({ removeLines: [{ line: 3 }] }))
      .thenRejected({ code: 'line-unknown', line: 3 });
    given(...two)
      .when(change({ removeLines: [{ line: 1 }, { line: 1 }] }))
      .thenRejected({ code: 'line-repeated', line: 1 });
    given()
      .when(change({ addLines: [mug] }))
      .thenRejected({ code: 'draft-unknown' });
    given(...facts(draft([]), discard))
      .when(change({ addLines: [mug] }))
      .thenRejected({ code: 'draft-discarded' });
    given(...facts(place([goods(1, '1')])))
      .when(change({ addLines: [mug] }))
      .thenRejected({ code: 'order-already-placed' });
  });
});

test('a draft expires by the time of whoever asks, and an expired one may still be discarded', () => {
  const expiring = facts(draft([mug], { expiresAt: SOON }));
  const before = '2026-03-01T12:29:59.999Z';
  for (const command of [change({ addLines: [mug] }), place([goods(1, '1')])]) {
    given(...expiring)
      .when(command, SOON)
      .thenRejected({ code: 'draft-expired', expiresAt: SOON });
    const state = given(...expiring).thenState();
    expect(order.decide(command, state, before).outcome).toBe('accepted');
  }
  given(...expiring)
    .when(discard, SOON)
    .then({ type: 'DraftDiscarded', data: { orderId } });
});

test('a draft is no order, and placed it is no draft', () => {
  given(...two)
    .when(cancel)
    .thenRejected({ code: 'order-not-placed' });
  given(...facts(draft([]), discard))
    .when(place([goods(1, '1')]))
    .thenRejected({ code: 'draft-discarded' });
  given(...two, ...facts(place([goods(1, '1')])))
    .when(discard)
    .thenRejected({ code: 'order-already-placed' });
});

test('a history that no command wrote stops the fold', () => {
  given(...two, ...two).thenCorrupt(/OrderDrafted on an order that is draft/);
  given(...two, { type: 'DraftChanged', data: { orderId, removed: [9] } }).thenCorrupt(/removes line 9/);
  given({ type: 'DraftDiscarded', data: { orderId } }).thenCorrupt(/DraftDiscarded on an order that is none/);
  given(...facts(draft([]), discard), ...facts(place([goods(1, '1')]))).thenCorrupt(/OrderPlaced twice/);
});
