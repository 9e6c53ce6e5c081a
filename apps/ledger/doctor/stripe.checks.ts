import type { StripeSetting } from '../../../src/infrastructure/config/stripe-setting.js';
import { probeStripe, type Probed } from '../../../src/infrastructure/payments/stripe/stripe-probe.js';
import { connectionAdvice } from './connection-advice.js';
import { fail, type Finding, ok, warn } from './finding.js';

const TIMEOUT_MS = 8_000;

/** Stripe, as the settings name it: whether it answers, takes the key, and can tell us anything. Changes nothing there. */
export async function checkStripe(setting: StripeSetting): Promise<readonly Finding[]> {
  return [...answered(await probeStripe(setting, TIMEOUT_MS)), modeFinding(setting), webhookFinding(setting)];
}

function answered(probed: readonly Probed[]): readonly Finding[] {
  const silent = probed.find((each) => each.outcome === 'silent');
  if (silent) return [fail('reachable', `no useful answer (${silent.said})`, adviceOn(silent))];
  const reachable = ok('reachable', `answers within ${Math.max(...probed.map(({ tookMs }) => tookMs))} ms`);
  const refused = probed.find((each) => each.outcome === 'key-refused');
  if (refused) {
    const todo = 'Take the key from the Stripe dashboard (Developers, API keys), and set STRIPE_SECRET_KEY to it.';
    return [reachable, fail('key', `is not accepted (${refused.said})`, todo)];
  }
  const forbidden = probed.filter((each) => each.outcome === 'not-permitted').map(({ what }) => what);
  if (forbidden.length === 0) return [reachable, ok('key', 'is accepted, and may read all that is needed')];
  const todo = 'Let the restricted key write payment intents and refunds, and read disputes.';
  return [reachable, fail('key', `is accepted, but may not read ${forbidden.join(', ')}`, todo)];
}

const adviceOn = ({ cause }: Extract<Probed, { outcome: 'silent' }>): string =>
  connectionAdvice(cause, 'STRIPE_API_URL').replace(/docker compose .* --wait/, 'or wait for it: status.stripe.com');

const modeFinding = ({ mode }: StripeSetting): Finding =>
  mode === 'live' ? ok('mode', 'live: money moves') : ok('mode', 'test: no money moves');

function webhookFinding({ webhookSecrets }: StripeSetting): Finding {
  const { length } = webhookSecrets;
  if (length > 0) return ok('webhooks', `${length === 1 ? 'one secret is' : `${length} secrets are`} set`);
  const todo =
    'In the Stripe dashboard make an endpoint for /v1/webhooks/stripe, and set STRIPE_WEBHOOK_SECRET to its signing secret.';
  return warn('webhooks', 'no secret is set: disputes, and refunds that fail later, are not heard of', todo);
}
