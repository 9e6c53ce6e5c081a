import type { Asked } from '../decider.js';
import type { Money } from '../money.js';
import type { OrderId } from '../order/order.events.js';
import type { PaymentId } from './payment.events.js';

/** `RecordPayment` writes down a payment that was settled elsewhere; `RefundPayment` gives back all or part of it. */
export type PaymentCommand =
  | Asked<'RecordPayment', { paymentId: PaymentId; orderId: OrderId; amount: Money; method: string }>
  | Asked<'RefundPayment', { paymentId: PaymentId; refundId: string; amount: Money; reason: string }>;

/**
 * A refund id counts once per payment: asked again with the same amount and reason it is accepted without a new event,
 * also when nothing is left to refund.
 */
export type PaymentRejection = Readonly<
  | { code: 'payment-unknown' | 'payment-already-recorded' | 'amount-not-positive' | 'amount-too-large' }
  | { code: 'currency-unknown'; currency: string }
  | { code: 'currency-mismatch'; expected: string }
  | { code: 'refund-id-reused'; refundId: string; recorded: Money; reason: string }
  | { code: 'exceeds-captured'; remaining: Money }
>;
