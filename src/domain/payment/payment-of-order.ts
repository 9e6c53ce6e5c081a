import { orderIn } from '../order/order.asked.js';
import type { OrderRejection } from '../order/order.commands.js';
import { due, type OrderState } from '../order/order.state.js';
import type { PaymentCommand, PaymentRejection } from './payment.commands.js';

/** The commands that a payment begins with. */
export type Beginning = Extract<PaymentCommand, { type: 'InitiatePayment' | 'RecordPayment' }>;

const STANDING = ['placed', 'confirmed', 'completed'] as const;
const ONCE_PLACED = [...STANDING, 'cancelled', 'rejected'] as const;

/**
 * Why a payment of an order cannot begin; `undefined` when it can.
 * Money is asked of a customer for an order that stands, and never more at once than is due for all of it; several payments
 * may come to more, as when one of them fails. Money that was taken elsewhere is a fact, whatever became of the order since
 * and however much it was. Either way the order has been placed, and the payment is in its currency: sums never mix two.
 */
export function beginningFault(
  { type, data: { amount } }: Beginning,
  state: OrderState,
): OrderRejection | PaymentRejection | undefined {
  const order = orderIn(state, ...(type === 'RecordPayment' ? ONCE_PLACED : STANDING));
  if ('rejection' in order) return order.rejection;
  const all = due(order);
  if (amount.currency !== all.currency) return { code: 'currency-mismatch', expected: all.currency };
  return type === 'InitiatePayment' && amount.minor > all.minor ? { code: 'exceeds-due', due: all } : undefined;
}
