/** The customer and the bank, played over HTTP while payments are with the sandbox; the projector's part is done by hand. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PaymentRequests } from '../../src/application/processes/payment-requests.js';
import { ProviderNotices } from '../../src/application/processes/provider-notices.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import type { Recorded } from '../../src/domain/fact.js';
import type { ProviderEvent } from '../../src/domain/provider-event/provider-event.events.js';
import { SandboxProvider } from '../../src/infrastructure/payments/sandbox/sandbox-provider.js';
import { ProviderEvents } from '../../src/infrastructure/processes/provider-events.js';
import { TestLogger } from '../follower/shelves.js';
import { temporaryFolders } from '../temporary-folders.js';
import { openTestApi, type TestApi } from './api-harness.js';

const clock = { now: () => Date.parse('2026-03-01T12:00:00.000Z') };
const RUNNING = new AbortController().signal;
let api: TestApi;
let bank: SandboxProvider;
let orderId: string;
beforeAll(async () => {
  bank = new SandboxProvider({ file: join(newFolder(), 'sandbox.sqlite'), clock });
  api = await openTestApi({ sandbox: bank });
  await api.post('/v1/products', { sku: 'MUG', name: 'Mug', prices: [{ amount: '4.10', currency: 'GBP' }] });
  const placed = await api.post('/v1/orders', { currency: 'GBP', lines: [{ sku: 'MUG', quantity: 3 }] });
  orderId = String(placed.json['id']);
});
afterAll(() => api.close());
const newFolder = temporaryFolders();

const AMOUNT = { minor: '1230', currency: 'GBP' };
/** What the projector does, once. */
async function settle(): Promise<void> {
  const options = { writer: new StreamWriter(api.store), provider: bank, clock };
  await api.project();
  await new PaymentRequests({ ...options, log: api.store, views: api.views }).sweep(RUNNING);
  await new ProviderNotices({ ...options, outbox: bank.outbox }).sweep(RUNNING);
  const received: Recorded<ProviderEvent>[] = [];
  for await (const { events } of api.store.readAll<ProviderEvent>({ types: ['ProviderEventReceived'] })) {
    received.push(...events);
  }
  await new ProviderEvents(options, new TestLogger()).add(received);
  await api.project();
}
type Payment = Readonly<{
  status: string;
  operations: Readonly<{ nextActionUrl?: string; reference?: string; code?: string }>[];
  disputes: Readonly<{ disputeId: string; status: string }>[];
}>;
const read = async (id: string) => (await api.get(`/v1/payments/${id}`)).json as unknown as Payment;
/** A payment whose authorization was asked for. */
async function authorized(method: string): Promise<string> {
  const { json } = await api.post('/v1/payments', { orderId, method, ...AMOUNT });
  const id = String(json['id']);
  await api.post(`/v1/payments/${id}/authorize`);
  await settle();
  return id;
}
const post = (path: string, body: object) =>
  api.send({ method: 'POST', path, headers: { 'content-type': 'application/json' }, payload: JSON.stringify(body) });

test.each([
  ['approves', 'succeeded', 'authorized'],
  ['refuses', 'failed', 'failed'],
])('a customer is sent to their bank, and %s: the payment goes on from there', async (_, outcome, status) => {
  const id = await authorized('pm_card_threeDSecure2Required');
  const waiting = await read(id);
  expect(waiting.status).toBe('requires-action');
  const url = waiting.operations[0]?.nextActionUrl ?? '';

  const page = await api.get(url);
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.text).toContain('£12.30');
  expect(page.text).toContain(id);
  for (let twice = 0; twice < 2; twice++) {
    const answer = await post(`${url}/complete`, { outcome });
    expect([answer.status, answer.json]).toEqual([
      200,
      { object: 'played', reference: waiting.operations[0]?.reference, outcome },
    ]);
  }
  const other = await post(`${url}/complete`, { outcome: outcome === 'failed' ? 'succeeded' : 'failed' });
  expect([other.status, other.json['code']]).toEqual([409, 'sandbox-object-ended']);
  expect((await api.get(url)).text).not.toContain('<button');

  await settle();
  const settled = await read(id);
  expect(settled.status).toBe(status);
  if (status === 'failed') expect(settled.operations[0]?.code).toBe('payment_intent_authentication_failure');
});

test('what a customer approves can be captured', async () => {
  const id = await authorized('pm_card_authenticationRequired');
  await post(`${(await read(id)).operations[0]?.nextActionUrl}/complete`, { outcome: 'succeeded' });
  await settle();
  await api.post(`/v1/payments/${id}/capture`, AMOUNT);
  await settle();
  expect((await read(id)).status).toBe('captured');
});

test('a dispute is ended by the bank', async () => {
  const id = await authorized('pm_card_createDispute');
  await api.post(`/v1/payments/${id}/capture`, AMOUNT);
  await settle();
  const [dispute] = (await read(id)).disputes;
  expect(dispute?.status).toBe('opened');
  expect((await post(`/v1/sandbox/disputes/${dispute?.disputeId}/end`, { outcome: 'won' })).status).toBe(200);
  await settle();
  expect((await read(id)).disputes).toMatchObject([{ status: 'won' }]);
  const again = await post(`/v1/sandbox/disputes/${dispute?.disputeId}/end`, { outcome: 'lost' });
  expect([again.status, again.json['code']]).toEqual([409, 'sandbox-object-ended']);
});

test.each([
  ['/v1/sandbox/authentications/pi_none/complete', { outcome: 'succeeded' }, 404, 'sandbox-object-unknown'],
  ['/v1/sandbox/disputes/dp_none/end', { outcome: 'won' }, 404, 'sandbox-object-unknown'],
  ['/v1/sandbox/authentications/pi_none/complete', { outcome: 'perhaps' }, 400, 'request-invalid'],
  ['/v1/sandbox/disputes/dp%3Cb%3E/end', { outcome: 'won' }, 400, 'request-invalid'],
])('%s with %j is refused: %i %s', async (path, body, status, code) => {
  const answer = await post(path, body);
  expect([answer.status, answer.json['code']]).toEqual([status, code]);
});
test('the page of what is not there is no page', async () => {
  expect((await api.get('/v1/sandbox/authentications/pi_none')).json['code']).toBe('sandbox-object-unknown');
});

test('a form of another site does not get through: only JSON is taken, which its browser would ask us about', async () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const path = '/v1/sandbox/authentications/pi_none/complete';
  const answer = await api.send({ method: 'POST', path, headers, payload: 'outcome=succeeded' });
  expect([answer.status, answer.json['code']]).toEqual([415, 'media-type-unsupported']);
});

test('where payments are with Stripe, there is nothing of it', async () => {
  const payments = { provider: 'stripe', webhookSecrets: [] } as const;
  const { createApi } = await import('../../apps/api/app.js');
  const { store, views } = api;
  const { MemoryKeyStore } = await import('../../src/infrastructure/keys/memory-key-store.js');
  const other = await createApi({ store, views, keys: new MemoryKeyStore(), clock, payments });
  const answer = await other.app.inject({ method: 'GET', url: '/v1/sandbox/authentications/pi_none' });
  expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([404, 'not-found']);
  await other.stop();
});

test('while its file cannot be used, that is said', async () => {
  const file = join(newFolder(), 'sandbox.sqlite');
  const closed = new SandboxProvider({ file, clock });
  await closed.close();
  const unwell = await openTestApi({ sandbox: closed });
  const answer = await unwell.get('/v1/sandbox/authentications/pi_none');
  expect([answer.status, answer.json['code'], answer.json['retryable']]).toEqual([503, 'sandbox-unavailable', true]);
  await unwell.close();
});
