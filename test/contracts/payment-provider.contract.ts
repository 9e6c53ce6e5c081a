import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  ProviderRefused,
  type PaymentProvider,
  type ProviderRequest,
  type Told,
} from '../../src/application/ports/payment-provider.js';

type Of<O extends ProviderRequest['operation']> = Extract<ProviderRequest, { operation: O }>;
const gbp = (minor: bigint) => ({ minor, currency: 'GBP' });

/** Requests of one payment of 19.99, each under a key of its own. */
export function requestsOf(paymentId = `pay_${randomUUID()}`) {
  const whose = (operation: string) => ({
    key: randomUUID(),
    paymentId,
    orderId: 'ord_1',
    operationId: `op_${operation}`,
  });
  return {
    authorize: (method = 'pm_card_visa', minor = 1999n): Of<'authorization'> => ({
      ...whose('a'),
      operation: 'authorization',
      amount: gbp(minor),
      method,
    }),
    capture: (authorizationReference: string, minor = 1999n, isFinal?: 'yes' | 'no'): Of<'capture'> => ({
      ...whose('c'),
      operation: 'capture',
      amount: gbp(minor),
      authorizationReference,
      ...(isFinal && { isFinal }),
    }),
    void: (authorizationReference: string): Of<'void'> => ({
      ...whose('v'),
      operation: 'void',
      authorizationReference,
    }),
    refund: (authorizationReference: string, minor = 1999n): Of<'refund'> => ({
      ...whose('r'),
      operation: 'refund',
      amount: gbp(minor),
      authorizationReference,
      reason: 'broken',
    }),
  };
}

/** The outcome of a request that the provider answered. */
export async function toldBy(provider: PaymentProvider, request: ProviderRequest): Promise<Told['outcome']> {
  const answer = await provider.perform(request);
  if (answer.status !== 'told') throw new Error(`${request.operation}: ${answer.reason}`);
  expect(answer.operation).toBe(request.operation);
  return answer.outcome;
}

/** The reference of an outcome that has one. */
export function referenceOf(outcome: Told['outcome']): string {
  if (!('reference' in outcome) || outcome.reference === undefined) throw new Error(JSON.stringify(outcome));
  return outcome.reference;
}

/** What the outcome of a capture says is left for another, in minor units. */
function capturableOf(outcome: Told['outcome']): bigint {
  if (!('capturable' in outcome) || outcome.capturable === undefined) throw new Error(JSON.stringify(outcome));
  expect(outcome.capturable.currency).toBe('GBP');
  return outcome.capturable.minor;
}

/**
 * What holds of every provider. Each test opens its own; what it opened is closed after it.
 * @param methods of payment for the tests of captures in parts, whether they can be captured so or not
 */
