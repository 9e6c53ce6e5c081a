import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CorruptHistory } from '../../src/domain/decider.js';
import { FULFILMENT, fulfilmentReservation } from '../../src/domain/fulfilment/fulfilment.state.js';
import type { LedgerEvent } from '../../src/domain/ledger.events.js';
import type { OrderCommand } from '../../src/domain/order/order.commands.js';
import type { StockEvent } from '../../src/domain/stock/stock.events.js';
import { fulfilment } from '../../src/projections/fulfilment.projection.js';
import {
  fulfilmentProgress,
  fulfilmentState,
  fulfilmentView,
  type FulfilmentDocument,
} from '../../src/projections/fulfilment.view.js';
import {
  AUTHORIZED,
  authorized,
  authRequested,
  CAPTURED,
  captureRequested,
  event,
  gbp,
  initiated,
  refunded,
  refundRequested,
  voidRequested,
} from '../domain/provided-payment.js';
import {
  assess,
  back,
  cancel,
  cancelLines,
  confirmAllocated,
  facts,
  giveBack,
  goods,
  of,
  orderId,
  placeFulfilled,
  receiveReturn,
  requestReturn,
  ship,
} from '../domain/order-commands.js';
import { fold, given } from './project.js';
import { NOON, recorded, type Told } from './recorded.js';

const PLACED = placeFulfilled([goods(4, '2.50', 'MUG'), goods(2, '1.00', 'TRAY'), goods(1, '2.50', 'MUG')]);
const CONFIRMED: readonly OrderCommand[] = [PLACED, assess('accept'), confirmAllocated];
const LATE = '2011-08-12T12:30:00.000Z';
const reservationId = fulfilmentReservation(orderId);
const of5 = { sku: 'MUG', location: 'main', reservationId, quantity: 5 };
const reserved: Extract<StockEvent, { type: 'StockReserved' }> = {
  type: 'StockReserved',
  data: { ...of5, expiresAt: LATE, reference: orderId },
};
const shelf = <T extends 'ReservationReleased' | 'ReservationCommitted' | 'StockShipped'>(type: T, quantity: number) =>
  ({ type, data: { ...of5, quantity } }) as StockEvent;
const tookBack = (quantity: number, condition?: 'damaged'): Told => ({
  event: {
    type: 'StockReturned',
    data: { sku: 'MUG', location: 'main', quantity, ...(condition && { condition }), reference: reservationId },
  },
  principal: FULFILMENT,
});
const one = (...told: readonly (Told | LedgerEvent)[]): FulfilmentDocument =>
  [...given(fulfilment, ...told).values()][0]!;
const indexed = (name: string, document: FulfilmentDocument) => fulfilmentView.indexes[name]!.of(document);

