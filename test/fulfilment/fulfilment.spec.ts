import { describe, expect, test } from '@jest/globals';
import { cancel, cancelUnits, CARD, opened, ORDER, pay, ship } from './opened.js';
import { IN_STOCK, LOCATION, MINUTE } from './shop.js';

describe('an order with a payment method', () => {
  test('is reserved, assessed, authorized, confirmed; when it ships, goods and money move', async () => {
    const { shop, turn, status, onHand, money, types, waiting } = await opened();
    await shop.place(ORDER, [2, 1], CARD);
    await turn();
    expect(await status()).toBe('confirmed');
    expect(waiting()).toBe('shipment');
    expect((await types()).slice(2)).toEqual([
      'OrderPlaced',
      ...['StockReserved', 'StockReserved', 'OrderRiskAssessed'],
      ...['PaymentInitiated', 'AuthorizationRequested', 'AuthorizationSucceeded'],
      ...['ReservationCommitted', 'ReservationCommitted', 'OrderConfirmed'],
    ]);
    expect(money()).toEqual([{ heldMinor: 750n, keptMinor: 0n }]);
    await shop.order(ship());
    await turn();
    expect([await onHand('CUP'), await onHand('TEA')]).toEqual([IN_STOCK - 2, IN_STOCK - 1]);
    expect(money()).toEqual([{ heldMinor: 0n, keptMinor: 750n }]);
    expect(waiting()).toBeUndefined();
  });

  test('all of it says who acted, and carries on the correlation of the order', async () => {
    const { shop, turn } = await opened();
    await shop.place(ORDER, [1, 1], CARD);
    await turn();
    const events = (await shop.events()).slice(2);
    const placed = events.find(({ type }) => type === 'OrderPlaced')!.metadata;
    const acted = events.filter(({ metadata }) => metadata.principal === 'fulfilment');
    expect(acted).toHaveLength(8);
    expect(new Set(acted.map(({ metadata }) => metadata.correlationId))).toEqual(new Set([placed.correlationId]));
  });

  test('is rejected when the card is declined, and holds nothing then', async () => {
    const { shop, turn, status, promised, rejection, money } = await opened({ answers: ['no'] });
    await shop.place(ORDER, [2, 1], CARD);
    await turn();
    expect([await status(), rejection()]).toEqual(['rejected', 'payment-failed']);
    expect(await promised()).toBe(0);
    expect(money()).toEqual([{ heldMinor: 0n, keptMinor: 0n }]);
  });

  test('waits for the customer where the bank asks, and is confirmed when they agree', async () => {
    const { shop, bank, turn, status, waiting } = await opened({ answers: ['action'] });
    await shop.place(ORDER, [1, 1], CARD);
    await turn();
    expect([await status(), waiting()]).toEqual(['placed', 'customer']);
    bank.act(true);
    await turn();
    expect(await status()).toBe('confirmed');
  });

  test('is given up when the customer does not act in time; what the bank held is let go of', async () => {
    const { shop, bank, turn, status, rejection, money, promised } = await opened({ answers: ['action'] });
    await shop.place(ORDER, [1, 1], CARD);
    await turn();
    shop.nowMs += 30 * MINUTE;
    await turn();
    expect([await status(), rejection()]).toEqual(['rejected', 'fulfilment-timed-out']);
    expect(money()).toEqual([{ heldMinor: 0n, keptMinor: 0n }]);
    expect(await promised()).toBe(0);
    bank.act(true); // too late: there is nothing left to agree to
    await turn();
    expect(money()).toEqual([{ heldMinor: 0n, keptMinor: 0n }]);
  });

  test('without a total needs no payment', async () => {
    const { shop, turn, status, payments } = await opened();
    const lines = [{ kind: 'goods' as const, sku: 'CUP', quantity: 1, unitPrice: '0' }];
    const data = { orderId: ORDER, currency: 'GBP', lines, fulfilFrom: LOCATION, paymentMethod: CARD };
    await shop.order({ type: 'PlaceOrder', data });
    await turn();
    expect([await status(), payments()]).toEqual(['confirmed', []]);
  });
});

