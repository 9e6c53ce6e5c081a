import type { CreditNoteRejection } from '../../../src/domain/credit-note/credit-note.commands.js';
import type { FieldError, Rows } from './row.js';

const orderId = 'ord_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03';

const atOrigins = ({ line }: Readonly<{ line: number }>, detail: string): readonly FieldError[] => [
  { pointer: `/lines/${line - 1}/origins`, detail },
];

/** Credit notes, and what they say that they give back; how a line is priced is in `rejected`. */
export const creditNoteRows = {
  'credit-note-already-issued': {
    status: 409,
    title: 'Credit note is already issued',
    meaning: 'A credit note with this id exists. A credit note is never changed.',
    remedy: 'Use another id for another credit note.',
    example: {},
  },
  'credit-note-empty': {
    status: 422,
    title: 'Credit note without lines',
    meaning: 'A credit note has at least one line.',
    remedy: 'Send the lines.',
    example: {},
  },
  'origins-exceed-line': {
    status: 422,
    title: 'Origins name more than the line gives back',
    meaning: 'The order lines that a credit line refers to add up to more units than the line.',
    remedy: 'Name at most as many units as the line has.',
    example: { line: 1 },
    errors: (problem) => atOrigins(problem, 'add up to more than the quantity'),
  },
  'origin-order-unknown': {
    status: 422,
    title: 'An origin names no order',
    meaning: 'A line of the credit note gives back units of an order that is not there, or that was never placed.',
    remedy: 'Check the `orderId`; leave origins out that are not known.',
    example: { line: 1, orderId },
    detail: ({ line, orderId }) => `Line ${line}: no order ${orderId} has been placed.`,
    errors: (problem) => atOrigins(problem, 'names an order that was not placed'),
  },
  'origin-currency-differs': {
    status: 422,
    title: 'An origin is in another currency',
    meaning: 'A line of the credit note gives back units of an order in another currency than the credit note.',
    remedy: 'Issue the credit note in the currency `expected`, one for each currency.',
    example: { line: 1, orderId, expected: 'GBP' },
    detail: ({ line, orderId, expected }) => `Line ${line}: order ${orderId} is in ${expected}.`,
    errors: (problem) => atOrigins(problem, 'names an order in another currency'),
  },
  'origin-line-unknown': {
    status: 422,
    title: 'An origin names no order line',
    meaning: 'A line of the credit note gives back units of an order line that the order, as it is, does not have.',
    remedy: 'Read the order and use its line numbers.',
    example: { line: 1, orderId, orderLine: 4 },
    detail: ({ line, orderId, orderLine }) => `Line ${line}: order ${orderId} has no line ${orderLine}.`,
    errors: (problem) => atOrigins(problem, 'names a line that the order does not have'),
  },
  'origin-product-differs': {
    status: 422,
    title: 'An origin is of another product',
    meaning: 'A line of the credit note gives back goods that are not what the order line sold.',
    remedy: 'Name the order line that sold the same SKU.',
    example: { line: 1, orderId, orderLine: 2, sold: 'TEAPOT-RED' },
    detail: ({ line, orderId, orderLine, sold }) => `Line ${line}: line ${orderLine} of order ${orderId} sold ${sold}.`,
    errors: (problem) => atOrigins(problem, 'names a line that sold another product'),
  },
  'origin-exceeds-ordered': {
    status: 409,
    title: 'More is given back than was ordered',
    meaning: 'Lines of one kind of the credit note give back more units of an order line than it has.',
    remedy: 'Give back at most `ordered` units of the order line.',
    example: {
      line: 1,
      orderId,
      orderLine: 1,
      ordered: 2,
      requested: 50,
    },
    detail: ({ line, orderId, orderLine, ordered, requested }) =>
      `Line ${line}: line ${orderLine} of order ${orderId} has ${ordered}, ${requested} requested.`,
    errors: (problem) => atOrigins(problem, 'name more units than the order line has'),
  },
} satisfies Partial<Rows<CreditNoteRejection>>;
