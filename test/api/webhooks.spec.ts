import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { providerEventStream } from '../../src/domain/streams.js';
import { intent, signatureOf, stripeEvent } from '../payments/stripe-events.js';
import { openTestApi, type TestApi } from './api-harness.js';

const SECRET = 'whsec_test';
let api: TestApi;
beforeAll(async () => {
  api = await openTestApi({}, { payments: { provider: 'stripe', webhookSecrets: [SECRET] } });
});
afterAll(() => api.close());

const deliver = (payload: string, to = api, secret = SECRET) =>
  to.send({
    method: 'POST',
    path: '/v1/webhooks/stripe',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'stripe-signature': signatureOf(payload, secret, to.clock.now()),
    },
    payload,
  });
async function recorded(eventId: string) {
  const events = [];
  for await (const batch of api.store.readStream(providerEventStream('stripe', eventId))) events.push(...batch);
  return events;
}

test('is recorded once, however often and with whatever particulars it is delivered', async () => {
  const event = stripeEvent('payment_intent.succeeded', intent({ status: 'succeeded' }), 'evt_once');
  const payloads = [event, event, { ...event, pending_webhooks: 0 }].map((each) => JSON.stringify(each, undefined, 2));
  const answers = await Promise.all(payloads.map((payload) => deliver(payload)));
  expect(answers.map(({ status, json }) => [status, json])).toEqual(
    answers.map(() => [200, { object: 'webhook', eventId: 'evt_once' }]),
  );
  expect(await recorded('evt_once')).toMatchObject([
    {
      type: 'ProviderEventReceived',
      data: { eventType: 'payment_intent.succeeded', news: { what: 'captured', paymentId: 'pay_1' } },
      metadata: { principal: 'provider:stripe' },
    },
  ]);
});

test('of a type that means nothing here is recorded as well', async () => {
  const event = stripeEvent('invoice.created', { id: 'in_1', object: 'invoice' }, 'evt_other');
  expect((await deliver(JSON.stringify(event))).status).toBe(200);
  const [received] = await recorded('evt_other');
  expect(received?.data).not.toHaveProperty('news');
});

test('is refused with another signature, without one, and when it is no event', async () => {
  const payload = JSON.stringify(stripeEvent('payment_intent.succeeded', intent(), 'evt_forged'));
  const forged = await deliver(payload, api, 'whsec_guess');
  expect([forged.status, forged.json['code']]).toEqual([400, 'webhook-signature-invalid']);
  const bare = await api.send({ method: 'POST', path: '/v1/webhooks/stripe' });
  expect([bare.status, bare.json['code']]).toEqual([400, 'webhook-signature-invalid']);
  const nonsense = await deliver('{"id":"evt_forged"}');
  expect([nonsense.status, nonsense.json['code']]).toEqual([400, 'body-malformed']);
  expect(await recorded('evt_forged')).toEqual([]);
});

test('is asked for again while no secret is set', async () => {
  const unset = await openTestApi();
  const answer = await deliver('{}', unset);
  expect([answer.status, answer.json['code'], answer.json['retryable']]).toEqual([503, 'webhook-not-configured', true]);
  await unset.close();
});
