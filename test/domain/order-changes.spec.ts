import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { OrderCommand, RequestedLine } from '../../src/domain/order/order.commands.js';
import { order } from '../../src/domain/order/order.decider.js';
import type { OrderEvent } from '../../src/domain/order/order.events.js';
import {
  back,
  cancel,
  cancelLines,
  complete,
  confirm,
  deliver,
  discount,
  edit,
  facts,
  giveBack,
  goods,
  of,
  orderId,
  place,
  reason,
  receiveReturn,
  reject,
  requestReturn,
  ship,
  shipping,
  sold,
  tax,
} from './order-commands.js';
import { NOON, run, specify } from './specify.js';

const { given } = specify(order);

/** Three mugs at 3.33 and a tray at 10; 1.00 off, 4.91 for shipping: 23.90. */
const mugs = goods(3, '3.33');
const tray = goods(1, '10', 'TRAY');
const asked = place([mugs, tray], [discount(-100n), shipping(491n)]);
const placed = facts(asked);
const confirmed = facts(asked, confirm);
const gone = facts(asked, confirm, ship());

describe('rejecting an order', () => {
  test('repeats what stood, and why', () => {
    const { documentDay: _, ...content } = { documentDay: undefined, ...(placed[0]!.data as object) };
    given(...placed)
      .when(reject)
      .then({ type: 'OrderRejected', data: { ...content, code: 'card_declined', reason } } as OrderEvent);
  });
  test('is for an order that is neither confirmed nor cancelled, once', () => {
    given().when(reject).thenRejected({ code: 'order-unknown' });
    given(...confirmed)
      .when(reject)
      .thenRejected({ code: 'order-already-confirmed' });
    given(...facts(asked, cancel))
      .when(reject)
      .thenRejected({ code: 'order-cancelled' });
    given(...facts(asked, reject))
      .when(reject)
      .thenRejected({ code: 'order-rejected' });
    given(...facts(asked, reject))
      .when(confirm)
      .thenRejected({ code: 'order-rejected' });
  });
});

describe('cancelling lines', () => {
  const cancelled = (command: OrderCommand, ...before: OrderCommand[]) => {
    const event = facts(asked, ...before, command).at(-1);
    if (event?.type !== 'OrderLinesCancelled') throw new Error('not cancelled');
    return event.data;
  };
  test('says what was sold, with its share of everything', () => {
    // Of 1999 for goods the mugs are 999: of the discount 50, then 949 of 1899 and so 245 of the shipping.
    expect(cancelled(cancelLines(of(1, 1)))).toStrictEqual({
      orderId,
      currency: 'GBP',
      lines: [sold(1, goods(1, '3.33'), 333n)],
      adjustments: [
        { ...discount(-100n), minor: -17n, allocations: [{ line: 1, minor: -17n }] },
        { ...shipping(491n), minor: 82n, allocations: [{ line: 1, minor: 82n }] },
      ],
      totalMinor: 398n,
      reason,
    });
  });
  test('takes three steps as much as one', () => {
    const steps = [0, 1, 2].map((n) =>
      cancelled(cancelLines(of(1, 1)), ...Array.from({ length: n }, () => cancelLines(of(1, 1)))),
    );
    const whole = cancelled(cancelLines(of(1, 3)));
    expect(steps.reduce((sum, { totalMinor }) => sum + totalMinor, 0n)).toBe(whole.totalMinor);
  });
  test('leaves what has shipped, and ships what is left', () => {
    const history = facts(asked, confirm, ship(of(1, 1)), cancelLines(of(1, 1)));
    given(...history)
      .when(cancelLines(of(1, 2)))
      .thenRejected({ code: 'exceeds-unshipped', line: 1, remaining: 1, requested: 2 });
    given(...history)
      .when(ship(of(1, 2)))
      .thenRejected({ code: 'exceeds-ordered', line: 1, remaining: 1, requested: 2 });
    given(...history)
      .when(ship())
      .then({ type: 'OrderShipped', data: { orderId, lines: [of(1, 1), of(2, 1)] } });
    given(...facts(asked, confirm, ship(of(1, 3)), cancelLines(of(2, 1))))
      .when(ship())
      .thenRejected({ code: 'nothing-to-ship' });
  });
  test('never leaves an empty order, nor cancels nothing', () => {
    given(...placed)
      .when(cancelLines(of(1, 3), of(2, 1)))
      .thenRejected({ code: 'order-would-be-empty' });
    given(...placed)
      .when(cancelLines())
      .thenRejected({ code: 'nothing-to-cancel' });
    given(...placed)
      .when(cancelLines(of(7, 1)))
      .thenRejected({ code: 'line-unknown', line: 7 });
    given(...facts(asked, confirm, ship(), complete))
      .when(cancelLines(of(1, 1)))
      .thenRejected({ code: 'order-completed' });
  });
  test('before the whole order is, leaves only the rest to take back', () => {
    const part = cancelled(cancelLines(of(1, 1)));
    const rest = facts(asked, cancelLines(of(1, 1)), cancel).at(-1)!;
    expect(rest).toMatchObject({
      type: 'OrderCancelled',
      data: { lines: [{ line: 1, quantity: 2 }, { line: 2 }], totalMinor: 2390n - part.totalMinor },
    });
  });
});