describe('stock', () => {
  test('the last unit goes to one order; the other is rejected, and what it had reserved is free', async () => {
    const { shop, turn, status, promised, rejection } = await opened();
    await shop.place(ORDER, [IN_STOCK, 1], CARD);
    await shop.place('ord_1', [1, 1], CARD);
    await turn();
    expect([await status(ORDER), await status('ord_1')]).toEqual(['confirmed', 'rejected']);
    expect(rejection('ord_1')).toBe('insufficient-stock');
    expect([await promised('CUP'), await promised('TEA')]).toEqual([IN_STOCK, 1]);
  });

  test('where nothing is enough, the first is told; where somebody was faster to end the order, nothing', async () => {
    const { shop, turn, status, reason } = await opened();
    await shop.place(ORDER, [IN_STOCK + 1, IN_STOCK + 1], CARD);
    await turn();
    expect([await status(), reason()]).toEqual(['rejected', `${IN_STOCK + 1} of CUP could not be reserved`]);
    await shop.place('ord_1', [IN_STOCK + 1, 0], CARD);
    await shop.catchUp();
    await shop.order({ type: 'CancelOrder', data: { orderId: 'ord_1', reason: 'changed their mind' } });
    await shop.fulfil(); // by a view that has not seen it
    await turn();
    expect(await status('ord_1')).toBe('cancelled');
  });

  test('two lines of one SKU are reserved as one', async () => {
    const { shop, turn, status, rejection } = await opened();
    const lines = [3, 4].map((quantity) => ({ kind: 'goods' as const, sku: 'CUP', quantity, unitPrice: '1' }));
    const data = { orderId: ORDER, currency: 'GBP', lines, fulfilFrom: LOCATION, paymentMethod: CARD };
    await shop.order({ type: 'PlaceOrder', data });
    await turn();
    expect([await status(), rejection()]).toEqual(['rejected', 'insufficient-stock']);
  });

  test('each shipment takes its units, once, however often it is looked at', async () => {
    const { shop, turn, onHand } = await opened();
    await shop.place(ORDER, [4, 1], CARD);
    await turn();
    await shop.order(ship([{ line: 1, quantity: 1 }]));
    await shop.catchUp();
    await Promise.all([shop.fulfil({ processes: 2 }), shop.fulfil()]);
    await shop.fulfil(); // by a view that has not seen it
    expect(await onHand()).toBe(IN_STOCK - 1);
    await shop.order(ship([{ line: 1, quantity: 2 }]));
    await shop.catchUp();
    await shop.fulfil();
    await shop.fulfil();
    await turn();
    expect(await onHand()).toBe(IN_STOCK - 3);
  });

  test('cancelled units are free again: those before they were reserved, and those after', async () => {
    const { shop, turn, promised, status } = await opened();
    await shop.place(ORDER, [4, 1], CARD);
    await shop.order(cancelUnits(1, 1));
    await turn();
    expect([await status(), await promised()]).toEqual(['confirmed', 3]);
    await shop.order(cancelUnits(1, 1));
    await turn();
    await shop.order(cancelUnits(1, 1));
    await turn();
    expect(await promised()).toBe(1);
  });

  test('an order that is cancelled after it was confirmed lets go of goods and money', async () => {
    const { shop, turn, promised, money } = await opened();
    await shop.place(ORDER, [2, 1], CARD);
    await turn();
    await shop.order(cancel);
    await turn();
    expect(await promised()).toBe(0);
    expect(money()).toEqual([{ heldMinor: 0n, keptMinor: 0n }]);
  });

  test('what comes back joins the stock by its condition', async () => {
    const { shop, turn } = await opened();
    await shop.place(ORDER, [4, 1], CARD);
    await turn();
    await shop.order(ship());
    await turn();
    const lines = [{ line: 1, quantity: 3 }];
    await shop.order({ type: 'RequestReturn', data: { orderId: ORDER, returnId: 'ret_1', lines, reason: 'broken' } });
    const received = [
      { line: 1, quantity: 2, condition: 'sellable' },
      { line: 1, quantity: 1, condition: 'damaged' },
    ] as const;
    await shop.order({ type: 'ReceiveReturn', data: { orderId: ORDER, returnId: 'ret_1', lines: received } });
    await shop.catchUp();
    await shop.fulfil({ processes: 2 });
    await shop.fulfil();
    await turn();
    expect(await shop.shelf('CUP')).toMatchObject({ onHand: IN_STOCK - 2, damaged: 1 });
  });
});

