import { addDecimals, type Decimal } from '../domain/decimal.js';

/** Texts up to this length, and sums of two such numbers, are safe integers. */
const SAFE_LENGTH = 15;

/** Adds to a whole number kept as decimal text, as documents keep figures that may outgrow 2^53. `n` is whole. */
export function plus(text: string, n: bigint | number): string {
  if (n === 0n || n === 0) return text;
  const small = Number(n);
  if (text.length <= SAFE_LENGTH && Math.abs(small) < 1e15) return String(Number(text) + small); // half the time
  return (BigInt(text) + BigInt(n)).toString();
}

/** As `addDecimals`, for sums that nearly always add nothing. */
export const plusDecimal = (sum: Decimal, n: Decimal): Decimal => (n === '0' ? sum : addDecimals(sum, n));
