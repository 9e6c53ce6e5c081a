/** Adds to a whole number kept as decimal text, as documents keep figures that may outgrow 2^53. */
export const plus = (text: string, n: bigint): string => (n === 0n ? text : (BigInt(text) + n).toString());
