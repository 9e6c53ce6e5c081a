/** Orders that the ledger fulfils, over HTTP: what may be asked, what is refused, and how a client waits. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Fulfilments } from '../../src/application/processes/fulfilments.js';
import { PaymentRequests } from '../../src/application/processes/payment-requests.js';
import type { PaymentProvider, Told } from '../../src/application/ports/payment-provider.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import { SandboxProvider } from '../../src/infrastructure/payments/sandbox/sandbox-provider.js';
import { riskRules } from '../../src/infrastructure/risk/risk-rules.js';
import { fulfilmentView } from '../../src/projections/fulfilment.view.js';
import { openTestApi, type Answered, type TestApi } from './api-harness.js';

const RUNNING = new AbortController().signal;
const CARD = 'pm_card_visa';
const NOT_NOW: Told = {
  ...{ status: 'told', operation: 'capture' },
  outcome: { status: 'failed', code: 'processing_error', reason: 'Try again later.' },
};
const LINES = [{ sku: 'MUG', quantity: 2 }];
const ORDER = { currency: 'GBP', lines: LINES, fulfilFrom: 'main', paymentMethod: CARD };
let api: TestApi;
let turn: () => Promise<void>;
let refusesCaptures = false;
beforeAll(async () => {
  const clock = { now: () => api.clock.now() };
  const provider = new SandboxProvider({ file: ':memory:', clock });
  api = await openTestApi({ sandbox: provider });
  const { store: log, views } = api;
  const shared = { log, views, clock, writer: new StreamWriter(log) };
  const fulfilments = new Fulfilments({ ...shared, risk: riskRules, provider: 'sandbox' });
  const refusing: PaymentProvider = {
    name: provider.name,
    perform: (request) =>
      refusesCaptures && request.operation === 'capture' ? Promise.resolve(NOT_NOW) : provider.perform(request),
    lookup: (request) => provider.lookup(request),
    current: (type, id) => provider.current(type, id),
    close: () => provider.close(),
  };
  const requests = new PaymentRequests({ ...shared, provider: refusing, monotonicMs: () => clock.now() });
  /** What the projector does, once each. */
  turn = async () => {
    await api.project();
    await fulfilments.sweep(RUNNING, await views.checkpoint(fulfilmentView));
    await api.project();
    await requests.sweep(RUNNING);
  };
  await api.post('/v1/products', { sku: 'MUG', name: 'Mug', prices: [{ amount: '2.50', currency: 'GBP' }] });
  await api.post('/v1/stock/MUG/main/receive', { quantity: 1_000_000 });
});
afterAll(() => api.close());

const later = (minutes: number) => api.clock.set(new Date(api.clock.now() + minutes * 60_000).toISOString());
const codeOf = ({ status, json }: Answered) => [status, json['code']];
const pointersOf = ({ json }: Answered) => (json['errors'] as { pointer: string }[]).map(({ pointer }) => pointer);
const fulfilmentOf = ({ json }: Answered) => json['fulfilment'] as Record<string, unknown> | undefined;
const idOf = ({ json }: Answered): string => String(json['id']);
const prefer = (wait: string) => ({ prefer: wait });
/** The answer, while the projector works. */
async function worked(answer: Promise<Answered>): Promise<Answered> {
  const waiting = { is: true };
  const settled = answer.finally(() => (waiting.is = false));
  while (waiting.is) {
    await turn();
    await delay(5);
  }
  return settled;
}
async function rested(): Promise<void> {
  let before: bigint | undefined;
  do {
    before = await api.store.head();
    await turn();
  } while ((await api.store.head()) !== before);
  await api.project();
}
const stands = async (orderId: string) => (await api.get(`/v1/orders/${orderId}/fulfilment`)).json;

