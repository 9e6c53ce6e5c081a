import { exponentOf } from '../currencies.js';
import { assertNever, CorruptHistory, no, yes, type Decider, type Decision } from '../decider.js';
import { MAX_MINOR, type Currency } from '../money.js';
import type { JournalCommand, JournalRejection } from './journal.commands.js';
import type { JournalEvent, Leg } from './journal.events.js';

/** The most legs of one posting: an event that holds them all must stay well below an engine's limit. */
export const MAX_LEGS = 1_000;

/** A posting is made once and never changed. */
export type JournalState = Readonly<{ status: 'none' | 'posted' }>;

type Sides = Readonly<{ debitMinor: bigint; creditMinor: bigint }>;

/** Checks leg by leg; then that the sides balance, currency by currency in the order in which the legs name them. */
function post({ data }: JournalCommand, state: JournalState): Decision<JournalEvent, JournalRejection> {
  if (state.status === 'posted') return no({ code: 'journal-already-posted' });
  if (data.legs.length < 2) return no({ code: 'too-few-legs' });
  if (data.legs.length > MAX_LEGS) return no({ code: 'too-many-legs', allowed: MAX_LEGS });
  const sums = new Map<Currency, Sides>();
  for (const [index, { side, amount }] of data.legs.entries()) {
    const leg = index + 1;
    const { currency } = amount;
    if (exponentOf(currency) === undefined) return no({ code: 'currency-unknown', leg, currency });
    if (amount.minor <= 0n) return no({ code: 'amount-not-positive', leg });
    const sides = booked(sums.get(currency), side, amount.minor);
    if (sides.debitMinor > MAX_MINOR || sides.creditMinor > MAX_MINOR) return no({ code: 'amount-too-large', leg });
    sums.set(currency, sides);
  }
  for (const [currency, sides] of sums) {
    if (sides.debitMinor !== sides.creditMinor) return no({ code: 'journal-unbalanced', currency, ...sides });
  }
  return yes({ type: 'JournalPosted', data });
}

const booked = (sides: Sides = { debitMinor: 0n, creditMinor: 0n }, side: Leg['side'], minor: bigint): Sides =>
  side === 'debit'
    ? { ...sides, debitMinor: sides.debitMinor + minor }
    : { ...sides, creditMinor: sides.creditMinor + minor };

export const journal: Decider<JournalCommand, JournalState, JournalEvent, JournalRejection> = {
  initial: { status: 'none' },
  decide: post,
  evolve: (state, event) => {
    if (event.type !== 'JournalPosted') return assertNever(event.type);
    if (state.status === 'posted') throw new CorruptHistory('JournalPosted twice');
    assertBalanced(event.data.legs);
    return { status: 'posted' };
  },
};

function assertBalanced(legs: readonly Leg[]): void {
  const balance = new Map<Currency, bigint>();
  for (const { side, amount } of legs) {
    if (amount.minor <= 0n) throw new CorruptHistory(`JournalPosted with a leg of ${amount.minor}`);
    const signed = side === 'debit' ? amount.minor : -amount.minor;
    balance.set(amount.currency, (balance.get(amount.currency) ?? 0n) + signed);
  }
  for (const [currency, minor] of balance) {
    if (minor !== 0n) throw new CorruptHistory(`JournalPosted is off balance by ${minor} ${currency}`);
  }
  if (legs.length < 2) throw new CorruptHistory(`JournalPosted with ${legs.length} legs`);
}
