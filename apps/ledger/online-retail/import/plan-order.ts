import { lineTotal } from '../../../../src/domain/money.js';
import { documentDayOf, headOf, type Invoice } from './invoice.js';
import { CURRENCY, itemOf, partyOf, planOf, shelfMovements, type ContextOf, type Plan, type Step } from './plan.js';
import { purchaseKey, type Purchases } from './purchases.js';

/** Payments are not in the data: each order that costs anything is taken as paid in full, at once. */
export const paymentIdOf = (orderId: string): string => `online-retail-${orderId}`;

/** A sale: the order and its payment, then the goods leave the shelf, then the order has been shipped. */
export function planOrder(invoice: Invoice, purchases: Purchases, contextOf: ContextOf): Plan {
  const { number: orderId, rows } = invoice;
  const lines = rows.map((row) => ({ kind: row.code.onOrder, quantity: row.quantity, ...itemOf(row) }));
  const minor = rows.reduce((sum, { quantity, unitPrice }) => sum + lineTotal(quantity, unitPrice, CURRENCY), 0n);
  remember(invoice, minor, purchases);
  const documentDay = documentDayOf(invoice);
  const place: Step = {
    of: 'order',
    command: { type: 'PlaceOrder', data: { orderId, ...partyOf(invoice), currency: CURRENCY, lines, documentDay } },
    context: contextOf('place'),
  };
  const confirm: Step = {
    of: 'order',
    command: { type: 'ConfirmOrder', data: { orderId } },
    context: contextOf('confirm'),
  };
  const amount = { minor, currency: CURRENCY };
  const pay: Step = {
    of: 'payment',
    command: { type: 'RecordPayment', data: { paymentId: paymentIdOf(orderId), orderId, amount, method: 'unknown' } },
    context: contextOf('pay'),
  };
  const ship: Step = { of: 'order', command: { type: 'ShipOrder', data: { orderId } }, context: contextOf('ship') };
  return planOf(invoice, {
    documents: minor > 0n ? [place, confirm, pay] : [place, confirm],
    movements: shelfMovements(invoice, 'ShipStock', contextOf('ship')),
    followUps: [{ orderId, step: ship }],
  });
}

/** What a known customer bought, so that a later credit note finds it. */
function remember(invoice: Invoice, capturedMinor: bigint, purchases: Purchases): void {
  const { customerId } = headOf(invoice);
  if (customerId === undefined) return;
  const goods = invoice.rows.flatMap(({ code, unitPrice, quantity }, index) =>
    code.onOrder === 'goods' ? [{ key: purchaseKey(customerId, code.sku, unitPrice), line: index + 1, quantity }] : [],
  );
  purchases.bought(invoice.number, capturedMinor, goods);
}
