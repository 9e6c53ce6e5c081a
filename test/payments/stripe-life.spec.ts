/** The life of payments with Stripe, against a server that keeps them as Stripe's documentation says. */
import { afterEach, expect, test } from '@jest/globals';
import { StripeProvider } from '../../src/infrastructure/payments/stripe/stripe-provider.js';
import { describePaymentProvider, referenceOf, requestsOf, toldBy } from '../contracts/payment-provider.contract.js';
import { StripeServer } from './stripe-server.js';

const servers: StripeServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function open(
  canParts: boolean,
  multicapture = true,
  server = new StripeServer(canParts),
): Promise<StripeProvider> {
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

test('what a customer has done since is told by looking it up: asked again, the first answer comes again', async () => {
  const server = new StripeServer(false);
  const provider = await open(false, false, server);
  const request = requestsOf().authorize('pm_card_threeDSecure2Required');
  const first = await toldBy(provider, request);
  const reference = referenceOf(first);
  server.authenticate(reference);
  expect(await toldBy(provider, request)).toEqual(first);
  expect(await provider.lookup(request, reference)).toMatchObject({ status: 'told', outcome: { status: 'succeeded' } });
});
