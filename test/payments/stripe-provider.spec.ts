import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ProviderRefused } from '../../src/application/ports/payment-provider.js';
import { StripeProvider, type StripeOptions } from '../../src/infrastructure/payments/stripe/stripe-provider.js';
import { requestsOf, toldBy } from '../contracts/payment-provider.contract.js';
import { dispute, intent, refund } from './stripe-events.js';

const SECRET_KEY = 'sk_test_51NotARealKey';
type Asked = Readonly<{ method: string; path: string; key: string | undefined; body: URLSearchParams }>;
type Answer = Readonly<{ status?: number; body: object | string }> | 'hang up' | 'silence';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** Stripe's API as far as these tests need it: answers in turn, the last one for ever. Keeps what it was asked. */
const stripe = (...answers: readonly Answer[]) => stripeWith({}, ...answers);
async function stripeWith(more: Partial<StripeOptions>, ...answers: readonly Answer[]) {
  const asked: Asked[] = [];
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method = '', url = '', headers } = request;
    asked.push({ method, path: url, key: headers['idempotency-key']?.toString(), body: new URLSearchParams(body) });
    const answer = answers[Math.min(asked.length, answers.length) - 1] ?? 'hang up';
    if (answer === 'silence') return;
    if (answer === 'hang up') return void request.socket.destroy();
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', 'request-id': 'req_1' });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  };
  const server = createServer((request, response) => void respond(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  });
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = {
    secretKey: SECRET_KEY,
    apiUrl,
    returnUrl: 'http://localhost:3000/',
    timeoutMs: answers.includes('silence') ? 300 : 10_000, // what answers may be slow: the machine is busy
    retryPauseMs: 1,
    ...more,
  };
  return { provider: new StripeProvider(options), asked };
}

const { authorize, capture, void: release, refund: giveBack } = requestsOf('pay_1');
const error = (fields: object, status = 400): Answer => ({
  status,
  body: { error: { type: 'invalid_request_error', ...fields } },
});

describe('what is sent', () => {
  test('an authorization: held, not taken, under its key, with our names in its metadata', async () => {
    const charge = { id: 'ch_1', payment_method_details: { card: { capture_before: 1_772_971_200 } } };
    const { provider, asked } = await stripe({ body: intent({ latest_charge: charge }) });
    const request = authorize();
    expect(await toldBy(provider, request)).toEqual({
      status: 'succeeded',
      reference: 'pi_3Qx1',
      expiresAt: '2026-03-08T12:00:00.000Z',
    });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ method: 'POST', path: '/v1/payment_intents', key: request.key });
    expect(Object.fromEntries(asked[0]!.body)).toMatchObject({
      amount: '1999',
      currency: 'gbp',
      capture_method: 'manual',
      confirm: 'true',
      payment_method: 'pm_card_visa',
      'metadata[paymentId]': 'pay_1',
      'metadata[operationId]': 'op_a',
      'metadata[requestKey]': request.key,
    });
    expect([...asked[0]!.body.keys()].filter((field) => field.includes('multicapture'))).toEqual([]);
  });
  test('an authorization that can be captured in parts, where that was chosen', async () => {
    const { provider, asked } = await stripeWith({ multicapture: true }, { body: intent() });
    await toldBy(provider, authorize());
    expect(asked[0]?.body.get('payment_method_options[card][request_multicapture]')).toBe('if_available');
  });
  test.each([
    ['available', 'no', 'false'],
    ['unavailable', 'no', null],
    [undefined, 'no', null],
    ['available', 'yes', null],
    ['available', undefined, null],
  ] as const)('a capture of a card for which parts are %s, final: %s', async (status, isFinal, sent) => {
    const multicapture = status && { multicapture: { status } };
    const latest_charge = { id: 'ch_1', payment_method_details: { card: { ...multicapture } } };
    const part = intent({ amount_received: 400, amount_capturable: 600, metadata: {} });
    const { provider, asked } = await stripe(...(isFinal === 'no' ? [{ body: intent({ latest_charge }) }] : []), {
      body: part,
    });
    const request = capture('pi_3Qx1', 400n, isFinal);
    expect(await toldBy(provider, request)).toEqual({
      status: 'succeeded',
      reference: 'ch_3Qx1',
      capturable: { minor: 600n, currency: 'GBP' },
    });
    const { method, key, body } = asked.at(-1)!;
    expect({ method, key, final: body.get('final_capture') }).toEqual({
      method: 'POST',
      key: request.key,
      final: sent,
    });
    expect([...body.keys()].every((field) => field.length <= 'metadata[]'.length + 40)).toBe(true);
  });
  test('what was captured in part is let go of by a last capture of nothing, under a key of its own', async () => {
    const { provider, asked } = await stripe(
      { body: intent({ amount_received: 400, amount_capturable: 600 }) },
      { body: intent({ status: 'succeeded', amount_received: 400, amount_capturable: 0 }) },
    );
    const request = release('pi_3Qx1');
    expect(await toldBy(provider, request)).toEqual({ status: 'succeeded', reference: 'pi_3Qx1' });
    const { path, key, body } = asked[1]!;
    expect([path, key]).toEqual(['/v1/payment_intents/pi_3Qx1/capture', `${request.key}:rest`]);
    expect(Object.fromEntries(body)).toEqual({ amount_to_capture: '0', final_capture: 'true' });
  });
  test('of what was let go of already, nothing more is asked', async () => {
    const { provider, asked } = await stripe({ body: intent({ status: 'succeeded', amount_received: 400 }) });
    expect(await toldBy(provider, release('pi_3Qx1'))).toEqual({ status: 'succeeded', reference: 'pi_3Qx1' });
    expect(asked.map(({ method }) => method)).toEqual(['GET']);
  });
  test('a capture, a void and a refund, each under its key', async () => {
    const { provider, asked } = await stripe(
      { body: intent({ status: 'succeeded', amount_capturable: 0 }) },
      { body: intent() },
      { body: intent({ status: 'canceled' }) },
      { body: refund() },
    );
    const [taken, letGo, back] = [capture('pi_3Qx1', 400n), release('pi_3Qx1'), giveBack('pi_3Qx1', 400n)];
    expect(await toldBy(provider, taken)).toEqual({
      status: 'succeeded',
      reference: 'ch_3Qx1',
      capturable: { minor: 0n, currency: 'GBP' },
    });
    expect(await toldBy(provider, letGo)).toEqual({ status: 'succeeded', reference: 'pi_3Qx1' });
    expect(await toldBy(provider, back)).toEqual({ status: 'succeeded', reference: 're_3Qx1' });
    expect(asked.map(({ method, path, key }) => [method, path, method === 'POST' ? key : 'none'])).toEqual([
      ['POST', '/v1/payment_intents/pi_3Qx1/capture', taken.key],
      ['GET', '/v1/payment_intents/pi_3Qx1', 'none'],
      ['POST', '/v1/payment_intents/pi_3Qx1/cancel', letGo.key],
      ['POST', '/v1/refunds', back.key],
    ]);
    expect([asked[0]?.body.get('amount_to_capture'), asked[3]?.body.get('amount')]).toEqual(['400', '400']);
  });
  test('an amount that JSON does not hold exactly is not', async () => {
    const { provider, asked } = await stripe();
    expect(await toldBy(provider, authorize('pm_card_visa', 2n ** 60n))).toMatchObject({ code: 'amount_too_large' });
    expect(asked).toEqual([]);
  });
});

