import { afterAll, expect, test } from '@jest/globals';
import { StripeProvider } from '../../src/infrastructure/payments/stripe/stripe-provider.js';
import { describePaymentProvider, requestsOf } from '../contracts/payment-provider.contract.js';
import { NoStripeMock, startStripeMock } from './stripe-mock.js';

const returnUrl = 'http://localhost:3000/';

const secretKey = process.env['STRIPE_TEST_SECRET_KEY'];
if (secretKey) {
  if (!/^[rs]k_test_/.test(secretKey)) throw new Error('STRIPE_TEST_SECRET_KEY is not a key of the test mode');
  describePaymentProvider('StripeProvider in test mode', () =>
    Promise.resolve(new StripeProvider({ secretKey, returnUrl })),
  );
} else {
  console.error('STRIPE ITSELF WAS NOT TESTED: set STRIPE_TEST_SECRET_KEY to a key of the test mode');
}

/**
 * stripe-mock keeps no state and answers fixtures, so the life of a payment cannot be told by it. It holds what is sent
 * against Stripe's OpenAPI: a field of another name or type is refused with status 400.
 */
const mock = await startStripeMock().catch((cause: unknown) => {
  if (!(cause instanceof NoStripeMock)) throw cause;
  const message = `STRIPE-MOCK WAS NOT TESTED: ${cause.message}`;
  console.error(message);
  (process.env['CI'] ? test : test.skip)('stripe-mock', () => {
    throw new Error(message);
  });
  return undefined;
});

if (mock) {
  const provider = new StripeProvider({ secretKey: 'sk_test_123', apiUrl: mock.url, returnUrl });
  const requests = requestsOf();
  afterAll(() => mock.stop());

  test.each([
    ['authorization', requests.authorize()],
    ['capture', requests.capture('pi_123')],
    ['void', requests.void('pi_123')],
    ['refund', requests.refund('pi_123')],
  ])('Stripe takes what we send to ask for: %s', async (_, request) => {
    const answer = await provider.perform(request);
    // The fixture of an intent is one that was refused; a request that Stripe cannot read has this code.
    if (answer.status === 'told') expect(answer.outcome).not.toMatchObject({ code: 'invalid_request_error' });
    else expect(answer.reason).toMatch(/^At Stripe, it is [a-z_]+\.$/);
  });

  test.each([
    ['authorization', requests.authorize()],
    ['capture', requests.capture('pi_123')],
    ['void', requests.void('pi_123')],
    ['refund', requests.refund('pi_123')],
  ])('Stripe takes what we send to look up: %s', async (_, request) => {
    expect(await provider.lookup(request)).not.toMatchObject({
      status: 'unknown',
      reason: expect.stringMatching(/answered/),
    });
  });

  test.each([
    ['payment_intent', 'pi_123'],
    ['refund', 're_123'],
    ['dispute', 'du_123'],
  ])('Stripe tells of a %s', async (type, id) => {
    expect((await provider.current(type, id)).status).not.toBe('unknown');
  });

  test('Stripe takes an authorization that can be captured in parts', async () => {
    const inParts = new StripeProvider({ secretKey: 'sk_test_123', apiUrl: mock.url, returnUrl, multicapture: true });
    const answer = await inParts.perform(requests.authorize());
    if (answer.status === 'told') expect(answer.outcome).not.toMatchObject({ code: 'invalid_request_error' });
    else expect(answer.reason).toMatch(/^At Stripe, it is [a-z_]+\.$/);
  });

  // Sent only for what was captured in part, or can be, which no fixture is.
  test.each(['amount_to_capture=400&final_capture=false&metadata[c_1]=op_1', 'amount_to_capture=0&final_capture=true'])(
    'Stripe takes a capture with %s',
    async (body) => {
      const answer = await fetch(`${mock.url}/v1/payment_intents/pi_123/capture`, {
        method: 'POST',
        headers: { authorization: 'Bearer sk_test_123', 'content-type': 'application/x-www-form-urlencoded' },
        body,
      });
      expect(answer.status).toBe(200);
    },
  );

  test('a field that Stripe does not know would be found', async () => {
    const answer = await fetch(`${mock.url}/v1/refunds`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_test_123', 'content-type': 'application/x-www-form-urlencoded' },
      body: 'payment_intent=pi_123&colour=red',
    });
    expect(answer.status).toBe(400);
  });
}
