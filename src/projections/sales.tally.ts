import { addDecimals, type Decimal } from '../domain/decimal.js';
import { roundingDifference, type Currency } from '../domain/money.js';
import { pairKey, type SalesKind } from './sales.view.js';

/** A line of an order or of a credit note. */
export type SalesLine = Readonly<{
  kind: SalesKind;
  sku: string;
  quantity: number;
  unitPrice: Decimal;
  minor: bigint;
  name?: string;
  writtenAs?: string;
}>;

/** What lines add up to. Units: `minor` in minor units, `rounding` (exact − rounded) in major ones, `units` whole. */
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

type Open<T> = { -readonly [Field in keyof T]: T[Field] };

/** Sums lines, whole and by kind, by product, and by product and code where the code is another than the SKU. */
export function tally(lines: readonly SalesLine[], currency: Currency, digits: number) {
  const whole: Open<Sum> = { ...nothing };
  const kinds = new Map<SalesKind, Open<Sum>>();
  const products = new Map<string, Open<ProductSum>>();
  const variants = new Map<string, Open<ProductSum>>();
  for (const line of lines) {
    const { kind, writtenAs } = line;
    const sku = line.sku.toWellFormed(); // as keys are: two texts that are stored alike are one product
    const rounding = fractionDigits(line.unitPrice) > digits ? roundingOf(line, currency) : '0';
    add(whole, line, rounding);
    add(
      upsert(kinds, kind, () => ({ ...nothing })),
      line,
      rounding,
    );
    addProduct(
      upsert(products, sku, () => ({ ...nothing, sku, kinds: [kind] })),
      line,
      rounding,
    );
    if (writtenAs === undefined || writtenAs === sku) continue;
    const variant = upsert(variants, pairKey(sku, writtenAs), () => ({ ...nothing, sku, writtenAs, kinds: [kind] }));
    addProduct(variant, line, rounding);
  }
  return {
    whole: whole as Sum,
    kinds: kinds as ReadonlyMap<SalesKind, Sum>,
    products: products as ReadonlyMap<string, ProductSum>,
    variants: variants as ReadonlyMap<string, ProductSum>,
  };
}

const nothing: Sum = { lines: 0, freeLines: 0, units: 0, freeUnits: 0, minor: 0n, rounding: '0' };

function add(sum: Open<Sum>, { quantity, unitPrice, minor }: SalesLine, rounding: Decimal): void {
  sum.lines += 1;
  sum.units += quantity; // 5,000 lines of a billion units: far below 2^53
  sum.minor += minor;
  if (rounding !== '0') sum.rounding = addDecimals(sum.rounding, rounding);
  if (unitPrice !== '0') return;
  sum.freeLines += 1;
  sum.freeUnits += quantity;
}

function addProduct(sum: Open<ProductSum>, line: SalesLine, rounding: Decimal): void {
  add(sum, line, rounding);
  if (!sum.kinds.includes(line.kind)) sum.kinds = [...sum.kinds, line.kind];
  if (line.name !== undefined) sum.name = line.name;
}

const roundingOf = ({ quantity, unitPrice }: SalesLine, currency: Currency): Decimal =>
  roundingDifference(quantity, unitPrice, currency);

function fractionDigits(price: Decimal): number {
  const point = price.indexOf('.');
  return point < 0 ? 0 : price.length - point - 1;
}

function upsert<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