describe('what is answered', () => {
  test('a card that is declined', async () => {
    const declined = { code: 'card_declined', decline_code: 'lost_card', message: 'Your card was declined.' };
    const { provider } = await stripe(error({ type: 'card_error', ...declined, payment_intent: intent() }, 402));
    expect(await toldBy(provider, authorize())).toEqual({
      status: 'failed',
      code: 'card_declined',
      declineCode: 'lost_card',
      reason: 'Your card was declined.',
      reference: 'pi_3Qx1',
    });
  });
  test('an operation that cannot be done', async () => {
    const { provider } = await stripe(error({ code: 'payment_intent_unexpected_state', message: 'It is canceled.' }));
    expect(await toldBy(provider, capture('pi_3Qx1'))).toEqual({
      status: 'failed',
      code: 'payment_intent_unexpected_state',
      reason: 'It is canceled.',
    });
  });
  test.each([['processing'], ['a_status_of_next_year']])('an intent that is %s is not known yet', async (status) => {
    const { provider } = await stripe({ body: intent({ status }) });
    expect(await provider.perform(authorize())).toMatchObject({ status: 'unknown' });
  });
});

describe('when Stripe does not answer', () => {
  test.each<[string, Answer]>([
    ['hangs up', 'hang up'],
    ['is silent', 'silence'],
    ['fails', error({ type: 'api_error' }, 500)],
    ['is asked too often', error({ type: 'rate_limit_error' }, 429)],
    ['is at it', error({ code: 'idempotency_key_in_use' }, 409)],
    ['answers nonsense', { body: '<html>' }],
  ])('%s: tried three times under one key, then not known', async (_, answer) => {
    const { provider, asked } = await stripe(answer);
    const request = authorize();
    expect(await provider.perform(request)).toMatchObject({ status: 'unknown', reason: expect.stringMatching(/./) });
    expect(new Set(asked.map(({ key }) => key))).toEqual(new Set([request.key]));
    expect(asked.length).toBeGreaterThanOrEqual(3);
    expect(asked.length).toBeLessThanOrEqual(6); // the SDK itself tries a closed connection once more
  });
  test('once, it is asked again', async () => {
    const { provider } = await stripe('hang up', { body: intent() });
    expect(await toldBy(provider, authorize())).toMatchObject({ status: 'succeeded' });
  });
  test('for long, nothing is sent for a while', async () => {
    const { provider, asked } = await stripe(error({ type: 'api_error' }, 500));
    for (let attempt = 0; attempt < 4; attempt++) await provider.perform(authorize());
    const sent = asked.length;
    expect(sent).toBeLessThan(12);
    expect(await provider.perform(authorize())).toMatchObject({
      status: 'unknown',
      reason: expect.stringMatching(/nothing was sent/),
    });
    expect(asked).toHaveLength(sent);
  });
});

