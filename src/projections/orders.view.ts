import type { CalendarDay, Instant } from '../domain/fact.js';
import type { Currency, Decimal } from '../domain/money.js';
import type { AdjustmentKind, Condition, DraftLine, LineKind, LineQuantity } from '../domain/order/order.events.js';
import type { ProviderName } from '../domain/payment/payment.events.js';
import type { Document, ViewDefinition } from './projection.js';

/** `unplaced`: a payment or a credit note names an order that has not been seen; in no list. */
export type OrderLife =
  'unplaced' | 'draft' | 'discarded' | 'placed' | 'confirmed' | 'completed' | 'cancelled' | 'rejected';
export type FulfilmentStatus = 'unfulfilled' | 'partially-shipped' | 'shipped' | 'delivered' | 'cancelled';
export type ReturnStatus = 'none' | 'requested' | 'partially-returned' | 'returned';
export type PaymentStatus =
  | 'none'
  | 'pending'
  | 'requires-action'
  | 'authorized'
  | 'partially-paid'
  | 'paid'
  | 'partially-refunded'
  | 'refunded'
  | 'disputed'
  | 'failed';

/** Units: `minor` in minor units of the order's currency, decimal; the rest as on `OrderLine` and `OrderLineState`. */
export type OrderDocumentLine = Readonly<{
  line: number;
  kind: LineKind;
  sku: string;
  quantity: number;
  cancelled: number;
  shipped: number;
  delivered: number;
  returned: number;
  unitPrice: Decimal;
  minor: string;
  name?: string;
  writtenAs?: string;
}>;

/** As `OrderAdjustment`; of a draft, without allocations. Units: minor units, signed, decimal. */
export type RequestedOrderAdjustment = Readonly<{ kind: AdjustmentKind; code: string; name?: string; minor: string }>;
export type OrderDocumentAdjustment = RequestedOrderAdjustment &
  Readonly<{ allocations: readonly Readonly<{ line: number; minor: string }>[] }>;

/** What the client asked for; it stays as it was when the order is placed. */
export type OrderDraft = Readonly<{
  draftedAt: Instant;
  lines: readonly DraftLine[];
  adjustments: readonly RequestedOrderAdjustment[];
  expiresAt?: Instant;
  discardReason?: string;
}>;

/** Units that were cancelled, and `minor`, what they were sold for with their shares of adjustments. */
export type OrderCancellation = Readonly<{
  lines: readonly LineQuantity[];
  minor: string;
  reason: string;
  occurredAt: Instant;
  principal: string;
}>;

/**
 * A return under one id. `lines` is what was asked for, `received` what came; `minor` is what that was sold for with its
 * shares of adjustments: what is to be refunded for it.
 */
export type OrderReturn = Readonly<{
  returnId: string;
  status: 'requested' | 'received';
  reason: string;
  lines: readonly LineQuantity[];
  requestedAt: Instant;
  received?: readonly Readonly<LineQuantity & { condition: Condition; minor: string }>[];
  minor?: string;
  receivedAt?: Instant;
}>;

/**
 * A payment of this order. `status` is that of its authorization, `settled` of one that was settled elsewhere.
 * `minor` is its amount; `paidMinor` what came in, `refundedMinor` what went back, disputes that were lost included;
 * `disputes` are the ids of open ones. `refunds` went through, oldest first. Units: minor units of `currency`, decimal.
 */
export type OrderPayment = Readonly<{
  paymentId: string;
  method: string;
  provider?: ProviderName;
  status:
    | 'settled'
    | 'initiated'
    | 'pending'
    | 'requires-action'
    | 'authorized'
    | 'released'
    | 'voided'
    | 'expired'
    | 'failed';
  failure?: Readonly<{ code: string; reason: string }>;
  currency: Currency;
  minor: string;
  paidMinor: string;
  refundedMinor: string;
  recordedAt: Instant;
  occurredAt: Instant;
  refunds: readonly Readonly<{ refundId: string; minor: string; reason: string; occurredAt: Instant }>[];
  disputes: readonly string[];
}>;

