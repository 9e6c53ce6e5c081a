import type { IssuedDocument } from '../../../src/application/issued-document.js';
import type { CreditNoteEvent } from '../../../src/domain/credit-note/credit-note.events.js';
import type { CreditNoteBody } from './credit-note.dto.js';

export function presentCreditNote(document: IssuedDocument<CreditNoteEvent>): CreditNoteBody {
  const { data, principal, occurredAt, revision } = document;
  const { creditNoteId, currency, lines, totalMinor, ...head } = data;
  const money = (minor: bigint) => ({ minor: minor.toString(), currency });
  return {
    object: 'credit-note',
    creditNoteId,
    ...head,
    lines: lines.map(({ minor, origins = [], ...line }) => ({
      ...line,
      amount: money(minor),
      origins: origins.map((origin) => ({ ...origin })),
    })),
    total: money(totalMinor),
    principal,
    issuedAt: occurredAt,
    revision,
  };
}
