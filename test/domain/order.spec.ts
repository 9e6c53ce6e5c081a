import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_LINES } from '../../src/domain/pricing.js';
import type { OrderCommand, RequestedLine } from '../../src/domain/order/order.commands.js';
import { order, type OrderState } from '../../src/domain/order/order.decider.js';
import type { LineQuantity, OrderEvent, OrderLine } from '../../src/domain/order/order.events.js';
import { CUSTOMER_ID, ORDER_ID } from '../../src/domain/order/order.ids.js';
import { fold, NOON, run, specify } from './specify.js';

const { given } = specify(order);

const orderId = 'ord_1';
const mug = (quantity: number, unitPrice = '2.55'): RequestedLine => ({
  kind: 'goods',
  sku: 'MUG-1',
  quantity,
  unitPrice,
  name: 'Mug',
});
const postage = (unitPrice: string): RequestedLine => ({ kind: 'charge', sku: 'POST', quantity: 1, unitPrice });

const place = (...lines: RequestedLine[]): OrderCommand => ({
  type: 'PlaceOrder',
  data: { orderId, currency: 'GBP', lines },
});
const confirm: OrderCommand = { type: 'ConfirmOrder', data: { orderId } };
const cancel: OrderCommand = { type: 'CancelOrder', data: { orderId, reason: 'changed my mind' } };
const shipAll: OrderCommand = { type: 'ShipOrder', data: { orderId } };
const ship = (...lines: LineQuantity[]): OrderCommand => ({ type: 'ShipOrder', data: { orderId, lines } });
const giveBack = (...lines: LineQuantity[]): OrderCommand => ({ type: 'ReturnOrder', data: { orderId, lines } });
const of = (line: number, quantity: number): LineQuantity => ({ line, quantity });

const line = (number: number, requested: RequestedLine, minor: bigint): OrderLine => ({
  ...requested,
  line: number,
  minor,
});
const placed = (totalMinor: bigint, ...lines: OrderLine[]): OrderEvent => ({
  type: 'OrderPlaced',
  data: { orderId, currency: 'GBP', lines, totalMinor },
});
const confirmed: OrderEvent = { type: 'OrderConfirmed', data: { orderId } };
const shipped = (...lines: LineQuantity[]): OrderEvent => ({ type: 'OrderShipped', data: { orderId, lines } });
const returned = (...lines: LineQuantity[]): OrderEvent => ({ type: 'OrderReturned', data: { orderId, lines } });

const mugAndPost = [line(1, mug(6), 1530n), line(2, postage('3'), 300n)] as const;
const history = [placed(1830n, ...mugAndPost)];
const { name: _, ...namelessMug } = mugAndPost[0];
const cancelled: OrderEvent = {
  type: 'OrderCancelled',
  data: {
    orderId,
    currency: 'GBP',
    lines: [namelessMug, mugAndPost[1]],
    totalMinor: 1830n,
    reason: 'changed my mind',
  },
};

describe('placing an order', () => {
  test('numbers the lines, rounds each once and adds them up', () => {
    given()
      .when(place(mug(6, '2.550'), postage('3.00'), mug(3, '0.005'), mug(1, '0.001')))
      .then(
        placed(
          1832n,
          line(1, mug(6), 1530n),
          line(2, postage('3'), 300n),
          line(3, mug(3, '0.005'), 2n),
          line(4, mug(1, '0.001'), 0n),
        ),
      );
  });
  test('takes free lines, and one SKU on several lines', () => {
    given()
      .when(place(mug(1, '0'), mug(2)))
      .then(placed(510n, line(1, mug(1, '0'), 0n), line(2, mug(2), 510n)));
  });
  test('keeps who, where and when as given', () => {
    const about = { customerId: '17850', country: 'United Kingdom', channel: 'shop', documentDay: '2010-12-01' };
    given()
      .when({ type: 'PlaceOrder', data: { orderId, currency: 'JPY', lines: [mug(2, '5')], ...about } })
      .then({
        type: 'OrderPlaced',
        data: { orderId, currency: 'JPY', lines: [line(1, mug(2, '5'), 10n)], totalMinor: 10n, ...about },
      });
  });
  test('is done once', () => {
    given(...history)
      .when(place(mug(6), postage('3')))
      .thenRejected({ code: 'order-already-placed' });
    given(...history, cancelled)
      .when(place(mug(6)))
      .thenRejected({ code: 'order-already-placed' });
  });
  test('needs lines, and names the first that is wrong', () => {
    given().when(place()).thenRejected({ code: 'order-empty' });
    given()
      .when(place(mug(1), mug(0), mug(-1)))
      .thenRejected({ code: 'quantity-not-positive', line: 2 });
    given()
      .when(place(mug(1.5)))
      .thenRejected({ code: 'quantity-not-whole', line: 1 });
    given()
      .when(place(mug(1_000_000_001)))
      .thenRejected({ code: 'quantity-too-large', line: 1 });
    given()
      .when(place(mug(1), mug(1, '-0.01')))
      .thenRejected({ code: 'price-negative', line: 2 });
    given()
      .when(place(mug(1, '1e3')))
      .thenRejected({ code: 'price-malformed', line: 1 });
    given()
      .when({ type: 'PlaceOrder', data: { orderId, currency: 'XXX', lines: [mug(1)] } })
      .thenRejected({ code: 'currency-unknown', currency: 'XXX' });
  });
  test('takes five thousand lines, not one more', () => {
    const lines = Array.from({ length: MAX_LINES }, () => mug(1));
    expect(order.decide(place(...lines), order.initial, NOON).outcome).toBe('accepted');
    given()
      .when(place(...lines, mug(1)))
      .thenRejected({ code: 'too-many-lines', allowed: MAX_LINES });
  });
  test('takes a total of 2^63 − 1 minor units, not one more', () => {
    // 92,233,720,368,547,758.07 = 1,000,000,000 × 92,233,720.36 + 8,547,758.07
    const most = [mug(1_000_000_000, '92233720.36'), mug(1, '8547758.07')];
    given()
      .when(place(...most))
      .then(placed(2n ** 63n - 1n, line(1, most[0]!, 9_223_372_036_000_000_000n), line(2, most[1]!, 854_775_807n)));
    given()
      .when(place(...most, mug(1, '0.01')))
      .thenRejected({ code: 'total-too-large' });
  });
});