/** A credit note that gives back lines of this order; `minor` is the part of it that falls on this order. */
export type OrderCreditNote = Readonly<{
  creditNoteId: string;
  currency: Currency;
  minor: string;
  occurredAt: Instant;
}>;

/** What happened to an order, on whichever stream: event `type` at `revision` of `stream`, who asked for it, and why. */
export type TimelineEntry = Readonly<{
  type: string;
  stream: string;
  revision: string;
  occurredAt: Instant;
  recordedAt: Instant;
  principal: string;
  reason?: string;
}>;

/**
 * One order: `_id` is its id. All but `life`, `draft`, `payments`, `creditNotes` and `timeline` says nothing before it is
 * placed; `customerId`, `country`, `channel` and `currency` are then the draft's. No status is ever written by anybody:
 * all three are derived from what happened.
 *
 * `fulfilment`, `returned`  from the units of `goods` lines that were not cancelled (of all, where an order has no goods)
 * `payment`      `disputed` while a dispute is open. Once money in the order's currency came: `paid` from what is due on,
 *                else `partially-paid`; as soon as some went back, `partially-refunded`, and `refunded` when no less than
 *                was paid. What went back is the greater of refunds and credit notes: a refund pays out what a credit note
 *                grants. Before: how far the payment that has come farthest is; `paid` at once where the total is 0.
 * `totalMinor`   of all lines and adjustments; `cancelledMinor` of what was cancelled of it, so that the difference is due
 * `paidMinor`, `refundedMinor`, `creditedMinor`  sums in the order's currency, minor units, decimal
 * `cancellations`  oldest first, that of the whole order among them; `returns` in the order in which they were requested
 * `timeline`     sorted by `recordedAt`, then stream, then revision
 * `payments`, `creditNotes`  sorted by id
 * `placedAt`     business time; `documentDay` the day on the shop's document, else the UTC day of `placedAt`
 * `revision`     of the newest event on the order's own stream, decimal: the `ETag`
 */
export type OrderDocument = Document &
  Readonly<{
    orderId: string;
    life: OrderLife;
    draft?: OrderDraft;
    customerId?: string;
    country?: string;
    channel?: string;
    currency?: Currency;
    documentDay?: CalendarDay;
    placedAt?: Instant;
    cancelReason?: string;
    rejection?: Readonly<{ code: string; reason: string }>;
    revision?: string;
    lines: readonly OrderDocumentLine[];
    adjustments: readonly OrderDocumentAdjustment[];
    totalMinor: string;
    cancelledMinor: string;
    fulfilment: FulfilmentStatus;
    returned: ReturnStatus;
    payment: PaymentStatus;
    paidMinor: string;
    refundedMinor: string;
    creditedMinor: string;
    cancellations: readonly OrderCancellation[];
    returns: readonly OrderReturn[];
    payments: readonly OrderPayment[];
    creditNotes: readonly OrderCreditNote[];
    timeline: readonly TimelineEntry[];
  }>;

export const ordersView: ViewDefinition<OrderDocument> = {
  name: 'orders',
  version: 3,
  indexes: {
    /** [placedAt] */
    placed: {
      parts: ['text'],
      of: (document) => (document.placedAt === undefined ? undefined : [document.placedAt]),
    },
    /** [life, placedAt, or draftedAt of what has not been placed] */
    life: {
      parts: ['text', 'text'],
      of: ({ life, placedAt, draft }) => {
        const at = placedAt ?? draft?.draftedAt;
        return at === undefined ? undefined : [life, at];
      },
    },
    /** [customer id, placedAt] */
    customer: {
      parts: ['text', 'text'],
      of: ({ customerId, placedAt }) =>
        customerId === undefined || placedAt === undefined ? undefined : [customerId, placedAt],
    },
  },
};
