import type { Instant } from '../fact.js';
import type { Money } from '../money.js';
import type { Condition } from '../order/order.events.js';
import type { PaymentId } from '../payment/payment.events.js';
import type { Sku } from '../product/product.events.js';
import type { Try } from './retries.js';

/** Why the process rejects an order, beside the codes of rejected reservations. */
export type FulfilmentRejection = 'insufficient-stock' | 'risk-declined' | 'payment-failed' | 'fulfilment-timed-out';

/**
 * One thing to do. Stock is that of the order's location; `revision` is that of the order's event that asks for it, and
 * `attempt` counts from 1, so that each action has a name under which it is done once.
 */
export type FulfilmentAction = Readonly<
  | { type: 'reserve'; sku: Sku; quantity: number; expiresAt: Instant }
  | { type: 'extend'; sku: Sku; expiresAt: Instant }
  | { type: 'assess-risk' }
  | { type: 'commit'; sku: Sku }
  | { type: 'confirm' }
  | { type: 'reject'; code: string; reason: string }
  | { type: 'ship'; sku: Sku; revision: bigint; quantity: number }
  | { type: 'take-back'; sku: Sku; revision: bigint; quantity: number; condition: Condition }
  | { type: 'release'; sku: Sku; revision?: bigint; quantity?: number }
  | MoneyAction
>;
export type MoneyAction = Readonly<
  | { type: 'initiate-payment'; amount: Money; method: string }
  | { type: 'authorize'; paymentId: PaymentId; attempt: number }
  | ({ type: 'capture'; paymentId: PaymentId; attempt: number; amount: Money } & Try)
  | ({ type: 'void'; paymentId: PaymentId; attempt: number } & Try)
  | ({ type: 'refund'; paymentId: PaymentId; attempt: number; amount: Money; reason: string } & Try)
>;