describe('editing an order', () => {
  const edited = (...commands: OrderCommand[]) => {
    const event = facts(asked, ...commands).at(-1);
    if (event?.type !== 'OrderEdited') throw new Error('not edited');
    return event.data;
  };
  test('prices and allocates anew, and keeps what stood beside it', () => {
    const changes = { setQuantities: [of(1, 5)], removeLines: [{ line: 2 }], addLines: [goods(2, '1', 'CUP')] };
    const data = edited(edit(changes));
    expect(data).toMatchObject({
      lines: [sold(1, goods(5, '3.33'), 1665n), sold(3, goods(2, '1', 'CUP'), 200n)],
      adjustments: [
        {
          code: 'SPRING',
          minor: -100n,
          allocations: [
            { line: 1, minor: -89n },
            { line: 3, minor: -11n },
          ],
        },
        { code: 'DHL', minor: 491n },
      ],
      totalMinor: 2256n,
      before: { totalMinor: 2390n },
      reason,
    });
    expect(data.before.lines).toEqual([sold(1, mugs, 999n), sold(2, tray, 1000n)]);
  });
  test('never gives a number twice', () => {
    const once = [edit({ removeLines: [{ line: 2 }] }), edit({ addLines: [tray] })];
    expect(edited(...once).lines.map(({ line }) => line)).toEqual([1, 3]);
    const again = [...once, edit({ removeLines: [{ line: 3 }] }), edit({ addLines: [tray] })];
    expect(edited(...again).lines.map(({ line }) => line)).toEqual([1, 4]);
    expect(edited(...again).totalMinor).toBe(2390n);
  });
  test('takes another set of adjustments, or none', () => {
    expect(edited(edit({ setAdjustments: [tax(200n)] }))).toMatchObject({
      adjustments: [{ code: 'VAT' }],
      totalMinor: 2199n,
    });
    expect(edited(edit({ setAdjustments: [] }))).not.toHaveProperty('adjustments');
    expect(edited(edit({ setAdjustments: [] }), edit({ setAdjustments: [] })).totalMinor).toBe(1999n);
  });
  test('begins with what was not cancelled', () => {
    const data = edited(cancelLines(of(1, 2), of(2, 1)), edit({ addLines: [tray] }));
    expect(data.lines.map(({ line, quantity }) => [line, quantity])).toEqual([
      [1, 1],
      [3, 1],
    ]);
    const taken = facts(asked, cancelLines(of(1, 2), of(2, 1))).at(-1)!;
    expect(data.before.totalMinor + (taken.data as { totalMinor: bigint }).totalMinor).toBe(2390n);
    // What is given back of it later is given back of the new amounts, all of them.
    const rest = facts(asked, cancelLines(of(1, 2)), edit({ addLines: [tray] }), cancelLines(of(1, 1)), cancel);
    const total = (event: OrderEvent | undefined) => (event?.data as { totalMinor: bigint }).totalMinor;
    expect(total(rest[3]) + total(rest[4])).toBe(total(rest[2]));
  });
  test('is too late once anything has shipped, and says why else it cannot be', () => {
    const more = edit({ setQuantities: [of(1, 5)] });
    given(...facts(asked, confirm, ship(of(2, 1))))
      .when(more)
      .thenRejected({ code: 'order-already-shipped' });
    given().when(more).thenRejected({ code: 'order-unknown' });
    given(...facts(asked, cancel))
      .when(more)
      .thenRejected({ code: 'order-cancelled' });
    given(...placed)
      .when(edit({}))
      .thenRejected({ code: 'nothing-to-change' });
    const imported = place(Array.from({ length: 1_001 }, () => mugs));
    given(...facts(imported))
      .when(edit({ addLines: [tray] }))
      .thenRejected({ code: 'too-many-lines', allowed: 1_000 });
    expect(facts(imported, edit({ removeLines: [{ line: 1 }] })).at(-1)).toMatchObject({ type: 'OrderEdited' });
    given(...placed)
      .when(edit({ setQuantities: [], addLines: [] }))
      .thenRejected({ code: 'nothing-to-change' });
    given(...placed)
      .when(edit({ removeLines: [{ line: 1 }, { line: 2 }] }))
      .thenRejected({ code: 'order-would-be-empty' });
    given(...placed)
      .when(edit({ removeLines: [{ line: 1 }], setQuantities: [of(1, 2)] }))
      .thenRejected({ code: 'line-repeated', line: 1 });
    given(...placed)
      .when(edit({ removeLines: [{ line: 9 }] }))
      .thenRejected({ code: 'line-unknown', line: 9 });
    given(...placed)
      .when(edit({ setQuantities: [of(2, 0)] }))
      .thenRejected({ code: 'quantity-not-positive', line: 2 });
    given(...placed)
      .when(edit({ addLines: [goods(1, '-1')] }))
      .thenRejected({ code: 'price-negative', line: 3 });
  });
  test('keeps a discount only as long as the goods bear it', () => {
    const money = (minor: bigint) => ({ minor, currency: 'GBP' });
    const dear = facts(place([goods(1, '1'), goods(1, '5')], [discount(-300n)]));
    given(...dear)
      .when(edit({ removeLines: [{ line: 2 }] }))
      .thenRejected({ code: 'discount-exceeds-goods', remaining: money(100n), requested: money(300n) });
  });
});

