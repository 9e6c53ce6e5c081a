import { parseDecimal, type Decimal } from '../../../../src/domain/decimal.js';
import { isInstant } from '../../../../src/domain/instant.js';
import { MAX_QUANTITY } from '../../../../src/domain/quantity.js';
import { readCode, type Code } from './codes.js';

/** The file's columns, in order. */
export const COLUMNS = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
] as const;

/**
 * One row that can be read.
 * `line`        where it ends in the file; the header is line 1
 * `invoice`     upper case: digits, after a `C` (credit note) or an `A` (adjustment of bad debt) if any
 * `written`     the stock code exactly as the file has it
 * `description` trimmed; empty where there is none
 * `quantity`    whole units, never 0, at most `MAX_QUANTITY` either way
 * `localTime`   `2010-12-01T08:26:00`, the shop's wall clock
 * `unitPrice`   canonical decimal, may be negative
 */
export type Row = Readonly<{
  line: number;
  invoice: string;
  written: string;
  code: Code;
  description: string;
  quantity: number;
  localTime: string;
  unitPrice: Decimal;
  customerId: string | undefined;
  country: string;
}>;
/** A row that cannot be taken, and why. `invoice` as far as it can be told. */
export type BadRow = Readonly<{ line: number; invoice: string | undefined; reason: string }>;

const INVOICE = /^[CA]?\d{1,20}$/;
const QUANTITY = /^-?\d{1,10}$/;
const CUSTOMER = /^\d{1,18}$/;
const MAX_TEXT = 200;

/** Reads the columns of one record. Every field is checked; the first that is wrong is the reason. */
export function readRow(fields: readonly string[], line: number): Row | BadRow {
  const [first = '', written = '', description = '', quantityText = '', timeText = '', priceText = ''] = fields;
  const invoice = first.trim().toUpperCase();
  const bad = (reason: string): BadRow => ({ line, invoice: INVOICE.test(invoice) ? invoice : undefined, reason });

  if (fields.length !== COLUMNS.length) return bad(`has ${fields.length} columns instead of ${COLUMNS.length}`);
  if (!INVOICE.test(invoice)) return bad(`InvoiceNo ${quote(first)} is not an invoice number`);
  const code = codeOf(written);
  if (!code) return bad(`StockCode ${quote(written)} cannot be a stock keeping unit`);
  if (!QUANTITY.test(quantityText)) return bad(`Quantity ${quote(quantityText)} is not a whole number`);
  const quantity = Number(quantityText);
  if (quantity === 0) return bad('Quantity is 0');
  if (Math.abs(quantity) > MAX_QUANTITY) return bad(`Quantity ${quantityText} is beyond ${MAX_QUANTITY}`);
  const localTime = timeOf(timeText);
  if (!localTime) return bad(`InvoiceDate ${quote(timeText)} is not a date and time`);
  const unitPrice = parseDecimal(priceText);
  if (unitPrice === undefined) return bad(`UnitPrice ${quote(priceText)} is not a price`);
  const customerText = fields[6] ?? '';
  if (customerText !== '' && !CUSTOMER.test(customerText))
    return bad(`CustomerID ${quote(customerText)} is not a number`);
  const country = (fields[7] ?? '').trim();
  if (country === '') return bad('Country is missing');
  if (`${description}${country}`.includes('\uFFFD')) return bad('is not UTF-8 text');
  if (country.length > MAX_TEXT || description.length > MAX_TEXT)
    return bad(`has a text beyond ${MAX_TEXT} characters`);

  return {
    line,
    invoice,
    written,
    code,
    description: description.trim(),
    quantity,
    localTime,
    unitPrice,
    customerId: customerText === '' ? undefined : customerText,
    country,
  };
}

export const isBad = (row: Row | BadRow): row is BadRow => 'reason' in row;

/** A few thousand codes on a million rows: each is read once. */
const codes = new Map<string, Code | undefined>();
function codeOf(written: string): Code | undefined {
  if (codes.has(written)) return codes.get(written);
  const code = readCode(written);
  if (codes.size < 100_000) codes.set(written, code);
  return code;
}

/** Rows of one invoice share their time, so the last one read is remembered. */
let lastTime: { text: string; read: string | undefined } | undefined;
function timeOf(text: string): string | undefined {
  if (lastTime?.text !== text) lastTime = { text, read: readTime(text) };
  return lastTime.read;
}

/** `2010-12-01T08:26:00`, or `undefined` for what no calendar has. */
function readTime(text: string): string | undefined {
  const canonical = text.replace(' ', 'T');
  return isInstant(`${canonical}.000Z`) ? canonical : undefined;
}

const quote = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