test.each<[string, Answer]>([
  ['a wrong key', error({ message: `Invalid API Key provided: ${SECRET_KEY}` }, 401)],
  ['a key without the right', error({ message: `The key ${SECRET_KEY} does not have access` }, 403)],
  [
    'a key that was used for something else',
    error({ type: 'idempotency_error', message: 'Keys for idempotent requests' }),
  ],
])('%s is refused, and no error holds the secret', async (_, answer) => {
  const { provider } = await stripe(answer);
  const thrown: unknown = await provider.perform(authorize()).catch((cause: unknown) => cause);
  expect(thrown).toBeInstanceOf(ProviderRefused);
  const { message, stack, cause } = thrown as Error;
  expect(`${message} ${stack}`).not.toContain(SECRET_KEY);
  expect(cause).toBeUndefined();
});

describe('looking up', () => {
  const request = authorize();
  const metadata = { paymentId: 'pay_1', requestKey: request.key };
  test('an authorization, by the key in its metadata', async () => {
    const { provider, asked } = await stripe({
      body: { object: 'search_result', data: [intent({ metadata })], has_more: false },
    });
    expect(await provider.lookup(request)).toMatchObject({ status: 'told', outcome: { status: 'succeeded' } });
    expect(decodeURIComponent(asked[0]?.path ?? '')).toContain(`metadata['requestKey']:'${request.key}'`);
  });
  test('one that is not there is absent; one that cannot be looked for is not known', async () => {
    const { provider } = await stripe({ body: { object: 'search_result', data: [], has_more: false } }, 'hang up');
    expect(await provider.lookup(request)).toEqual({ status: 'absent' });
    expect(await provider.lookup(request)).toMatchObject({ status: 'unknown' });
  });
  test('an authorization whose name is known, by that: search is behind', async () => {
    const { provider, asked } = await stripe({ body: intent() });
    expect(await provider.lookup(authorize(), 'pi_3Qx1')).toMatchObject({
      status: 'told',
      outcome: { status: 'succeeded', reference: 'pi_3Qx1' },
    });
    expect(asked.map(({ method, path }) => [method, path.split('?')[0]])).toEqual([
      ['GET', '/v1/payment_intents/pi_3Qx1'],
    ]);
  });
  test('each capture leaves its own mark, by which it is found', async () => {
    const { provider, asked } = await stripe({ body: intent({ status: 'succeeded' }) });
    const both = [capture('pi_3Qx1', 400n), capture('pi_3Qx1', 600n)];
    for (const each of both) await toldBy(provider, each);
    const marks = asked.map(({ body }) => [...body.keys()].find((field) => field.startsWith('metadata['))!);
    expect(new Set(marks).size).toBe(2);
    const metadata = Object.fromEntries(marks.map((mark) => [mark.slice('metadata['.length, -1), 'op_c']));
    const { provider: later } = await stripe({ body: intent({ amount_received: 400, metadata }) });
    for (const each of both) {
      expect(await later.lookup(each)).toMatchObject({ status: 'told', outcome: { status: 'succeeded' } });
    }
    expect(await later.lookup(capture('pi_3Qx1', 400n))).toEqual({ status: 'absent' });
  });
  test('a refund, among those of its payment', async () => {
    const asked = giveBack('pi_3Qx1');
    const data = [refund(), refund({ id: 're_2', metadata: { requestKey: asked.key } })];
    const { provider } = await stripe({ body: { object: 'list', data, has_more: false } });
    expect(await provider.lookup(asked)).toMatchObject({ status: 'told', outcome: { reference: 're_2' } });
  });
});

describe('what an object says now', () => {
  test('a dispute is of the payment that its intent names', async () => {
    const { provider } = await stripe({ body: dispute({ status: 'lost' }) }, { body: intent() });
    expect(await provider.current('dispute', 'du_1Qx1')).toMatchObject({
      status: 'told',
      news: { what: 'dispute-lost', paymentId: 'pay_1', amount: { minor: 1000n, currency: 'GBP' } },
    });
  });
  test('one that is not there, or of a kind that means nothing here, is absent', async () => {
    const { provider } = await stripe(error({ code: 'resource_missing' }, 404));
    expect(await provider.current('refund', 're_none')).toEqual({ status: 'absent' });
    expect(await provider.current('invoice', 'in_1')).toEqual({ status: 'absent' });
  });
});
