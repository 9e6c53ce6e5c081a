import type { CreditKind } from '../../../../src/domain/credit-note/credit-note.events.js';
import type { LineKind } from '../../../../src/domain/order/order.events.js';
import { SKU } from '../../../../src/domain/product/product.ids.js';

/**
 * What a stock code of the data set stands for.
 * `sku` is what the ledger calls it: trimmed, upper case, blanks written as dashes.
 * `onOrder` and `onCredit` are the kinds of its lines on an order and on a credit note.
 */
export type Code = Readonly<{ sku: string; onOrder: LineKind; onCredit: CreditKind }>;

/**
 * Codes that are not goods, of both published years of the data set (2009/10 and 2010/11), upper case.
 * A charge on a credit note is a charge given back; a fee is a cost of the shop that its system booked as a credit.
 * Source: the descriptions on these codes' rows; none of them is explained by the publisher.
 */
const SERVICES: Readonly<Record<string, CreditKind>> = {
  POST: 'charge', // "POSTAGE"
  DOT: 'charge', // "DOTCOM POSTAGE"
  C2: 'charge', // "CARRIAGE"
  C3: 'charge', // carriage, first year only
  M: 'charge', // "Manual": an amount typed in by hand
  S: 'charge', // "SAMPLES"
  PADS: 'charge', // "PADS TO MATCH ALL CUSHIONS", at 0.001 each
  ADJUST: 'charge', // "Adjustment by …", first year only
  ADJUST2: 'charge', // the same
  B: 'charge', // "Adjust bad debt": on A invoices, which become journals whatever their code
  D: 'discount', // "Discount"
  AMAZONFEE: 'fee', // "AMAZON FEE"
  'BANK CHARGES': 'fee', // "Bank Charges"
  CRUK: 'fee', // "CRUK Commission": a share for a charity
};
const VOUCHER = /^GIFT_\d{4}_\d+$/;

/** Reads a code as written in the file; `undefined` when no SKU can be made of it. */
export function readCode(written: string): Code | undefined {
  const folded = written.trim().toUpperCase();
  const service = SERVICES[folded];
  if (service !== undefined) return { sku: folded.replaceAll(' ', '-'), onOrder: 'charge', onCredit: service };
  if (VOUCHER.test(folded)) return { sku: folded, onOrder: 'voucher', onCredit: 'voucher' };
  return SKU.test(folded) ? { sku: folded, onOrder: 'goods', onCredit: 'goods' } : undefined;
}