describe('Prefer: wait', () => {
  test('answers once the order waits for somebody else, with how it stands', async () => {
    const placed = await worked(api.post('/v1/orders', ORDER, prefer('wait=20')));
    expect([placed.status, placed.headers['preference-applied']]).toEqual([201, 'wait=20']);
    expect(fulfilmentOf(placed)).toMatchObject({
      ...{ object: 'fulfilment', orderId: idOf(placed), status: 'confirmed', progress: 'waiting' },
      ...{ waitsFor: 'shipment', location: 'main', due: { minor: '500', currency: 'GBP' } },
      risk: { decision: 'accept', reasons: [] },
      reservations: [{ sku: 'MUG', reserved: 2, released: 0, shipped: 0, committed: true }],
      payments: [{ authorization: 'authorized', held: { minor: '500' }, captured: { minor: '0' } }],
    });
    const shipped = await worked(api.post(`/v1/orders/${idOf(placed)}/ship`, {}, prefer('wait=20')));
    expect(fulfilmentOf(shipped)).toMatchObject({ progress: 'ended', payments: [{ captured: { minor: '500' } }] });
  });

  test.each([
    ['a draft', 'place'],
    ['an order of which units are cancelled', 'cancel-lines'],
    ['an order that is cancelled', 'cancel'],
    ['an order that is reviewed', 'review'],
  ])('is kept for %s', async (_, command) => {
    const lines = [{ sku: 'MUG', quantity: command === 'review' ? 1_000 : 2 }];
    const terms = { fulfilFrom: 'main', paymentMethod: CARD };
    const drafted = idOf(await api.post('/v1/drafts', { currency: 'GBP', lines, customerId: 'c1' }));
    const place = worked(api.post(`/v1/drafts/${drafted}/place`, terms, prefer('wait=20')));
    const bodies: Record<string, object> = {
      'cancel-lines': { lines: [{ line: 1, quantity: 1 }], reason: 'one less' },
      cancel: { reason: 'changed their mind' },
      review: { decision: 'decline', reason: 'unknown' },
    };
    const placed = await place;
    const answer =
      command === 'place'
        ? placed
        : await worked(api.post(`/v1/orders/${idOf(placed)}/${command}`, bodies[command], prefer('wait=20')));
    expect(answer.headers['preference-applied']).toBe('wait=20');
    const ends: Record<string, object> = {
      place: { status: 'confirmed', progress: 'waiting', waitsFor: 'shipment' },
      'cancel-lines': { status: 'confirmed', reservations: [{ reserved: 2, released: 1 }] },
      cancel: { status: 'cancelled', progress: 'ended', payments: [{ authorization: 'voided' }] },
      review: { status: 'rejected', progress: 'ended', rejection: { code: 'risk-declined' } },
    };
    expect(fulfilmentOf(answer)).toMatchObject(ends[command]!);
  });

  test('says how far it came when the time is over; the command counts all the same', async () => {
    const placed = await api.post('/v1/orders', ORDER, prefer('wait=0'));
    expect([placed.status, placed.headers['preference-applied']]).toEqual([201, 'wait=0']);
    expect(fulfilmentOf(placed)).toBeUndefined(); // the view has not even heard of it
    await rested();
    expect(await stands(idOf(placed))).toMatchObject({ status: 'confirmed' });
  });

  test('of an order that is repeated tells how it stands by now', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const first = await api.post('/v1/orders', ORDER, key);
    await rested();
    const again = await api.post('/v1/orders', ORDER, { ...key, ...prefer('wait=20') });
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.json).toEqual({ ...first.json, fulfilment: expect.objectContaining({ status: 'confirmed' }) });
  });

  test('of an order that the ledger does not fulfil is answered as without', async () => {
    const { currency, lines } = ORDER;
    const placed = await worked(api.post('/v1/orders', { currency, lines }, prefer('wait=20')));
    expect([placed.status, fulfilmentOf(placed)]).toEqual([201, undefined]);
  });

  test.each(['wait', 'wait=', 'wait=-1', 'wait=1.5', 'wait=soon', 'respond-async'])(
    '%p is no preference, and no reason to refuse',
    async (value) => {
      const placed = await api.post('/v1/orders', ORDER, prefer(value));
      expect([placed.status, placed.headers['preference-applied'], fulfilmentOf(placed)]).toEqual([
        ...[201, undefined, undefined],
      ]);
    },
  );

  test.each(['deliver', 'complete'])('is not applied where nothing follows: %s', async (command) => {
    const orderId = idOf(await api.post('/v1/orders', ORDER));
    await rested();
    await api.post(`/v1/orders/${orderId}/ship`);
    const answer = await api.post(`/v1/orders/${orderId}/${command}`, {}, prefer('wait=20'));
    expect([answer.status, answer.headers['preference-applied'], fulfilmentOf(answer)]).toEqual([
      ...[200, undefined, undefined],
    ]);
  });
});