export function describePaymentProvider(
  adapter: string,
  open: () => Promise<PaymentProvider>,
  methods: readonly string[] = ['pm_card_visa'],
): void {
  describe(adapter, () => {
    const opened: PaymentProvider[] = [];
    afterEach(async () => {
      for (const provider of opened.splice(0)) await provider.close();
    });
    const fresh = async (): Promise<PaymentProvider> => {
      const provider = await open();
      opened.push(provider);
      return provider;
    };
    /** Authorized with this method, in a provider of its own. */
    const authorized = async (method?: string) => {
      const provider = await fresh();
      const requests = requestsOf();
      const reference = referenceOf(await toldBy(provider, requests.authorize(method)));
      return { provider, requests, reference };
    };

    test('holds money, takes it, and gives it back', async () => {
      const { provider, requests, reference } = await authorized();
      const capture = await toldBy(provider, requests.capture(reference));
      expect(capture).toMatchObject({ status: 'succeeded' });
      expect(await toldBy(provider, requests.refund(reference, 999n))).toMatchObject({ status: 'succeeded' });
    });

    test('says until when it holds money', async () => {
      const provider = await fresh();
      const outcome = await toldBy(provider, requestsOf().authorize());
      expect(outcome).toMatchObject({ status: 'succeeded', reference: expect.any(String) });
      if ('expiresAt' in outcome) expect(Date.parse(outcome.expiresAt ?? '')).toBeGreaterThan(0);
    });

    test('lets go of what it holds, and then has nothing to take', async () => {
      const { provider, requests, reference } = await authorized();
      expect(await toldBy(provider, requests.void(reference))).toEqual({ status: 'succeeded', reference });
      expect(await toldBy(provider, requests.capture(reference))).toMatchObject({
        status: 'failed',
        code: 'payment_intent_unexpected_state',
      });
    });

    test.each([
      ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline'],
      ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
      ['pm_card_visa_chargeDeclinedLostCard', 'card_declined', 'lost_card'],
      ['pm_card_chargeDeclinedExpiredCard', 'expired_card', undefined],
      ['pm_card_chargeDeclinedProcessingError', 'processing_error', undefined],
    ])('%s is refused: %s, %s', async (method, code, declineCode) => {
      const outcome = await toldBy(await fresh(), requestsOf().authorize(method));
      expect(outcome).toMatchObject({ status: 'failed', code, reason: expect.stringMatching(/./) });
      if (declineCode !== undefined) expect(outcome).toMatchObject({ declineCode });
    });

    test('a method that is not there is a refusal of this payment, not a failure of the provider', async () => {
      const outcome = await toldBy(await fresh(), requestsOf().authorize('pm_no_such'));
      expect(outcome).toMatchObject({ status: 'failed', code: 'resource_missing' });
    });

    test('a customer who has to authenticate is sent somewhere', async () => {
      const outcome = await toldBy(await fresh(), requestsOf().authorize('pm_card_threeDSecure2Required'));
      expect(outcome).toMatchObject({
        status: 'requires-action',
        nextActionUrl: expect.stringMatching(/^(https?:\/)?\//),
      });
    });

    test('does nothing twice under one key, and says the same again', async () => {
      const { provider, requests, reference } = await authorized();
      const capture = requests.capture(reference);
      const outcomes = await Promise.all([1, 2, 3].map(() => provider.perform(capture)));
      const first = await toldBy(provider, capture);
      for (const outcome of outcomes) if (outcome.status === 'told') expect(outcome.outcome).toEqual(first);
      const refunds = requests.refund(reference);
      expect(await toldBy(provider, refunds)).toEqual(await toldBy(provider, refunds));
      expect(await toldBy(provider, requests.refund(reference, 1n))).toMatchObject({ status: 'failed' });
    });

    test('refuses a key that was used for another request', async () => {
      const provider = await fresh();
      const request = requestsOf().authorize();
      await toldBy(provider, request);
      await expect(provider.perform({ ...request, amount: gbp(1n) })).rejects.toBeInstanceOf(ProviderRefused);
    });

    test('never takes more than it holds, nor gives back more than it took', async () => {
      const { provider, requests, reference } = await authorized();
      expect(await toldBy(provider, requests.capture(reference, 2000n))).toMatchObject({ status: 'failed' });
      expect(await toldBy(provider, requests.refund(reference, 1n))).toMatchObject({ status: 'failed' });
      expect(await toldBy(provider, requests.capture(reference))).toMatchObject({ status: 'succeeded' });
      expect(await toldBy(provider, requests.refund(reference, 2000n))).toMatchObject({ status: 'failed' });
    });

    describe.each(methods)('captured in part, %s', (method) => {
      const UNEXPECTED = { status: 'failed', code: 'payment_intent_unexpected_state' };

      test('says what is left, and that can be captured, or there is nothing left', async () => {
        const { provider, requests, reference } = await authorized(method);
        const first = requests.capture(reference, 400n, 'no');
        const left = capturableOf(await toldBy(provider, first));
        expect([0n, 1599n]).toContain(left);
        expect(capturableOf(await toldBy(provider, first))).toBe(left);
        const second = await toldBy(provider, requests.capture(reference, 600n, 'no'));
        if (left === 0n) return void expect(second).toMatchObject(UNEXPECTED);
        expect(capturableOf(second)).toBe(999n);
        expect(await provider.lookup(first)).toMatchObject({ status: 'told', outcome: { status: 'succeeded' } });
        expect(await toldBy(provider, requests.capture(reference, 1000n))).toMatchObject({ status: 'failed' });
        expect(await toldBy(provider, requests.refund(reference, 1000n))).toMatchObject({ status: 'succeeded' });
        expect(await toldBy(provider, requests.refund(reference, 1n))).toMatchObject({ status: 'failed' });
        expect(capturableOf(await toldBy(provider, requests.capture(reference, 999n)))).toBe(0n);
      });

      test('lets go of the rest with the last capture', async () => {
        const { provider, requests, reference } = await authorized(method);
        expect(capturableOf(await toldBy(provider, requests.capture(reference, 400n, 'yes')))).toBe(0n);
        expect(await toldBy(provider, requests.capture(reference, 1n))).toMatchObject(UNEXPECTED);
        expect(await toldBy(provider, requests.refund(reference, 400n))).toMatchObject({ status: 'succeeded' });
      });

      test('lets go of the rest when it is told to, and keeps what it took', async () => {
        const { provider, requests, reference } = await authorized(method);
        const left = capturableOf(await toldBy(provider, requests.capture(reference, 400n, 'no')));
        const release = requests.void(reference);
        if (left > 0n) {
          expect(await provider.lookup(release)).toEqual({ status: 'absent' });
          expect(await toldBy(provider, release)).toEqual({ status: 'succeeded', reference });
          expect(await provider.lookup(release)).toMatchObject({ status: 'told', outcome: { status: 'succeeded' } });
        }
        expect(await toldBy(provider, requests.capture(reference, 1n))).toMatchObject(UNEXPECTED);
        expect(await toldBy(provider, requests.refund(reference, 401n))).toMatchObject({ status: 'failed' });
        expect(await toldBy(provider, requests.refund(reference, 400n))).toMatchObject({ status: 'succeeded' });
      });
    });

    test('tells what became of a request when it is looked up, and does nothing by it', async () => {
      const { provider, requests, reference } = await authorized();
      const asked = requestsOf().authorize();
      expect(await provider.lookup(asked)).toEqual({ status: 'absent' });
      const outcome = await toldBy(provider, asked);
      expect(await provider.lookup(asked)).toEqual({ status: 'told', operation: 'authorization', outcome });
      const refund = requests.refund(reference);
      await toldBy(provider, requests.capture(reference));
      expect(await provider.lookup(refund)).toEqual({ status: 'absent' });
      const refunded = await toldBy(provider, refund);
      expect(await provider.lookup(refund)).toMatchObject({
        status: 'told',
        outcome: { reference: referenceOf(refunded) },
      });
    });

    test('an object that is not there is absent', async () => {
      expect(await (await fresh()).current('payment_intent', 'pi_no_such')).toEqual({ status: 'absent' });
    });
  });
}
