/** The life of payments with Stripe, against a server that keeps them as Stripe's documentation says. */
import { afterEach, expect, test } from '@jest/globals';
import { StripeProvider } from '../../src/infrastructure/payments/stripe/stripe-provider.js';
import { describePaymentProvider, referenceOf, requestsOf, toldBy } from '../contracts/payment-provider.contract.js';
import { StripeServer } from './stripe-server.js';

const servers: StripeServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function open(canParts: boolean, multicapture = true): Promise<StripeProvider> {
  const server = new StripeServer(canParts);
  servers.push(server);
  const returnUrl = 'http://localhost:3000/';
  return new StripeProvider({ secretKey: 'sk_test_1', apiUrl: await server.start(), returnUrl, multicapture });
}

describePaymentProvider('StripeProvider, an account that captures in parts', () => open(true));
describePaymentProvider('StripeProvider, an account that captures once', () => open(false));

test.each([
  [true, 1599n],
  [false, 0n],
])('what a capture leaves is held where parts were chosen (%s)', async (multicapture, minor) => {
  const provider = await open(true, multicapture);
  const { authorize, capture } = requestsOf();
  const reference = referenceOf(await toldBy(provider, authorize()));
  const outcome = await toldBy(provider, capture(reference, 400n, 'no'));
  expect(outcome).toMatchObject({ status: 'succeeded', capturable: { minor, currency: 'GBP' } });
});
