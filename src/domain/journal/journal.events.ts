import type { CalendarDay, Fact } from '../fact.js';
import type { Money } from '../money.js';
import type { CustomerId } from '../order/order.events.js';

export type JournalId = string;
/** An account path, coarse to fine: `revenue:bad-debts`, `assets:receivables`. Lower case, parts joined by `:`. */
export type Account = string;
export type Leg = Readonly<{ account: Account; side: 'debit' | 'credit'; amount: Money }>;

/**
 * Facts on one `journal-{journalId}` stream: a posting by hand.
 * Holds:  at least two legs, every amount positive, Σ debit = Σ credit per currency.
 * `product` is the code the posting is analysed under, if any.
 * Change: names are stored for ever. Add an optional field with an upcaster, or a new type; never rename.
 */
export type JournalEvent = Fact<
  'JournalPosted',
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
