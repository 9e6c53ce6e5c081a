import { describe, expect, test } from '@jest/globals';
import type { LedgerEvent } from '../../src/domain/ledger.events.js';
import type { OrderCommand } from '../../src/domain/order/order.commands.js';
import type { PaymentEvent } from '../../src/domain/payment/payment.events.js';
import { orders } from '../../src/projections/orders.projection.js';
import { ordersView, type OrderDocument } from '../../src/projections/orders.view.js';
import { sales } from '../../src/projections/sales.projection.js';
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
  receiveReturn,
  reject,
  requestReturn,
  ship,
  shipping,
  tax,
} from '../domain/order-commands.js';
import { given } from './project.js';
import { NOON } from './recorded.js';

const after = (...commands: readonly OrderCommand[]): OrderDocument =>
  given(orders, ...facts(...commands)).get(orderId)!;
const two = place([goods(3, '3.33'), { ...goods(1, '10', 'TRAY'), name: 'Tray' }], [discount(-100n), shipping(491n)]);
const open = [two, confirm] as const;

describe('a draft', () => {
  const draft: OrderCommand = {
    type: 'DraftOrder',
    data: {
      ...{ orderId, currency: 'GBP', customerId: 'c1', expiresAt: '2026-04-01T00:00:00.000Z' },
      lines: [
        { sku: 'MUG', quantity: 1 },
        { sku: 'TRAY', quantity: 2, unitPrice: '1' },
      ],
      adjustments: [discount(-5n)],
    },
  };
  const changed: OrderCommand = {
    type: 'ChangeDraft',
    data: {
      orderId,
      customerId: 'c2',
      changes: {
        setQuantities: [of(2, 7)],
        removeLines: [{ line: 1 }],
        addLines: [{ sku: 'CUP', quantity: 1 }],
        setAdjustments: [],
      },
    },
  };

  test('shows what is asked for, as it is changed; it is among drafts, not among orders', () => {
    const document = after(draft, changed);
    expect(document).toMatchObject({
      life: 'draft',
      customerId: 'c2',
      payment: 'none',
      revision: '1',
      draft: {
        draftedAt: NOON,
        expiresAt: '2026-04-01T00:00:00.000Z',
        lines: [
          { line: 2, sku: 'TRAY', quantity: 7, unitPrice: '1' },
          { line: 3, sku: 'CUP', quantity: 1 },
        ],
        adjustments: [],
      },
    });
    expect(ordersView.indexes['placed']!.of(document)).toBeUndefined();
    expect(ordersView.indexes['life']!.of(document)).toEqual(['draft', NOON]);
    expect(ordersView.indexes['customer']!.of(document)).toBeUndefined();
  });

  test('says why it was discarded', () => {
    const document = after(draft, { type: 'DiscardDraft', data: { orderId, reason: 'bought elsewhere' } });
    expect(document).toMatchObject({ life: 'discarded', draft: { discardReason: 'bought elsewhere' } });
  });

  test('becomes an order on the same stream, and stays beside it as it was', () => {
    const document = after(draft, two);
    expect(document).toMatchObject({ life: 'placed', revision: '1', totalMinor: '2390', draft: { lines: [{}, {}] } });
    expect(ordersView.indexes['life']!.of(document)).toEqual(['placed', NOON]);
  });
});

describe('the statuses', () => {
  test.each<[string, Partial<OrderDocument>, readonly OrderCommand[]]>([
    ['rejected', { life: 'rejected', fulfilment: 'cancelled', returned: 'none' }, [two, reject]],
    ['cancelled', { life: 'cancelled', fulfilment: 'cancelled', cancelledMinor: '2390' }, [two, cancel]],
    ['shipped in part', { fulfilment: 'partially-shipped' }, [...open, ship(of(1, 3))]],
    ['shipped, the rest cancelled', { fulfilment: 'shipped' }, [...open, ship(of(1, 3)), cancelLines(of(2, 1))]],
    ['delivered in part', { fulfilment: 'shipped' }, [...open, ship(), deliver(of(1, 3))]],
    ['delivered', { life: 'confirmed', fulfilment: 'delivered' }, [...open, ship(), deliver()]],
    ['completed', { life: 'completed', fulfilment: 'shipped' }, [...open, ship(), complete]],
    ['to be returned', { returned: 'requested' }, [...open, ship(), requestReturn('r1', of(1, 1))]],
    [
      'returned in part',
      { returned: 'partially-returned' },
      [...open, ship(), requestReturn('r1', of(1, 1)), receiveReturn('r1', back(1, 1))],
    ],
    ['returned', { returned: 'returned' }, [...open, cancelLines(of(2, 1)), ship(), giveBack(of(1, 3))]],
  ])('%s', (_, expected, commands) => {
    expect(after(...commands)).toMatchObject(expected);
  });

  test('a rejection says why', () => {
    expect(after(two, reject).rejection).toEqual({ code: 'card_declined', reason: 'because' });
  });
});

