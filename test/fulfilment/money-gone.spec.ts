import { expect, test } from '@jest/globals';
import { CARD, opened, ORDER, ship } from './opened.js';

test('a confirmed order whose money was let go of by hand is for somebody to see before it ships', async () => {
  const { shop, turn, waiting, payments, money } = await opened();
  await shop.place(ORDER, [1, 0], CARD);
  await turn();
  expect(waiting()).toBe('shipment');
  const { paymentId } = payments()[0]!;
  await shop.payment({ type: 'RequestVoid', data: { paymentId, operationId: 'by-hand', reason: 'a mistake' } });
  await turn();
  expect([money(), waiting()]).toEqual([[{ heldMinor: 0n, keptMinor: 0n }], 'attention']);
  await shop.order(ship());
  await turn();
  expect(waiting()).toBe('attention');
});

test('money that has only lapsed is asked for again when the order ships: it still waits for that', async () => {
  const { shop, bank, turn, waiting, money } = await opened();
  await shop.place(ORDER, [1, 0], CARD);
  await turn();
  bank.expire();
  await turn();
  expect([money(), waiting()]).toEqual([[{ heldMinor: 0n, keptMinor: 0n }], 'shipment']);
  await shop.order(ship());
  await turn();
  expect([money()[0]?.keptMinor, waiting()]).toEqual([250n, undefined]);
});
