import { describe, expect, test } from '@jest/globals';
import { ConfigError, readConfig, redacted } from '../../src/infrastructure/config/config.js';

const TEST_KEY = 'sk_test_51TellNobody';
const LIVE_KEY = 'sk_live_51TellNobody';
function problemsOf(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.message).not.toContain('TellNobody');
    return error.problems.map(({ setting }) => setting);
  }
}

test('nothing set, the sandbox carries payments out', () => {
  expect(readConfig({})).not.toHaveProperty('stripe');
});

describe('a key', () => {
  test.each([
    [TEST_KEY, 'test'],
    [LIVE_KEY, 'live'],
    ['rk_test_51TellNobody', 'test'],
  ])('%s is of mode %s, and no log shows it', (key, mode) => {
    const config = readConfig({ STRIPE_SECRET_KEY: key });
    expect(config.stripe).toMatchObject({
      secretKey: key,
      mode,
      webhookSecrets: [],
      returnUrl: 'http://localhost:3000/',
      multicapture: false,
    });
    expect(redacted(config)['STRIPE_SECRET_KEY']).toBe(`${key.slice(0, 8)}***`);
  });
  test.each(['pk_test_51TellNobody', 'TellNobody', 'sk_TellNobody', 'sk_test_'])('%s is none', (key) => {
    expect(problemsOf({ STRIPE_SECRET_KEY: key })).toEqual(['STRIPE_SECRET_KEY']);
  });
});

test('webhooks may be signed with several secrets', () => {
  const secrets = 'whsec_one, whsec_two';
  const { stripe } = readConfig({ STRIPE_SECRET_KEY: TEST_KEY, STRIPE_WEBHOOK_SECRET: secrets });
  expect(stripe?.webhookSecrets).toEqual(['whsec_one', 'whsec_two']);
});

test.each([
  ['if_available', true],
  ['never', false],
])('captures in parts are asked for by choice: %s', (STRIPE_MULTICAPTURE, multicapture) => {
  expect(readConfig({ STRIPE_SECRET_KEY: TEST_KEY, STRIPE_MULTICAPTURE }).stripe).toMatchObject({ multicapture });
});

test('another host is for a test key only', () => {
  const STRIPE_API_URL = 'http://127.0.0.1:12111';
  expect(readConfig({ STRIPE_SECRET_KEY: TEST_KEY, STRIPE_API_URL }).stripe?.apiUrl).toBe(STRIPE_API_URL);
  expect(problemsOf({ STRIPE_SECRET_KEY: LIVE_KEY, STRIPE_API_URL })).toEqual(['STRIPE_API_URL']);
});

test.each([
  ['STRIPE_API_URL', 'localhost:12111'],
  ['STRIPE_RETURN_URL', 'javascript:TellNobody'],
  ['STRIPE_MULTICAPTURE', 'always'],
  ['STRIPE_WEBHOOK_SECRET', 'whsec_one,TellNobody'],
])('%s cannot be %s, and means nothing without a key', (setting, value) => {
  expect(problemsOf({ STRIPE_SECRET_KEY: TEST_KEY, [setting]: value })).toEqual([setting]);
  expect(problemsOf({ [setting]: value })).toEqual([setting]);
});
