import type { Asked } from '../decider.js';
import type { CalendarDay } from '../fact.js';
import type { Currency } from '../money.js';
import type { CustomerId, OrderId } from '../order/order.events.js';
import type { PricingRejection } from '../pricing.js';
import type { CreditLine, CreditNoteId } from './credit-note.events.js';

/** A line as asked for; its `line` number and amount are the decider's. */
export type RequestedCreditLine = Readonly<Omit<CreditLine, 'line' | 'minor'>>;

export type CreditNoteCommand = Asked<
  'IssueCreditNote',
  {
    creditNoteId: CreditNoteId;
    customerId?: CustomerId;
    country?: string;
    currency: Currency;
    lines: readonly RequestedCreditLine[];
    reason: string;
    documentDay?: CalendarDay;
  }
>;

/**
 * The origins of a line may not name more units than the line gives back. A fault in an origin's own quantity is told
 * with the credit line's number.
 */
export type CreditNoteRejection =
  | Readonly<
      | { code: 'credit-note-already-issued' | 'credit-note-empty' }
      | PricingRejection
      | { code: 'origins-exceed-line'; line: number }
    >
  | OriginRejection;

/** `line` is the credit note's, `orderLine` the order's. `requested` sums all that the note's lines of one kind name so far. */
export type OriginRejection = Readonly<
  { line: number; orderId: OrderId } & (
    | { code: 'origin-order-unknown' }
    | { code: 'origin-currency-differs'; expected: Currency }
    | { code: 'origin-line-unknown'; orderLine: number }
    | { code: 'origin-product-differs'; orderLine: number; sold: string }
    | { code: 'origin-exceeds-ordered'; orderLine: number; ordered: number; requested: number }
  )
>;
