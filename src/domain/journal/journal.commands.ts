import type { Asked } from '../decider.js';
import type { CalendarDay } from '../fact.js';
import type { CustomerId } from '../order/order.events.js';
import type { JournalId, Leg } from './journal.events.js';

export type JournalCommand = Asked<
  'PostJournal',
  {
    journalId: JournalId;
    description: string;
    legs: readonly Leg[];
    product?: string;
    customerId?: CustomerId;
    country?: string;
    documentDay?: CalendarDay;
  }
>;

/** `leg` counts from 1. What is too large is a leg's amount, or the sum of one side in one currency up to that leg. */
export type JournalRejection = Readonly<
  | { code: 'journal-already-posted' | 'too-few-legs' }
  | { code: 'too-many-legs'; allowed: number }
  | { code: 'amount-not-positive' | 'amount-too-large'; leg: number }
  | { code: 'currency-unknown'; leg: number; currency: string }
  | { code: 'journal-unbalanced'; currency: string; debitMinor: bigint; creditMinor: bigint }
>;
