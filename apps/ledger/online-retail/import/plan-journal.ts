import type { Leg } from '../../../../src/domain/journal/journal.events.js';
import { lineTotal } from '../../../../src/domain/money.js';
import { documentDayOf, headOf, type Invoice } from './invoice.js';
import { CURRENCY, NOT_STATED, partyOf, planOf, type ContextOf, type Plan } from './plan.js';
import type { Row } from './row.js';

/**
 * An A invoice: bad debt. A negative row writes it off against what customers owe, a positive one takes that back.
 * Analysed under the code of its rows, where that is one.
 */
export function planJournal(invoice: Invoice, contextOf: ContextOf): Plan {
  const { number: journalId, rows } = invoice;
  const [product, ...others] = new Set(rows.map(({ code }) => code.sku));
  const data = {
    journalId,
    description: headOf(invoice).description || NOT_STATED,
    legs: rows.flatMap(legsOf),
    ...(product === undefined || others.length > 0 ? {} : { product }),
    ...partyOf(invoice),
    documentDay: documentDayOf(invoice),
  };
  return planOf(invoice, {
    documents: [{ of: 'journal', command: { type: 'PostJournal', data }, context: contextOf('post') }],
  });
}

function legsOf({ quantity, unitPrice }: Row): Leg[] {
  const signed = lineTotal(quantity, unitPrice, CURRENCY);
  const isLoss = signed < 0n;
  const amount = { minor: isLoss ? -signed : signed, currency: CURRENCY };
  return [
    { account: 'revenue:bad-debts', side: isLoss ? 'debit' : 'credit', amount },
    { account: 'assets:receivables', side: isLoss ? 'credit' : 'debit', amount },
  ];
}
