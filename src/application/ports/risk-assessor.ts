import type { Instant } from '../../domain/fact.js';
import type { Currency } from '../../domain/money.js';
import type { OrderId, RiskDecision } from '../../domain/order/order.events.js';
import type { Demand } from '../../domain/stock/demand.js';

/**
 * What is known of an order when its risk is assessed: nothing personal.
 * `totalMinor`        what is to be paid, in minor units of `currency`
 * `units`             goods, summed per SKU
 * `declinedPayments`  how many authorizations of this order have failed so far
 */
export type RiskSubject = Readonly<{
  orderId: OrderId;
  customerId?: string;
  country?: string;
  channel?: string;
  currency: Currency;
  totalMinor: bigint;
  units: readonly Demand[];
  declinedPayments: number;
  placedAt: Instant;
}>;

/** `reasons` are for people, and stay in the log: nothing personal. None for what is simply accepted. */
export type RiskAssessment = Readonly<{ decision: RiskDecision; reasons: readonly string[] }>;

/** Says whether an order may go on, before any money is asked for. */
export interface RiskAssessor {
  /** Who assesses, with a version that changes when the same order may be assessed otherwise: it stands in the event. */
  readonly name: string;
  /**
   * Ends within the adapter's own deadline. The same order may be asked about several times; the first answer that is
   * recorded counts.
   * @throws RiskUnavailable it cannot tell now; it is asked again
   */
  assess(subject: RiskSubject): Promise<RiskAssessment>;
}

export class RiskUnavailable extends Error {
  override readonly name = 'RiskUnavailable';
}
