import { exponentOf } from './currencies.js';
import { CorruptHistory } from './decider.js';
import { parseDecimal, type Decimal } from './decimal.js';
import type { Fact } from './fact.js';
import { lineTotal, MAX_MINOR, type Currency } from './money.js';
import { quantityFault, type QuantityFault } from './quantity.js';

/** The most lines on one document: an event that holds them all must stay well below an engine's limit. */
export const MAX_LINES = 5_000;

/** `line` counts from 1, as in the request. */
export type PricingRejection = Readonly<
  | { code: 'currency-unknown'; currency: string }
  | { code: 'too-many-lines'; allowed: number }
  | { code: QuantityFault | 'price-malformed' | 'price-negative'; line: number }
  | { code: 'total-too-large' }
>;

type PricedLine = Readonly<{ line: number; quantity: number; minor: bigint }>;
type Unpriced = Readonly<{ quantity: number; unitPrice: Decimal }>;
export type Priced<L extends Unpriced> = L & Readonly<{ line: number; minor: bigint }>;

/**
 * Numbers the lines 1, 2, 3 … and rounds each to its amount, once; prices come out canonical.
 * The first fault, line by line, is the answer. A price of 0 is a free line; the total is at most `MAX_MINOR`.
 */
export function priceLines<L extends Unpriced>(
  lines: readonly L[],
  currency: Currency,
): Readonly<{ lines: readonly Priced<L>[]; totalMinor: bigint }> | Readonly<{ rejection: PricingRejection }> {
  if (exponentOf(currency) === undefined) return { rejection: { code: 'currency-unknown', currency } };
  if (lines.length > MAX_LINES) return { rejection: { code: 'too-many-lines', allowed: MAX_LINES } };
  const priced: Priced<L>[] = [];
  for (const [index, requested] of lines.entries()) {
    const line = priceLine(requested, index + 1, currency);
    if ('rejection' in line) return line;
    priced.push(line);
  }
  const totalMinor = totalOf(priced);
  return totalMinor > MAX_MINOR ? { rejection: { code: 'total-too-large' } } : { lines: priced, totalMinor };
}

/** One line under its number, rounded to its amount; see `priceLines`. `currency` is known. */
export function priceLine<L extends Unpriced>(
  requested: L,
  line: number,
  currency: Currency,
): Priced<L> | Readonly<{ rejection: PricingRejection }> {
  const fault = quantityFault(requested.quantity);
  if (fault) return { rejection: { code: fault, line } };
  const unitPrice = parseDecimal(requested.unitPrice);
  if (unitPrice === undefined) return { rejection: { code: 'price-malformed', line } };
  if (unitPrice.startsWith('-')) return { rejection: { code: 'price-negative', line } };
  return { ...requested, line, unitPrice, minor: lineTotal(requested.quantity, unitPrice, currency) };
}

/** Σ `minor`. */
export const totalOf = (parts: readonly Readonly<{ minor: bigint }>[]): bigint =>
  parts.reduce((sum, { minor }) => sum + minor, 0n);

/** Errors: CorruptHistory when a stored document's lines are not 1, 2, 3 … or do not add up to its total. */
export function assertPriced({ type, data }: Fact<string, { lines: readonly PricedLine[]; totalMinor: bigint }>): void {
  if (data.lines.length === 0) throw new CorruptHistory(`${type} without lines`);
  let totalMinor = 0n;
  for (const [index, { line, quantity, minor }] of data.lines.entries()) {
    if (line !== index + 1) throw new CorruptHistory(`${type} numbers line ${index + 1} as ${line}`);
    if (quantityFault(quantity)) throw new CorruptHistory(`${type} with ${quantity} units on line ${line}`);
    totalMinor += minor;
  }
  if (totalMinor !== data.totalMinor) {
    throw new CorruptHistory(`${type} says a total of ${data.totalMinor}, its lines add up to ${totalMinor}`);
  }
}
