import type { CreditLine, CreditNoteEvent } from '../../../domain/credit-note/credit-note.events.js';
import { pick, publish, type Publications } from '../publication.js';
import { calendarDay, list, object, oneOf, optional, text } from '../shape.js';
import {
  country,
  customerId,
  decimal,
  lineName,
  lineNumber,
  money,
  moneyOf,
  orderId,
  quantity,
  sku,
} from './common.shapes.js';

const creditLine = object({
  line: lineNumber,
  kind: oneOf('What is given back, or granted.', 'goods', 'charge', 'discount', 'fee', 'voucher'),
  sku,
  quantity,
  unitPrice: decimal,
  amount: money,
  name: optional(lineName),
  origins: optional(
    list('The order lines it gives back, as far as known.', object({ orderId, line: lineNumber, quantity })),
  ),
});

const lineOf = (line: CreditLine, currency: string) => ({
  ...pick(line, 'line', 'kind', 'sku', 'quantity', 'unitPrice', 'name'),
  amount: moneyOf({ minor: line.minor, currency }),
  ...(line.origins && { origins: line.origins.map((origin) => pick(origin, 'orderId', 'line', 'quantity')) }),
});

/** Why it was issued is free text, and stays in the ledger. */
export const creditNote: Publications<CreditNoteEvent> = {
  CreditNoteIssued: publish<CreditNoteEvent>()(
    'ledger.credit-note.issued.v1',
    'A credit note was issued.',
    object({
      creditNoteId: text('The credit note.', 'CN-1001'),
      customerId: optional(customerId),
      country: optional(country),
      lines: list('Every line of it.', creditLine),
      total: money,
      documentDay: optional(calendarDay('The day on the document, where it has one.')),
    }),
    (data) => ({
      ...pick(data, 'creditNoteId', 'customerId', 'country', 'documentDay'),
      lines: data.lines.map((line) => lineOf(line, data.currency)),
      total: moneyOf({ minor: data.totalMinor, currency: data.currency }),
    }),
  ),
};
