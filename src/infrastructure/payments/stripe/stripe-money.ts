import type { Money } from '../../../domain/money.js';

/** Written with two decimals by Stripe, where ISO 4217 has none: docs.stripe.com/currencies#special-cases. */
const WITH_TWO_DECIMALS = new Set(['ISK', 'UGX']);

/** An amount as Stripe takes it; `undefined` for one that a JSON number does not hold exactly. */
export function stripeAmount({ minor, currency }: Money): Readonly<{ amount: number; currency: string }> | undefined {
  const amount = Number(WITH_TWO_DECIMALS.has(currency) ? minor * 100n : minor);
  return Number.isSafeInteger(amount) ? { amount, currency: currency.toLowerCase() } : undefined;
}

/** An amount as Stripe tells it. */
export function moneyOf(amount: number, stripeCurrency: string): Money {
  const currency = stripeCurrency.toUpperCase();
  return { minor: WITH_TWO_DECIMALS.has(currency) ? BigInt(amount) / 100n : BigInt(amount), currency };
}