describe('of an order', () => {
  test('shows what was asked for, as it stands', () => {
    const { order } = one(...facts(PLACED));
    expect(order).toEqual({
      ...{ status: 'placed', revision: '0', location: 'main', placedAt: NOON, currency: 'GBP' },
      ...{ dueMinor: '1450', returnedMinor: '0', correlationId: `order-${orderId}/0` },
      lines: [
        { line: 1, kind: 'goods', sku: 'MUG', quantity: 4 },
        { line: 2, kind: 'goods', sku: 'TRAY', quantity: 2 },
        { line: 3, kind: 'goods', sku: 'MUG', quantity: 1 },
      ],
      ordered: [
        { sku: 'MUG', quantity: 5 },
        { sku: 'TRAY', quantity: 2 },
      ],
      ...{ cancelled: [], shipped: [], returned: [] },
    });
  });

  test('counts what moved per event, in goods, summed per SKU', () => {
    const lines = [back(1, 1), back(3, 1, 'damaged')];
    const { order } = one(
      ...facts(
        ...CONFIRMED,
        cancelLines(of(1, 1), of(2, 1)),
        ship(of(1, 2), of(3, 1)),
        ship(of(2, 1)),
        giveBack(of(1, 1)),
        requestReturn('ret_1', of(1, 1), of(3, 1)),
        receiveReturn('ret_1', ...lines),
      ),
    );
    const mugs = (quantity: number) => [{ sku: 'MUG', quantity }];
    expect(order).toMatchObject({ dueMinor: '1100', returnedMinor: '500', revision: '8' });
    expect(order!.cancelled).toEqual([{ revision: '3', units: [...mugs(1), { sku: 'TRAY', quantity: 1 }] }]);
    expect(order!.shipped).toEqual([
      { revision: '4', units: mugs(3) },
      { revision: '5', units: [{ sku: 'TRAY', quantity: 1 }] },
    ]);
    expect(order!.returned).toEqual([
      { revision: '6', units: mugs(1), condition: 'sellable' },
      { revision: '8', units: mugs(1), condition: 'sellable' },
      { revision: '8', units: mugs(1), condition: 'damaged' },
    ]);
  });

  test('is not there where the ledger does not fulfil it: its payments are, and nothing is due', () => {
    const { data } = PLACED;
    const { fulfilFrom: _, ...byHand } = data as Extract<OrderCommand, { type: 'PlaceOrder' }>['data'];
    const history = facts(
      { type: 'PlaceOrder', data: byHand },
      { type: 'ConfirmOrder', data: { orderId } },
      ship(),
      giveBack(of(1, 1)),
    );
    expect(given(fulfilment, ...history).size).toBe(0);
    const document = one(...history, ...CAPTURED);
    expect([document.order, document.payments.length]).toEqual([undefined, 1]);
    expect(fulfilmentState(document)).toBeUndefined();
    expect(fulfilmentProgress(document, NOON)).toBe('ended');
    for (const index of Object.keys(fulfilmentView.indexes)) expect(indexed(index, document)).toBeUndefined();
  });
});

describe('of the stock', () => {
  test('shows what is left of the one reservation on each shelf', () => {
    const { holds } = one(
      ...facts(PLACED),
      reserved,
      { type: 'ReservationExtended', data: { ...of5, expiresAt: '2011-08-13T12:00:00.000Z' } },
      shelf('ReservationReleased', 1),
      shelf('ReservationCommitted', 4),
      shelf('StockShipped', 3),
      tookBack(2),
      tookBack(1, 'damaged'),
    );
    expect(holds).toEqual([
      {
        ...{ sku: 'MUG', reserved: 5, released: 1, shipped: 3, committed: true },
        ...{ reservedUntil: LATE, expiresAt: '2011-08-13T12:00:00.000Z' },
        ...{ returned: { sellable: 2, damaged: 1 } },
      },
    ]);
  });

  test('leaves alone what concerns no order, or only looks as if', () => {
    const { holds } = one(
      ...facts(PLACED),
      reserved,
      { type: 'StockReserved', data: { ...of5, reservationId: 'rsv_1', expiresAt: LATE } },
      { type: 'StockShipped', data: { sku: 'MUG', location: 'main', quantity: 1 } },
      // A clerk may write down any reference.
      { ...tookBack(1), principal: 'clerk' },
      { event: { type: 'StockReturned', data: { sku: 'MUG', location: 'main', quantity: 1 } }, principal: FULFILMENT },
    );
    expect(holds).toEqual([expect.objectContaining({ shipped: 0, returned: { sellable: 0, damaged: 0 } })]);
  });

  test.each([
    [/reservation of this SKU/, [reserved, reserved]],
    [/no reservation of this SKU/, [shelf('StockShipped', 1)]],
  ])('a history that no process writes is corrupt: %p', (message, history) => {
    expect(() => one(...facts(PLACED), ...history)).toThrow(CorruptHistory);
    expect(() => one(...facts(PLACED), ...history)).toThrow(message);
  });
});

const byUs = (of: LedgerEvent): Told => ({ event: of, principal: FULFILMENT });
const captureFailed = (at: string, operationId = 'c1'): Told => ({
  event: event('CaptureFailed', { operationId, amount: gbp(1000n), code: 'no', reason: 'no' }),
  at,
});
const refundFailed = (at: string, operationId: string): Told => ({
  event: event('RefundFailed', { operationId, amount: gbp(100n), code: 'no', reason: 'no' }),
  at,
});