describe('confirming an order', () => {
  test('is recorded once', () => {
    given(...history)
      .when(confirm)
      .then(confirmed);
    given(...history, confirmed)
      .when(confirm)
      .then();
    given(...history, confirmed, shipped(of(1, 6)))
      .when(confirm)
      .then();
  });
  test('needs an order that stands', () => {
    given().when(confirm).thenRejected({ code: 'order-unknown' });
    given(...history, cancelled)
      .when(confirm)
      .thenRejected({ code: 'order-cancelled' });
  });
});

describe('cancelling an order', () => {
  test('repeats what is taken back, confirmed or not', () => {
    given(...history)
      .when(cancel)
      .then(cancelled);
    given(...history, confirmed)
      .when(cancel)
      .then(cancelled);
  });
  test('is too late when anything has been shipped, even if it came back', () => {
    given(...history, confirmed, shipped(of(2, 1)))
      .when(cancel)
      .thenRejected({ code: 'order-already-shipped' });
    given(...history, confirmed, shipped(of(2, 1)), returned(of(2, 1)))
      .when(cancel)
      .thenRejected({ code: 'order-already-shipped' });
  });
  test('is done once, and the first reason stands', () => {
    given().when(cancel).thenRejected({ code: 'order-unknown' });
    given(...history, cancelled)
      .when(cancel)
      .thenRejected({ code: 'order-cancelled' });
  });
});

describe('shipping an order', () => {
  test('without lines ships all that is left', () => {
    given(...history, confirmed)
      .when(shipAll)
      .then(shipped(of(1, 6), of(2, 1)));
    given(...history, confirmed, shipped(of(1, 4)))
      .when(shipAll)
      .then(shipped(of(1, 2), of(2, 1)));
    given(...history, confirmed, shipped(of(1, 6)))
      .when(shipAll)
      .then(shipped(of(2, 1)));
  });
  test('ships a part of a line, up to what was ordered', () => {
    given(...history, confirmed)
      .when(ship(of(1, 5)))
      .then(shipped(of(1, 5)));
    given(...history, confirmed, shipped(of(1, 5)))
      .when(ship(of(1, 1)))
      .then(shipped(of(1, 1)));
    given(...history, confirmed, shipped(of(1, 5)))
      .when(ship(of(1, 2)))
      .thenRejected({ code: 'exceeds-ordered', line: 1, remaining: 1, requested: 2 });
  });
  test('sums a line that is named twice before it checks', () => {
    given(...history, confirmed)
      .when(ship(of(2, 1), of(1, 2), of(1, 4)))
      .then(shipped(of(1, 6), of(2, 1)));
    given(...history, confirmed)
      .when(ship(of(1, 3), of(2, 1), of(1, 4)))
      .thenRejected({ code: 'exceeds-ordered', line: 1, remaining: 6, requested: 7 });
  });
  test('needs a confirmed order with something left', () => {
    given().when(shipAll).thenRejected({ code: 'order-unknown' });
    given(...history)
      .when(shipAll)
      .thenRejected({ code: 'order-not-confirmed' });
    given(...history, cancelled)
      .when(shipAll)
      .thenRejected({ code: 'order-cancelled' });
    given(...history, confirmed, shipped(of(1, 6), of(2, 1)))
      .when(shipAll)
      .thenRejected({ code: 'nothing-to-ship' });
    given(...history, confirmed)
      .when(ship())
      .thenRejected({ code: 'nothing-to-ship' });
  });
  test.each([0, 3, -1, 1.5, Number.NaN])('knows no line %d', (unknown) => {
    given(...history, confirmed)
      .when(ship(of(1, 1), of(unknown, 1)))
      .thenRejected({ code: 'line-unknown', line: unknown });
  });
  test('ships whole units', () => {
    given(...history, confirmed)
      .when(ship(of(1, 0)))
      .thenRejected({ code: 'quantity-not-positive', line: 1 });
    given(...history, confirmed)
      .when(ship(of(1, 0.5)))
      .thenRejected({ code: 'quantity-not-whole', line: 1 });
    given(...history, confirmed)
      .when(ship(of(2, 1e300)))
      .thenRejected({ code: 'quantity-too-large', line: 2 });
  });
});

