/** ISO 4217 alphabetic code, upper case. */
export type Currency = string;
/** An exact amount in the currency's smallest unit. Negative amounts are allowed; a rule that forbids them says so. */
export type Money = Readonly<{ minor: bigint; currency: Currency }>;
/**
 * A price per unit, in major units, that may be finer than a minor unit: `"2.55"`, `"0.001"`.
 * Shape: an optional `-`, up to 12 digits, then optionally `.` and 1 to 8 digits; canonical, that is without needless zeros.
 */
export type Decimal = string;
export type UnitPrice = Readonly<{ amount: Decimal; currency: Currency }>;
