import type { CalendarDay, Instant } from '../domain/fact.js';
import type { Currency, Decimal } from '../domain/money.js';
import type { LineKind } from '../domain/order/order.events.js';
import type { Document, ViewDefinition } from './projection.js';

/** `unplaced`: a payment or a credit note names an order that has not been seen; in no list. */
export type OrderLife = 'unplaced' | 'placed' | 'confirmed' | 'cancelled';
export type FulfilmentStatus = 'unfulfilled' | 'partially-shipped' | 'shipped';
export type ReturnStatus = 'none' | 'partially-returned' | 'returned';
export type PaymentStatus = 'unpaid' | 'partially-paid' | 'paid' | 'partially-refunded' | 'refunded';

/** Units: `minor` in minor units of the order's currency, decimal; the rest as on `OrderLine`. */
export type OrderDocumentLine = Readonly<{
  line: number;
  kind: LineKind;
  sku: string;
  quantity: number;
  shipped: number;
  returned: number;
  unitPrice: Decimal;
  minor: string;
  name?: string;
  writtenAs?: string;
}>;

/** A payment of this order with its refunds, oldest first. Units: minor units, decimal. */
export type OrderPayment = Readonly<{
  paymentId: string;
  method: string;
  currency: Currency;
  minor: string;
  recordedAt: Instant;
  occurredAt: Instant;
  refunds: readonly Readonly<{ refundId: string; minor: string; reason: string; occurredAt: Instant }>[];
}>;

/** A credit note that gives back lines of this order; `minor` is the part of it that falls on this order. */
export type OrderCreditNote = Readonly<{
  creditNoteId: string;
  currency: Currency;
  minor: string;
  occurredAt: Instant;
}>;

/** What happened to an order, on whichever stream: event `type` at `revision` of `stream`, and who asked for it. */
export type TimelineEntry = Readonly<{
  type: string;
  stream: string;
  revision: string;
  occurredAt: Instant;
  recordedAt: Instant;
  principal: string;
}>;

/**
 * One order: `_id` is its id. All but `life`, `payments`, `creditNotes` and `timeline` says nothing while `unplaced`.
 *
 * `fulfilment`, `returned`  from the units of `goods` lines (of all lines, where an order has no goods)
 * `payment`      `unpaid` until money in the order's currency comes, `paid` from the total on (at once, when it is 0);
 *                as soon as money went back, `partially-refunded`, and `refunded` when no less than was paid. What went
 *                back is the greater of refunds and credit notes: a refund pays out what a credit note grants.
 * `paidMinor`, `refundedMinor`, `creditedMinor`  sums in the order's currency, minor units, decimal
 * `timeline`     sorted by `recordedAt`, then stream, then revision
 * `payments`, `creditNotes`  sorted by id
 * `placedAt`     business time; `documentDay` the day on the shop's document, else the UTC day of `placedAt`
 * `revision`     of the newest event on the order's own stream, decimal: the `ETag`
 */
export type OrderDocument = Document &
  Readonly<{
    orderId: string;
    life: OrderLife;
    customerId?: string;
    country?: string;
    channel?: string;
    currency?: Currency;
    documentDay?: CalendarDay;
    placedAt?: Instant;
    cancelReason?: string;
    revision?: string;
    lines: readonly OrderDocumentLine[];
    totalMinor: string;
    fulfilment: FulfilmentStatus;
    returned: ReturnStatus;
    payment: PaymentStatus;
    paidMinor: string;
    refundedMinor: string;
    creditedMinor: string;
    payments: readonly OrderPayment[];
    creditNotes: readonly OrderCreditNote[];
    timeline: readonly TimelineEntry[];
  }>;

export const ordersView: ViewDefinition<OrderDocument> = {
  name: 'orders',
  version: 1,
  indexes: {
    /** [placedAt] */
    placed: {
      parts: ['text'],
      of: (document) => (document.placedAt === undefined ? undefined : [document.placedAt]),
    },
    /** [life, placedAt] */
    life: {
      parts: ['text', 'text'],
      of: (document) => (document.placedAt === undefined ? undefined : [document.life, document.placedAt]),
    },
    /** [customer id, placedAt] */
    customer: {
      parts: ['text', 'text'],
      of: ({ customerId, placedAt }) =>
        customerId === undefined || placedAt === undefined ? undefined : [customerId, placedAt],
    },
  },
};
