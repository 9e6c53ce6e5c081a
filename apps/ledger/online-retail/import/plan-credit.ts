import type { RequestedCreditLine } from '../../../../src/domain/credit-note/credit-note.commands.js';
import { allocate, lineTotal } from '../../../../src/domain/money.js';
import type { LineQuantity } from '../../../../src/domain/order/order.events.js';
import { documentDayOf, type Invoice } from './invoice.js';
import {
  CURRENCY,
  itemOf,
  NOT_STATED,
  partyOf,
  planOf,
  shelfMovements,
  type ContextOf,
  type Plan,
  type Step,
} from './plan.js';
import { paymentIdOf } from './plan-order.js';
import { purchaseKey, type Origin, type Purchases } from './purchases.js';
import type { Row } from './row.js';

/**
 * A C invoice: the credit note, then its goods go back to the shelf; then each order that a line of it was matched to
 * gets its return, and a refund of as much of it as was ever paid for that order. Unmatched lines stand alone.
 */
export function planCredit(invoice: Invoice, purchases: Purchases, contextOf: ContextOf): Plan {
  const { number: creditNoteId, rows } = invoice;
  const lines = rows.map((row) => creditLine(row, originsOf(row, purchases)));
  const documentDay = documentDayOf(invoice);
  const issue: Step = {
    of: 'creditNote',
    command: {
      type: 'IssueCreditNote',
      data: { creditNoteId, ...partyOf(invoice), currency: CURRENCY, lines, reason: NOT_STATED, documentDay },
    },
    context: contextOf('issue'),
  };
  const followUps = [...returnedByOrder(lines)].flatMap(([orderId, returned]) => {
    const refundMinor = purchases.refund(orderId, returned.minor);
    const steps = [returnStep(creditNoteId, orderId, returned.lines, contextOf)];
    if (refundMinor > 0n) steps.push(refundStep(creditNoteId, orderId, refundMinor, contextOf));
    return steps.map((step) => ({ orderId, step }));
  });
  return planOf(invoice, {
    documents: [issue],
    movements: shelfMovements(invoice, 'ReturnStock', contextOf('return')),
    followUps,
  });
}

function originsOf({ code, customerId, unitPrice, quantity }: Row, purchases: Purchases): readonly Origin[] {
  if (customerId === undefined || code.onCredit !== 'goods') return [];
  return purchases.giveBack(purchaseKey(customerId, code.sku, unitPrice), -quantity);
}

const creditLine = (row: Row, origins: readonly Origin[]): RequestedCreditLine => ({
  kind: row.code.onCredit,
  quantity: -row.quantity,
  ...itemOf(row),
  ...(origins.length === 0 ? {} : { origins }),
});

/** What one credit note gives back of one order, and what that is worth in minor units. */
type Returned = { lines: LineQuantity[]; minor: bigint };

function returnedByOrder(lines: readonly RequestedCreditLine[]): Map<string, Returned> {
  const orders = new Map<string, Returned>();
  for (const { unitPrice, origins = [] } of lines) {
    if (origins.length === 0) continue;
    const units = origins.reduce((sum, { quantity }) => sum + quantity, 0);
    // The whole is rounded once, and its parts add up to it.
    const whole = { minor: lineTotal(units, unitPrice, CURRENCY), currency: CURRENCY };
    const parts = allocate(
      whole,
      origins.map(({ quantity }) => BigInt(quantity)),
    );
    for (const [index, { orderId, line, quantity }] of origins.entries()) {
      const returned = orders.get(orderId) ?? { lines: [], minor: 0n };
      returned.lines.push({ line, quantity });
      returned.minor += parts[index]?.minor ?? 0n;
      orders.set(orderId, returned);
    }
  }
  return orders;
}

const returnStep = (creditNoteId: string, orderId: string, lines: LineQuantity[], contextOf: ContextOf): Step => ({
  of: 'order',
  command: { type: 'ReturnOrder', data: { orderId, lines, creditNoteId } },
  context: contextOf('return'),
});

const refundStep = (creditNoteId: string, orderId: string, minor: bigint, contextOf: ContextOf): Step => ({
  of: 'payment',
  command: {
    type: 'RefundPayment',
    data: {
      paymentId: paymentIdOf(orderId),
      refundId: creditNoteId,
      amount: { minor, currency: CURRENCY },
      reason: `credit note ${creditNoteId}`,
    },
  },
  context: contextOf('refund'),
});