describe('risk', () => {
  test('an order under review keeps its goods for a day, and goes on when it is accepted', async () => {
    const { shop, turn, status, waiting, promised, payments } = await opened({ risk: 'review' });
    await shop.place(ORDER, [2, 1], CARD);
    await turn();
    expect([await status(), waiting(), payments()]).toEqual(['placed', 'review', []]);
    shop.nowMs += 5 * 60 * MINUTE;
    await turn();
    expect(await promised()).toBe(2);
    await shop.order({ type: 'ReviewRisk', data: { orderId: ORDER, decision: 'accept', reason: 'known' } });
    await turn();
    expect(await status()).toBe('confirmed');
  });

  test.each([
    ['declined', 'risk-declined'],
    ['forgotten', 'fulfilment-timed-out'],
  ])('one that is %s is rejected', async (what, code) => {
    const { shop, turn, status, rejection, promised } = await opened({ risk: 'review' });
    await shop.place(ORDER, [2, 1], CARD);
    await turn();
    if (what === 'forgotten') shop.nowMs += 24 * 60 * MINUTE;
    else await shop.order({ type: 'ReviewRisk', data: { orderId: ORDER, decision: 'decline', reason: 'stolen card' } });
    await turn();
    expect([await status(), rejection(), await promised()]).toEqual(['rejected', code, 0]);
  });

  test('what the assessment declines is rejected before any money is asked for', async () => {
    const { shop, turn, status, rejection, payments } = await opened({ risk: 'decline' });
    await shop.place(ORDER, [2, 1], CARD);
    await turn();
    expect([await status(), rejection(), payments()]).toEqual(['rejected', 'risk-declined', []]);
  });
});

