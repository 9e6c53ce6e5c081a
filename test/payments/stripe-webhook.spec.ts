import { describe, expect, test } from '@jest/globals';
import { commandOf } from '../../src/domain/provider-event/news.js';
import {
  readStripeWebhook,
  SignatureInvalid,
  WebhookMalformed,
} from '../../src/infrastructure/payments/stripe/stripe-webhook.js';
import { dispute, intent, refund, signatureOf, stripeEvent } from './stripe-events.js';

const NOON = Date.parse('2026-03-01T12:00:00.000Z');
const SECRET = 'whsec_new';
const read = (
  event: object | string,
  { signedAt = NOON, signedWith = SECRET, secrets = ['whsec_old', SECRET] } = {},
) => {
  const body = typeof event === 'string' ? event : JSON.stringify(event);
  return readStripeWebhook(Buffer.from(body), signatureOf(body, signedWith, signedAt), secrets, NOON);
};

describe('the signature', () => {
  const event = stripeEvent('payment_intent.succeeded', intent({ status: 'succeeded' }));
  test('may be of any of the secrets, for five minutes', () => {
    expect(read(event).eventId).toBe(event['id']);
    expect(read(event, { signedWith: 'whsec_old' }).eventId).toBe(event['id']);
    expect(read(event, { signedAt: NOON - 300_000 }).eventId).toBe(event['id']);
    expect(() => read(event, { signedAt: NOON - 301_000 })).toThrow(SignatureInvalid);
    expect(() => read(event, { signedWith: 'whsec_other' })).toThrow(SignatureInvalid);
    expect(() => read(event, { secrets: [] })).toThrow(SignatureInvalid);
  });
  test('is of every byte of the body, and has to be there', () => {
    const body = JSON.stringify(event);
    const header = signatureOf(body, SECRET, NOON);
    expect(() => readStripeWebhook(Buffer.from(`${body} `), header, [SECRET], NOON)).toThrow(SignatureInvalid);
    expect(() => readStripeWebhook(Buffer.from(body), undefined, [SECRET], NOON)).toThrow(SignatureInvalid);
    expect(() => readStripeWebhook(Buffer.from(body), 'nonsense', [SECRET], NOON)).toThrow(SignatureInvalid);
  });
  test.each(['', 'no json', 'null', '{}', '{"id":"evt_1"}', '{"id":"evt 1","type":"x","data":{"object":{}}}'])(
    'of %j tells that Stripe sent it, and it is no event all the same',
    (body) => {
      expect(() => read(body)).toThrow(WebhookMalformed);
    },
  );
});

const whose = { paymentId: 'pay_1', operationId: 'a1' };
const gbp = (minor: bigint) => ({ minor, currency: 'GBP' });
const ofCaptures = { what: 'captured', reference: 'ch_3Qx1', ...whose, authorizationReference: 'pi_3Qx1' };
const ofRefund = { reference: 're_3Qx1', paymentId: 'pay_1', operationId: 'r1', authorizationReference: 'pi_3Qx1' };
const ofDispute = { reference: 'du_1Qx1', authorizationReference: 'pi_3Qx1', amount: gbp(1000n), reason: 'fraudulent' };
const insufficient = {
  code: 'card_declined',
  decline_code: 'insufficient_funds',
  message: 'Your card has insufficient funds.',
};
const redirect = { type: 'redirect_to_url', redirect_to_url: { url: 'https://hooks.stripe.com/3d', return_url: null } };

