/** The time that an order has: when it begins, and what it is told when it is over. */
import { describe, expect, test } from '@jest/globals';
import { pause } from '../../src/application/pause.js';
import { CARD, opened, ORDER } from './opened.js';
import { LOCATION, MINUTE, type Shop } from './shop.js';

describe('the time that an order has', () => {
  const HOUR = 60 * MINUTE;

  test('begins when the process begins with it', async () => {
    const { shop, after, status, rejection, reason } = await opened();
    await shop.place(ORDER, [1, 1], undefined);
    await after(5 * HOUR);
    await after(30 * MINUTE - 1);
    expect(await status()).toBe('placed');
    await after(1);
    expect([await status(), rejection()]).toEqual(['rejected', 'fulfilment-timed-out']);
    expect(reason()).toBe('It was not confirmed until 2026-01-05T14:30:00.000Z: it was not paid');
  });

  test('is enough after a long time in which nothing ran', async () => {
    const { shop, after, status } = await opened();
    await shop.place(ORDER, [1, 1], CARD);
    await after(24 * HOUR - 1);
    expect(await status()).toBe('confirmed');
  });

  test('is over when nobody has begun with it for a day', async () => {
    const { shop, after, status, reason, types } = await opened();
    await shop.place(ORDER, [1, 1], CARD);
    await after(24 * HOUR);
    expect([await status(), (await types()).slice(2)]).toEqual(['rejected', ['OrderPlaced', 'OrderRejected']]);
    expect(reason()).toBe('It was not confirmed until 2026-01-06T09:00:00.000Z: its fulfilment had not begun');
  });

  test('is a day from there where it is to be reviewed', async () => {
    const { shop, turn, after, status, promised, reason } = await opened({ risk: 'review' });
    await shop.place(ORDER, [1, 1], undefined);
    const amount = { minor: 500n, currency: 'GBP' };
    const transfer = { paymentId: 'pay_1', orderId: ORDER, amount, method: 'bank transfer' };
    await shop.payment({ type: 'RecordPayment', data: transfer });
    await after(2 * HOUR);
    await after(24 * HOUR - 1);
    expect([await status(), await promised()]).toEqual(['placed', 1]);
    shop.nowMs += 1;
    expect(await promised()).toBe(0);
    await turn();
    expect([await status(), reason()]).toEqual([
      'rejected',
      'It was not confirmed until 2026-01-06T11:00:00.000Z: nobody reviewed it',
    ]);
  });

  test('is a day without goods, which hold nothing', async () => {
    const { shop, turn, after, status, waiting } = await opened();
    const lines = [{ kind: 'charge' as const, sku: 'POSTAGE', quantity: 1, unitPrice: '1' }];
    await shop.order({ type: 'PlaceOrder', data: { orderId: ORDER, currency: 'GBP', lines, fulfilFrom: LOCATION } });
    await turn();
    await after(24 * HOUR - 1);
    expect([await status(), waiting()]).toEqual(['placed', 'payment']);
    await after(1);
    expect(await status()).toBe('rejected');
  });

  describe('after a crash between two reservations', () => {
    async function crashed() {
      const opening = await opened();
      await opening.shop.place(ORDER, [1, 1], CARD);
      await opening.shop.catchUp();
      await opening.shop.fulfil({ diesAt: 1 });
      while (!(await opening.types()).includes('StockReserved')) await pause(1); // the first was on its way
      return opening;
    }
    const ends = async (shop: Shop) =>
      (await shop.events()).flatMap((event) => (event.type === 'StockReserved' ? event.data.expiresAt : []));

    test('goes on from the first', async () => {
      const { shop, after, status } = await crashed();
      await after(29 * MINUTE);
      expect(await status()).toBe('confirmed');
      expect(await ends(shop)).toEqual(Array(2).fill('2026-01-05T09:30:00.000Z'));
    });

    test('is over with the first, and says so', async () => {
      const { after, status, reason, promised } = await crashed();
      await after(30 * MINUTE);
      expect([await status(), await promised()]).toEqual(['rejected', 0]);
      expect(reason()).toBe('It was not confirmed until 2026-01-05T09:30:00.000Z: not all of it had been reserved');
    });

    test('is over with the first by a view that has not heard of it, before any money is asked for', async () => {
      const { shop, turn, status, promised, types } = await crashed();
      shop.nowMs += 31 * MINUTE;
      await shop.fulfil();
      await shop.fulfil({ processes: 2 });
      await turn();
      expect([await status(), await promised('TEA')]).toEqual(['rejected', 0]);
      expect(await types()).not.toContain('PaymentInitiated');
    });

    test('is what was left of it by a view that has not heard of it', async () => {
      const { shop, turn, status, types } = await crashed();
      shop.nowMs += 20 * MINUTE;
      await shop.fulfil();
      expect(await types()).toContain('AuthorizationRequested');
      shop.nowMs += 10 * MINUTE;
      await turn();
      expect(await status()).toBe('rejected');
    });
  });

  test('over, an order whose money was there is told what was missing', async () => {
    const { shop, bank, after, reason, money } = await opened();
    await shop.place(ORDER, [1, 1], CARD);
    await shop.catchUp();
    await shop.fulfil();
    await bank.work();
    await bank.tellAll();
    await after(30 * MINUTE);
    expect(reason()).toContain('only its confirmation was missing');
    expect(money()).toEqual([{ heldMinor: 0n, keptMinor: 0n }]);
  });
});
