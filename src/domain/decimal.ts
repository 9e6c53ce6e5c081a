/**
 * An exact decimal number as text, in canonical form: an optional `-`, digits without needless leading zeros, and a
 * point with digits only where the last of them is not zero. `0` has no sign. Two equal numbers are equal text.
 */
export type Decimal = string;

/** Exactly `units / 10^scale`. */
type Exact = Readonly<{ units: bigint; scale: number }>;

const WRITTEN = /^-?[0-9]{1,12}(?:\.[0-9]{1,8})?$/;
const EXACT = /^-?[0-9]+(?:\.[0-9]+)?$/;

/**
 * Reads a decimal from outside and makes it canonical: `"2.50"` → `"2.5"`, `"-0.00"` → `"0"`.
 * Shape: an optional `-`, 1 to 12 digits, then optionally a point and 1 to 8 digits; anything else (`+1`, `.5`, `1e3`,
 * blanks) gives `undefined`.
 */
export const parseDecimal = (text: string): Decimal | undefined =>
  WRITTEN.test(text) ? decimalOf(exactOf(text)) : undefined;

export const addDecimals = (a: Decimal, b: Decimal): Decimal => {
  const [left, right, scale] = aligned(a, b);
  return decimalOf({ units: left + right, scale });
};

export const negateDecimal = (a: Decimal): Decimal => {
  const { units, scale } = exactOf(a);
  return decimalOf({ units: -units, scale });
};

/** Negative, zero or positive as `a` is below, equal to or above `b`: a comparator to sort by. */
export const compareDecimals = (a: Decimal, b: Decimal): -1 | 0 | 1 => {
  const [left, right] = aligned(a, b);
  return left < right ? -1 : left > right ? 1 : 0;
};

/**
 * The number behind a decimal of any length (sums outgrow the 12 digits that `parseDecimal` takes).
 * @throws RangeError on what is no decimal: the caller's bug
 */
export function exactOf(text: Decimal): Exact {
  if (!EXACT.test(text)) throw new RangeError(`Not a decimal: ${text}`);
  const point = text.indexOf('.');
  if (point < 0) return { units: BigInt(text), scale: 0 };
  return { units: BigInt(text.slice(0, point) + text.slice(point + 1)), scale: text.length - point - 1 };
}

/** The canonical text of `units / 10^scale`. */
export function decimalOf({ units, scale }: Exact): Decimal {
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  const whole = sign + digits.slice(0, digits.length - scale);
  return scale === 0 || fraction === '' ? whole : `${whole}.${fraction}`;
}

/** Units of both at the finer of the two scales. */
function aligned(a: Decimal, b: Decimal): readonly [bigint, bigint, number] {
  const left = exactOf(a);
  const right = exactOf(b);
  const scale = Math.max(left.scale, right.scale);
  return [left.units * 10n ** BigInt(scale - left.scale), right.units * 10n ** BigInt(scale - right.scale), scale];
}
