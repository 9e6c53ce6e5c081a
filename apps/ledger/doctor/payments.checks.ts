import type { Config } from '../../../src/infrastructure/config/config.js';
import { sandboxFile } from '../../../src/infrastructure/payments/open-payment-provider.js';
import { bounded, type Finding } from './finding.js';
import { checkSandboxFile } from './sandbox-file.checks.js';

/** Who carries payments out with these settings, and how they are; nothing where there is no sandbox yet. */
export async function checkPayments({
  stripe,
  dataFolder,
}: Config): Promise<Readonly<{ engine: string; findings: readonly Finding[] }>> {
  const file = sandboxFile(dataFolder);
  if (!stripe) {
    return { engine: `sandbox, ${file}`, findings: await bounded('payments', () => checkSandboxFile(file)) };
  }
  const check = async () => (await import('./stripe.checks.js')).checkStripe(stripe); // and the SDK with it
  return { engine: `Stripe, ${stripe.shown}`, findings: await bounded('payments', check) };
}