describe('what cannot be', () => {
  test.each([
    ['a method without a place', { paymentMethod: CARD }, '/paymentMethod'],
    ['a place that is no name', { fulfilFrom: 'Main hall' }, '/fulfilFrom'],
    ['a card number', { fulfilFrom: 'main', paymentMethod: '4242 4242 4242 4242' }, '/paymentMethod'],
  ])('is refused with its pointer: %s', async (_, terms, pointer) => {
    const { currency, lines } = ORDER;
    const placed = await api.post('/v1/orders', { currency, lines, ...terms });
    expect([codeOf(placed), pointersOf(placed)]).toEqual([[400, 'request-invalid'], [pointer]]);
    const draft = idOf(await api.post('/v1/drafts', { currency, lines }));
    const fromDraft = await api.post(`/v1/drafts/${draft}/place`, terms);
    expect([codeOf(fromDraft), pointersOf(fromDraft)]).toEqual([[400, 'request-invalid'], [pointer]]);
  });

  test('a draft that is placed again with other terms is another command', async () => {
    const draft = idOf(await api.post('/v1/drafts', { currency: 'GBP', lines: LINES }));
    const key = { 'idempotency-key': randomUUID() };
    expect((await api.post(`/v1/drafts/${draft}/place`, { fulfilFrom: 'main' }, key)).status).toBe(201);
    expect((await api.post(`/v1/drafts/${draft}/place`, { fulfilFrom: 'main' }, key)).status).toBe(201);
    expect(codeOf(await api.post(`/v1/drafts/${draft}/place`, { fulfilFrom: 'east' }, key))).toEqual([
      ...[422, 'idempotency-key-reused'],
    ]);
  });

  test('neither confirmed, nor edited, nor previewed by hand, nor shipped before it is confirmed', async () => {
    const orderId = idOf(await api.post('/v1/orders', ORDER));
    const edit = { setQuantities: [{ line: 1, quantity: 3 }] };
    const asRead = { 'if-match': '"0"' };
    expect(codeOf(await api.post(`/v1/orders/${orderId}/confirm`))).toEqual([409, 'order-in-fulfilment']);
    expect(codeOf(await api.post(`/v1/orders/${orderId}/edit`, { ...edit, reason: 'more' }, asRead))).toEqual([
      ...[409, 'order-in-fulfilment'],
    ]);
    expect(codeOf(await api.post(`/v1/orders/${orderId}/edit/preview`, edit))).toEqual([409, 'order-in-fulfilment']);
    expect(codeOf(await api.post(`/v1/orders/${orderId}/ship`))).toEqual([409, 'order-not-confirmed']);
  });

  test('nobody else moves what is reserved for it, also once it is confirmed', async () => {
    const orderId = idOf(await worked(api.post('/v1/orders', ORDER, prefer('wait=20'))));
    const reservationId = `ful_${orderId}`;
    const later = { expiresAt: '2100-01-01T00:00:00Z' };
    for (const [command, body] of Object.entries({ release: {}, commit: {}, extend: later })) {
      const answer = await api.post(`/v1/stock/MUG/main/reservations/${reservationId}/${command}`, body);
      expect([command, ...codeOf(answer)]).toEqual([command, 409, 'reservation-in-fulfilment']);
      expect(answer.json).toMatchObject({ reservationId, orderId });
    }
    expect(codeOf(await api.post('/v1/stock/MUG/main/ship', { quantity: 1, reservationId }))).toEqual([
      ...[409, 'reservation-in-fulfilment'],
    ]);
    expect((await stands(orderId))['reservations']).toMatchObject([{ reserved: 2, released: 0, shipped: 0 }]);
  });

  test('there is no fulfilment of an order that is not there, or that the ledger does not fulfil', async () => {
    const { currency, lines } = ORDER;
    const byHand = idOf(await api.post('/v1/orders', { currency, lines }));
    const payment = { orderId: byHand, minor: '500', currency: 'GBP', method: CARD };
    expect((await api.post('/v1/payments', payment)).status).toBe(201);
    await api.project();
    for (const orderId of ['ord_nope', byHand]) {
      expect(codeOf(await api.get(`/v1/orders/${orderId}/fulfilment`))).toEqual([404, 'fulfilment-unknown']);
    }
  });
});

