import { assertNever, CorruptHistory, no, yes, type Decider, type Decision } from '../decider.js';
import { assertPriced, priceLines } from '../pricing.js';
import { quantityFault } from '../quantity.js';
import type { CreditNoteCommand, CreditNoteRejection, RequestedCreditLine } from './credit-note.commands.js';
import type { CreditNoteEvent } from './credit-note.events.js';

/** A credit note is issued once and never changed. */
export type CreditNoteState = Readonly<{ status: 'none' | 'issued' }>;

function issue({ data }: CreditNoteCommand, state: CreditNoteState): Decision<CreditNoteEvent, CreditNoteRejection> {
  if (state.status === 'issued') return no({ code: 'credit-note-already-issued' });
  if (data.lines.length === 0) return no({ code: 'credit-note-empty' });
  const priced = priceLines(data.lines, data.currency);
  if ('rejection' in priced) return no(priced.rejection);
  for (const [index, line] of data.lines.entries()) {
    const fault = originsFault(line);
    if (fault) return no({ code: fault, line: index + 1 });
  }
  return yes({ type: 'CreditNoteIssued', data: { ...data, lines: priced.lines, totalMinor: priced.totalMinor } });
}

function originsFault({ quantity, origins = [] }: RequestedCreditLine) {
  let named = 0;
  for (const origin of origins) {
    const fault = quantityFault(origin.quantity);
    if (fault) return fault;
    named += origin.quantity;
    if (named > quantity) return 'origins-exceed-line';
  }
  return undefined;
}

export const creditNote: Decider<CreditNoteCommand, CreditNoteState, CreditNoteEvent, CreditNoteRejection> = {
  initial: { status: 'none' },
  decide: issue,
  evolve: (state, event) => {
    if (event.type !== 'CreditNoteIssued') return assertNever(event.type);
    if (state.status === 'issued') throw new CorruptHistory('CreditNoteIssued twice');
    assertPriced(event);
    return { status: 'issued' };
  },
};