describe('money', () => {
  test('a client may pay in parts, and try again after a decline', async () => {
    const { shop, turn, status, waiting, money } = await opened({ answers: ['yes', 'no', 'yes'] });
    await shop.place(ORDER, [2, 2], undefined);
    await turn();
    expect(waiting()).toBe('payment');
    await shop.payment(pay('pay_1', 400n));
    await turn();
    await shop.payment(pay('pay_2', 600n));
    await turn();
    expect([await status(), waiting()]).toEqual(['placed', 'payment']);
    await shop.payment(pay('pay_3', 600n));
    await turn();
    expect(await status()).toBe('confirmed');
    await shop.order(ship());
    await turn();
    expect(money().map(({ keptMinor }) => keptMinor)).toEqual([400n, 0n, 600n]);
  });

  test('an order that nobody pays is given up', async () => {
    const { shop, turn, status, rejection } = await opened();
    await shop.place(ORDER, [1, 1], undefined);
    await turn();
    shop.nowMs += 29 * MINUTE;
    await turn();
    expect(await status()).toBe('placed');
    shop.nowMs += MINUTE;
    await turn();
    expect([await status(), rejection()]).toEqual(['rejected', 'fulfilment-timed-out']);
  });

  test('money that arrives for an order that is off goes back', async () => {
    const { shop, bank, turn, money, status } = await opened();
    await shop.place(ORDER, [1, 1], CARD);
    await shop.catchUp();
    await shop.fulfil(); // asks for the money
    await shop.order(cancel);
    await shop.catchUp();
    await shop.fulfil();
    await bank.work();
    await bank.tellAll(); // now the bank says that it holds it
    await turn();
    expect([await status(), money()]).toEqual(['cancelled', [{ heldMinor: 0n, keptMinor: 0n }]]);
  });

  test('so does what was taken by hand before, though the provider refuses at first', async () => {
    const { shop, bank, turn, after, money, payments } = await opened();
    await shop.place(ORDER, [1, 1], CARD);
    await turn();
    const paymentId = payments()[0]!.paymentId;
    const amount = { minor: 300n, currency: 'GBP' };
    await shop.payment({ type: 'RequestCapture', data: { paymentId, operationId: 'op_1', amount } });
    await turn();
    expect(money()).toEqual([{ heldMinor: 200n, keptMinor: 300n }]);
    bank.refusing.refund = 1;
    await shop.order(cancel);
    await turn();
    await after(MINUTE);
    expect(money()).toEqual([{ heldMinor: 0n, keptMinor: 0n }]);
    expect(
      payments()[0]!
        .operations.filter(({ kind }) => kind === 'refund')
        .map(({ status }) => status),
    ).toEqual(['failed', 'succeeded']);
  });

  test('what was taken for units that are cancelled after the first shipment goes back', async () => {
    const { shop, turn, money } = await opened();
    await shop.place(ORDER, [4, 1], CARD);
    await turn();
    await shop.order(ship([{ line: 1, quantity: 1 }]));
    await turn();
    expect(money()).toEqual([{ heldMinor: 0n, keptMinor: 1250n }]);
    await shop.order(cancelUnits(1, 3));
    await turn();
    expect(money()).toEqual([{ heldMinor: 0n, keptMinor: 500n }]);
  });

  test.each([
    ['goes back whole, though returns were refunded by hand before', 800n, 450n],
    ['goes back once, though it was refunded by hand as well', 1750n, 250n],
  ])('what was taken for units that are cancelled %s', async (_, byHandMinor, keptMinor) => {
    const { shop, turn, money, payments } = await opened();
    await shop.place(ORDER, [4, 4], CARD);
    await turn();
    await shop.order(ship([{ line: 1, quantity: 4 }]));
    await turn();
    const lines = [{ line: 1, quantity: 4 }];
    await shop.order({ type: 'RequestReturn', data: { orderId: ORDER, returnId: 'ret_1', lines, reason: 'broken' } });
    const received = [{ line: 1, quantity: 4, condition: 'damaged' }] as const;
    await shop.order({ type: 'ReceiveReturn', data: { orderId: ORDER, returnId: 'ret_1', lines: received } });
    const { paymentId } = payments()[0]!;
    const amount = { minor: byHandMinor, currency: 'GBP' };
    const refund = { paymentId, operationId: 'op_1', amount, reason: 'returned' };
    await shop.payment({ type: 'RequestRefund', data: refund });
    await turn();
    expect(money()).toEqual([{ heldMinor: 0n, keptMinor: 2000n - byHandMinor }]);
    await shop.order(cancelUnits(2, 3));
    await turn();
    expect(money()).toEqual([{ heldMinor: 0n, keptMinor }]);
  });

  test('an authorization that lapsed before the goods ship is asked for again', async () => {
    const { shop, bank, turn, money } = await opened();
    await shop.place(ORDER, [1, 1], CARD);
    await turn();
    bank.expire();
    await turn();
    await shop.order(ship());
    await turn();
    expect(money()).toEqual([{ heldMinor: 0n, keptMinor: 500n }]);
  });

  test('so is one that the bank tells of only after it has refused to take from it', async () => {
    const { shop, bank, turn, money, payments, waiting } = await opened();
    await shop.place(ORDER, [1, 1], CARD);
    await turn();
    bank.expire();
    await shop.order(ship());
    for (const minutes of [0, 1, 60, 24 * 60]) {
      shop.nowMs += minutes * MINUTE;
      await shop.catchUp();
      await shop.fulfil();
      await bank.work();
      await bank.tell(1, false); // that it cannot take the money; why it cannot waits
    }
    await shop.catchUp();
    expect(waiting()).toBe('attention');
    await turn();
    expect(money()).toEqual([{ heldMinor: 0n, keptMinor: 500n }]);
    const told = payments()[0]!.operations.map(({ kind, status }) => `${kind} ${status}`);
    const failed = Array<string>(4).fill('capture failed');
    expect(told).toEqual(['authorization expired', ...failed, 'authorization succeeded', 'capture succeeded']);
  });

  test('where the bank then asks the customer, it is theirs to act, and nobody has to look', async () => {
    const { shop, bank, turn, money, waiting } = await opened({ answers: ['yes', 'action'] });
    await shop.place(ORDER, [1, 1], CARD);
    await turn();
    bank.expire();
    await turn();
    await shop.order(ship());
    await turn();
    expect(waiting()).toBe('customer');
    bank.act(true);
    await turn();
    expect([waiting(), money()]).toEqual([undefined, [{ heldMinor: 0n, keptMinor: 500n }]]);
  });

  test('when the bank says no again and again, somebody is asked to look', async () => {
    const { shop, bank, turn, waiting, payments } = await opened({ answers: ['yes', 'no'] });
    await shop.place(ORDER, [1, 1], CARD);
    await turn();
    bank.expire();
    await turn();
    await shop.order(ship());
    await turn();
    expect(waiting()).toBe('attention');
    expect(payments()[0]!.operations.filter(({ status }) => status === 'failed')).toHaveLength(1);
  });

  test('what was settled elsewhere confirms an order, and is for people to give back when it is off', async () => {
    const { shop, turn, status, waiting } = await opened();
    await shop.place(ORDER, [1, 1], undefined);
    const amount = { minor: 500n, currency: 'GBP' };
    const transfer = { paymentId: 'pay_1', orderId: ORDER, amount, method: 'bank transfer' };
    await shop.payment({ type: 'RecordPayment', data: transfer });
    await turn();
    expect([await status(), waiting()]).toEqual(['confirmed', 'shipment']);
    await shop.order(cancel);
    await turn();
    expect([await status(), waiting()]).toEqual(['cancelled', 'attention']);
    const back = { paymentId: 'pay_1', refundId: 'rf_1', amount, reason: 'the order is off' };
    await shop.payment({ type: 'RefundPayment', data: back });
    await turn();
    expect(waiting()).toBeUndefined();
  });

  test('a second payment that was not needed is let go of', async () => {
    const { shop, turn, money } = await opened();
    await shop.place(ORDER, [1, 1], undefined);
    await shop.payment(pay('pay_1', 500n));
    await turn();
    await shop.payment(pay('pay_2', 500n));
    await shop.payment({ type: 'RequestAuthorization', data: { paymentId: 'pay_2', operationId: 'op_1' } });
    await turn();
    await shop.order(ship());
    await turn();
    expect(money()).toEqual([
      { heldMinor: 0n, keptMinor: 500n },
      { heldMinor: 0n, keptMinor: 0n },
    ]);
  });
});

