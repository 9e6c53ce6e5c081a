import { exponentOf } from './currencies.js';
import { decimalOf, exactOf, type Decimal } from './decimal.js';

export type { Decimal } from './decimal.js';
/** ISO 4217 alphabetic code, upper case. */
export type Currency = string;
/** An exact amount in the currency's smallest unit. Negative amounts are allowed; a rule that forbids them says so. */
export type Money = Readonly<{ minor: bigint; currency: Currency }>;
/** A price per unit, in major units, that may be finer than a minor unit: `"2.55"`, `"0.001"`. Shape: `parseDecimal`. */
export type UnitPrice = Readonly<{ amount: Decimal; currency: Currency }>;

/** The largest amount that a ledger keeps, of either sign: engines index amounts as signed 64-bit integers. */
export const MAX_MINOR = 2n ** 63n - 1n;

/**
 * quantity × unitPrice in minor units, rounded half-even once.
 * Shape:  `quantity` a whole number of either sign; `unitPrice` a decimal in major units of `currency`.
 * Errors: RangeError on a fraction of a unit, on what is no decimal or no currency: the caller's bug.
 */
export function lineTotal(quantity: number, unitPrice: Decimal, currency: Currency): bigint {
  const { units, scale } = exactOf(unitPrice);
  const exact = BigInt(quantity) * units;
  const finer = scale - digitsOf(currency);
  return finer <= 0 ? exact * 10n ** BigInt(-finer) : divideHalfEven(exact, 10n ** BigInt(finer));
}

/**
 * What rounding left out of a line, in major units: exact − kept. 1 × 0.001 GBP is kept as 0 pence, so `"0.001"`.
 * `keptMinor` is the line's own rounded amount where it is not said; of a part of a line, its part of that.
 * Errors: as `lineTotal`.
 */
export function roundingDifference(
  quantity: number,
  unitPrice: Decimal,
  currency: Currency,
  keptMinor: bigint = lineTotal(quantity, unitPrice, currency),
): Decimal {
  const { units, scale } = exactOf(unitPrice);
  const digits = digitsOf(currency);
  const finer = Math.max(scale, digits);
  const exact = BigInt(quantity) * units * 10n ** BigInt(finer - scale);
  return decimalOf({ units: exact - keptMinor * 10n ** BigInt(finer - digits), scale: finer });
}

/** An amount as a decimal in major units: 4998n GBP → `"49.98"`. Errors: RangeError on an unknown currency. */
export const majorUnits = ({ minor, currency }: Money): Decimal =>
  decimalOf({ units: minor, scale: digitsOf(currency) });

/** Errors: RangeError when the currencies differ: the caller's bug. */
export function add(a: Money, b: Money): Money {
  if (a.currency !== b.currency) throw new RangeError(`Cannot add ${b.currency} to ${a.currency}`);
  return { minor: a.minor + b.minor, currency: a.currency };
}

/** The total of any number of amounts in `currency`. Errors: as `add`. */
export const sum = (amounts: readonly Money[], currency: Currency): Money =>
  amounts.reduce(add, { minor: 0n, currency });

export const negate = ({ minor, currency }: Money): Money => ({ minor: -minor, currency });

export const sameMoney = (a: Money, b: Money): boolean => a.minor === b.minor && a.currency === b.currency;

/**
 * Splits `total` over `weights` so that the parts add up to `total` exactly.
 * Shape:  weights[n], n ≥ 1, each ≥ 0n, sum > 0n → parts[n], same order and currency.
 * Units:  integer minor units; weights are plain ratios; `total.minor` ≥ 0n (negate a refund afterwards).
 * Errors: RangeError outside that domain: the caller's bug, not a business rejection.
 * Source: largest-remainder (Hamilton) method, ties to the lower index.
 */
export function allocate(total: Money, weights: readonly bigint[]): readonly Money[] {
  const whole = weights.reduce((a, b) => a + b, 0n);
  if (total.minor < 0n) throw new RangeError(`Cannot allocate a negative total: ${total.minor}`);
  if (whole <= 0n || weights.some((weight) => weight < 0n)) throw new RangeError('Weights must be ≥ 0 and sum to > 0');

  const floors = weights.map((weight) => (total.minor * weight) / whole);
  const remainders = weights.map((weight) => (total.minor * weight) % whole);
  const left = total.minor - floors.reduce((a, b) => a + b, 0n); // fewer than there are weights
  const byRemainder = [...weights.keys()].sort((i, j) => compare(remainders[j]!, remainders[i]!) || i - j);
  const favoured = new Set(byRemainder.filter((_, rank) => BigInt(rank) < left));
  return floors.map((floor, i) => ({ minor: favoured.has(i) ? floor + 1n : floor, currency: total.currency }));
}

function digitsOf(currency: Currency): number {
  const digits = exponentOf(currency);
  if (digits === undefined) throw new RangeError(`Not an ISO 4217 currency: ${currency}`);
  return digits;
}

/** n / d to the nearest integer, a tie to the even one; d > 0. */
function divideHalfEven(n: bigint, d: bigint): bigint {
  const quotient = n / d; // towards zero
  const remainder = n % d; // of n's sign
  const twice = 2n * (remainder < 0n ? -remainder : remainder);
  if (twice < d || (twice === d && quotient % 2n === 0n)) return quotient;
  return quotient + (n < 0n ? -1n : 1n);
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
