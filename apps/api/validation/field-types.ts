import { exponentOf } from '../../../src/domain/currencies.js';
import { parseDecimal } from '../../../src/domain/decimal.js';
import { isDay, isInstant } from '../../../src/domain/instant.js';
import { LOCATION, RESERVATION_ID, TRANSFER_ID } from '../../../src/domain/stock/stock.ids.js';
import { CUSTOMER_ID, ORDER_ID } from '../../../src/domain/order/order.ids.js';
import { SKU } from '../../../src/domain/product/product.ids.js';
import { MAX_QUANTITY } from '../../../src/domain/quantity.js';
import { MAX_ON_HAND } from '../../../src/domain/stock/stock.state.js';
import type { FieldType } from './field.js';

/** Text that an id's pattern matches. */
function idOf(name: string, pattern: RegExp, says: string, example: string): FieldType {
  return {
    name,
    check: (value) => typeof value === 'string' && pattern.test(value),
    message: `must be ${says}`,
    schema: { type: 'string', pattern: pattern.source },
    example,
  };
}

const ID_SAYS = '1 to 64 of A-Z a-z 0-9 . _ -, beginning with a letter or a digit';
export const sku = idOf(
  'sku',
  SKU,
  '1 to 64 of A-Z 0-9 . _ -, upper case, beginning with a letter or a digit',
  'TEAPOT-RED',
);
export const location = idOf('location', LOCATION, '1 to 32 of a-z 0-9 -, beginning with a letter or a digit', 'main');
export const customerId = idOf('customerId', CUSTOMER_ID, ID_SAYS, 'cus_17850');
export const orderId = idOf('orderId', ORDER_ID, ID_SAYS, 'ord_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03');
export const reservationId = idOf('reservationId', RESERVATION_ID, ID_SAYS, 'rsv_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03');
export const transferId = idOf('transferId', TRANSFER_ID, ID_SAYS, 'trf_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03');
export const returnId = idOf('returnId', ORDER_ID, ID_SAYS, 'ret_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03');
export const documentId = idOf('documentId', ORDER_ID, ID_SAYS, 'CN-1001');
export const channel = idOf('channel', /^[a-z0-9][a-z0-9-]{0,31}$/, '1 to 32 of a-z 0-9 -', 'web');
export const position = idOf(
  'position',
  /^(?:0|[1-9][0-9]{0,18})$/,
  'a log position, as a Ledger-Position header gives it',
  '1042',
);
export const cursor = idOf(
  'cursor',
  /^[A-Za-z0-9_-]{1,2000}$/,
  'a nextCursor that an earlier page gave',
  'WyJvcmRlcnMiXQ',
);

export const currency: FieldType = {
  name: 'currency',
  check: (value) => typeof value === 'string' && exponentOf(value) !== undefined,
  message: 'must be a currency code of ISO 4217, upper case',
  schema: { type: 'string', pattern: '^[A-Z]{3}$' },
  example: 'GBP',
};

/** A token that begins with a letter can be no card number. */
export const paymentMethod = idOf(
  'paymentMethod',
  /^[A-Za-z][A-Za-z0-9_]{0,127}$/,
  'a token of the payment provider, for example pm_card_visa; never the number of a card',
  'pm_card_visa',
);

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** One line of text: 1 to `max` UTF-16 units, no control characters, no half of a surrogate pair, not only blanks. */
export const text = (max: number, example: string): FieldType => ({
  name: 'text',
  check: (value) =>
    typeof value === 'string' &&
    value.length <= max &&
    value.trim().length > 0 &&
    !CONTROL.test(value) &&
    value.isWellFormed(),
  message: `must be text of 1 to ${max} characters, without control characters`,
  schema: { type: 'string', minLength: 1, maxLength: max },
  example,
});

/** A whole number as a JSON number. */
function integer(name: string, minimum: number, maximum: number, example: number): FieldType {
  return {
    name,
    check: (value) => Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum,
    message: `must be a whole number from ${minimum} to ${maximum}`,
    schema: { type: 'integer', minimum, maximum },
    example,
  };
}

