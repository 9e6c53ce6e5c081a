import { describe, expect, test } from '@jest/globals';
import { CorruptHistory } from '../../src/domain/decider.js';
import type { LedgerEvent } from '../../src/domain/ledger.events.js';
import { orders } from '../../src/projections/orders.projection.js';
import { ordersView, type OrderDocument } from '../../src/projections/orders.view.js';
import { given } from './project.js';
import {
  cancelled,
  confirmed,
  credited,
  goods,
  NOON,
  paid,
  placed,
  refundedPayment,
  returned,
  shipped,
  type Told,
} from './recorded.js';

const one = (...told: readonly (Told | LedgerEvent)[]): OrderDocument => given(orders, ...told).get('o1')!;
/** Two cakestands and postage: 25.50 and 2.95. */
const order = placed([goods(2, '12.75'), { kind: 'charge', sku: 'POST', quantity: 1, unitPrice: '2.95' }]);

const untouched = { cancelled: 0, shipped: 0, delivered: 0, returned: 0 };

test('a placed order shows what was asked for, and nothing done yet', () => {
  const lines = [
    { ...goods(3, '0.125'), name: 'HEART', writtenAs: '85123a', sku: '85123A' },
    { ...goods(1, '2.95', 'POST'), kind: 'charge' as const },
  ];
  const data = { customerId: '17850', country: 'United Kingdom', channel: 'web', documentDay: '2011-08-13' };
  expect(one({ event: placed(lines, data), at: NOON, recordedAt: '2026-01-01T00:00:00.000Z' })).toEqual({
    _id: 'o1',
    orderId: 'o1',
    ...data,
    currency: 'GBP',
    life: 'placed',
    placedAt: NOON,
    revision: '0',
    lines: [
      {
        line: 1,
        kind: 'goods',
        sku: '85123A',
        name: 'HEART',
        writtenAs: '85123a',
        quantity: 3,
        ...untouched,
        unitPrice: '0.125',
        minor: '38',
      },
      { line: 2, kind: 'charge', sku: 'POST', quantity: 1, ...untouched, unitPrice: '2.95', minor: '295' },
    ],
    adjustments: [],
    totalMinor: '333',
    cancelledMinor: '0',
    fulfilment: 'unfulfilled',
    returned: 'none',
    payment: 'none',
    paidMinor: '0',
    refundedMinor: '0',
    creditedMinor: '0',
    cancellations: [],
    returns: [],
    payments: [],
    creditNotes: [],
    timeline: [
      {
        type: 'OrderPlaced',
        stream: 'order-o1',
        revision: '0',
        occurredAt: NOON,
        recordedAt: '2026-01-01T00:00:00.000Z',
        principal: 'clerk',
      },
    ],
  });
});

test('without a document day, it is the UTC day of the order', () => {
  expect(one({ event: order, at: '2011-08-12T23:59:59.999Z' }).documentDay).toBe('2011-08-12');
});

test('its life goes on with the revision of its own stream, not with a payment', () => {
  expect(one(order, confirmed(), paid(1n))).toMatchObject({ life: 'confirmed', revision: '1' });
  expect(one(order, paid(1n), cancelled(order))).toMatchObject({
    life: 'cancelled',
    revision: '1',
    cancelReason: 'changed their mind',
  });
});

