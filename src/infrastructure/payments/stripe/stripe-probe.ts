import Stripe from 'stripe';
import type { StripeSetting } from '../../config/stripe-setting.js';
import { addressOf } from './stripe-address.js';

/** What of Stripe's API this build reads. A restricted key may let it read some of it and not the rest. */
export const READ = ['payment intents', 'refunds', 'disputes'] as const;

/**
 * How Stripe answered a question after one kind of object. `silent` is no answer, or one of a server that is not well;
 * `said` is Stripe's kind of error, which holds nothing secret.
 */
export type Probed = Readonly<{ what: (typeof READ)[number]; tookMs: number }> &
  Readonly<
    | { outcome: 'ok' }
    | { outcome: 'key-refused'; said: string }
    | { outcome: 'not-permitted'; said: string }
    | { outcome: 'silent'; said: string; cause: unknown }
  >;

/** Asks for one object of each kind, at once and without a second try. Changes nothing there; never rejects. */
export async function probeStripe(
  { secretKey, apiUrl }: Pick<StripeSetting, 'secretKey' | 'apiUrl'>,
  timeoutMs: number,
): Promise<readonly Probed[]> {
  const stripe = new Stripe(secretKey, {
    maxNetworkRetries: 0,
    telemetry: false,
    timeout: timeoutMs,
    ...addressOf(apiUrl),
  });
  const one = { limit: 1 };
  const questions = [
    () => stripe.paymentIntents.list(one),
    () => stripe.refunds.list(one),
    () => stripe.disputes.list(one),
  ];
  return Promise.all(
    READ.map(async (what, n): Promise<Probed> => {
      const startedAt = performance.now();
      const told = await outcomeOf(async () => questions[n]?.());
      return { what, tookMs: Math.round(performance.now() - startedAt), ...told };
    }),
  );
}

async function outcomeOf(ask: () => Promise<unknown>) {
  try {
    await ask();
    return { outcome: 'ok' } as const;
  } catch (cause) {
    if (!(cause instanceof Stripe.errors.StripeError)) throw cause;
    const said = `${cause.statusCode ?? 'no answer'}, ${cause.type}`;
    if (cause instanceof Stripe.errors.StripeAuthenticationError) return { outcome: 'key-refused', said } as const;
    if (cause instanceof Stripe.errors.StripePermissionError) return { outcome: 'not-permitted', said } as const;
    return { outcome: 'silent', said, cause } as const;
  }
}