export const quantity = integer('quantity', 1, MAX_QUANTITY, 3);
export const counted = integer('counted', 0, MAX_ON_HAND, 17);
export const backorderLimit = integer('backorderLimit', 0, MAX_QUANTITY, 50);
export const lineNumber = integer('lineNumber', 1, 1_000_000, 1);
export const delta = integer('delta', -MAX_QUANTITY, MAX_QUANTITY, -2);

/** A price in major units. Numbers of JSON are binary fractions in most clients, so they are no prices. */
export const price: FieldType = {
  name: 'price',
  check: (value) => typeof value === 'string' && !value.startsWith('-') && parseDecimal(value) !== undefined,
  message:
    'must be a decimal in major units as text, for example "2.55", not a JSON number: up to 12 digits and 8 decimals',
  schema: { type: 'string', pattern: '^[0-9]{1,12}(?:\\.[0-9]{1,8})?$' },
  example: '2.55',
};

/** An amount in minor units, of either sign, as decimal text: it may exceed what JSON readers keep. */
export const minorUnits: FieldType = {
  name: 'minorUnits',
  check: (value) => typeof value === 'string' && /^(?:0|-?[1-9][0-9]{0,17})$/.test(value),
  message: 'must be a whole number of minor units as text, for example "-250", not a JSON number: up to 18 digits',
  schema: { type: 'string', pattern: '^(?:0|-?[1-9][0-9]{0,17})$' },
  example: '490',
};

const INSTANT = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,3})?Z$/;

/** RFC 3339 in UTC, on a day that the calendar has. Made an `Instant` (with milliseconds) by `toISOString`. */
export const instant: FieldType = {
  name: 'instant',
  check: (value) => typeof value === 'string' && INSTANT.test(value) && isInstant(withMilliseconds(value)),
  message: 'must be a time of RFC 3339 in UTC, for example "2026-03-01T12:30:00Z"',
  schema: { type: 'string', format: 'date-time', pattern: INSTANT.source },
  example: '2026-03-01T12:30:00Z',
};

/** Of a text that `INSTANT` matches: its fraction of a second, if any, filled up to three digits. */
const withMilliseconds = (value: string): string => `${value.slice(0, 19)}.${value.slice(20, -1).padEnd(3, '0')}Z`;

/** ISO 8601 calendar date that exists. */
export const day: FieldType = {
  name: 'day',
  check: isDay,
  message: 'must be a day of the calendar, for example "2026-03-01"',
  schema: { type: 'string', format: 'date' },
  example: '2026-03-01',
};

export const month: FieldType = {
  name: 'month',
  check: (value) => typeof value === 'string' && /^[0-9]{4}-(?:0[1-9]|1[0-2])$/.test(value),
  message: 'must be a month, for example "2026-03"',
  schema: { type: 'string', pattern: '^[0-9]{4}-(?:0[1-9]|1[0-2])$' },
  example: '2026-03',
};

export const oneOf = (name: string, values: readonly string[], standard?: string): FieldType => ({
  name,
  check: (value) => typeof value === 'string' && values.includes(value),
  message: `must be one of ${values.join(', ')}`,
  schema: { type: 'string', enum: values, ...(standard === undefined ? {} : { default: standard }) },
  example: values[0] ?? '',
});

/** A whole number in a query string, where everything is text. */
export const integerText = (name: string, minimum: number, maximum: number, standard: number): FieldType => ({
  name,
  check: (value) =>
    typeof value === 'string' &&
    /^(?:0|[1-9][0-9]{0,9})$/.test(value) &&
    Number(value) >= minimum &&
    Number(value) <= maximum,
  message: `must be a whole number from ${minimum} to ${maximum}`,
  schema: { type: 'integer', minimum, maximum, default: standard },
  example: standard,
});
