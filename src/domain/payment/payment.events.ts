import type { Fact } from '../fact.js';
import type { Money } from '../money.js';
import type { OrderId } from '../order/order.events.js';

export type PaymentId = string;

/**
 * Facts on one `payment-{paymentId}` stream, oldest first: a payment that was settled elsewhere, and its refunds.
 * Units:  amounts are positive, in minor units of one currency.
 * Change: names are stored for ever. Add an optional field with an upcaster, or a new type; never rename.
 */
export type PaymentEvent =
  | Fact<'PaymentRecorded', { paymentId: PaymentId; orderId: OrderId; amount: Money; method: string }>
  | Fact<
      'PaymentRefunded',
      { paymentId: PaymentId; orderId: OrderId; refundId: string; amount: Money; reason: string }
    >;
