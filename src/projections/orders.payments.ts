import { assertNever, CorruptHistory } from '../domain/decider.js';
import type { Recorded } from '../domain/fact.js';
import type { Money } from '../domain/money.js';
import type { PaymentEvent } from '../domain/payment/payment.events.js';
import { plus } from './exact.js';
import type { OrderDocument, OrderPayment, PaymentStatus } from './orders.view.js';
import { paymentTypes } from './payment-types.js';

type Of<T extends PaymentEvent['type']> = Recorded<Extract<PaymentEvent, { type: T }>>;

const PAYMENT_TYPES: ReadonlySet<string> = new Set(paymentTypes);
export const isOfPayment = <E extends Recorded>(event: E): event is Extract<E, PaymentEvent> =>
  PAYMENT_TYPES.has(event.type);

/** The payments of an order after one more event, sorted by id. */
export function withPayment(payments: readonly OrderPayment[], event: Recorded<PaymentEvent>): readonly OrderPayment[] {
  if (event.type === 'PaymentRecorded' || event.type === 'PaymentInitiated') {
    return [...payments, begun(event)].sort((a, b) => (a.paymentId < b.paymentId ? -1 : 1));
  }
  const { paymentId } = event.data;
  const index = payments.findIndex((payment) => payment.paymentId === paymentId);
  const payment = payments[index];
  if (payment === undefined) {
    const at = `${event.type} in ${event.stream} at revision ${event.revision}`;
    throw new CorruptHistory(`${at}: payment ${paymentId} has not been recorded for this order`);
  }
  return payments.with(index, folded(payment, event));
}

function begun(event: Of<'PaymentRecorded' | 'PaymentInitiated'>): OrderPayment {
  const { paymentId, amount, method } = event.data;
  const minor = amount.minor.toString();
  const settled = event.type === 'PaymentRecorded';
  return {
    paymentId,
    method,
    ...(settled ? {} : { provider: event.data.provider }),
    status: settled ? 'settled' : 'initiated',
    currency: amount.currency,
    minor,
    paidMinor: settled ? minor : '0',
    refundedMinor: '0',
    recordedAt: event.metadata.recordedAt,
    occurredAt: event.metadata.occurredAt,
    refunds: [],
    disputes: [],
  };
}

function folded(
  payment: OrderPayment,
  event: Recorded<Exclude<PaymentEvent, { type: 'PaymentRecorded' | 'PaymentInitiated' }>>,
): OrderPayment {
  switch (event.type) {
    case 'AuthorizationRequested':
      return { ...payment, status: 'pending' };
    case 'ActionRequired':
      return { ...payment, status: 'requires-action' };
    case 'AuthorizationSucceeded':
      return { ...payment, status: 'authorized' };
    case 'AuthorizationFailed':
      return { ...payment, status: 'failed', failure: { code: event.data.code, reason: event.data.reason } };
    case 'AuthorizationExpired':
      return { ...payment, status: 'expired' };
    case 'VoidSucceeded':
      return { ...payment, status: 'voided' };
    case 'CaptureSucceeded':
      return captured(payment, event.data);
    case 'PaymentRefunded':
      return refunded(payment, event, event.data.refundId, event.data.amount, event.data.reason);
    case 'RefundSucceeded':
      return refunded(payment, event, event.data.operationId, event.data.amount, event.data.reason);
    case 'RefundReversed':
      return {
        ...payment,
        refundedMinor: plus(payment.refundedMinor, -event.data.amount.minor),
        refunds: payment.refunds.filter(({ refundId }) => refundId !== event.data.operationId),
      };
    case 'DisputeOpened':
      return { ...payment, disputes: [...payment.disputes, event.data.disputeId] };
    case 'DisputeWon':
      return { ...payment, disputes: without(payment.disputes, event.data.disputeId) };
    case 'DisputeLost':
      return {
        ...payment,
        refundedMinor: plus(payment.refundedMinor, event.data.amount.minor),
        disputes: without(payment.disputes, event.data.disputeId),
      };
    case 'CaptureRequested':
    case 'CaptureFailed':
    case 'VoidRequested':
    case 'VoidFailed':
    case 'RefundRequested':
    case 'RefundFailed':
    case 'OutcomeContradicted': // no sum changes by it: the timeline has it, somebody has to look
      return payment;
    default:
      return assertNever(event);
  }
}

/** What the provider let go of with it is not authorized any more. */
function captured(payment: OrderPayment, { amount, capturable }: Of<'CaptureSucceeded'>['data']): OrderPayment {
  const paidMinor = plus(payment.paidMinor, amount.minor);
  const isReleased =
    payment.status === 'authorized' && capturable?.minor === 0n && BigInt(paidMinor) < BigInt(payment.minor);
  return { ...payment, paidMinor, ...(isReleased ? { status: 'released' } : {}) };
}

const refunded = (
  payment: OrderPayment,
  { metadata }: Recorded,
  refundId: string,
  { minor }: Money,
  reason: string,
): OrderPayment => ({
  ...payment,
  refundedMinor: plus(payment.refundedMinor, minor),
  refunds: [...payment.refunds, { refundId, minor: minor.toString(), reason, occurredAt: metadata.occurredAt }],
});

const without = (ids: readonly string[], id: string): readonly string[] => ids.filter((one) => one !== id);

/** The document with its money summed and its payment status derived anew; nothing before it is placed. */
export function settled(document: OrderDocument): OrderDocument {
  const { currency, payments, creditNotes } = document;
  if (document.placedAt === undefined) return document;
  let paid = 0n;
  let refunds = 0n;
  for (const payment of payments) {
    if (payment.currency !== currency) continue;
    paid += BigInt(payment.paidMinor);
    refunds += BigInt(payment.refundedMinor);
  }
  let credited = 0n;
  for (const note of creditNotes) if (note.currency === currency) credited += BigInt(note.minor);
  return {
    ...document,
    paidMinor: paid.toString(),
    refundedMinor: refunds.toString(),
    creditedMinor: credited.toString(),
    payment: statusOf(document, paid, refunds > credited ? refunds : credited),
  };
}

/** `paid` and what went `back`, in minor units of the order's currency. */
function statusOf({ payments, totalMinor, cancelledMinor }: OrderDocument, paid: bigint, back: bigint): PaymentStatus {
  if (payments.some(({ disputes }) => disputes.length > 0)) return 'disputed';
  const total = BigInt(totalMinor);
  if (paid > 0n && back > 0n) return back < paid ? 'partially-refunded' : 'refunded';
  if (paid > 0n) return paid < total - BigInt(cancelledMinor) ? 'partially-paid' : 'paid';
  if (total === 0n) return 'paid';
  return FARTHEST.find((status) => payments.some((payment) => payment.status === status)) ?? 'none';
}

const FARTHEST = ['authorized', 'requires-action', 'pending', 'failed'] as const;