describe('of the money', () => {
  const standing = (...told: readonly (Told | LedgerEvent)[]) =>
    fulfilmentState(one(...facts(...CONFIRMED), ...told))!.payments[0]!;

  test('tells what is held from what is taken, given back, or under way', () => {
    expect(standing(initiated)).toMatchObject({ authorization: 'none', heldMinor: 0n, pending: false, isOurs: false });
    expect(standing(byUs(initiated), byUs(authRequested()))).toMatchObject({
      ...{ authorization: 'pending', heldMinor: 0n, pending: true, isOurs: true },
      asked: { authorization: 1, capture: 0 },
    });
    expect(standing(...AUTHORIZED)).toMatchObject({ authorization: 'authorized', heldMinor: 1000n });
    expect(standing(...AUTHORIZED, captureRequested('c1', 1000n))).toMatchObject({
      ...{ heldMinor: 0n, capturingMinor: 1000n },
    });
    expect(standing(...CAPTURED, refundRequested('r1', 300n), refunded('r1', 300n))).toMatchObject({
      ...{ heldMinor: 0n, capturedMinor: 1000n, refundedMinor: 300n, refundedByOthersMinor: 300n },
    });
    expect(standing(...CAPTURED, byUs(refundRequested('r1', 300n)))).toMatchObject({
      ...{ refundingMinor: 300n, refundedByOthersMinor: 0n, asked: { refund: 1 } },
    });
  });

  test('holds nothing once a void was asked for, or the time was over', () => {
    const voiding = voidRequested();
    const voided = event('VoidSucceeded', { operationId: 'v1', reference: 'pi_1' });
    const expired = event('AuthorizationExpired', { operationId: 'a1' });
    expect(standing(...AUTHORIZED, voiding)).toMatchObject({ heldMinor: 0n, pending: true });
    expect(standing(...AUTHORIZED, voiding, voided)).toMatchObject({ authorization: 'voided', heldMinor: 0n });
    expect(standing(...AUTHORIZED, expired)).toMatchObject({ authorization: 'expired', heldMinor: 0n });
  });

  test('finds what is still held by an authorization that succeeded late, once another was let go of', () => {
    const failed = event('AuthorizationFailed', { operationId: 'a1', code: 'request-expired', reason: 'no answer' });
    const both = [initiated, authRequested(), failed, authRequested('a2'), authorized('a2', 'pi_2'), authorized()];
    expect(standing(...both)).toMatchObject({ authorization: 'authorized', heldMinor: 1000n });
    const voided = event('VoidSucceeded', { operationId: 'v1', reference: 'pi_2' });
    expect(standing(...both, voided)).toMatchObject({ authorization: 'voided', heldMinor: 1000n });
  });

  test('tells when what the process asked for was refused, since the newest authorization', () => {
    const asked = captureRequested('c1', 1000n);
    const failed = [...AUTHORIZED, byUs(asked), captureFailed(LATE)];
    expect(standing(...failed)).toMatchObject({
      ...{ heldMinor: 1000n, asked: { capture: 1 }, refused: { capture: [LATE], void: [], refund: [] } },
    });
    expect(standing(...AUTHORIZED, asked, captureFailed(LATE))).toMatchObject({ refused: { capture: [] } });
    const expired = event('AuthorizationExpired', { operationId: 'a1' });
    expect(standing(...failed, expired, byUs(authRequested('a2')))).toMatchObject({
      ...{ asked: { capture: 1, authorization: 1 }, refused: { capture: [] } },
    });
    const both = ['c1', 'c2'].map((id) => byUs(captureRequested(id, 1000n)));
    expect(standing(...AUTHORIZED, ...both, captureFailed(LATE), captureFailed(NOON, 'c2'))).toMatchObject({
      refused: { capture: [NOON, LATE] },
    });
  });

  test('tells of refusals in a row: what was done in between ends it, what is under way does not', () => {
    const refund = (operationId: string) => byUs(refundRequested(operationId, 100n));
    const row = [...CAPTURED, refund('r1'), refundFailed(NOON, 'r1'), refund('r2')];
    expect(standing(...row)).toMatchObject({ refused: { refund: [NOON] } });
    const done = [...row, refunded('r2', 100n)];
    expect(standing(...done)).toMatchObject({ refused: { refund: [] } });
    expect(standing(...done, refund('r3'), refundFailed(LATE, 'r3'))).toMatchObject({ refused: { refund: [LATE] } });
    const reversed = event('RefundReversed', {
      ...{ operationId: 'r2', amount: gbp(100n), code: 'no', reason: 'no', reference: 're_r2' },
    });
    expect(standing(...done, { event: reversed, at: LATE })).toMatchObject({ refused: { refund: [NOON, LATE] } });
  });
});

