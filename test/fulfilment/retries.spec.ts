/** What the provider refuses: when it is asked for again, and for whom the order waits meanwhile. */
import { describe, expect, test } from '@jest/globals';
import { waitsFor } from '../../src/domain/fulfilment/next-actions.js';
import { fulfilmentState } from '../../src/projections/fulfilment.view.js';
import { cancel, cancelUnits, CARD, opened, ORDER, pay, ship } from './opened.js';
import { MINUTE } from './shop.js';

describe('what the provider refuses', () => {
  const DAY = 24 * 60 * MINUTE;
  const REQUEST = { capture: 'CaptureRequested', void: 'VoidRequested' } as const;

  /** Confirmed, and then in want of what the bank refuses so often. */
  async function refused(kind: keyof typeof REQUEST, times: number) {
    const opening = await opened();
    const { shop, bank, turn } = opening;
    bank.refusing[kind] = times;
    bank.mostInARow = times;
    await shop.place(ORDER, [1, 1], CARD);
    await turn();
    await shop.order(kind === 'void' ? cancel : ship());
    return { ...opening, asked: async () => (await opening.types()).filter((type) => type === REQUEST[kind]).length };
  }

  test.each(['capture', 'void'] as const)('is asked for again, a %s after a minute', async (kind) => {
    const { turn, after, asked, waiting, money } = await refused(kind, 1);
    await turn();
    expect([waiting(), await asked()]).toEqual(['retry', 1]);
    await after(MINUTE - 1);
    expect(await asked()).toBe(1);
    await after(1);
    expect([waiting(), await asked()]).toEqual([undefined, 2]);
    expect(money()).toEqual([{ heldMinor: 0n, keptMinor: kind === 'void' ? 0n : 500n }]);
  });

  test.each(['capture', 'void'] as const)(
    'for good is asked for (a %s) after ever longer pauses, and no more',
    async (kind) => {
      const { turn, after, asked, waiting } = await refused(kind, 9);
      await turn();
      for (const [index, pauseMs] of [MINUTE, 60 * MINUTE, DAY].entries()) {
        expect([waiting(), await asked()]).toEqual(['retry', index + 1]);
        await after(pauseMs - 1);
        expect(await asked()).toBe(index + 1);
        await after(1);
      }
      expect([waiting(), await asked()]).toEqual(['attention', 4]);
      await after(365 * DAY);
      expect([waiting(), await asked()]).toEqual(['attention', 4]);
    },
  );

  test('counts its pauses from when that became known', async () => {
    const { shop, bank, turn, after, asked } = await refused('void', 1);
    await shop.catchUp();
    await shop.fulfil();
    await bank.work();
    shop.nowMs += 10 * MINUTE; // the bank is slow to tell
    await turn();
    expect(await asked()).toBe(1);
    await after(MINUTE);
    expect(await asked()).toBe(2);
  });

  test('does not hold up what is to be asked for earlier', async () => {
    const { shop, bank, after, asked } = await refused('void', 2);
    await shop.catchUp();
    await after(0);
    await after(MINUTE); // refused once more: an hour is to go by
    await shop.payment(pay('pay_z', 500n));
    await shop.payment({ type: 'RequestAuthorization', data: { paymentId: 'pay_z', operationId: 'op_1' } });
    bank.refusing.void = 1;
    await after(MINUTE);
    expect([await asked(), bank.of('pay_z').heldMinor]).toEqual([3, 500n]);
    await after(MINUTE);
    expect([await asked(), bank.of('pay_z').heldMinor]).toEqual([4, 0n]);
  });

  test('keeps nobody from telling the customer that they are to act', async () => {
    const { shop, turn } = await refused('capture', 1);
    await turn();
    const state = fulfilmentState(shop.documents.get(ORDER)!)!;
    const asking = {
      ...state.payments[0]!,
      paymentId: 'pay_z',
      authorization: 'requires-action',
      heldMinor: 0n,
    } as const;
    expect(waitsFor({ ...state, payments: [...state.payments, asking] })).toBe('customer');
  });

  test('keeps goods from shipping where it is money for them', async () => {
    const { shop, bank, turn, after, waiting, money } = await opened();
    bank.refusing.capture = 1;
    await shop.place(ORDER, [2, 1], CARD);
    await turn();
    await shop.order(ship([{ line: 1, quantity: 1 }]));
    await turn();
    expect(waiting()).toBe('retry');
    await after(MINUTE);
    expect([waiting(), money()]).toEqual(['shipment', [{ heldMinor: 0n, keptMinor: 750n }]]);
  });

  test('keeps no goods from shipping where it is money to go back; then it is told', async () => {
    const { shop, bank, turn, after, waiting, money } = await opened();
    bank.refusing.refund = bank.mostInARow = 4;
    await shop.place(ORDER, [2, 1], CARD);
    await turn();
    await shop.order(ship([{ line: 1, quantity: 1 }]));
    await turn();
    await shop.order(cancelUnits(1, 1));
    await turn();
    expect(waiting()).toBe('shipment');
    await shop.order(ship([{ line: 2, quantity: 1 }]));
    await turn();
    expect(waiting()).toBe('retry');
    await after(MINUTE);
    await after(60 * MINUTE);
    await after(DAY);
    expect([waiting(), money()]).toEqual(['attention', [{ heldMinor: 0n, keptMinor: 750n }]]);
  });

  test('of one payment is not asked of another meanwhile', async () => {
    const { shop, bank, turn, after, money } = await opened();
    await shop.place(ORDER, [2, 2], undefined);
    await turn();
    for (const [id, minor] of [
      ['pay_1', 500n],
      ['pay_2', 500n],
    ] as const)
      await shop.payment(pay(id, minor));
    await turn();
    await shop.order(ship([{ line: 2, quantity: 1 }]));
    await turn();
    bank.refusing.refund = 1;
    await shop.order(cancelUnits(1, 1));
    await turn();
    await after(MINUTE);
    expect(money().map(({ keptMinor }) => keptMinor)).toEqual([250n, 500n]);
  });
});
