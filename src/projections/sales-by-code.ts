import { addDecimals, negateDecimal } from '../domain/decimal.js';
import type { Currency } from '../domain/money.js';
import type { Open } from './sales.tally.js';
import { noLinesYet, type SalesDocument, type SalesFigures } from './sales.view.js';

const COUNTS = ['orderLines', 'freeLines', 'cancelledLines', 'creditLines'] as const;
const WHOLE = [
  'grossMinor',
  'cancelledMinor',
  'returnsMinor',
  'adjustmentsMinor',
  'netMinor',
  'unitsSold',
  'unitsFree',
  'unitsCancelled',
  'unitsReturned',
] as const;
const ROUNDINGS = ['grossRounding', 'cancelledRounding', 'returnsRounding'] as const;

/** `SalesFigures` without the counts of documents: one document may write a product both ways. */
export type CodeFigures = Pick<SalesFigures, (typeof COUNTS | typeof WHOLE | typeof ROUNDINGS)[number]> &
  Readonly<{ code: string; currency: Currency }>;

/**
 * Figures by code as the source documents wrote it, where `product`s go by SKU: each variant's figures are moved from its
 * SKU to the code it was written with. Sorted by code.
 * Shape: all `product` and all `variant` documents of one currency; a SKU that was only ever written otherwise comes out
 * with zero figures.
 */
export function salesByCode(
  products: readonly SalesDocument[],
  variants: readonly SalesDocument[],
): readonly CodeFigures[] {
  const codes = new Map<string, CodeFigures>();
  const book = (code: string, figures: SalesDocument, sign: 1 | -1): void => {
    codes.set(code, moved(codes.get(code) ?? { ...noLinesYet, code, currency: figures.currency }, figures, sign));
  };
  for (const product of products) book(product.key, product, 1);
  for (const variant of variants) {
    const { sku, writtenAs } = variant;
    if (sku === undefined || writtenAs === undefined) throw new RangeError(`Not a variant: ${variant._id}`);
    book(sku, variant, -1);
    book(writtenAs, variant, 1);
  }
  return [...codes.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
}

function moved(before: CodeFigures, figures: SalesDocument, sign: 1 | -1): CodeFigures {
  const after: Open<CodeFigures> = { ...before };
  for (const field of COUNTS) after[field] += sign * figures[field];
  for (const field of WHOLE) after[field] = String(BigInt(after[field]) + BigInt(sign) * BigInt(figures[field]));
  for (const field of ROUNDINGS) {
    after[field] = addDecimals(after[field], sign === 1 ? figures[field] : negateDecimal(figures[field]));
  }
  return after;
}
