import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { applyProviderEvent } from '../../src/application/payment/apply-provider-event.js';
import { initiatePayment } from '../../src/application/payment/initiate-payment.js';
import { performOperation } from '../../src/application/payment/perform-operation.js';
import { receiveProviderEvent } from '../../src/application/payment/receive-provider-event.js';
import { runPayment } from '../../src/application/payment/run-payment.js';
import { runOrder } from '../../src/application/order/run-order.handler.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import type { Recorded } from '../../src/domain/fact.js';
import type { OrderCommand } from '../../src/domain/order/order.commands.js';
import type { PaymentCommand } from '../../src/domain/payment/payment.commands.js';
import type { PaymentEvent, PaymentRequestEvent } from '../../src/domain/payment/payment.events.js';
import type { ProviderEvent, ProviderNews } from '../../src/domain/provider-event/provider-event.events.js';
import { orderStream, paymentStream, providerEventStream } from '../../src/domain/streams.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { SandboxProvider } from '../../src/infrastructure/payments/sandbox/sandbox-provider.js';
import { temporaryFolders } from '../temporary-folders.js';

/*
 * What users of other shops report of payments, each by its name (Vendure, Medusa, Pinelab, nopCommerce), with the real
 * writer and the sandbox bank; two writers on one log where it is a race.
 */
const newFolder = temporaryFolders();
const NOON = Date.parse('2026-03-01T12:00:00.000Z');
const clock = { now: () => NOON };
const gbp = (minor: bigint) => ({ minor, currency: 'GBP' });

let store: MemoryEventStore;
let writer: StreamWriter;
let rival: StreamWriter;
let provider: SandboxProvider;
beforeEach(() => {
  store = new MemoryEventStore({ clock });
  [writer, rival] = [new StreamWriter(store), new StreamWriter(store)];
  provider = new SandboxProvider({ file: join(newFolder(), 'sandbox.sqlite'), clock });
});
afterEach(async () => {
  await provider.close();
  await store.close();
});

let commands = 0;
const context = (principal = 'clerk') => ({
  commandId: `test-${++commands}`,
  principal,
  occurredAt: new Date(NOON).toISOString(),
});
const run = (command: PaymentCommand, through = writer, principal = 'clerk') =>
  runPayment(through, command, context(principal));
const order = (command: OrderCommand) => runOrder(writer, command, context());
async function read<E extends PaymentEvent | ProviderEvent>(stream: string): Promise<readonly Recorded<E>[]> {
  const events: Recorded<E>[] = [];
  for await (const batch of store.readStream<E>(stream)) events.push(...batch);
  return events;
}
const history = () => read<PaymentEvent>(paymentStream('pay_1'));
const count = async (type: PaymentEvent['type']) => (await history()).filter((event) => event.type === type).length;

async function placed(): Promise<void> {
  const lines = [{ kind: 'goods', sku: 'MUG', quantity: 1, unitPrice: '10' }] as const;
  await order({ type: 'PlaceOrder', data: { orderId: 'ord_1', currency: 'GBP', lines } });
}
const data = { paymentId: 'pay_1', orderId: 'ord_1', amount: gbp(1000n), provider: 'sandbox' } as const;
async function asked(command: PaymentCommand): Promise<void> {
  await run(command);
  await performed();
}
/** Everything that was requested is carried out. */
async function performed(): Promise<void> {
  for (const event of await history()) {
    if (!event.type.endsWith('Requested')) continue;
    await performOperation({ writer, provider, clock }, event as Recorded<PaymentRequestEvent>);
  }
}
async function authorized(method = 'pm_card_visa'): Promise<void> {
  await placed();
  await initiatePayment(writer, { ...data, method }, context());
  await asked({ type: 'RequestAuthorization', data: { paymentId: 'pay_1', operationId: 'a1' } });
}
const capture = (operationId: string, minor = 1000n): PaymentCommand => ({
  type: 'RequestCapture',
  data: { paymentId: 'pay_1', operationId, amount: gbp(minor) },
});
const refund = (operationId: string, minor: bigint): PaymentCommand => ({
  type: 'RequestRefund',
  data: { paymentId: 'pay_1', operationId, amount: gbp(minor), reason: 'Broken on arrival' },
});

