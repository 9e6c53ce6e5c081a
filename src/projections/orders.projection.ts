import { assertNever } from '../domain/decider.js';
import type { Recorded } from '../domain/fact.js';
import type { CreditNoteEvent } from '../domain/credit-note/credit-note.events.js';
import type { Amounts, OrderEvent } from '../domain/order/order.events.js';
import type { PaymentEvent } from '../domain/payment/payment.events.js';
import { corrupt, drafted, presentable } from './orders.drafts.js';
import { isOfPayment, settled, withPayment } from './orders.payments.js';
import { noted } from './orders.timeline.js';
import { moved, onItsStream, progressOf, sentBack, withdrawn } from './orders.units.js';
import { ordersView, type OrderCreditNote, type OrderDocument, type OrderDocumentLine } from './orders.view.js';
import { paymentTypes } from './payment-types.js';
import type { Projection } from './projection.js';

type OrdersEvent = OrderEvent | PaymentEvent | CreditNoteEvent;
type Of<T extends OrdersEvent['type']> = Recorded<Extract<OrdersEvent, { type: T }>>;
/** One event, to the document of one order that it names. `creditedMinor` is that order's part of a credit note. */
type OrderChange = Readonly<{ id: string; event: Recorded<OrdersEvent>; creditedMinor: bigint }>;

/** Orders with all that became of them: folds an order's own stream, its payments' and the credit notes that name it. */
export const orders: Projection<OrderDocument, OrderChange, OrdersEvent> = {
  ...ordersView,
  types: [
    'OrderDrafted',
    'DraftChanged',
    'DraftDiscarded',
    'OrderPlaced',
    'OrderRiskAssessed',
    'OrderRiskReviewed',
    'OrderConfirmed',
    'OrderCancelled',
    'OrderRejected',
    'OrderLinesCancelled',
    'OrderEdited',
    'OrderShipped',
    'OrderDelivered',
    'OrderCompleted',
    'OrderReturned',
    'ReturnRequested',
    'ReturnReceived',
    ...paymentTypes,
    'CreditNoteIssued',
  ],
  changes: (event) =>
    event.type === 'CreditNoteIssued'
      ? [...creditedParts(event.data)].map(([id, creditedMinor]) => ({ id, event, creditedMinor }))
      : [{ id: event.data.orderId, event, creditedMinor: 0n }],
  apply: (document, change) => {
    const before = document ?? unplaced(change.id);
    return { ...folded(before, change), timeline: noted(before.timeline, change.event) };
  },
};

function folded(before: OrderDocument, { event, creditedMinor }: OrderChange): OrderDocument {
  if (isOfPayment(event)) return settled({ ...before, payments: withPayment(before.payments, event) });
  switch (event.type) {
    case 'OrderDrafted':
    case 'DraftChanged':
    case 'DraftDiscarded':
      return drafted(before, event);
    case 'OrderPlaced':
      return settled(placed(before, event));
    case 'OrderRiskAssessed':
    case 'OrderRiskReviewed':
      return onItsStream(before, event);
    case 'OrderConfirmed':
      return { ...onItsStream(before, event), life: 'confirmed' };
    case 'OrderCancelled':
      return { ...withdrawn(before, event, event.data.reason), life: 'cancelled', cancelReason: event.data.reason };
    case 'OrderRejected': {
      const { code, reason } = event.data;
      return { ...withdrawn(before, event, reason), life: 'rejected', rejection: { code, reason } };
    }
    case 'OrderLinesCancelled':
      return withdrawn(before, event, event.data.reason);
    case 'OrderEdited':
      return edited(before, event);
    case 'OrderShipped':
      return moved(onItsStream(before, event), event.data.lines, 'shipped', event);
    case 'OrderDelivered':
      return moved(onItsStream(before, event), event.data.lines, 'delivered', event);
    case 'OrderCompleted':
      return { ...onItsStream(before, event), life: 'completed' };
    case 'OrderReturned':
      return moved(onItsStream(before, event), event.data.lines, 'returned', event);
    case 'ReturnRequested':
    case 'ReturnReceived':
      return sentBack(onItsStream(before, event), event);
    case 'CreditNoteIssued':
      return settled({
        ...before,
        creditNotes: [...before.creditNotes, creditNoteOf(event, creditedMinor)].sort(byCreditNoteId),
      });
    default:
      return assertNever(event);
  }
}