test('an edit begins anew with what stands: counters, allocations, total; a line keeps its name', () => {
  const document = after(
    two,
    cancelLines(of(1, 1)),
    edit({ addLines: [goods(1, '1', 'CUP')], setAdjustments: [tax(3n)] }),
  );
  expect(document.lines.map(({ line, quantity, cancelled, name }) => [line, quantity, cancelled, name])).toEqual([
    [1, 2, 0, undefined],
    [2, 1, 0, 'Tray'],
    [3, 1, 0, undefined],
  ]);
  expect(document).toMatchObject({ totalMinor: '1769', cancelledMinor: '0', cancellations: [{ minor: '398' }] });
  expect(document.adjustments).toEqual([
    {
      ...{ kind: 'tax', code: 'VAT', minor: '3' },
      allocations: [
        { line: 1, minor: '1' },
        { line: 2, minor: '2' },
      ],
    },
  ]);
});

test('a return shows what was asked for, what came, and what is to be refunded', () => {
  const document = after(...open, ship(), requestReturn('r1', of(1, 3)), receiveReturn('r1', back(1, 1, 'damaged')));
  expect(document.returns).toEqual([
    {
      returnId: 'r1',
      status: 'received',
      reason: 'because',
      lines: [of(1, 3)],
      requestedAt: NOON,
      received: [{ line: 1, quantity: 1, condition: 'damaged', minor: '398' }],
      minor: '398',
      receivedAt: NOON,
    },
  ]);
});