describe('fulfilment', () => {
  test.each<[string, OrderDocument['fulfilment'], readonly LedgerEvent[]]>([
    ['nothing shipped', 'unfulfilled', []],
    ['postage alone', 'unfulfilled', [shipped([2, 1])]],
    ['one of two', 'partially-shipped', [shipped([1, 1])]],
    ['both, in two parcels', 'shipped', [shipped([1, 1]), shipped([1, 1])]],
    ['everything', 'shipped', [shipped([1, 2], [2, 1])]],
  ])('%s is %s', (_, fulfilment, history) => {
    expect(one(order, confirmed(), ...history)).toMatchObject({ fulfilment, returned: 'none' });
  });

  test('of an order without goods goes by all its lines', () => {
    const postage = placed([{ kind: 'charge', sku: 'POST', quantity: 1, unitPrice: '2.95' }]);
    expect(one(postage, confirmed(), shipped([1, 1])).fulfilment).toBe('shipped');
  });

  test.each<[OrderDocument['returned'], readonly LedgerEvent[]]>([
    ['partially-returned', [returned([1, 1])]],
    ['returned', [returned([1, 1]), returned([1, 1])]],
  ])('%s', (status, history) => {
    expect(one(order, confirmed(), shipped([1, 2]), ...history)).toMatchObject({
      fulfilment: 'shipped',
      returned: status,
    });
  });

  test('is counted on the line it names', () => {
    const { lines } = one(order, confirmed(), shipped([2, 1], [1, 2]), returned([1, 1]));
    expect(lines.map(({ line, shipped, returned }) => [line, shipped, returned])).toEqual([
      [1, 2, 1],
      [2, 1, 0],
    ]);
  });

  test('of a line that the order does not have is no history', () => {
    expect(() => one(order, shipped([3, 1]))).toThrow(/the order has no line 3/);
  });
});

describe('payment', () => {
  const note = credited([{ ...goods(2, '12.75'), origins: [{ orderId: 'o1', line: 1, quantity: 1 }] }]);
  test.each<[string, OrderDocument['payment'], readonly LedgerEvent[]]>([
    ['nothing', 'none', []],
    ['a penny short', 'partially-paid', [paid(2844n)]],
    ['the total', 'paid', [paid(2845n)]],
    ['the total in two payments', 'paid', [paid(2800n), paid(45n, 'p2')]],
    ['more than the total', 'paid', [paid(9999n)]],
    ['the total, in another currency', 'none', [paid(2845n, 'p1', 'o1', 'EUR')]],
    ['the total, some of it refunded', 'partially-refunded', [paid(2845n), refundedPayment(1n)]],
    ['a part, some of it refunded', 'partially-refunded', [paid(100n), refundedPayment(1n)]],
    ['all refunded in two', 'refunded', [paid(2845n), refundedPayment(2800n), refundedPayment(45n, 'r2')]],
    ['a line credited', 'partially-refunded', [paid(2845n), note]],
    ['a line credited, and the credit paid out', 'partially-refunded', [paid(1500n), note, refundedPayment(1275n)]],
    ['as much credited as was paid', 'refunded', [paid(1275n), note]],
    ['nothing, and a line credited', 'none', [note]],
    [
      'the total, and a line credited in another currency',
      'paid',
      [
        paid(2845n),
        credited([{ ...goods(1, '1'), origins: [{ orderId: 'o1', line: 1, quantity: 1 }] }], { currency: 'EUR' }),
      ],
    ],
  ])('%s is %s', (_, payment, history) => {
    expect(one(order, ...history).payment).toBe(payment);
  });

  test('of an order that costs nothing is settled at once', () => {
    expect(one(placed([goods(1, '0')])).payment).toBe('paid');
  });

  test('shows every payment with its refunds, and the sums in the currency of the order', () => {
    const document = one(order, paid(45n, 'p2'), paid(2800n), paid(7n, 'p3', 'o1', 'EUR'), refundedPayment(5n, 'r9'));
    const times = { recordedAt: NOON, occurredAt: NOON };
    const payment = { method: 'card', currency: 'GBP', status: 'settled', disputes: [], refundedMinor: '0', ...times };
    expect(document).toMatchObject({ paidMinor: '2845', refundedMinor: '5', creditedMinor: '0' });
    expect(document.payments).toEqual([
      {
        ...payment,
        paymentId: 'p1',
        minor: '2800',
        paidMinor: '2800',
        refundedMinor: '5',
        refunds: [{ refundId: 'r9', minor: '5', reason: 'returned', occurredAt: NOON }],
      },
      { ...payment, paymentId: 'p2', minor: '45', paidMinor: '45', refunds: [] },
      { ...payment, paymentId: 'p3', currency: 'EUR', minor: '7', paidMinor: '7', refunds: [] },
    ]);
  });

  test('a refund of a payment that was never recorded is no history', () => {
    expect(() => one(order, refundedPayment(1n))).toThrow(CorruptHistory);
  });

  test('figures beyond 2^53 stay exact', () => {
    const dear = placed([goods(1_000_000_000, '9007199254.74')]);
    const total = 900719925474n * 1_000_000_000n;
    expect(one(dear, paid(total - 1n), paid(1n, 'p2'))).toMatchObject({ payment: 'paid', paidMinor: `${total}` });
    expect(one(dear, paid(total - 1n))).toMatchObject({ payment: 'partially-paid' });
  });
});

