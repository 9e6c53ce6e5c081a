import type { Asked } from '../decider.js';
import type { CalendarDay } from '../fact.js';
import type { Currency } from '../money.js';
import type { CustomerId } from '../order/order.events.js';
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

/** The origins of a line may not name more units than the line gives back. */
export type CreditNoteRejection = Readonly<
  | { code: 'credit-note-already-issued' | 'credit-note-empty' | 'total-too-large' }
  | { code: 'quantity-not-positive' | 'quantity-too-large' | 'price-negative' | 'origins-exceed-line'; line: number }
>;
