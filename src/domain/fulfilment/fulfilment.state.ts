import type { Instant } from '../fact.js';
import { later } from '../instant.js';
import type { Currency } from '../money.js';
import type { Condition, OrderId } from '../order/order.events.js';
import type { RiskDecision } from '../order/order.events.js';
import type { PaymentId } from '../payment/payment.events.js';
import type { Sku } from '../product/product.events.js';
import type { Demand } from '../stock/demand.js';
import type { Location } from '../stock/stock.events.js';

/**
 * An order that is fulfilled by the process.
 * `revision`   of the newest event on its stream
 * `dueMinor`   its total less what was cancelled of it, in minor units of `currency`
 * `ordered`    goods per SKU as they were placed, sorted by SKU
 * `returnedMinor`  what the units were worth that came back as returns
 * `cancelled`, `shipped`, `returned`  goods per event of the order, oldest first; `revision` is that event's
 */
export type FulfilledOrder = Readonly<{
  orderId: OrderId;
  status: 'placed' | 'confirmed' | 'completed' | 'cancelled' | 'rejected';
  revision: bigint;
  location: Location;
  paymentMethod?: string;
  placedAt: Instant;
  currency: Currency;
  dueMinor: bigint;
  returnedMinor: bigint;
  ordered: readonly Demand[];
  cancelled: readonly Movement[];
  shipped: readonly Movement[];
  returned: readonly (Movement & Readonly<{ condition: Condition }>)[];
  risk?: RiskDecision;
  review?: 'accept' | 'decline';
}>;
export type Movement = Readonly<{ revision: bigint; units: readonly Demand[] }>;

/**
 * The order's one reservation on the shelf of a SKU, in units. What is left of it is reserved − released − shipped.
 * `reservedUntil`  when it was to end when it was made; `expiresAt` when it ends by now
 * `returned`       units that the shelf has taken back
 */
export type ShelfHold = Readonly<{
  sku: Sku;
  reserved: number;
  released: number;
  shipped: number;
  reservedUntil: Instant;
  expiresAt: Instant;
  committed: boolean;
  returned: Readonly<Record<Condition, number>>;
}>;

/** As it is made. */
export const newHold = (sku: Sku, reserved: number, expiresAt: Instant): ShelfHold => ({
  sku,
  reserved,
  released: 0,
  shipped: 0,
  reservedUntil: expiresAt,
  expiresAt,
  committed: false,
  returned: { sellable: 0, damaged: 0 },
});

/**
 * How a payment of the order stands, in minor units of `currency`.
 * `isOurs`         the process began it
 * `isProvided`     a provider carries it out; else it was settled elsewhere
 * `authorization`  of the newest one
 * `heldMinor`      what an authorization holds and no capture has taken or may take
 * `capturedMinor`, `refundedMinor`  what succeeded, and what is under way
 * `refundedByOthersMinor`  of both of those: what the process did not ask for
 * `pending`        something was asked of which no outcome is known
 * `asked`          how often the process asked for each
 * `refused`        when each of those failed that came in a row, the newest last, since the newest authorization
 */
export type PaymentStanding = Readonly<{
  paymentId: PaymentId;
  isOurs: boolean;
  isProvided: boolean;
  currency: Currency;
  minor: bigint;
  authorization: 'none' | 'pending' | 'requires-action' | 'authorized' | 'failed' | 'expired' | 'voided';
  heldMinor: bigint;
  capturedMinor: bigint;
  capturingMinor: bigint;
  refundedMinor: bigint;
  refundingMinor: bigint;
  refundedByOthersMinor: bigint;
  disputedMinor: bigint;
  pending: boolean;
  asked: Tries;
  refused: Refusals;
}>;
export type Tries = Readonly<Record<'authorization' | 'capture' | 'void' | 'refund', number>>;
export type Refusals = Readonly<Record<'capture' | 'void' | 'refund', readonly Instant[]>>;

/** What is known of an order, its stock and its money: folded from their streams, each part from its own. */
export type FulfilmentState = Readonly<{
  order: FulfilledOrder;
  holds: readonly ShelfHold[];
  payments: readonly PaymentStanding[];
}>;

/** The principal under which the process acts. */
export const FULFILMENT = 'fulfilment';

/** An order has this long from its first reservation on; goods are held no longer than that. */
const WINDOW_MS = 30 * 60 * 1_000;
/** One that somebody has to look at has this long instead. */
const REVIEW_WINDOW_MS = 24 * 60 * 60 * 1_000;
/** From its placing on, one of which nothing is reserved has this long. */
const BEGIN_WITHIN_MS = 24 * 60 * 60 * 1_000;

/**
 * When an order that has not been confirmed is given up, and its reservations end: the first of them says when. So the time
 * begins with it, and not while nobody has been able to begin.
 */
export function deadlineOf({ order, holds }: FulfilmentState): Instant {
  const [first] = holds.map(({ reservedUntil }) => reservedUntil).toSorted();
  if (first === undefined) return later(order.placedAt, BEGIN_WITHIN_MS);
  return order.risk === 'review' ? later(first, REVIEW_WINDOW_MS - WINDOW_MS) : first;
}

/** When reservations end that are made at `at`. */
export const reservedUntil = (state: FulfilmentState, at: Instant): Instant =>
  state.holds.length === 0 ? later(at, WINDOW_MS) : deadlineOf(state);

/** The order's reservation, under the same id on every shelf. */
export const fulfilmentReservation = (orderId: OrderId): string => `${PREFIX}${orderId}`;
/** Whose reservation it is, if it is an order's. */
export const orderOfReservation = (reservationId: string | undefined): OrderId | undefined =>
  reservationId?.startsWith(PREFIX) ? reservationId.slice(PREFIX.length) : undefined;
const PREFIX = 'ful_';

export const leftOf = ({ reserved, released, shipped }: ShelfHold): number => reserved - released - shipped;
export const unitsOf = (units: readonly Demand[], sku: Sku): number =>
  units.find((each) => each.sku === sku)?.quantity ?? 0;