describe('credit notes', () => {
  test('fall on the orders that they name, each with its share; no penny is given twice or lost', () => {
    const line = {
      ...goods(3, '0.333'), // 1.00
      origins: [
        { orderId: 'o1', line: 1, quantity: 1 },
        { orderId: 'o2', line: 4, quantity: 2 },
      ],
    };
    const unmatched = { ...goods(2, '5'), origins: [{ orderId: 'o1', line: 2, quantity: 1 }] };
    const documents = given(orders, credited([line, unmatched, goods(9, '1')]));
    const creditNote = { creditNoteId: 'c1', currency: 'GBP', occurredAt: NOON };
    expect(documents.get('o1')!.creditNotes).toEqual([{ ...creditNote, minor: '533' }]);
    expect(documents.get('o2')!.creditNotes).toEqual([{ ...creditNote, minor: '67' }]);
  });

  test('that name no order change none', () => {
    expect(given(orders, credited([goods(1, '1')])).size).toBe(0);
  });

  test('are listed by id', () => {
    const line = { ...goods(1, '1'), origins: [{ orderId: 'o1', line: 1, quantity: 1 }] };
    const { creditNotes } = one(
      credited([line], { creditNoteId: 'c2' }),
      credited([line], { creditNoteId: 'c1' }),
      order,
    );
    expect(creditNotes.map(({ creditNoteId }) => creditNoteId)).toEqual(['c1', 'c2']);
  });
});

describe('an order that has not been placed yet', () => {
  test('keeps what is known of it, and is in no list', () => {
    const document = one(paid(2845n));
    expect(document).toMatchObject({ life: 'unplaced', payment: 'none', paidMinor: '0' });
    expect(document.payments).toHaveLength(1);
    expect(Object.values(ordersView.indexes).map(({ of }) => of(document))).toEqual([undefined, undefined, undefined]);
  });

  test.each([confirmed(), shipped([1, 1]), cancelled(order)])('$type on its own stream is no history', (event) => {
    expect(() => one(paid(1n), event)).toThrow(/has not been placed/);
  });

  test('placing it twice is no history', () => {
    expect(() => one(order, order)).toThrow(/order-o1 at revision 1: the order has been placed before/);
  });
});

test('the timeline goes by when things were recorded, then by stream and revision', () => {
  const at = (second: number, event: LedgerEvent, principal: string): Told => ({
    event,
    principal,
    at: '2011-08-01T00:00:00.000Z',
    recordedAt: `2011-08-12T12:00:0${second}.000Z`,
  });
  const many = Array.from({ length: 10 }, () => at(3, shipped(), 'packer'));
  const { timeline } = one(
    at(2, paid(1n), 'till'),
    at(1, order, 'shop'),
    at(2, confirmed(), 'shop'),
    ...many,
    at(4, refundedPayment(1n), 'till'),
    at(3, returned(), 'desk'),
  );
  expect(timeline.map(({ stream, revision, principal }) => `${stream} ${revision} ${principal}`)).toEqual([
    'order-o1 0 shop',
    'order-o1 1 shop',
    'payment-p1 0 till',
    ...many.map((_, index) => `order-o1 ${index + 2} packer`),
    'order-o1 12 desk',
    'payment-p1 1 till',
  ]);
});

test('lists go by time: all, of one life, of one customer; a guest is in no customer list', () => {
  const keys = (document: OrderDocument) => Object.values(ordersView.indexes).map(({ of }) => of(document));
  const known = one(placed([goods(1, '1')], { customerId: '17850' }), confirmed());
  expect(Object.keys(ordersView.indexes)).toEqual(['placed', 'life', 'customer']);
  expect(keys(known)).toEqual([[NOON], ['confirmed', NOON], ['17850', NOON]]);
  expect(keys(one(order))).toEqual([[NOON], ['placed', NOON], undefined]);
});
