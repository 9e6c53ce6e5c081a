import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { performOperation } from '../../src/application/payment/perform-operation.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import type { Recorded } from '../../src/domain/fact.js';
import type { PaymentEvent, PaymentRequestEvent } from '../../src/domain/payment/payment.events.js';
import { paymentStream } from '../../src/domain/streams.js';
import { SandboxProvider } from '../../src/infrastructure/payments/sandbox/sandbox-provider.js';
import { temporaryFolders } from '../temporary-folders.js';
import { openTestApi, type TestApi } from './api-harness.js';

let api: TestApi;
let provider: SandboxProvider;
let orderId: string;
beforeAll(async () => {
  api = await openTestApi();
  provider = new SandboxProvider({ file: join(newFolder(), 'sandbox.sqlite'), clock: api.clock });
  await api.post('/v1/products', { sku: 'MUG', name: 'Mug', prices: [{ amount: '4.10', currency: 'GBP' }] });
  const placed = await api.post('/v1/orders', { currency: 'GBP', lines: [{ sku: 'MUG', quantity: 3 }] });
  orderId = String(placed.json['id']);
});
afterAll(async () => {
  await api.close();
  await provider.close();
});
const newFolder = temporaryFolders();

const GBP_1230 = { minor: '1230', currency: 'GBP' };
async function eventsOf(paymentId: string): Promise<readonly Recorded<PaymentEvent>[]> {
  const events: Recorded<PaymentEvent>[] = [];
  for await (const batch of api.store.readStream<PaymentEvent>(paymentStream(paymentId))) events.push(...batch);
  return events;
}
async function initiated(method = 'pm_card_visa'): Promise<string> {
  const answer = await api.post('/v1/payments', { orderId, method, ...GBP_1230 });
  expect(answer.status).toBe(201);
  return String(answer.json['id']);
}
/** The provider is asked for what was requested last. */
async function performed(paymentId: string): Promise<void> {
  const request = (await eventsOf(paymentId)).findLast(({ type }) => type.endsWith('Requested'));
  const writer = new StreamWriter(api.store);
  await performOperation({ writer, provider, clock: api.clock }, request as Recorded<PaymentRequestEvent>);
}
async function read(paymentId: string) {
  await api.project();
  return (await api.get(`/v1/payments/${paymentId}`)).json;
}

test('a payment is begun, authorized, captured and refunded, each with a receipt', async () => {
  const id = await initiated();
  const steps = [
    ['authorize', undefined],
    ['capture', GBP_1230],
    ['refund', { minor: '230', currency: 'GBP', reason: 'One mug was broken' }],
  ] as const;
  for (const [action, body] of steps) {
    const answer = await api.post(`/v1/payments/${id}/${action}`, body);
    expect([answer.status, answer.json]).toMatchObject([200, { object: 'receipt', stream: paymentStream(id) }]);
    await performed(id);
  }
  expect(await read(id)).toMatchObject({
    object: 'payment',
    orderId,
    provider: 'sandbox',
    amount: GBP_1230,
    status: 'partially-refunded',
    captured: GBP_1230,
    refunded: { minor: '230', currency: 'GBP' },
    pending: { minor: '0', currency: 'GBP' },
    operations: [
      { kind: 'authorization', status: 'succeeded' },
      { kind: 'capture', status: 'succeeded' },
      { kind: 'refund', status: 'succeeded', reason: 'One mug was broken', askedBy: 'local' },
    ],
    revision: '6',
  });
});

test('the outcome is pending until the provider has answered', async () => {
  const id = await initiated();
  await api.post(`/v1/payments/${id}/authorize`);
  expect(await read(id)).toMatchObject({ status: 'pending' });
  const early = await api.post(`/v1/payments/${id}/capture`, GBP_1230);
  expect([early.status, early.json]).toMatchObject([409, { code: 'payment-not-authorized', authorization: 'pending' }]);
});