describe('delivering and completing', () => {
  test('what has shipped, at most', () => {
    given(...facts(asked, confirm, ship(of(1, 2)), deliver(of(1, 1))))
      .when(deliver(of(1, 2)))
      .thenRejected({ code: 'exceeds-undelivered', line: 1, remaining: 1, requested: 2 });
    given(...gone)
      .when(deliver())
      .then({ type: 'OrderDelivered', data: { orderId, lines: [of(1, 3), of(2, 1)] } });
    given(...facts(asked, confirm, ship(), deliver()))
      .when(deliver())
      .thenRejected({ code: 'nothing-to-deliver' });
    given(...placed)
      .when(deliver())
      .thenRejected({ code: 'order-not-confirmed' });
  });
  test('completes what is shipped, cancelled or, where deliveries are told, delivered; once', () => {
    const done: OrderEvent = { type: 'OrderCompleted', data: { orderId } };
    given(...gone)
      .when(complete)
      .then(done);
    given(...facts(asked, confirm, ship(of(1, 3)), cancelLines(of(2, 1))))
      .when(complete)
      .then(done);
    given(...facts(asked, confirm, ship(), deliver(of(1, 3))))
      .when(complete)
      .thenRejected({ code: 'order-unfinished', unshipped: 0, undelivered: 1 });
    given(...facts(asked, confirm, ship(of(1, 2))))
      .when(complete)
      .thenRejected({ code: 'order-unfinished', unshipped: 2, undelivered: 0 });
    given(...placed)
      .when(complete)
      .thenRejected({ code: 'order-not-confirmed' });
    given(...gone, done)
      .when(complete)
      .then();
  });
  test('after it, only returns', () => {
    const history = facts(asked, confirm, ship(), complete);
    for (const late of [cancel, edit({ addLines: [tray] }), ship(), deliver()]) {
      given(...history)
        .when(late)
        .thenRejected({ code: 'order-completed' });
    }
    given(...history)
      .when(giveBack(of(1, 1)))
      .then({ type: 'OrderReturned', data: { orderId, lines: [of(1, 1)] } });
    given(...history)
      .when(requestReturn('ret_1', of(1, 1)))
      .then({ type: 'ReturnRequested', data: { orderId, returnId: 'ret_1', lines: [of(1, 1)], reason } });
  });
});

