import { join } from 'node:path';
import { SANDBOX_PAYMENTS, type PaymentSettings } from '../../application/payment/payment-settings.js';
import type { PaymentProvider } from '../../application/ports/payment-provider.js';
import { systemClock } from '../clock.js';
import type { Config } from '../config/config.js';
import { prepareDataFolder } from '../config/data-folder.js';

/**
 * The provider that the settings choose: Stripe, or else the sandbox in the data folder. Each is loaded only where it is.
 * @throws DataFolderUnusable, IncompatibleSandbox, an error of node:sqlite
 */
export async function openPaymentProvider({ stripe, dataFolder }: Config): Promise<PaymentProvider> {
  if (stripe) {
    const { StripeProvider } = await import('./stripe/stripe-provider.js');
    return new StripeProvider(stripe);
  }
  const { SandboxProvider } = await import('./sandbox/sandbox-provider.js');
  const { path } = await prepareDataFolder(dataFolder);
  return new SandboxProvider({ file: join(path, 'sandbox.sqlite'), clock: systemClock });
}

export const paymentSettings = ({ stripe }: Config): PaymentSettings =>
  stripe ? { provider: 'stripe', webhookSecrets: stripe.webhookSecrets } : SANDBOX_PAYMENTS;
