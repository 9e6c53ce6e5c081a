/**
 * Stripe, as the settings choose it.
 * `mode`           whether money moves, told by the key: `sk_test_…` and `rk_test_…` move none
 * `apiUrl`         another host than Stripe's, for stripe-mock
 * `returnUrl`      where a customer comes back to after authenticating
 * `multicapture`   ask for authorizations that can be captured in parts; Stripe refuses that to accounts without it
 * `webhookSecrets` any of them may have signed a webhook
 * `shown`          the key as a log may show it
 */
export type StripeSetting = Readonly<{
  secretKey: string;
  mode: 'test' | 'live';
  apiUrl?: string;
  returnUrl: string;
  multicapture: boolean;
  webhookSecrets: readonly string[];
  shown: string;
}>;

const OTHERS = ['STRIPE_API_URL', 'STRIPE_RETURN_URL', 'STRIPE_MULTICAPTURE', 'STRIPE_WEBHOOK_SECRET'] as const;
type Setting = 'STRIPE_SECRET_KEY' | (typeof OTHERS)[number];
/** What is wrong; never the value itself. */
type Problem = Readonly<{ setting: Setting; message: string }>;

const SECRET_KEY = /^(?:sk|rk)_(test|live)_[A-Za-z0-9]{3,250}$/;
const WEBHOOK_SECRET = /^whsec_[A-Za-z0-9+/=_-]{3,250}$/;
const DEFAULT_RETURN_URL = 'http://localhost:3000/';

/** `undefined` where Stripe is not chosen: nothing of it is set. */
export function stripeSetting(
  env: Readonly<Record<string, string | undefined>>,
): StripeSetting | readonly Problem[] | undefined {
  const { STRIPE_SECRET_KEY: secretKey = '', STRIPE_API_URL: apiUrl, STRIPE_RETURN_URL: returnUrl } = env;
  const webhookSecrets = (env['STRIPE_WEBHOOK_SECRET'] ?? '')
    .split(',')
    .map((secret) => secret.trim())
    .filter((secret) => secret !== '');
  const problems: Problem[] = [];
  if (secretKey === '') {
    for (const setting of OTHERS) {
      if (env[setting]) problems.push({ setting, message: 'has no meaning without STRIPE_SECRET_KEY.' });
    }
    return problems.length === 0 ? undefined : problems;
  }
  const mode = SECRET_KEY.exec(secretKey)?.[1];
  if (mode !== 'test' && mode !== 'live') {
    const message = 'is not a secret key of Stripe: it begins with sk_test_, sk_live_, rk_test_ or rk_live_.';
    problems.push({ setting: 'STRIPE_SECRET_KEY', message });
  }
  if (apiUrl && !isHttp(apiUrl)) problems.push({ setting: 'STRIPE_API_URL', message: 'is not an http or https URL.' });
  if (apiUrl && mode === 'live') {
    problems.push({ setting: 'STRIPE_API_URL', message: 'is for test keys only: a live key goes to Stripe alone.' });
  }
  if (returnUrl && !isHttp(returnUrl)) {
    problems.push({ setting: 'STRIPE_RETURN_URL', message: 'is not an http or https URL.' });
  }
  const multicapture = env['STRIPE_MULTICAPTURE'] || 'never';
  if (multicapture !== 'never' && multicapture !== 'if_available') {
    problems.push({ setting: 'STRIPE_MULTICAPTURE', message: 'is neither if_available nor never.' });
  }
  if (!webhookSecrets.every((secret) => WEBHOOK_SECRET.test(secret))) {
    const message = 'is not a signing secret of a webhook, whsec_…, nor several of them with commas between.';
    problems.push({ setting: 'STRIPE_WEBHOOK_SECRET', message });
  }
  if (problems.length > 0 || (mode !== 'test' && mode !== 'live')) return problems;
  return {
    secretKey,
    mode,
    ...(apiUrl ? { apiUrl } : {}),
    returnUrl: returnUrl || DEFAULT_RETURN_URL,
    multicapture: multicapture === 'if_available',
    webhookSecrets,
    shown: `${secretKey.slice(0, 8)}***`,
  };
}

const isHttp = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
