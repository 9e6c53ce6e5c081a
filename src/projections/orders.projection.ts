import { assertNever, CorruptHistory } from '../domain/decider.js';
import type { Recorded } from '../domain/fact.js';
import type { CreditNoteEvent } from '../domain/credit-note/credit-note.events.js';
import type { LineQuantity, OrderEvent } from '../domain/order/order.events.js';
import type { SettledPaymentEvent } from '../domain/payment/payment.events.js';
import {
  ordersView,
  type FulfilmentStatus,
  type OrderCreditNote,
  type OrderDocument,
  type OrderDocumentLine,
  type OrderPayment,
  type PaymentStatus,
  type ReturnStatus,
  type TimelineEntry,
} from './orders.view.js';
import type { Projection } from './projection.js';

type OrdersEvent = OrderEvent | SettledPaymentEvent | CreditNoteEvent;
type Of<T extends OrdersEvent['type']> = Recorded<Extract<OrdersEvent, { type: T }>>;
/** One event, to the document of one order that it names. `creditedMinor` is that order's part of a credit note. */
type OrderChange = Readonly<{ id: string; event: Recorded<OrdersEvent>; creditedMinor: bigint }>;

/** Orders with all that became of them: folds an order's own stream, its payments' and the credit notes that name it. */
export const orders: Projection<OrderDocument, OrderChange, OrdersEvent> = {
  ...ordersView,
  types: [
    'OrderPlaced',
    'OrderConfirmed',
    'OrderCancelled',
    'OrderShipped',
    'OrderReturned',
    'PaymentRecorded',
    'PaymentRefunded',
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
  switch (event.type) {
    case 'OrderPlaced':
      return settled(placed(before, event));
    case 'OrderConfirmed':
      return { ...onItsStream(before, event), life: 'confirmed' };
    case 'OrderCancelled':
      return { ...onItsStream(before, event), life: 'cancelled', cancelReason: event.data.reason };
    case 'OrderShipped':
      return moved(onItsStream(before, event), event.data.lines, 'shipped', event);
    case 'OrderReturned':
      return moved(onItsStream(before, event), event.data.lines, 'returned', event);
    case 'PaymentRecorded':
      return settled({ ...before, payments: [...before.payments, paymentOf(event)].sort(byPaymentId) });
    case 'PaymentRefunded':
      return settled({ ...before, payments: refunded(before.payments, event) });
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
  totalMinor: '0',
  fulfilment: 'unfulfilled',
  returned: 'none',
  payment: 'unpaid',
  paidMinor: '0',
  refundedMinor: '0',
  creditedMinor: '0',
  payments: [],
  creditNotes: [],
  timeline: [],
});

function placed(before: OrderDocument, event: Of<'OrderPlaced'>): OrderDocument {
  if (before.life !== 'unplaced') throw corrupt(event, 'the order has been placed before');
  const { orderId: _, lines, totalMinor, ...parties } = event.data;
  return {
    ...before,
    ...parties,
    documentDay: event.data.documentDay ?? event.metadata.occurredAt.slice(0, 10),
    life: 'placed',
    placedAt: event.metadata.occurredAt,
    revision: event.revision.toString(),
    lines: lines.map((line) => ({ ...line, minor: line.minor.toString(), shipped: 0, returned: 0 })),
    totalMinor: totalMinor.toString(),
  };
}

/** The document at one more event of the order's own stream, which begins with `OrderPlaced`. */
function onItsStream(before: OrderDocument, event: Recorded<OrderEvent>): OrderDocument {
  if (before.life === 'unplaced') throw corrupt(event, 'the order has not been placed');
  return { ...before, revision: event.revision.toString() };
}

// Goods going out and coming back

function moved(
  before: OrderDocument,
  quantities: readonly LineQuantity[],
  counter: 'shipped' | 'returned',
  event: Recorded,
): OrderDocument {
  const lines = [...before.lines];
  for (const { line, quantity } of quantities) {
    const known = lines[line - 1];
    if (known?.line !== line) throw corrupt(event, `the order has no line ${line}`);
    lines[line - 1] = { ...known, [counter]: known[counter] + quantity };
  }
  return { ...before, lines, ...progressOf(lines) };
}

function progressOf(all: readonly OrderDocumentLine[]): { fulfilment: FulfilmentStatus; returned: ReturnStatus } {
  const goods = all.filter(({ kind }) => kind === 'goods');
  const lines = goods.length > 0 ? goods : all;
  const units = (counter: 'quantity' | 'shipped' | 'returned') => lines.reduce((sum, line) => sum + line[counter], 0);
  const [ordered, shipped, returned] = [units('quantity'), units('shipped'), units('returned')];
  return {
    fulfilment: shipped === 0 ? 'unfulfilled' : shipped < ordered ? 'partially-shipped' : 'shipped',
    returned: returned === 0 ? 'none' : returned < ordered ? 'partially-returned' : 'returned',
  };
}

// Money coming in and going back

const paymentOf = ({ data, metadata }: Of<'PaymentRecorded'>): OrderPayment => ({
  paymentId: data.paymentId,
  method: data.method,
  currency: data.amount.currency,
  minor: data.amount.minor.toString(),
  recordedAt: metadata.recordedAt,
  occurredAt: metadata.occurredAt,
  refunds: [],
});

function refunded(payments: readonly OrderPayment[], event: Of<'PaymentRefunded'>): readonly OrderPayment[] {
  const { paymentId, refundId, amount, reason } = event.data;
  const index = payments.findIndex((payment) => payment.paymentId === paymentId);
  const payment = payments[index];
  if (payment === undefined) throw corrupt(event, `payment ${paymentId} has not been recorded for this order`);
  const refund = { refundId, minor: amount.minor.toString(), reason, occurredAt: event.metadata.occurredAt };
  return payments.with(index, { ...payment, refunds: [...payment.refunds, refund] });
}

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

/** The document with its money summed and its payment status derived anew; nothing while the currency is not known. */
function settled(document: OrderDocument): OrderDocument {
  const { currency, payments, creditNotes } = document;
  if (currency === undefined) return document;
  let paid = 0n;
  let refunds = 0n;
  for (const payment of payments) {
    if (payment.currency !== currency) continue;
    paid += BigInt(payment.minor);
    for (const refund of payment.refunds) refunds += BigInt(refund.minor);
  }
  let credited = 0n;
  for (const note of creditNotes) if (note.currency === currency) credited += BigInt(note.minor);
  return {
    ...document,
    paidMinor: paid.toString(),
    refundedMinor: refunds.toString(),
    creditedMinor: credited.toString(),
    payment: paymentStatus(BigInt(document.totalMinor), paid, refunds > credited ? refunds : credited),
  };
}

function paymentStatus(total: bigint, paid: bigint, back: bigint): PaymentStatus {
  if (paid === 0n) return total === 0n ? 'paid' : 'unpaid';
  if (back > 0n) return back < paid ? 'partially-refunded' : 'refunded';
  return paid < total ? 'partially-paid' : 'paid';
}

// What happened when

function noted(timeline: readonly TimelineEntry[], event: Recorded): readonly TimelineEntry[] {
  const entry: TimelineEntry = {
    type: event.type,
    stream: event.stream,
    revision: event.revision.toString(),
    occurredAt: event.metadata.occurredAt,
    recordedAt: event.metadata.recordedAt,
    principal: event.metadata.principal,
  };
  const after = timeline.findLastIndex((earlier) => compareEntries(earlier, entry) < 0);
  return timeline.toSpliced(after + 1, 0, entry);
}

const compareEntries = (a: TimelineEntry, b: TimelineEntry): number =>
  compareText(a.recordedAt, b.recordedAt) ||
  compareText(a.stream, b.stream) ||
  a.revision.length - b.revision.length ||
  compareText(a.revision, b.revision);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byPaymentId = (a: OrderPayment, b: OrderPayment): number => compareText(a.paymentId, b.paymentId);
const byCreditNoteId = (a: OrderCreditNote, b: OrderCreditNote): number => compareText(a.creditNoteId, b.creditNoteId);

const corrupt = (event: Recorded, detail: string): CorruptHistory =>
  new CorruptHistory(`${event.type} in ${event.stream} at revision ${event.revision}: ${detail}`);
