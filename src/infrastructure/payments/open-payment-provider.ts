import { join } from 'node:path';
import { SANDBOX_PAYMENTS, type PaymentSettings } from '../../application/payment/payment-settings.js';
import type { PaymentProvider } from '../../application/ports/payment-provider.js';
import type { SandboxBank } from '../../application/ports/sandbox-bank.js';
import { systemClock } from '../clock.js';
import type { Config } from '../config/config.js';
import { dataFolderAt, prepareDataFolder } from '../config/data-folder.js';

/**
 * The provider that the settings choose: Stripe, or else the sandbox in the data folder. Each is loaded only where it is.
 * @throws DataFolderUnusable, IncompatibleSandbox, an error of node:sqlite
 */
export async function openPaymentProvider(config: Config): Promise<PaymentProvider> {
  if (!config.stripe) return openSandbox(config);
  const { StripeProvider } = await import('./stripe/stripe-provider.js');
  return new StripeProvider(config.stripe);
}

/** The sandbox bank, for whoever plays customers and their banks; `undefined` where payments are with Stripe. Throws as above. */
export const openSandboxBank = async (
  config: Config,
): Promise<(SandboxBank & Pick<PaymentProvider, 'close'>) | undefined> =>
  config.stripe ? undefined : openSandbox(config);

async function openSandbox({ dataFolder, host, port }: Config) {
  const { SandboxProvider } = await import('./sandbox/sandbox-provider.js');
  await prepareDataFolder(dataFolder);
  // A port that the system chooses is known to nobody before the API listens.
  const pagesUrl = port === 0 ? '' : `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return new SandboxProvider({ file: sandboxFile(dataFolder), clock: systemClock, pagesUrl });
}

export const sandboxFile = (dataFolder: string): string => join(dataFolderAt(dataFolder).path, 'sandbox.sqlite');

export const paymentSettings = ({ stripe }: Config): PaymentSettings =>
  stripe ? { provider: 'stripe', webhookSecrets: stripe.webhookSecrets } : SANDBOX_PAYMENTS;