/** What the bank tells, received and applied. */
async function told(news: ProviderNews, eventId: string, through = writer) {
  const received = {
    provider: 'sandbox',
    eventId,
    eventType: news.what,
    mode: 'test',
    objectType: 'notice',
    objectId: news.reference,
    isFinal: 'no',
    news,
    bodySha256: '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
  } as const;
  await receiveProviderEvent(through, received, context('provider:sandbox'));
  const [event] = await read<ProviderEvent>(providerEventStream('sandbox', eventId));
  return applyProviderEvent({ writer: through, provider, clock }, event!);
}
const latest = (what: ProviderNews['what']): ProviderNews =>
  provider.notices(0).findLast(({ news }) => news.what === what)!.news;

test('three webhooks that settle three times: the payment is settled once, by whichever comes first', async () => {
  await authorized();
  await run(capture('c1'));
  const request = (await history()).at(-1) as Recorded<PaymentRequestEvent>;
  await provider.perform({
    ...{ key: request.id, paymentId: 'pay_1', orderId: 'ord_1', operationId: 'c1', operation: 'capture' as const },
    ...{ amount: gbp(1000n), authorizationReference: latest('authorized').reference },
  });
  const news = latest('captured');
  const answers = await Promise.all([
    told(news, 'evt_1'),
    told(news, 'evt_1', rival),
    told(news, 'evt_2', rival),
    told(news, 'evt_3'),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(['applied', 'applied', 'applied', 'applied']);
  await performed();
  expect(await count('CaptureSucceeded')).toBe(1);
});

test('money taken without an order: none is begun, and what moves at the provider by itself is told apart', async () => {
  await expect(initiatePayment(writer, { ...data, method: 'pm_card_visa' }, context())).rejects.toMatchObject({
    rejection: { code: 'order-unknown' },
  });
  await authorized();
  await asked(capture('c1'));
  const strange: ProviderNews = { ...latest('captured'), reference: 'ch_strange', paymentId: 'pay_nobody' };
  const current = provider.current.bind(provider);
  provider.current = (type, id) =>
    id === 'ch_strange' ? Promise.resolve({ status: 'told', news: strange }) : current(type, id);
  expect(await told(strange, 'evt_strange')).toEqual({
    status: 'unmatched',
    reason: 'Payment pay_nobody: payment-unknown.',
  });
  expect(await read(providerEventStream('sandbox', 'evt_strange'))).toHaveLength(1);
  expect(await read(paymentStream('pay_nobody'))).toEqual([]);
});

test('money taken without an order: a draft is none yet, and one that was cancelled or rejected is none any more', async () => {
  const begin = () => initiatePayment(writer, { ...data, method: 'pm_card_visa' }, context());
  const orderId = 'ord_1';
  const lines = [{ kind: 'goods', sku: 'MUG', quantity: 1, unitPrice: '10' }] as const;
  await order({ type: 'DraftOrder', data: { orderId, currency: 'GBP', lines } });
  await expect(begin()).rejects.toMatchObject({ rejection: { code: 'order-not-placed' } });
  await placed();
  await order({ type: 'RejectOrder', data: { orderId, code: 'insufficient-stock', reason: 'None is left' } });
  await expect(begin()).rejects.toMatchObject({ rejection: { code: 'order-rejected' } });
  expect(await history()).toEqual([]);
});

test('money taken without an order: none is held that the order does not come to', async () => {
  const why = { code: 'exceeds-due', due: gbp(1000n) };
  await authorized();
  const another = { ...data, paymentId: 'pay_2', amount: gbp(51_000n), method: 'pm_card_visa' };
  await expect(initiatePayment(writer, another, context())).rejects.toMatchObject({ rejection: why });
  await expect(run(capture('c1', 1001n))).rejects.toMatchObject({ rejection: { code: 'exceeds-authorized' } });
});

test('several currencies, never mixed in one order: a payment is in the currency of its order', async () => {
  await placed();
  const inEuros = { ...data, amount: { minor: 1000n, currency: 'EUR' }, method: 'pm_card_visa' };
  const wrong = { code: 'currency-mismatch', expected: 'GBP' };
  await expect(initiatePayment(writer, inEuros, context())).rejects.toMatchObject({ rejection: wrong });
  expect(await history()).toEqual([]);
});

test('refund above what was captured: of two at once, one is refused', async () => {
  await authorized();
  await asked(capture('c1'));
  const both = await Promise.allSettled([run(refund('r1', 600n)), run(refund('r2', 600n), rival)]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { rejection: { code: 'exceeds-captured', remaining: gbp(400n) } },
  });
  await performed();
  expect(await count('RefundSucceeded')).toBe(1);
});

test('double capture: of two at once one is refused, and a repeated one takes nothing', async () => {
  await authorized();
  const both = await Promise.allSettled([run(capture('c1')), run(capture('c2'), rival), run(capture('c1'), rival)]);
  expect(both.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
  expect(await count('CaptureRequested')).toBe(1);
  await performed();
  await performed();
  expect(await count('CaptureSucceeded')).toBe(1);
  expect(provider.notices(0).filter(({ news }) => news.what === 'captured')).toHaveLength(1);
});

test('a late webhook after shipping is applied, and disturbs nothing', async () => {
  await authorized();
  await order({ type: 'ConfirmOrder', data: { orderId: 'ord_1' } });
  await order({ type: 'ShipOrder', data: { orderId: 'ord_1', lines: [{ line: 1, quantity: 1 }] } });
  const before = await read(orderStream('ord_1'));
  await asked(capture('c1'));
  const late = await told(latest('captured'), 'evt_late');
  expect(late).toMatchObject({ status: 'applied' });
  expect(await told(latest('authorized'), 'evt_later')).toMatchObject({ status: 'applied' });
  expect(await count('CaptureSucceeded')).toBe(1);
  expect(await read(orderStream('ord_1'))).toEqual(before);
});

test('failed and cancelled events are not ignored', async () => {
  await placed();
  await initiatePayment(writer, { ...data, method: 'pm_card_threeDSecure2Required' }, context());
  await asked({ type: 'RequestAuthorization', data: { paymentId: 'pay_1', operationId: 'a1' } });
  provider.authenticate(latest('action-required').reference, 'failed');
  expect(await told(latest('authorization-failed'), 'evt_failed')).toMatchObject({ status: 'applied' });
  expect((await history()).at(-1)).toMatchObject({
    type: 'AuthorizationFailed',
    data: { code: 'payment_intent_authentication_failure' },
  });
  await asked({ type: 'RequestAuthorization', data: { paymentId: 'pay_1', operationId: 'a2' } });
  const { reference } = latest('action-required');
  const voided: ProviderNews = { what: 'voided', reference, paymentId: 'pay_1' };
  provider.current = () => Promise.resolve({ status: 'told', news: voided });
  expect(await told(voided, 'evt_canceled')).toMatchObject({ status: 'applied' });
  expect((await history()).at(-1)).toMatchObject({ type: 'VoidSucceeded', data: { reference } });
});

test('who refunded and why is in the history', async () => {
  await authorized();
  await asked(capture('c1'));
  await run(refund('r1', 400n), writer, 'maria');
  await performed();
  const [requested, succeeded] = (await history()).slice(-2);
  expect(requested).toMatchObject({
    type: 'RefundRequested',
    data: { reason: 'Broken on arrival', amount: gbp(400n) },
    metadata: { principal: 'maria' },
  });
  expect(succeeded).toMatchObject({
    type: 'RefundSucceeded',
    data: { reason: 'Broken on arrival' },
    metadata: { principal: 'provider:sandbox', causationId: requested?.id },
  });
});

test('a refund that the bank cannot make comes back, and is known to have come back', async () => {
  await authorized('pm_card_refundFail');
  await asked(capture('c1'));
  await asked(refund('r1', 400n));
  expect(await told(latest('refund-failed'), 'evt_back')).toMatchObject({ status: 'applied' });
  expect((await history()).at(-1)).toMatchObject({ type: 'RefundReversed', data: { amount: gbp(400n) } });
});

test('a dispute is known, and what it keeps cannot be refunded as well', async () => {
  await authorized('pm_card_createDispute');
  await asked(capture('c1'));
  expect(await told(latest('dispute-opened'), 'evt_dispute')).toMatchObject({ status: 'applied' });
  await expect(run(refund('r1', 1n))).rejects.toMatchObject({ rejection: { code: 'exceeds-captured' } });
});

// github.com/medusajs/medusa/issues/4798, 2948, 3146
test('the storefront and the webhook at the same moment: neither fails, and the outcome is written once', async () => {
  await placed();
  await initiatePayment(writer, { ...data, method: 'pm_card_visa' }, context());
  await run({ type: 'RequestAuthorization', data: { paymentId: 'pay_1', operationId: 'a1' } });
  const request = (await history()).at(-1) as Recorded<PaymentRequestEvent>;
  await provider.perform({
    ...{
      key: request.id,
      paymentId: 'pay_1',
      orderId: 'ord_1',
      operationId: 'a1',
      operation: 'authorization' as const,
    },
    ...{ amount: gbp(1000n), method: 'pm_card_visa' },
  });
  const storefront = { writer, provider, clock };
  const answers = await Promise.all([
    performOperation(storefront, request),
    told(latest('authorized'), 'evt_1', rival),
    performOperation({ ...storefront, writer: rival }, request),
    told(latest('authorized'), 'evt_2'),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(['recorded', 'applied', 'recorded', 'applied']);
  expect(await count('AuthorizationSucceeded')).toBe(1);
});

// github.com/vendurehq/vendure/pull/2462
test('a payment that is sent twice is one at the bank, under one key', async () => {
  await authorized();
  const again = { type: 'RequestAuthorization', data: { paymentId: 'pay_1', operationId: 'a1' } } as const;
  await Promise.all([run(again), run(again, rival)]);
  await performed();
  expect([await count('AuthorizationRequested'), provider.notices(0).length]).toEqual([1, 1]);
});

// github.com/medusajs/medusa/issues/13091, 13734
test('what is left can be refunded to the last penny, however it was taken and given back before', async () => {
  const parts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(parts, parts, async (captures, refunds) => {
      const paymentId = `pay_${++commands}`;
      const of = { paymentId, orderId: 'ord_1', amount: gbp(10_000n), provider: 'sandbox' } as const;
      await run({ type: 'InitiatePayment', data: { ...of, method: 'pm_card_visa' } });
      const step = async (command: PaymentCommand) => {
        await run(command);
        const request = (await read<PaymentEvent>(paymentStream(paymentId))).at(-1);
        await performOperation({ writer, provider, clock }, request as Recorded<PaymentRequestEvent>);
      };
      const back = (operationId: string, minor: bigint): PaymentCommand => ({
        type: 'RequestRefund',
        data: { paymentId, operationId, amount: gbp(minor), reason: 'broken' },
      });
      await step({ type: 'RequestAuthorization', data: { paymentId, operationId: 'a' } });
      for (const [n, minor] of captures.entries()) {
        await step({ type: 'RequestCapture', data: { paymentId, operationId: `c${n}`, amount: gbp(BigInt(minor)) } });
      }
      let left = BigInt(captures.reduce((a, b) => a + b, 0));
      for (const [n, minor] of refunds.entries()) {
        if (BigInt(minor) >= left) continue;
        await step(back(`r${n}`, BigInt(minor)));
        left -= BigInt(minor);
      }
      await expect(run(back('more', left + 1n))).rejects.toMatchObject({ rejection: { remaining: gbp(left) } });
      await step(back('rest', left));
      expect((await read<PaymentEvent>(paymentStream(paymentId))).at(-1)?.type).toBe('RefundSucceeded');
    }),
    { numRuns: 25 },
  );
});