describe('returning from an order', () => {
  const sent = [...history, confirmed, shipped(of(1, 4))];
  test('takes back up to what was shipped', () => {
    given(...sent)
      .when(giveBack(of(1, 4)))
      .then(returned(of(1, 4)));
    given(...sent, returned(of(1, 3)))
      .when(giveBack(of(1, 1)))
      .then(returned(of(1, 1)));
    given(...sent, returned(of(1, 3)))
      .when(giveBack(of(1, 1), of(1, 1)))
      .thenRejected({ code: 'exceeds-shipped', line: 1, remaining: 1, requested: 2 });
    given(...sent)
      .when(giveBack(of(1, 5)))
      .thenRejected({ code: 'exceeds-shipped', line: 1, remaining: 4, requested: 5 });
    given(...history)
      .when(giveBack(of(1, 1)))
      .thenRejected({ code: 'exceeds-shipped', line: 1, remaining: 0, requested: 1 });
  });
  test('can name the credit note', () => {
    const data = { orderId, lines: [of(1, 1)], creditNoteId: 'C536379' };
    given(...sent)
      .when({ type: 'ReturnOrder', data })
      .then({ type: 'OrderReturned', data });
  });
  test('what came back does not ship again', () => {
    given(...sent, returned(of(1, 4)))
      .when(ship(of(1, 3)))
      .thenRejected({ code: 'exceeds-ordered', line: 1, remaining: 2, requested: 3 });
  });
  test('needs an order that stands, and lines of it', () => {
    given()
      .when(giveBack(of(1, 1)))
      .thenRejected({ code: 'order-unknown' });
    given(...history, cancelled)
      .when(giveBack(of(1, 1)))
      .thenRejected({ code: 'order-cancelled' });
    given(...sent)
      .when(giveBack())
      .thenRejected({ code: 'nothing-to-return' });
    given(...sent)
      .when(giveBack(of(9, 1)))
      .thenRejected({ code: 'line-unknown', line: 9 });
    given(...sent)
      .when(giveBack(of(1, 0)))
      .thenRejected({ code: 'quantity-not-positive', line: 1 });
  });
});

test('a history that no command wrote stops the fold', () => {
  given(confirmed).thenCorrupt(/OrderConfirmed on an order that is none/);
  given(...history, ...history).thenCorrupt(/OrderPlaced twice/);
  given(placed(1831n, ...mugAndPost)).thenCorrupt(/total of 1831, its lines add up to 1830/);
  given(placed(0n)).thenCorrupt(/without lines/);
  given(placed(1530n, line(2, mug(6), 1530n))).thenCorrupt(/numbers line 1 as 2/);
  given(placed(0n, line(1, mug(0), 0n))).thenCorrupt(/0 units on line 1/);
  given(...history, confirmed, confirmed).thenCorrupt(/OrderConfirmed on an order that is confirmed/);
  given(...history, shipped(of(1, 1))).thenCorrupt(/OrderShipped on an order that is placed/);
  given(...history, confirmed, shipped(of(1, 7))).thenCorrupt(/7 shipped of line 1/);
  given(...history, confirmed, shipped(of(3, 1))).thenCorrupt(/No line 3/);
  given(...history, confirmed, shipped(of(1, -1))).thenCorrupt(/-1 shipped of line 1/);
  given(...history, confirmed, shipped(of(1, 1)), returned(of(1, 2))).thenCorrupt(/2 returned of line 1/);
  given(...history, cancelled, cancelled).thenCorrupt(/OrderCancelled on an order that is cancelled/);
  given(...history, confirmed, shipped(of(1, 1)), cancelled).thenCorrupt(/OrderCancelled after OrderShipped/);
  given(...history, { ...cancelled, data: { ...cancelled.data, totalMinor: 1n } }).thenCorrupt(/another/);
});

