import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { OrderCommand } from '../../src/domain/order/order.commands.js';
import { order } from '../../src/domain/order/order.decider.js';
import type { OrderEvent, RiskDecision } from '../../src/domain/order/order.events.js';
import {
  assess,
  cancel,
  cancelLines,
  confirm,
  confirmAllocated,
  edit,
  facts,
  goods,
  of,
  orderId,
  placeFulfilled,
  reason,
  ship,
} from './order-commands.js';
import { fold, NOON, run, specify } from './specify.js';

const { given } = specify(order);

const fulfilled = placeFulfilled([goods(2, '2.50')]);
const placed = facts(fulfilled);
const review = (decision: 'accept' | 'decline'): OrderCommand => ({
  type: 'ReviewRisk',
  data: { orderId, decision, reason },
});
const assessed = (decision: RiskDecision, reasons: readonly string[] = []): OrderEvent => ({
  type: 'OrderRiskAssessed',
  data: { orderId, decision, assessor: 'test@1', reasons },
});
const reviewed = (decision: 'accept' | 'decline'): OrderEvent => ({
  type: 'OrderRiskReviewed',
  data: { orderId, decision, reason },
});

describe('an assessment', () => {
  test('is written down with who made it, and why', () => {
    given(...placed)
      .when(assess('review', ['The total is large']))
      .then(assessed('review', ['The total is large']));
  });

  test('is made once: the first one stands', () => {
    given(...placed, assessed('review'))
      .when(assess('accept'))
      .then();
    given(...placed, assessed('accept'))
      .when(assess('decline'))
      .then();
    expect(fold(order, [...placed, assessed('review')])).toMatchObject({ risk: 'review' });
  });

  test.each([
    ['order-unknown', []],
    ['order-already-confirmed', facts(fulfilled, confirmAllocated)],
    ['order-cancelled', facts(fulfilled, cancel)],
  ] as const)('is none of an order that is not placed, or no more: %s', (code, history) => {
    given(...history)
      .when(assess('accept'))
      .thenRejected({ code });
  });
});

describe('a review', () => {
  test('is given once, with its reason', () => {
    given(...placed, assessed('review'))
      .when(review('decline'))
      .then(reviewed('decline'));
    for (const again of ['accept', 'decline'] as const) {
      given(...placed, assessed('review'), reviewed('accept'))
        .when(review(again))
        .thenRejected({ code: 'review-not-asked' });
    }
  });

  test('is refused where nobody asked for it', () => {
    given(...placed)
      .when(review('accept'))
      .thenRejected({ code: 'review-not-asked' });
    for (const decision of ['accept', 'decline'] as const) {
      given(...placed, assessed(decision))
        .when(review('accept'))
        .thenRejected({ code: 'review-not-asked' });
    }
    given(...facts(fulfilled, assess('review'), cancel))
      .when(review('accept'))
      .thenRejected({ code: 'order-cancelled' });
  });
});

describe('an order that the ledger fulfils', () => {
  test('is confirmed only by who says that it is allocated; then it says from where', () => {
    given(...placed)
      .when(confirm)
      .thenRejected({ code: 'order-in-fulfilment' });
    given(...placed)
      .when(confirmAllocated)
      .then({ type: 'OrderConfirmed', data: { orderId, fulfilFrom: 'main' } });
  });

  test('is not edited; its units may be cancelled', () => {
    given(...placed)
      .when(edit({ setQuantities: [of(1, 3)] }))
      .thenRejected({ code: 'order-in-fulfilment' });
    const [cancelled] = facts(fulfilled, cancelLines(of(1, 1))).slice(1);
    expect(cancelled).toMatchObject({ type: 'OrderLinesCancelled', data: { fulfilFrom: 'main', totalMinor: 250n } });
  });

  test('no history confirms, assesses or reviews it twice', () => {
    const command = fc.constantFrom<OrderCommand>(
      ...[assess('accept'), assess('review'), assess('decline'), review('accept'), review('decline')],
      ...[confirm, confirmAllocated, cancel, cancelLines(of(1, 1)), ship()],
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 12 }), (commands) => {
        const steps = run(
          order,
          [fulfilled, ...commands].map((each) => ({ command: each, at: NOON })),
        );
        const types = steps.flatMap(({ events }) => events.map(({ type }) => type));
        for (const once of ['OrderRiskAssessed', 'OrderRiskReviewed', 'OrderConfirmed'] as const) {
          expect(types.filter((type) => type === once).length).toBeLessThanOrEqual(1);
        }
        const isReviewed = types.includes('OrderRiskReviewed');
        const asked = steps.flatMap(({ events }) => events).find(({ type }) => type === 'OrderRiskAssessed');
        if (isReviewed) expect(asked).toEqual(assessed('review'));
      }),
    );
  });

  test.each([
    [/OrderRiskAssessed on an order that is none/, [assessed('accept')]],
    [/OrderRiskReviewed on an order that is cancelled/, [...facts(fulfilled, cancel), reviewed('accept')]],
  ] as const)('a history that says otherwise is corrupt: %p', (message, history) => {
    given(...history).thenCorrupt(message);
  });
});