describe('returns', () => {
  const open = facts(asked, confirm, ship(), requestReturn('ret_1', of(1, 2)));
  test('are asked for up to what was shipped and is not asked for', () => {
    given(...open)
      .when(requestReturn('ret_2', of(1, 2)))
      .thenRejected({ code: 'exceeds-shipped', line: 1, remaining: 1, requested: 2 });
    given(...open)
      .when(requestReturn('ret_1', of(2, 1)))
      .thenRejected({ code: 'return-already-requested', returnId: 'ret_1' });
    given(...confirmed)
      .when(requestReturn('ret_1', of(1, 1)))
      .thenRejected({ code: 'exceeds-shipped', line: 1, remaining: 0, requested: 1 });
    given(...gone)
      .when(requestReturn('ret_1'))
      .thenRejected({ code: 'nothing-to-return' });
  });
  test('are received with what came, in what condition, and what that was sold for', () => {
    given(...open)
      .when(receiveReturn('ret_1', back(1, 1), back(1, 1, 'damaged')))
      .then({
        type: 'ReturnReceived',
        data: {
          orderId,
          returnId: 'ret_1',
          currency: 'GBP',
          // A third and then two thirds of 9.99 − 0.50 + 2.46
          lines: [
            { line: 1, kind: 'goods', sku: 'MUG', quantity: 1, condition: 'sellable', minor: 398n },
            { line: 1, kind: 'goods', sku: 'MUG', quantity: 1, condition: 'damaged', minor: 398n },
          ],
          totalMinor: 796n,
        },
      });
  });
  test('are received once, and no more than was asked for; the rest can be asked for again', () => {
    given(...open)
      .when(receiveReturn('ret_1', back(1, 3)))
      .thenRejected({ code: 'exceeds-requested', line: 1, remaining: 2, requested: 3 });
    given(...open)
      .when(receiveReturn('ret_2', back(1, 1)))
      .thenRejected({ code: 'return-unknown', returnId: 'ret_2' });
    const closed = facts(asked, confirm, ship(), requestReturn('ret_1', of(1, 2)), receiveReturn('ret_1', back(1, 1)));
    given(...closed)
      .when(receiveReturn('ret_1', back(1, 1)))
      .thenRejected({ code: 'return-closed', returnId: 'ret_1' });
    given(...closed)
      .when(requestReturn('ret_2', of(1, 2)))
      .then({ type: 'ReturnRequested', data: { orderId, returnId: 'ret_2', lines: [of(1, 2)], reason } });
  });
  test('that came back without a request count, too', () => {
    const history = [...open, ...facts(asked, confirm, ship(), giveBack(of(1, 2))).slice(-1)];
    given(...history)
      .when(receiveReturn('ret_1', back(1, 2)))
      .thenRejected({ code: 'exceeds-shipped', line: 1, remaining: 1, requested: 2 });
  });
});

test('a history that no command wrote stops the fold', () => {
  const [cancelledLines] = facts(asked, cancelLines(of(1, 1))).slice(-1) as [OrderEvent];
  const [edited] = facts(asked, edit({ addLines: [tray] })).slice(-1) as [OrderEvent & { type: 'OrderEdited' }];
  const [received] = facts(
    asked,
    confirm,
    ship(),
    requestReturn('ret_1', of(1, 1)),
    receiveReturn('ret_1', back(1, 1)),
  ).slice(-1) as [OrderEvent & { type: 'ReturnReceived' }];
  given(...placed, cancelledLines, cancelledLines, cancelledLines, cancelledLines).thenCorrupt(/1 cancelled of line 1/);
  given(...placed, cancelledLines, edited).thenCorrupt(/OrderEdited with another content/);
  given(...gone, edited).thenCorrupt(/OrderEdited after OrderShipped/);
  given(...placed, { ...edited, data: { ...edited.data, totalMinor: 1n } }).thenCorrupt(/its lines add up to/);
  given(...placed, {
    ...edited,
    data: { ...edited.data, lines: edited.data.lines.toReversed() },
  }).thenCorrupt(/has line/);
  given(...gone, received).thenCorrupt(/ret_1, which is not open/);
  given(...placed, ...facts(asked, reject).slice(-1), ...facts(asked, confirm).slice(-1)).thenCorrupt(/is rejected/);
  const adjusted = placed[0] as OrderEvent & { type: 'OrderPlaced' };
  const [first] = adjusted.data.adjustments!;
  given({
    ...adjusted,
    data: { ...adjusted.data, adjustments: [{ ...first!, allocations: [] }, ...adjusted.data.adjustments!.slice(1)] },
  }).thenCorrupt(/does not allocate all of SPRING/);
});

