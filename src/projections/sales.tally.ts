import type { Decimal } from '../domain/decimal.js';
import { roundingDifference, type Currency } from '../domain/money.js';
import { plusDecimal } from './exact.js';
import { pairKey, type SalesKind } from './sales.view.js';

/**
 * A line of an order or of a credit note. `sharedMinor` is its share of discounts and shipping. A line that an edit took
 * away has everything below zero.
 */
export type SalesLine = Readonly<{
  kind: SalesKind;
  sku: string;
  quantity: number;
  unitPrice: Decimal;
  minor: bigint;
  sharedMinor?: bigint;
  name?: string;
  writtenAs?: string;
}>;

/** What lines add up to. Units: `minor` with shares, in minor units, `rounding` (exact − rounded) in major ones, `units` whole. */
export type Sum = Readonly<{
  lines: number;
  freeLines: number;
  units: number;
  freeUnits: number;
  minor: bigint;
  rounding: Decimal;
}>;

/** The lines of one product, or of those of its lines that were written with one other code; `name` of the last named. */
export type ProductSum = Sum &
  Readonly<{ sku: string; writtenAs?: string; kinds: readonly SalesKind[]; name?: string }>;

/** While it is being summed up. */
export type Open<T> = { -readonly [Field in keyof T]: T[Field] };

/** Sums lines, whole and by kind, by product, and by product and code where the code is another than the SKU. */
export function tally(lines: readonly SalesLine[], currency: Currency, digits: number) {
  const whole: Open<Sum> = { ...nothingSold };
  const kinds = new Map<SalesKind, Open<Sum>>();
  const products = new Map<string, Open<ProductSum>>();
  const variants = new Map<string, Open<ProductSum>>();
  for (const line of lines) {
    const { kind, writtenAs } = line;
    const sku = line.sku.toWellFormed(); // as keys are: two texts that are stored alike are one product
    const rounding =
      fractionDigits(line.unitPrice) > digits
        ? roundingDifference(line.quantity, line.unitPrice, currency, line.minor)
        : '0';
    add(whole, line, rounding);
    const ofKind = kinds.get(kind);
    if (ofKind) add(ofKind, line, rounding);
    else kinds.set(kind, sumOf(line, rounding));
    addProduct(products, sku, { sku }, line, rounding);
    if (writtenAs === undefined || writtenAs === sku) continue;
    addProduct(variants, pairKey(sku, writtenAs), { sku, writtenAs }, line, rounding);
  }
  return {
    whole: whole as Sum,
    kinds: kinds as ReadonlyMap<SalesKind, Sum>,
    products: products as ReadonlyMap<string, ProductSum>,
    variants: variants as ReadonlyMap<string, ProductSum>,
  };
}

export const nothingSold: Sum = { lines: 0, freeLines: 0, units: 0, freeUnits: 0, minor: 0n, rounding: '0' };

const isFree = ({ unitPrice }: SalesLine): boolean => unitPrice === '0';

const sumOf = (line: SalesLine, rounding: Decimal): Open<Sum> => ({
  lines: Math.sign(line.quantity),
  freeLines: isFree(line) ? Math.sign(line.quantity) : 0,
  units: line.quantity,
  freeUnits: isFree(line) ? line.quantity : 0,
  minor: line.minor + (line.sharedMinor ?? 0n),
  rounding,
});

function add(sum: Open<Sum>, line: SalesLine, rounding: Decimal): void {
  sum.lines += Math.sign(line.quantity);
  sum.units += line.quantity; // 5,000 lines of a billion units: far below 2^53
  sum.minor += line.minor + (line.sharedMinor ?? 0n);
  sum.rounding = plusDecimal(sum.rounding, rounding);
  if (!isFree(line)) return;
  sum.freeLines += Math.sign(line.quantity);
  sum.freeUnits += line.quantity;
}

function addProduct(
  sums: Map<string, Open<ProductSum>>,
  key: string,
  codes: Readonly<{ sku: string; writtenAs?: string }>,
  line: SalesLine,
  rounding: Decimal,
): void {
  const sum = sums.get(key);
  if (sum === undefined) {
    const named = line.name === undefined ? {} : { name: line.name };
    sums.set(key, { ...sumOf(line, rounding), ...codes, kinds: [line.kind], ...named });
    return;
  }
  add(sum, line, rounding);
  if (!sum.kinds.includes(line.kind)) sum.kinds = [...sum.kinds, line.kind];
  if (line.name !== undefined) sum.name = line.name;
}

function fractionDigits(price: Decimal): number {
  const point = price.indexOf('.');
  return point < 0 ? 0 : price.length - point - 1;
}
