import type { Asked } from '../decider.js';
import type { CalendarDay, Instant } from '../fact.js';
import type { Currency, Decimal, Money } from '../money.js';
import type { PricingRejection } from '../pricing.js';
import type { QuantityFault } from '../quantity.js';
import type { Location } from '../stock/stock.events.js';
import type {
  Condition,
  CustomerId,
  DraftLine,
  LineKind,
  LineQuantity,
  OrderId,
  RequestedAdjustment,
  ReturnId,
  RiskDecision,
} from './order.events.js';

/** A line as asked for; its `line` number and amount are the decider's. */
export type RequestedLine = Readonly<{
  kind: LineKind;
  sku: string;
  quantity: number;
  unitPrice: Decimal;
  name?: string;
  writtenAs?: string;
}>;
export type RequestedDraftLine = Omit<DraftLine, 'line'>;

/**
 * What is to be different: lines that keep their number get another quantity or go, new ones get the next numbers.
 * A line may be named once. `setAdjustments` takes the place of all adjustments; without it, they stay as they are.
 */
export type Changes<L> = Readonly<{
  setQuantities?: readonly LineQuantity[];
  removeLines?: readonly Readonly<{ line: number }>[];
  addLines?: readonly L[];
  setAdjustments?: readonly RequestedAdjustment[];
}>;

type Parties = { customerId?: CustomerId; country?: string; channel?: string };
type Head = Parties & {
  orderId: OrderId;
  currency: Currency;
  adjustments?: readonly RequestedAdjustment[];
};

/**
 * Asks the ledger to fulfil an order by itself: from where, and paid how. Without a method, the client begins the
 * payments.
 */
export type FulfilmentTerms = { fulfilFrom?: Location; paymentMethod?: string };

/**
 * `ShipOrder` without `lines` ships all that is left, `DeliverOrder` all that is under way. Lines of every kind ship and
 * return alike: a charge or a voucher counts as shipped when it is rendered; only `goods` concern the stock.
 * `PlaceOrder` on the stream of a draft places it. `ConfirmOrder` says `allocated` when its stock is committed and its
 * money held: of an order that the ledger fulfils, no other is accepted.
 */
export type OrderCommand =
  | Asked<'DraftOrder', Head & { lines: readonly RequestedDraftLine[]; expiresAt?: Instant }>
  | Asked<'ChangeDraft', Parties & { orderId: OrderId; changes: Changes<RequestedDraftLine>; expiresAt?: Instant }>
  | Asked<'DiscardDraft', { orderId: OrderId; reason?: string }>
  | Asked<'PlaceOrder', Head & FulfilmentTerms & { lines: readonly RequestedLine[]; documentDay?: CalendarDay }>
  | Asked<'AssessRisk', { orderId: OrderId; decision: RiskDecision; assessor: string; reasons: readonly string[] }>
  | Asked<'ReviewRisk', { orderId: OrderId; decision: 'accept' | 'decline'; reason: string }>
  | Asked<'ConfirmOrder', { orderId: OrderId; allocated?: true }>
  | Asked<'CancelOrder', { orderId: OrderId; reason: string }>
  | Asked<'RejectOrder', { orderId: OrderId; code: string; reason: string }>
  | Asked<'CancelLines', { orderId: OrderId; lines: readonly LineQuantity[]; reason: string }>
  | Asked<'EditOrder', { orderId: OrderId; changes: Changes<RequestedLine>; reason: string }>
  | Asked<'ShipOrder', { orderId: OrderId; lines?: readonly LineQuantity[] }>
  | Asked<'DeliverOrder', { orderId: OrderId; lines?: readonly LineQuantity[] }>
  | Asked<'CompleteOrder', { orderId: OrderId }>
  | Asked<'ReturnOrder', { orderId: OrderId; lines: readonly LineQuantity[]; creditNoteId?: string }>
  | Asked<'RequestReturn', { orderId: OrderId; returnId: ReturnId; lines: readonly LineQuantity[]; reason: string }>
  | Asked<
      'ReceiveReturn',
      {
        orderId: OrderId;
        returnId: ReturnId;
        lines: readonly (LineQuantity & Readonly<{ condition: Condition }>)[];
      }
    >;

/** `adjustment` counts from 1, as in the request. */
export type AdjustmentRejection = Readonly<
  | { code: 'too-many-adjustments'; allowed: number }
  | { code: 'adjustment-sign-wrong'; adjustment: number }
  | { code: 'adjustment-repeated'; adjustment: number }
  | { code: 'discount-exceeds-goods'; remaining: Money; requested: Money }
  | { code: 'total-too-large' }
>;

/**
 * Only a confirmed order ships; an order that has shipped anything can no longer be cancelled or edited, only units that
 * have not shipped can; a cancelled one keeps the first reason. A completed order takes returns only.
 * An order that the ledger fulfils is confirmed by that alone, and is not edited: its units may be cancelled.
 * Confirming a confirmed order, or completing a completed one, is accepted without a new event.
 * Per line: shipped + cancelled ≤ ordered, delivered ≤ shipped, returned ≤ shipped. Quantities naming one line twice are
 * summed before the check.
 * A return is received once: units that were asked for and did not come are free to be asked for again.
 */
export type OrderRejection = Readonly<
  | {
      code:
        | 'draft-unknown'
        | 'draft-discarded'
        | 'draft-expiry-not-ahead'
        | 'order-unknown'
        | 'order-not-placed'
        | 'order-already-placed'
        | 'order-already-confirmed'
        | 'order-cancelled'
        | 'order-rejected'
        | 'order-completed'
        | 'order-not-confirmed'
        | 'order-already-shipped'
        | 'order-empty'
        | 'order-would-be-empty'
        | 'order-in-fulfilment'
        | 'review-not-asked'
        | 'nothing-to-change'
        | 'nothing-to-cancel'
        | 'nothing-to-ship'
        | 'nothing-to-deliver'
        | 'nothing-to-return';
    }
  | { code: 'draft-expired'; expiresAt: Instant }
  | { code: 'order-unfinished'; unshipped: number; undelivered: number }
  | PricingRejection
  | AdjustmentRejection
  | { code: QuantityFault | 'line-unknown' | 'line-repeated'; line: number }
  | { code: Excess; line: number; remaining: number; requested: number }
  | { code: 'return-unknown' | 'return-already-requested' | 'return-closed'; returnId: ReturnId }
>;
/** More units than are left: to ship, to cancel, to deliver, to come back, of what the return asked for. */
export type Excess =
  'exceeds-ordered' | 'exceeds-unshipped' | 'exceeds-undelivered' | 'exceeds-shipped' | 'exceeds-requested';
