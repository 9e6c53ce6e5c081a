import type { Money } from '../money.js';
import { orderIn } from '../order/order.asked.js';
import type { OrderRejection } from '../order/order.commands.js';
import type { OrderState } from '../order/order.state.js';
import type { PaymentCommand, PaymentRejection } from './payment.commands.js';

/** The commands that a payment begins with. */
export type Beginning = Extract<PaymentCommand, { type: 'InitiatePayment' | 'RecordPayment' }>;

const STANDING = ['placed', 'confirmed', 'completed'] as const;
const ONCE_PLACED = [...STANDING, 'cancelled', 'rejected'] as const;

/**
 * Why a payment of an order cannot begin; `undefined` when it can.
 * Money is asked of a customer for an order that stands. Money that was taken elsewhere is a fact, also for an order that was
 * taken back since. Either way the order has been placed, and the payment is in its currency: sums never mix two.
 */
export function beginningFault(
  { type, data: { amount } }: Beginning,
  state: OrderState,
): OrderRejection | PaymentRejection | undefined {
  const order = orderIn(state, ...(type === 'RecordPayment' ? ONCE_PLACED : STANDING));
  if ('rejection' in order) return order.rejection;
  return otherCurrency(amount, order.content.currency);
}

const otherCurrency = ({ currency }: Money, expected: string): PaymentRejection | undefined =>
  currency === expected ? undefined : { code: 'currency-mismatch', expected };