const unplaced = (orderId: string): OrderDocument => ({
  _id: orderId,
  orderId,
  life: 'unplaced',
  lines: [],
  adjustments: [],
  totalMinor: '0',
  cancelledMinor: '0',
  fulfilment: 'unfulfilled',
  returned: 'none',
  payment: 'none',
  paidMinor: '0',
  refundedMinor: '0',
  creditedMinor: '0',
  cancellations: [],
  returns: [],
  payments: [],
  creditNotes: [],
  timeline: [],
});

// What was sold

function placed(before: OrderDocument, event: Of<'OrderPlaced'>): OrderDocument {
  if (before.life !== 'unplaced' && before.life !== 'draft') throw corrupt(event, 'the order has been placed before');
  const { orderId: _, lines: _lines, adjustments: _adjustments, totalMinor: _total, ...parties } = event.data;
  return {
    ...before,
    ...parties,
    documentDay: event.data.documentDay ?? event.metadata.occurredAt.slice(0, 10),
    life: 'placed',
    placedAt: event.metadata.occurredAt,
    revision: event.revision.toString(),
    ...amountsOf(event.data),
  };
}

/** A line keeps the name that it was placed with. */
function edited(before: OrderDocument, event: Of<'OrderEdited'>): OrderDocument {
  const names = new Map(before.lines.map(({ line, name }) => [line, name]));
  const { lines, ...amounts } = amountsOf(event.data);
  const named = lines.map((line) => {
    const name = line.name ?? names.get(line.line);
    return name === undefined ? line : { ...line, name };
  });
  // What was cancelled before is in the new total no more.
  const document = { ...onItsStream(before, event), ...amounts, lines: named, cancelledMinor: '0' };
  return settled({ ...document, ...progressOf(document) });
}

const amountsOf = ({ lines, adjustments = [], totalMinor }: Amounts) => ({
  lines: lines.map((line): OrderDocumentLine => ({
    ...line,
    minor: line.minor.toString(),
    cancelled: 0,
    shipped: 0,
    delivered: 0,
    returned: 0,
  })),
  adjustments: adjustments.map(({ allocations, ...adjustment }) => ({
    ...presentable(adjustment),
    allocations: allocations.map(({ line, minor }) => ({ line, minor: minor.toString() })),
  })),
  totalMinor: totalMinor.toString(),
});

// Credit notes

const creditNoteOf = ({ data, metadata }: Of<'CreditNoteIssued'>, minor: bigint): OrderCreditNote => ({
  creditNoteId: data.creditNoteId,
  currency: data.currency,
  minor: minor.toString(),
  occurredAt: metadata.occurredAt,
});

/**
 * What each order named by a credit note gets of it. A line's amount is shared out by units; what shares of a line leave
 * over of a minor unit goes to its later origins, and units without an origin keep theirs, so that nothing is given twice.
 */
function creditedParts({ lines }: CreditNoteEvent['data']): ReadonlyMap<string, bigint> {
  const parts = new Map<string, bigint>();
  for (const { minor, quantity, origins = [] } of lines) {
    let units = 0n;
    for (const origin of origins) {
      const before = (minor * units) / BigInt(quantity);
      units += BigInt(origin.quantity);
      const part = (minor * units) / BigInt(quantity) - before;
      parts.set(origin.orderId, (parts.get(origin.orderId) ?? 0n) + part);
    }
  }
  return parts;
}

const byCreditNoteId = (a: OrderCreditNote, b: OrderCreditNote): number => (a.creditNoteId < b.creditNoteId ? -1 : 1);