describe('the indexes', () => {
  test.each([
    ['placed: at once', [PLACED], [], [NOON], undefined],
    ['confirmed, of money nothing there: for somebody to see', CONFIRMED, [], undefined, ['attention', NOON]],
    ['shipped: at once', [...CONFIRMED, ship()], [reserved], [NOON], undefined],
    [
      'shipped, of money nothing there: it is for somebody to see',
      [...CONFIRMED, ship()],
      [],
      undefined,
      ['attention', NOON],
    ],
    ['cancelled, with goods: at once', [PLACED, cancel], [reserved], [NOON], undefined],
    ['cancelled, with nothing: never', [PLACED, cancel], [], undefined, undefined],
  ] as const)('say when something is due, and who waits for whom: %s', (_, commands, stock, due, waiting) => {
    const document = one(...facts(...commands), ...stock);
    expect(indexed('immediate', document)).toEqual(due);
    expect(indexed('due', document)).toBeUndefined();
    expect(indexed('waiting', document)).toEqual(waiting);
  });

  test('say when the provider is asked again for what it refused; nobody is at work until then', () => {
    const asked = byUs(captureRequested('c1', 1000n));
    const document = one(...facts(...CONFIRMED, ship()), ...AUTHORIZED, asked, captureFailed(LATE));
    const again = '2011-08-12T12:31:00.000Z';
    expect(indexed('immediate', document)).toBeUndefined();
    expect(indexed('due', document)).toEqual([again]);
    expect(indexed('waiting', document)).toEqual(['retry', NOON]);
    expect(fulfilmentProgress(document, LATE)).toBe('waiting');
    expect(fulfilmentProgress(document, again)).toBe('working');
  });

  test('say when the time is over for one that waits to be paid: with its first reservation', () => {
    const traysToo: StockEvent = {
      type: 'StockReserved',
      data: { ...of5, sku: 'TRAY', quantity: 2, expiresAt: LATE, reference: orderId },
    };
    const laterMugs: StockEvent = { ...reserved, data: { ...reserved.data, expiresAt: '2011-08-12T12:30:00.007Z' } };
    const document = one(...facts(PLACED, assess('accept')), laterMugs, traysToo);
    expect(indexed('immediate', document)).toBeUndefined();
    expect(indexed('due', document)).toEqual([LATE]);
    expect(indexed('waiting', document)).toEqual(['payment', NOON]);
    expect(fulfilmentProgress(document, NOON)).toBe('waiting');
    expect(fulfilmentProgress(document, LATE)).toBe('working');
  });
});

test('orders, shelves and payments may come in any order among each other: the document is the same', () => {
  const order = facts(...CONFIRMED, ship(of(1, 2)), cancelLines(of(3, 1)));
  const stock = [reserved, shelf('ReservationCommitted', 5), shelf('StockShipped', 2), shelf('ReservationReleased', 1)];
  const history = recorded([...order, ...stock, ...CAPTURED].map((each) => ({ event: each })));
  const streams = [...new Set(history.map(({ stream }) => stream))];
  const expected = fold(fulfilment, history);
  fc.assert(
    fc.property(
      fc.shuffledSubarray(
        history.map(({ stream }) => stream),
        { minLength: history.length },
      ),
      (turns) => {
        const left = new Map(streams.map((stream) => [stream, history.filter((each) => each.stream === stream)]));
        const shuffled = turns.map((stream) => left.get(stream)!.shift()!);
        expect(fold(fulfilment, shuffled)).toEqual(expected);
      },
    ),
  );
});