// Any history at all

const anyLine: fc.Arbitrary<RequestedLine> = fc.record({
  kind: fc.constantFrom('goods', 'charge'),
  sku: fc.constantFrom('A', 'B'),
  quantity: fc.integer({ min: 1, max: 4 }),
  unitPrice: fc.constantFrom('0', '0.005', '2.55', '3.33'),
});
const anyNamed = fc.array(
  fc.record({ line: fc.integer({ min: 1, max: 5 }), quantity: fc.integer({ min: 1, max: 3 }) }),
  {
    minLength: 1,
    maxLength: 3,
  },
);
const returnIds = fc.constantFrom('ret_1', 'ret_2');
const adjustments = fc.subarray([discount(-7n), discount(-1n, 'ONE'), shipping(491n), tax(13n)]);
const anyCommand: fc.Arbitrary<OrderCommand> = fc.oneof(
  anyNamed.map((lines) => cancelLines(...lines)),
  anyNamed.map((lines) => ship(...lines)),
  anyNamed.map((lines) => giveBack(...lines)),
  fc.tuple(returnIds, anyNamed).map(([id, lines]) => requestReturn(id, ...lines)),
  fc
    .tuple(returnIds, anyNamed)
    .map(([id, lines]) => receiveReturn(id, ...lines.map((line) => back(line.line, line.quantity)))),
  fc
    .tuple(anyNamed, anyLine, adjustments)
    .map(([[first], added, setAdjustments]) => edit({ setQuantities: [first!], addLines: [added], setAdjustments })),
  { arbitrary: fc.constantFrom(confirm, ship(), deliver(), complete), weight: 4 },
  fc.constantFrom(cancel, reject),
);

test('over any run of commands, units and money add up: what was sold is what was taken back and what is left', () => {
  const begins = fc.tuple(
    fc.array(anyLine, { minLength: 1, maxLength: 4 }),
    adjustments,
    fc.constantFrom(
      [],
      [confirm],
      [confirm, ship()],
      [confirm, ship(), deliver(), requestReturn('ret_1', of(1, 1))],
      [confirm, ship(), requestReturn('ret_1', of(1, 1)), receiveReturn('ret_1', back(1, 1))],
    ),
  );
  const seen = new Set<string>();
  fc.assert(
    fc.property(begins, fc.array(anyCommand, { maxLength: 16 }), ([lines, asked, first], then) => {
      let left = 0n;
      const commands = [place(lines, asked), place(lines), ...first, ...then].map((command) => ({ command, at: NOON }));
      for (const { events, after } of run(order, commands)) {
        for (const event of events) {
          seen.add(event.type);
          if (event.type === 'OrderPlaced') left = event.data.totalMinor;
          if (event.type === 'OrderLinesCancelled' || event.type === 'ReturnReceived') left -= event.data.totalMinor;
          if (event.type === 'OrderEdited') {
            expect(event.data.before.totalMinor).toBe(left);
            left = event.data.totalMinor;
          }
          if (event.type === 'OrderCancelled' || event.type === 'OrderRejected') {
            expect(event.data.totalMinor).toBe(left);
            left = 0n;
          }
          expect(left >= 0n).toBe(true);
        }
        if (!('content' in after)) continue;
        expect(new Set(after.lines.map(({ line }) => line)).size).toBe(after.lines.length);
        for (const { line, ordered, cancelled, shipped, delivered, returned } of after.lines) {
          expect(line).toBeLessThan(after.nextLine);
          expect(Math.min(cancelled, delivered, returned)).toBeGreaterThanOrEqual(0);
          expect(cancelled + shipped).toBeLessThanOrEqual(ordered);
          expect(Math.max(delivered, returned)).toBeLessThanOrEqual(shipped);
        }
      }
    }),
    { numRuns: 400 },
  );
  expect([...seen].sort()).toEqual([
    'OrderCancelled',
    'OrderCompleted',
    'OrderConfirmed',
    'OrderDelivered',
    'OrderEdited',
    'OrderLinesCancelled',
    'OrderPlaced',
    'OrderRejected',
    'OrderReturned',
    'OrderShipped',
    'ReturnReceived',
    'ReturnRequested',
  ]);
});