test('a hold is let go of', async () => {
  const id = await initiated();
  await api.post(`/v1/payments/${id}/authorize`);
  await performed(id);
  expect((await api.post(`/v1/payments/${id}/void`, { reason: 'The order was cancelled' })).status).toBe(200);
  await performed(id);
  expect(await read(id)).toMatchObject({
    status: 'voided',
    operations: [{ status: 'voided' }, { kind: 'void', status: 'succeeded' }],
  });
  const again = await api.post(`/v1/payments/${id}/void`);
  expect([again.status, again.json['code']]).toEqual([409, 'nothing-to-void']);
});

test('a repeated request names the same payment, and the same operation', async () => {
  const key = { 'idempotency-key': randomUUID() };
  const body = { orderId, method: 'pm_card_visa', ...GBP_1230 };
  const [first, second] = [await api.post('/v1/payments', body, key), await api.post('/v1/payments', body, key)];
  expect([second.json, second.headers['idempotent-replayed']]).toEqual([first.json, 'true']);
  const id = String(first.json['id']);
  const once = { 'idempotency-key': randomUUID() };
  await api.post(`/v1/payments/${id}/authorize`, undefined, once);
  await performed(id);
  await api.post(`/v1/payments/${id}/authorize`, undefined, once);
  expect((await eventsOf(id)).map(({ type }) => type)).toEqual([
    'PaymentInitiated',
    'AuthorizationRequested',
    'AuthorizationSucceeded',
  ]);
});

describe('is refused', () => {
  test('for an order that is not there', async () => {
    const answer = await api.post('/v1/payments', { orderId: 'ord_none', method: 'pm_card_visa', ...GBP_1230 });
    expect([answer.status, answer.json['code']]).toEqual([404, 'order-unknown']);
  });
  test.each([
    ['a draft', 'order-not-placed', []],
    ['an order that was cancelled', 'order-cancelled', ['place', 'cancel']],
  ])('for %s', async (_, code, steps) => {
    const lines = [{ sku: 'MUG', quantity: 3 }];
    const id = String((await api.post('/v1/drafts', { currency: 'GBP', lines })).json['id']);
    const once = { 'idempotency-key': randomUUID() };
    const pay = (key?: Record<string, string>) =>
      api.post('/v1/payments', { orderId: id, method: 'pm_card_visa', ...GBP_1230 }, key);
    for (const step of steps) {
      if (step === 'place') expect((await api.post(`/v1/drafts/${id}/place`)).status).toBe(201);
      else expect((await pay(once)).status).toBe(201);
      if (step === 'cancel') await api.post(`/v1/orders/${id}/cancel`, { reason: 'Changed their mind' });
    }
    const answer = await pay();
    expect([answer.status, answer.json['code']]).toEqual([409, code]);
    // A payment that was begun while the order stood is answered as it was then.
    if (steps.includes('cancel')) expect((await pay(once)).headers['idempotent-replayed']).toBe('true');
  });
  test('in another currency than the order', async () => {
    const answer = await api.post('/v1/payments', { orderId, method: 'pm_card_visa', minor: '1', currency: 'EUR' });
    expect([answer.status, answer.json]).toMatchObject([422, { code: 'currency-mismatch', expected: 'GBP' }]);
  });
  test('of more than is due for the whole order at once; several together may come to more', async () => {
    const pay = (minor: string) =>
      api.post('/v1/payments', { orderId, method: 'pm_card_visa', minor, currency: 'GBP' });
    const answer = await pay('1231');
    expect([answer.status, answer.json]).toMatchObject([422, { code: 'exceeds-due', due: GBP_1230 }]);
    expect([(await pay('1230')).status, (await pay('1')).status]).toEqual([201, 201]);
  });
  test.each([
    [{ minor: 1230 }, '/minor'],
    [{ minor: '0' }, '/minor'],
    [{ minor: '12.30' }, '/minor'],
    [{ method: '4242424242424242' }, '/method'],
    [{ currency: 'XAU' }, '/currency'],
  ])('with %j', async (wrong, pointer) => {
    const answer = await api.post('/v1/payments', { orderId, method: 'pm_card_visa', ...GBP_1230, ...wrong });
    expect([answer.status, answer.json]).toMatchObject([400, { errors: [{ pointer }] }]);
  });
  test('a refund without a reason', async () => {
    const answer = await api.post(`/v1/payments/${await initiated()}/refund`, GBP_1230);
    expect([answer.status, answer.json]).toMatchObject([400, { errors: [{ pointer: '/reason' }] }]);
  });
  test('what is beyond the bounds, or of a payment that is not there', async () => {
    const id = await initiated();
    await api.post(`/v1/payments/${id}/authorize`);
    await performed(id);
    const capture = await api.post(`/v1/payments/${id}/capture`, { minor: '1231', currency: 'GBP' });
    expect([capture.status, capture.json]).toMatchObject([409, { code: 'exceeds-authorized', remaining: GBP_1230 }]);
    const refund = await api.post(`/v1/payments/${id}/refund`, { minor: '1', currency: 'GBP', reason: 'x' });
    expect([refund.status, refund.json]).toMatchObject([409, { code: 'exceeds-captured' }]);
    const unknown = await api.post('/v1/payments/pay_none/authorize');
    expect([unknown.status, unknown.json['code']]).toEqual([404, 'payment-unknown']);
  });
});

