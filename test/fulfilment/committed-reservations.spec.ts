import { expect, test } from '@jest/globals';
import { cancel, CARD, opened, ORDER } from './opened.js';
import { IN_STOCK, MINUTE } from './shop.js';

test('what was committed to an order does not expire: cancelled after that time, the order lets go of it', async () => {
  const { shop, turn, after, status, promised, types } = await opened();
  await shop.place(ORDER, [2, 1], CARD);
  await turn();
  await after(31 * MINUTE);
  await shop.expireReservations();
  expect([await status(), await promised('CUP'), await promised('TEA')]).toEqual(['confirmed', 2, 1]);
  await shop.order(cancel);
  await turn();
  expect(await status()).toBe('cancelled');
  expect([await promised('CUP'), await promised('TEA')]).toEqual([0, 0]);
  expect((await types()).filter((type) => type === 'ReservationReleased')).toHaveLength(2);
  await shop.place('ord_1', [IN_STOCK, IN_STOCK], CARD);
  await turn();
  expect(await status('ord_1')).toBe('confirmed');
});
