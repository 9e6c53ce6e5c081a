import type { ProviderName } from '../../domain/payment/payment.events.js';

/**
 * Who carries new payments out, and how its webhooks are known.
 * `webhookSecrets`  any of these may have signed a webhook, so that one can be replaced; none: no webhook is taken
 */
export type PaymentSettings = Readonly<{ provider: ProviderName; webhookSecrets: readonly string[] }>;

/** Nothing set: the sandbox. */
export const SANDBOX_PAYMENTS: PaymentSettings = { provider: 'sandbox', webhookSecrets: [] };

/** Injection token of the `PaymentSettings`. */
export const PAYMENT_SETTINGS = Symbol('PaymentSettings');