test('the payments of an order are listed', async () => {
  const id = await initiated();
  await api.project();
  const { json } = await api.get(`/v1/payments?orderId=${orderId}&limit=200`);
  expect((json['data'] as { paymentId: string }[]).map(({ paymentId }) => paymentId)).toContain(id);
  expect((await api.get('/v1/payments?orderId=ord_other')).json['data']).toEqual([]);
  expect((await api.get('/v1/payments/pay_none')).status).toBe(404);
});

describe('captured in parts', () => {
  const gbp = (minor: string) => ({ minor, currency: 'GBP' });
  async function held(method: string): Promise<string> {
    const id = await initiated(method);
    await api.post(`/v1/payments/${id}/authorize`);
    await performed(id);
    return id;
  }
  async function capture(id: string, minor: string, isFinal?: string): Promise<void> {
    const answer = await api.post(`/v1/payments/${id}/capture`, { ...gbp(minor), ...(isFinal && { isFinal }) });
    expect([answer.status, answer.json]).toMatchObject([200, { object: 'receipt' }]);
    await performed(id);
  }

  test('what a capture leaves stays held for the next, until the last', async () => {
    const id = await held('pm_card_visa');
    await capture(id, '400');
    await capture(id, '500', 'yes');
    expect(await read(id)).toMatchObject({
      status: 'partially-captured',
      captured: gbp('900'),
      operations: [{ status: 'released' }, { minor: '400' }, { minor: '500', status: 'succeeded' }],
    });
  });

  test('where the card cannot, the rest is let go of, and can be authorized again and given back in one', async () => {
    const id = await held('pm_sandbox_captured_once');
    await capture(id, '400');
    const refused = await api.post(`/v1/payments/${id}/capture`, gbp('830'));
    const why = { code: 'payment-not-authorized', authorization: 'released' };
    expect([refused.status, refused.json]).toMatchObject([409, why]);
    expect((await api.post(`/v1/payments/${id}/void`)).json).toMatchObject({ code: 'nothing-to-void' });
    await api.post(`/v1/payments/${id}/authorize`);
    await performed(id);
    await capture(id, '830');
    const refund = await api.post(`/v1/payments/${id}/refund`, { ...GBP_1230, reason: 'All of it was broken' });
    expect(refund.status).toBe(200);
    const operationId = String(refund.json['id']);
    const { pending, operations } = await read(id);
    expect(pending).toEqual(GBP_1230);
    expect(operations).toMatchObject([
      { kind: 'authorization', status: 'released', minor: '1230' },
      { kind: 'capture', minor: '400' },
      { kind: 'authorization', status: 'succeeded', minor: '830' },
      { kind: 'capture', minor: '830' },
      { kind: 'refund', operationId, minor: '830', status: 'pending' },
      { kind: 'refund', partOf: operationId, minor: '400', status: 'pending' },
    ]);
  });

  test('is said with one of two words', async () => {
    const answer = await api.post(`/v1/payments/pay_1/capture`, { ...GBP_1230, isFinal: 'maybe' });
    expect([answer.status, answer.json]).toMatchObject([400, { errors: [{ pointer: '/isFinal' }] }]);
  });
});