describe('what others may do', () => {
  test('an order that the ledger fulfils is neither confirmed nor edited by hand', async () => {
    const { shop, turn, status } = await opened();
    await shop.place(ORDER, [1, 1], undefined);
    await turn();
    expect(await shop.order({ type: 'ConfirmOrder', data: { orderId: ORDER } })).toBe(false);
    const changes = { setQuantities: [{ line: 1, quantity: 2 }] };
    expect(await shop.order({ type: 'EditOrder', data: { orderId: ORDER, changes, reason: 'more' } })).toBe(false);
    expect(await status()).toBe('placed');
  });

  test('an order that loses its reservation before it is confirmed is rejected', async () => {
    const { shop, turn, status, rejection } = await opened();
    await shop.place(ORDER, [1, 1], undefined);
    await turn();
    await shop.release('CUP', ORDER);
    await turn();
    expect([await status(), rejection()]).toEqual(['rejected', 'insufficient-stock']);
  });

  test('an order that was not placed for it is left alone', async () => {
    const { shop, turn, types } = await opened();
    const lines = [{ kind: 'goods' as const, sku: 'CUP', quantity: 1, unitPrice: '1' }];
    await shop.order({ type: 'PlaceOrder', data: { orderId: ORDER, currency: 'GBP', lines } });
    await shop.order({ type: 'ConfirmOrder', data: { orderId: ORDER } });
    await shop.order(ship());
    shop.nowMs += 25 * 60 * MINUTE;
    await turn();
    expect((await types()).slice(2)).toEqual(['OrderPlaced', 'OrderConfirmed', 'OrderShipped']);
    expect(shop.documents.size).toBe(0);
  });
});