describe('a review', () => {
  const LARGE = { ...ORDER, lines: [{ sku: 'MUG', quantity: 1_000 }] };
  const review = (orderId: string, body: unknown) => api.post(`/v1/orders/${orderId}/review`, body);
  const ACCEPT = { decision: 'accept', reason: 'called them' };

  test('is asked for, given once, and then the order goes on', async () => {
    const orderId = idOf(await api.post('/v1/orders', LARGE));
    expect(codeOf(await review(orderId, ACCEPT))).toEqual([409, 'review-not-asked']); // nobody has asked yet
    await rested();
    expect(await stands(orderId)).toMatchObject({
      ...{ status: 'placed', progress: 'waiting', waitsFor: 'review', deadline: '2026-03-02T12:00:00.000Z' },
      ...{ risk: { decision: 'review', reasons: expect.any(Array) }, payments: [] },
    });
    expect((await review(orderId, ACCEPT)).status).toBe(200);
    expect(codeOf(await review(orderId, { decision: 'decline', reason: 'no' }))).toEqual([409, 'review-not-asked']);
    await rested();
    expect(await stands(orderId)).toMatchObject({ status: 'confirmed', risk: { review: 'accept' } });
    expect(codeOf(await review(orderId, ACCEPT))).toEqual([409, 'order-already-confirmed']);
  });

  test.each([
    ['/decision', { ...ACCEPT, decision: 'maybe' }],
    ['/decision', { reason: 'called them' }],
    ['/reason', { decision: 'accept' }],
    ['/reason', { ...ACCEPT, reason: '' }],
    ['/reviewer', { ...ACCEPT, reviewer: 'me' }],
  ])('has to say what and why: %s', async (pointer, body) => {
    const answer = await review('ord_1', body);
    expect([codeOf(answer), pointersOf(answer)]).toEqual([[400, 'request-invalid'], [pointer]]);
  });

  test('of an order that is not there, or is off, is refused', async () => {
    expect(codeOf(await review('ord_nope', ACCEPT))).toEqual([404, 'order-unknown']);
    const draft = idOf(await api.post('/v1/drafts', { currency: 'GBP', lines: LINES }));
    expect(codeOf(await review(draft, ACCEPT))).toEqual([409, 'order-not-placed']);
    const orderId = idOf(await api.post('/v1/orders', LARGE));
    await api.post(`/v1/orders/${orderId}/cancel`, { reason: 'changed their mind' });
    expect(codeOf(await review(orderId, ACCEPT))).toEqual([409, 'order-cancelled']);
  });

  test('that nobody gives in a day: the order is off, and says why', async () => {
    const orderId = idOf(await api.post('/v1/orders', LARGE));
    await rested();
    later(24 * 60);
    await rested();
    expect(await stands(orderId)).toMatchObject({
      ...{ status: 'rejected', progress: 'ended' },
      rejection: { code: 'fulfilment-timed-out', reason: expect.stringContaining('nobody reviewed it') },
    });
    expect(codeOf(await review(orderId, ACCEPT))).toEqual([409, 'order-rejected']);
  });
});

describe('what is told of a fulfilment', () => {
  test('changes its tag with everything that changes', async () => {
    const orderId = idOf(await api.post('/v1/orders', ORDER));
    const path = `/v1/orders/${orderId}/fulfilment`;
    await api.project();
    const before = await api.get(path);
    expect(before.json).toMatchObject({ status: 'placed', progress: 'working', revision: '0' });
    const same = { 'if-none-match': String(before.headers['etag']) };
    expect((await api.get(path, same)).status).toBe(304);
    await rested();
    expect((await api.get(path, same)).json).toMatchObject({ status: 'confirmed' });
  });

  test('that the provider refuses, and when it is asked again; no client is kept waiting for that', async () => {
    const placedAt = api.clock.now();
    const orderId = idOf(await api.post('/v1/orders', ORDER));
    await rested();
    refusesCaptures = true;
    const shipped = await worked(api.post(`/v1/orders/${orderId}/ship`, {}, prefer('wait=20')));
    refusesCaptures = false;
    const retryAt = new Date(api.clock.now() + 60_000).toISOString();
    expect(fulfilmentOf(shipped)).toMatchObject({ progress: 'waiting', waitsFor: 'retry', retryAt });
    const { json } = await api.get('/v1/fulfilments?waitsFor=retry');
    expect(json['data']).toEqual([expect.objectContaining({ orderId, retryAt })]);
    later(1);
    expect(await stands(orderId)).toMatchObject({ progress: 'working' });
    await rested();
    const stood = await stands(orderId);
    expect(stood).toMatchObject({ progress: 'ended', payments: [{ captured: { minor: '500' } }] });
    expect(stood).not.toHaveProperty('retryAt');
    const expiresAt = new Date(placedAt + 30 * 60_000).toISOString();
    expect(stood['reservations']).toEqual([
      { sku: 'MUG', reserved: 2, released: 0, shipped: 2, committed: true, expiresAt },
    ]);
  });

  test('where a customer has to go, and that they would not', async () => {
    const orderId = idOf(await api.post('/v1/orders', { ...ORDER, paymentMethod: 'pm_card_threeDSecure2Required' }));
    await rested();
    const { payments, ...waiting } = await stands(orderId);
    expect(waiting).toMatchObject({ progress: 'waiting', waitsFor: 'customer' });
    const [{ nextActionUrl }] = payments as [{ nextActionUrl: string }];
    expect((await api.get(nextActionUrl)).text).toContain('Approve a payment');
    const { status } = await api.post(`${nextActionUrl}/complete`, { outcome: 'failed' });
    expect(status).toBe(200);
    later(1); // then the bank is asked again
    await rested();
    expect(await stands(orderId)).toMatchObject({ status: 'rejected', rejection: { code: 'payment-failed' } });
  });
});
