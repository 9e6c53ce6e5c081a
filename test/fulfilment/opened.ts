import { waitsFor } from '../../src/domain/fulfilment/next-actions.js';
import type { RiskDecision } from '../../src/domain/order/order.events.js';
import { fulfilmentState } from '../../src/projections/fulfilment.view.js';
import { Bank, type Answer } from './bank.js';
import { Shop } from './shop.js';

export const ORDER = 'ord_0';
export const CARD = 'pm_card_visa';

/** A shop with its bank, and one order to ask about. */
export async function opened(options: { risk?: RiskDecision; answers?: readonly Answer[] } = {}) {
  const { risk = 'accept', answers = ['yes'] } = options;
  const shop = new Shop(() => risk);
  let asked = 0;
  const bank = new Bank(shop, () => answers[Math.min(asked++, answers.length - 1)]!);
  await shop.open();
  /** The view, the process and the bank each have their turn, until nothing is left to do. */
  const turn = async (): Promise<void> => {
    let before: bigint | undefined;
    do {
      before = await shop.store.head();
      await shop.catchUp();
      await shop.fulfil();
      await bank.work();
      await bank.tellAll();
    } while ((await shop.store.head()) !== before);
  };
  const status = async (orderId = ORDER): Promise<string> => (await shop.orderState(orderId)).status;
  const onHand = async (sku = 'CUP'): Promise<number> => (await shop.shelf(sku)).onHand;
  const promised = async (sku = 'CUP'): Promise<number> => {
    const { holds, allocations } = await shop.shelf(sku);
    return allocations.total + holds.totalAfter(`${new Date(shop.nowMs).toISOString()}\uffff`); // past every id of now
  };
  const waiting = (orderId = ORDER) => waitsFor(fulfilmentState(shop.documents.get(orderId)!)!);
  const payments = (orderId = ORDER) => (shop.documents.get(orderId)?.payments ?? []).map(({ document }) => document);
  const money = (orderId = ORDER) => payments(orderId).map(({ paymentId }) => bank.of(paymentId));
  const rejection = (orderId = ORDER) => shop.documents.get(orderId)?.order?.rejection?.code;
  const reason = (orderId = ORDER) => shop.documents.get(orderId)?.order?.rejection?.reason;
  const after = async (ms: number): Promise<void> => {
    shop.nowMs += ms;
    await turn();
  };
  const types = async (): Promise<readonly string[]> => (await shop.events()).map(({ type }) => type);
  return { shop, bank, turn, after, status, onHand, promised, waiting, payments, money, rejection, reason, types };
}

export const ship = (lines?: { line: number; quantity: number }[]) =>
  ({ type: 'ShipOrder', data: { orderId: ORDER, ...(lines && { lines }) } }) as const;
export const cancel = { type: 'CancelOrder', data: { orderId: ORDER, reason: 'changed their mind' } } as const;
export const cancelUnits = (line: number, quantity: number) =>
  ({ type: 'CancelLines', data: { orderId: ORDER, lines: [{ line, quantity }], reason: 'fewer' } }) as const;
export const pay = (paymentId: string, minor: bigint) =>
  ({
    type: 'InitiatePayment',
    data: { paymentId, orderId: ORDER, amount: { minor, currency: 'GBP' }, method: CARD, provider: 'sandbox' },
  }) as const;
