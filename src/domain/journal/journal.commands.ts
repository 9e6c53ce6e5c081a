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

export type JournalRejection = Readonly<
  | { code: 'journal-already-posted' | 'too-few-legs' }
  | { code: 'amount-not-positive'; leg: number }
  | { code: 'journal-unbalanced'; currency: string; debitMinor: bigint; creditMinor: bigint }
>;