test.each<[string, object, 'yes' | 'no', object | undefined]>([
  ['payment_intent.amount_capturable_updated', intent(), 'yes', { what: 'authorized', reference: 'pi_3Qx1', ...whose }],
  [
    'payment_intent.requires_action',
    intent({ status: 'requires_action', next_action: redirect }),
    'no',
    { what: 'action-required', reference: 'pi_3Qx1', ...whose, nextActionUrl: 'https://hooks.stripe.com/3d' },
  ],
  [
    'payment_intent.payment_failed',
    intent({ status: 'requires_payment_method', last_payment_error: insufficient }),
    'no',
    {
      what: 'authorization-failed',
      reference: 'pi_3Qx1',
      ...whose,
      code: 'card_declined',
      declineCode: 'insufficient_funds',
      reason: 'Your card has insufficient funds.',
    },
  ],
  [
    'payment_intent.succeeded',
    intent({ status: 'succeeded', amount_received: 600, amount_capturable: 0 }),
    'yes',
    { ...ofCaptures, amount: gbp(600n), capturable: gbp(0n) },
  ],
  [
    'payment_intent.amount_capturable_updated',
    intent({ amount_received: 600, amount_capturable: 400 }),
    'yes',
    { ...ofCaptures, amount: gbp(600n), capturable: gbp(400n) },
  ],
  [
    'payment_intent.canceled',
    intent({ status: 'canceled' }),
    'yes',
    { what: 'voided', reference: 'pi_3Qx1', ...whose },
  ],
  [
    'payment_intent.canceled',
    intent({ status: 'canceled', cancellation_reason: 'expired' }),
    'yes',
    { what: 'authorization-expired', reference: 'pi_3Qx1', ...whose },
  ],
  [
    'payment_intent.canceled',
    intent({ status: 'canceled', cancellation_reason: 'automatic' }),
    'yes',
    { what: 'authorization-expired', reference: 'pi_3Qx1', ...whose },
  ],
  ['refund.created', refund({ status: 'pending' }), 'no', undefined],
  ['refund.updated', refund(), 'no', { what: 'refunded', ...ofRefund, amount: gbp(400n) }],
  [
    'refund.failed',
    refund({ status: 'failed', failure_reason: 'expired_or_canceled_card' }),
    'no',
    {
      what: 'refund-failed',
      ...ofRefund,
      amount: gbp(400n),
      code: 'expired_or_canceled_card',
      reason: 'The refund is failed.',
    },
  ],
  ['charge.dispute.created', dispute(), 'no', { what: 'dispute-opened', ...ofDispute }],
  ['charge.dispute.closed', dispute({ status: 'won' }), 'no', { what: 'dispute-won', ...ofDispute }],
  ['charge.dispute.closed', dispute({ status: 'lost' }), 'no', { what: 'dispute-lost', ...ofDispute }],
  ['charge.dispute.created', dispute({ status: 'warning_needs_response' }), 'no', undefined],
  ['payment_intent.succeeded', intent({ status: 'a_status_of_next_year' }), 'yes', undefined],
  ['customer.created', { id: 'cus_1', object: 'customer', email: 'jane@example.com' }, 'no', undefined],
])('%s of %j tells what it means', (type, object, isFinal, news) => {
  const data = read(stripeEvent(type, { ...object }));
  expect(data).toMatchObject({ provider: 'stripe', eventType: type, mode: 'test', isFinal });
  expect(data.news).toEqual(news);
});

test('what captures come to is told as a sum, which is no capture of its own', () => {
  const { news } = read(
    stripeEvent('payment_intent.succeeded', {
      ...intent({ status: 'succeeded', amount_received: 600, amount_capturable: 0 }),
    }),
  );
  expect(news && commandOf(news)).toEqual({
    type: 'RecordCapture',
    data: {
      paymentId: 'pay_1',
      operationId: 'ch_3Qx1',
      outcome: {
        status: 'succeeded',
        reference: 'ch_3Qx1',
        authorizationReference: 'pi_3Qx1',
        amount: gbp(600n),
        isSum: true,
        capturable: gbp(0n),
      },
    },
  });
});

test('nothing of a person is kept', () => {
  const data = read(stripeEvent('charge.dispute.created', dispute()));
  expect(JSON.stringify(data, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))).not.toMatch(
    /jane/i,
  );
});

test.each([
  ['JPY', 1000, 1000n],
  ['KWD', 1000, 1000n],
  ['ISK', 100_000, 1000n],
])('an amount in %s, as Stripe counts it: %s', (currency, amount, minor) => {
  const object = intent({ status: 'succeeded', amount_received: amount, currency: currency.toLowerCase() });
  expect(read(stripeEvent('payment_intent.succeeded', object)).news?.amount).toEqual({ minor, currency });
});