describe('payment through a provider', () => {
  const about = { paymentId: 'p1', orderId, operationId: 'op' };
  const amount = (minor: bigint) => ({ minor, currency: 'GBP' });
  const begun: readonly PaymentEvent[] = [
    {
      type: 'PaymentInitiated',
      data: { paymentId: 'p1', orderId, amount: amount(2390n), method: 'pm_card_visa', provider: 'sandbox' },
    },
    {
      type: 'AuthorizationRequested',
      data: { ...about, amount: amount(2390n), method: 'pm_card_visa', provider: 'sandbox' },
    },
  ];
  const authorized: PaymentEvent = {
    type: 'AuthorizationSucceeded',
    data: { ...about, reference: 'pi', amount: amount(2390n) },
  };
  const captured = (minor: bigint): PaymentEvent => ({
    type: 'CaptureSucceeded',
    data: { ...about, reference: 'ch', amount: amount(minor), authorizationReference: 'pi' },
  });
  const refund = (minor: bigint, operationId: string): PaymentEvent => ({
    type: 'RefundSucceeded',
    data: { ...about, operationId, reference: 're', amount: amount(minor), reason: 'r', authorizationReference: 'pi' },
  });
  const reversed: PaymentEvent = {
    type: 'RefundReversed',
    data: { ...about, operationId: 'r1', amount: amount(2390n), code: 'c', reason: 'r', reference: 're' },
  };
  const dispute = (type: 'DisputeOpened' | 'DisputeWon' | 'DisputeLost'): PaymentEvent => {
    const data = { paymentId: 'p1', orderId, disputeId: 'dp', amount: amount(2390n) };
    return type === 'DisputeOpened' ? { type, data: { ...data, reason: 'fraudulent' } } : { type, data };
  };
  const failed: PaymentEvent = { type: 'AuthorizationFailed', data: { ...about, code: 'card_declined', reason: 'no' } };
  const action: PaymentEvent = {
    type: 'ActionRequired',
    data: { ...about, reference: 'pi', nextActionUrl: 'https://bank.example' },
  };
  const paid = [...begun, authorized, captured(2390n)];

  test.each<[OrderDocument['payment'], string, readonly PaymentEvent[]]>([
    ['none', 'begun', begun.slice(0, 1)],
    ['pending', 'asked for', begun],
    ['requires-action', 'to be confirmed by the customer', [...begun, action]],
    ['authorized', 'held', [...begun, authorized]],
    ['failed', 'declined', [...begun, failed]],
    ['pending', 'declined, and asked for again', [...begun, failed, begun[1]!]],
    ['none', 'lapsed', [...begun, authorized, { type: 'AuthorizationExpired', data: about }]],
    ['none', 'voided', [...begun, authorized, { type: 'VoidSucceeded', data: { ...about, reference: 'pi' } }]],
    ['partially-paid', 'captured in part', [...begun, authorized, captured(2389n)]],
    ['paid', 'captured', paid],
    ['partially-refunded', 'refunded in part', [...paid, refund(1n, 'r1')]],
    ['refunded', 'refunded', [...paid, refund(1n, 'r1'), refund(2389n, 'r2')]],
    ['paid', 'refunded, and the refund came back', [...paid, refund(2390n, 'r1'), reversed]],
    ['disputed', 'disputed', [...paid, dispute('DisputeOpened')]],
    ['paid', 'disputed and won', [...paid, dispute('DisputeOpened'), dispute('DisputeWon')]],
    ['refunded', 'disputed and lost', [...paid, dispute('DisputeOpened'), dispute('DisputeLost')]],
  ])('is %s when it is %s', (status, _, payments) => {
    const [order, ...rest] = facts(two);
    expect(given(orders, order!, ...payments, ...rest).get(orderId)!.payment).toBe(status);
    expect(given(orders, ...payments, order!).get(orderId)!.payment).toBe(status);
  });

  test('is complete when what was not cancelled is paid', () => {
    const part = [...begun, authorized, captured(1992n)];
    expect(given(orders, ...facts(two, cancelLines(of(1, 1))), ...part).get(orderId)!.payment).toBe('paid');
    expect(given(orders, ...facts(two), ...part).get(orderId)!.payment).toBe('partially-paid');
  });

  test.each([
    ['authorized', 'something is left to capture', 1000n, 1n],
    ['released', 'the rest was let go of', 1000n, 0n],
    ['authorized', 'it was taken whole', 2390n, 0n],
  ])('says of a payment that it is %s where %s', (status, _, minor, capturable) => {
    const { type, data } = captured(minor) as Extract<PaymentEvent, { type: 'CaptureSucceeded' }>;
    const told: PaymentEvent = { type, data: { ...data, capturable: amount(capturable) } };
    const [payment] = given(orders, ...facts(two), ...begun, authorized, told).get(orderId)!.payments;
    expect(payment).toMatchObject({ status, paidMinor: minor.toString() });
  });

  test('says why it failed', () => {
    const [payment] = given(orders, ...facts(two), ...begun, failed).get(orderId)!.payments;
    expect(payment).toMatchObject({ status: 'failed', failure: { code: 'card_declined', reason: 'no' } });
  });
});

describe('in the figures', () => {
  const total = (...commands: readonly OrderCommand[]) => {
    const events: readonly LedgerEvent[] = facts(...commands);
    return given(sales, ...events).get('total|GBP|');
  };
  const taxed = place([goods(2, '10'), goods(1, '5')], [discount(-500n), shipping(300n), tax(100n)]);

  test('discounts and shipping are revenue, tax is not', () => {
    expect(total(taxed)).toMatchObject({ orders: 1, grossMinor: '2300', netMinor: '2300', unitsSold: '3' });
  });
  test('a rejected order counts as a cancelled one', () => {
    expect(total(taxed, reject)).toEqual(total(taxed, cancel));
    expect(total(taxed, reject)).toMatchObject({ cancelledOrders: 1, cancelledMinor: '2300', netMinor: '0' });
  });
  test('cancelled lines are taken back without the order', () => {
    expect(total(taxed, cancelLines(of(1, 1)))).toMatchObject({
      ...{ orders: 1, cancelledOrders: 0, cancelledLines: 1, unitsCancelled: '1' },
      ...{ grossMinor: '2300', cancelledMinor: '920', netMinor: '1380' },
    });
  });
  test('an edit changes what was sold, and sells no order', () => {
    const edited = total(taxed, edit({ setQuantities: [of(1, 3)], setAdjustments: [] }));
    expect(edited).toMatchObject({ orders: 1, orderLines: 2, grossMinor: '3500', netMinor: '3500', unitsSold: '4' });
  });
  test('a draft is nothing', () => {
    const draft: OrderCommand = { type: 'DraftOrder', data: { orderId, currency: 'GBP', lines: [] } };
    expect(total(draft)).toBeUndefined();
  });
});
