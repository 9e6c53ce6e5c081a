/** What somebody captures by hand, and what that leaves, as the fulfilment goes on with it. */
import { expect, test } from '@jest/globals';
import { FULFILMENT } from '../../src/domain/fulfilment/fulfilment.state.js';
import { nextActions, waitsFor } from '../../src/domain/fulfilment/next-actions.js';
import { fulfilmentState } from '../../src/projections/fulfilment.view.js';
import { Bank } from './bank.js';
import { Shop } from './shop.js';

const ORDER = 'ord_0';
const gbp = (minor: bigint) => ({ minor, currency: 'GBP' });

/** An order of 7.50, paid by card, and confirmed. */
async function confirmed(capturesOnce: boolean) {
  const shop = new Shop(() => 'accept');
  const bank = new Bank(shop, () => 'yes');
  bank.capturesOnce = capturesOnce;
  await shop.open();
  await shop.place(ORDER, [2, 1], 'pm_card_visa');
  const turn = async (isAnswered = true): Promise<void> => {
    let before: bigint | undefined;
    do {
      before = await shop.store.head();
      await shop.catchUp();
      await shop.fulfil();
      if (!isAnswered) continue;
      await bank.work();
      await bank.tellAll();
    } while ((await shop.store.head()) !== before);
  };
  await turn();
  const document = () => shop.documents.get(ORDER)!.payments[0]!.document;
  const { paymentId } = document();
  const capture = (operationId: string, minor: bigint) =>
    shop.payment({ type: 'RequestCapture', data: { paymentId, operationId, amount: gbp(minor) } });
  const ours = () =>
    document()
      .operations.filter(({ askedBy }) => askedBy === FULFILMENT)
      .map(({ kind, status, minor }) => [kind, status, minor]);
  const state = () => fulfilmentState(shop.documents.get(ORDER)!)!;
  const waiting = () => waitsFor(state());
  const next = () => nextActions(state(), new Date(shop.nowMs).toISOString());
  return { shop, bank, turn, capture, ours, waiting, next, money: () => bank.of(paymentId) };
}

const ship = { type: 'ShipOrder', data: { orderId: ORDER } } as const;
const cancel = { type: 'CancelOrder', data: { orderId: ORDER, reason: 'changed their mind' } } as const;

test.each([
  ['what it leaves is held, cancelled the order gives back the one and lets go of the other', false, 'voided'],
  [
    'what it leaves is let go of, cancelled the order gives back what was taken, and asks for no void',
    true,
    'released',
  ],
])('of a capture in part, %s', async (_, capturesOnce, status) => {
  const { shop, turn, capture, ours, waiting, money } = await confirmed(capturesOnce);
  expect(await capture('by-hand', 400n)).toBe(true);
  await turn();
  await shop.order(cancel);
  await turn();
  const release = capturesOnce ? [] : [['void', 'succeeded', '0']];
  expect(ours()).toEqual([['authorization', status, '750'], ...release, ['refund', 'succeeded', '400']]);
  expect([money(), waiting()]).toEqual([{ heldMinor: 0n, keptMinor: 0n }, undefined]);
});

test('shipped, the order takes what a capture in part left', async () => {
  const { shop, turn, capture, ours, money } = await confirmed(false);
  await capture('by-hand', 400n);
  await turn();
  await shop.order(ship);
  await turn();
  expect(ours()).toEqual([
    ['authorization', 'succeeded', '750'],
    ['capture', 'succeeded', '350'],
  ]);
  expect(money()).toEqual({ heldMinor: 0n, keptMinor: 750n });
});

test('shipped, the order authorizes anew what was let go of; cancelled units are given back of both', async () => {
  const { shop, turn, capture, ours, money } = await confirmed(true);
  await capture('by-hand', 400n);
  await turn();
  await shop.order({ type: 'ShipOrder', data: { orderId: ORDER, lines: [{ line: 2, quantity: 1 }] } });
  await turn();
  expect(ours()).toEqual([
    ['authorization', 'released', '750'],
    ['authorization', 'succeeded', '350'],
    ['capture', 'succeeded', '350'],
  ]);
  expect(money()).toEqual({ heldMinor: 0n, keptMinor: 750n });
  const lines = [{ line: 1, quantity: 2 }];
  await shop.order({ type: 'CancelLines', data: { orderId: ORDER, lines, reason: 'none left' } });
  await turn();
  expect(ours().slice(3)).toEqual([
    ['refund', 'succeeded', '400'],
    ['refund', 'succeeded', '100'],
  ]);
  expect(money()).toEqual({ heldMinor: 0n, keptMinor: 250n });
});

test('a refund over two authorizations that is refused is one refusal, and its rest is asked for again', async () => {
  const { shop, bank, turn, capture, ours, money } = await confirmed(true);
  await capture('by-hand', 400n);
  await turn();
  await shop.order({ type: 'ShipOrder', data: { orderId: ORDER, lines: [{ line: 2, quantity: 1 }] } });
  await turn();
  bank.refusing.refund = 2;
  const lines = [{ line: 1, quantity: 2 }];
  await shop.order({ type: 'CancelLines', data: { orderId: ORDER, lines, reason: 'none left' } });
  await turn();
  expect(ours().slice(3)).toEqual([
    ['refund', 'failed', '400'],
    ['refund', 'failed', '100'],
  ]);
  shop.nowMs += 60_000;
  await turn();
  expect(ours().slice(5)).toEqual([
    ['refund', 'succeeded', '400'],
    ['refund', 'succeeded', '100'],
  ]);
  expect(money()).toEqual({ heldMinor: 0n, keptMinor: 250n });
});

test('while a capture by hand is under way, shipped, the order waits for what it leaves', async () => {
  const { shop, turn, capture, ours, waiting, next, money } = await confirmed(false);
  await capture('by-hand', 400n);
  await shop.order(ship);
  await turn(false);
  expect([ours(), waiting(), next()]).toEqual([[['authorization', 'succeeded', '750']], 'provider', []]);
  await turn();
  expect(money()).toEqual({ heldMinor: 0n, keptMinor: 750n });
});

test('what is not due when the order ships is let go of with the capture', async () => {
  const { shop, turn, ours, money } = await confirmed(false);
  const lines = [{ line: 2, quantity: 1 }];
  await shop.order({ type: 'CancelLines', data: { orderId: ORDER, lines, reason: 'none left' } });
  await shop.order(ship);
  await turn();
  expect(ours()).toEqual([
    ['authorization', 'released', '750'],
    ['capture', 'succeeded', '500'],
  ]);
  expect(money()).toEqual({ heldMinor: 0n, keptMinor: 500n });
});