const anyQuantity = fc.oneof(
  { arbitrary: fc.integer({ min: 1, max: 5 }), weight: 8 },
  fc.constantFrom(0, -1, 0.5, 2e9),
);
const anyLine: fc.Arbitrary<RequestedLine> = fc.record({
  kind: fc.constantFrom('goods', 'charge', 'voucher'),
  sku: fc.constantFrom('A', 'B'),
  quantity: anyQuantity,
  unitPrice: fc.oneof(
    { arbitrary: fc.constantFrom('0', '0.005', '2.55', '0.0149'), weight: 8 },
    fc.constantFrom('-1', 'x'),
  ),
});
const anyNamed = fc.array(fc.record({ line: fc.integer({ min: 0, max: 4 }), quantity: anyQuantity }), { maxLength: 4 });
const anyCommand: fc.Arbitrary<OrderCommand> = fc.oneof(
  fc.array(anyLine, { maxLength: 3 }).map((lines) => place(...lines)),
  fc.constantFrom(confirm, shipAll),
  { arbitrary: fc.constant(cancel), weight: 1 },
  { arbitrary: anyNamed.map((lines) => ship(...lines)), weight: 3 },
  { arbitrary: anyNamed.map((lines) => giveBack(...lines)), weight: 3 },
);

test('no run of commands ships what was not ordered, takes back what was not shipped, or breaks a total', () => {
  const startsWell = fc.array(anyLine, { minLength: 1, maxLength: 3 }).map((lines) => [place(...lines), confirm]);
  fc.assert(
    fc.property(startsWell, fc.array(anyCommand, { maxLength: 20 }), (first, then) => {
      const counted = { shipped: new Map<number, number>(), returned: new Map<number, number>() };
      for (const { events, after } of run(
        order,
        [...first, ...then].map((command) => ({ command, at: NOON })),
      )) {
        for (const { type, data } of events) {
          if (type === 'OrderPlaced') {
            expect(data.lines.reduce((sum, { minor }) => sum + minor, 0n)).toBe(data.totalMinor);
            expect(data.lines.map(({ line }) => line)).toEqual(data.lines.map((_, index) => index + 1));
          }
          if (type !== 'OrderShipped' && type !== 'OrderReturned') continue;
          const counter = type === 'OrderShipped' ? counted.shipped : counted.returned;
          expect(new Set(data.lines.map(({ line }) => line)).size).toBe(data.lines.length);
          for (const { line, quantity } of data.lines) counter.set(line, (counter.get(line) ?? 0) + quantity);
        }
        if (!('content' in after)) continue;
        for (const [index, { ordered, shipped, returned }] of after.lines.entries()) {
          expect(shipped).toBe(counted.shipped.get(index + 1) ?? 0);
          expect(returned).toBe(counted.returned.get(index + 1) ?? 0);
          expect(0 <= returned && returned <= shipped && shipped <= ordered).toBe(true);
          if (after.status !== 'confirmed') expect(shipped).toBe(0);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('an order of 1,114 lines ships line by line until nothing is left', () => {
  const lines = Array.from({ length: 1114 }, (_, n) => mug(2, `${n}.005`));
  const decision = order.decide(place(...lines), order.initial, NOON);
  if (decision.outcome === 'rejected') throw new Error(decision.rejection.code);
  let state: OrderState = order.evolve(order.evolve(order.initial, decision.events[0]!), confirmed);
  for (let n = 1; n <= 1114; n++) {
    const step = order.decide(ship(of(n, 2)), state, NOON);
    if (step.outcome === 'rejected') throw new Error(step.rejection.code);
    state = order.evolve(state, step.events[0]!);
  }
  expect(order.decide(shipAll, state, NOON)).toEqual({ outcome: 'rejected', rejection: { code: 'nothing-to-ship' } });
});

test('the fold keeps no names and no document day: what it keeps is what a cancellation repeats', () => {
  const state = fold(order, [
    { ...history[0]!, data: { ...history[0]!.data, documentDay: '2010-12-01' } } as OrderEvent,
  ]);
  expect('content' in state ? state.content : undefined).toStrictEqual({
    orderId,
    currency: 'GBP',
    lines: [namelessMug, mugAndPost[1]],
    totalMinor: 1830n,
  });
});

test.each(['536365', 'ord_0190-a8.1', 'A', 'x'.repeat(64)])('%s is an order id and a customer id', (text) => {
  expect(text).toMatch(ORDER_ID);
  expect(text).toMatch(CUSTOMER_ID);
});
test.each(['', '-1', '_1', 'a b', 'a/b', 'a@b.example', 'ä', 'a\n', 'x'.repeat(65)])('%j is neither', (text) => {
  expect(text).not.toMatch(ORDER_ID);
  expect(text).not.toMatch(CUSTOMER_ID);
});
