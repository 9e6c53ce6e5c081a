/** What the sandbox bank has to tell, from its file over the log to the payment's stream, with nobody to send webhooks. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { performOperation } from '../../src/application/payment/perform-operation.js';
import { runPayment } from '../../src/application/payment/run-payment.js';
import type { Outbox } from '../../src/application/ports/payment-provider.js';
import { ProviderNotices } from '../../src/application/processes/provider-notices.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import type { Recorded } from '../../src/domain/fact.js';
import type { PaymentCommand } from '../../src/domain/payment/payment.commands.js';
import type { PaymentEvent, PaymentRequestEvent } from '../../src/domain/payment/payment.events.js';
import type { ProviderEvent } from '../../src/domain/provider-event/provider-event.events.js';
import { paymentStream } from '../../src/domain/streams.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { SandboxProvider } from '../../src/infrastructure/payments/sandbox/sandbox-provider.js';
import { ProviderEvents } from '../../src/infrastructure/processes/provider-events.js';
import { TestLogger } from '../follower/shelves.js';
import { temporaryFolders } from '../temporary-folders.js';

const newFolder = temporaryFolders();
const clock = { now: () => Date.parse('2026-03-01T12:00:00.000Z') };
const gbp = (minor: bigint) => ({ minor, currency: 'GBP' });
const RUNNING = new AbortController().signal;
let log: MemoryEventStore;
let bank: SandboxProvider;
let logger: TestLogger;
beforeEach(() => {
  log = new MemoryEventStore({ clock });
  bank = new SandboxProvider({ file: join(newFolder(), 'sandbox.sqlite'), clock });
  logger = new TestLogger();
});
afterEach(() => bank.close());

/** In a process of its own. */
const notices = (outbox: Outbox = bank.outbox) => new ProviderNotices({ outbox, writer: new StreamWriter(log), clock });
async function history<E extends PaymentEvent | ProviderEvent>(...wanted: E['type'][]): Promise<Recorded<E>[]> {
  const events: Recorded<E>[] = [];
  for await (const batch of log.readAll<E>({ types: wanted })) events.push(...batch.events);
  return events;
}
const received = () => history<ProviderEvent>('ProviderEventReceived');
/** As the follower does, from the log's beginning every time. */
async function applied(): Promise<void> {
  const intake = new ProviderEvents({ writer: new StreamWriter(log), provider: bank, clock }, logger);
  await intake.add(await received());
}
let commands = 0;
const run = (command: PaymentCommand) =>
  runPayment(new StreamWriter(log), command, {
    commandId: `test-${++commands}`,
    principal: 'clerk',
    occurredAt: new Date(clock.now()).toISOString(),
  });
async function types(): Promise<string[]> {
  const found: string[] = [];
  for await (const batch of log.readStream(paymentStream('pay_1'))) found.push(...batch.map(({ type }) => type));
  return found;
}
/** Asked for in the log, and, where `atOnce` says so, done and its outcome written down. */
async function asked(command: PaymentCommand, atOnce = true): Promise<Recorded<PaymentRequestEvent>> {
  await run(command);
  let request: Recorded<PaymentEvent> | undefined;
  for await (const batch of log.readStream<PaymentEvent>(paymentStream('pay_1'))) request = batch.at(-1);
  if (atOnce) await carriedOut(request as Recorded<PaymentRequestEvent>);
  return request as Recorded<PaymentRequestEvent>;
}
const carriedOut = (request: Recorded<PaymentRequestEvent>, writer = new StreamWriter(log)) =>
  performOperation({ writer, provider: bank, clock }, request);
/** The log takes nothing any more. */
const deaf = () =>
  new StreamWriter({
    append: () => Promise.reject(new Error('the log is away')),
    readStream: (stream, query) => log.readStream(stream, query),
  });
/** The bank has done it, and nobody has heard its answer. */
const doneAndKilled = (request: Recorded<PaymentRequestEvent>) =>
  expect(carriedOut(request, deaf())).rejects.toThrow('the log is away');
async function authorized(method = 'pm_card_visa'): Promise<void> {
  const data = { paymentId: 'pay_1', orderId: 'ord_1', amount: gbp(1000n), method, provider: 'sandbox' } as const;
  await run({ type: 'InitiatePayment', data });
  await asked({ type: 'RequestAuthorization', data: { paymentId: 'pay_1', operationId: 'a1' } });
}
const capture = (operationId: string, minor: bigint): PaymentCommand => ({
  type: 'RequestCapture',
  data: { paymentId: 'pay_1', operationId, amount: gbp(minor) },
});
const refund = (minor: bigint): PaymentCommand => ({
  type: 'RequestRefund',
  data: { paymentId: 'pay_1', operationId: 'r1', amount: gbp(minor), reason: 'broken' },
});

test('each is written down once, as a webhook is, and is not told again', async () => {
  await authorized();
  await asked(capture('c1', 1000n));
  const { tried } = await notices().sweep(RUNNING);
  expect((await received()).map(({ data }) => [data.eventId, data.eventType])).toEqual([
    [tried[0], 'authorized'],
    [tried[1], 'captured'],
  ]);
  expect((await received())[0]?.metadata.principal).toBe('provider:sandbox');
  expect(await notices().sweep(RUNNING)).toEqual({ tried: [], failed: [] });
  await applied();
  expect(await types()).toHaveLength(5); // both were known already
  expect(logger.lines).toEqual([]);
});

test('killed before it was marked as delivered, it is told again, and written down once', async () => {
  await authorized();
  const killed: Outbox = {
    waiting: (limit) => bank.outbox.waiting(limit),
    delivered: () => Promise.reject(new Error('killed')),
  };
  for (let kill = 0; kill < 3; kill++) await expect(notices(killed).sweep(RUNNING)).rejects.toThrow('killed');
  expect(await bank.outbox.waiting(10)).toHaveLength(1);
  await Promise.all([notices().sweep(RUNNING), notices().sweep(RUNNING)]);
  expect(await bank.outbox.waiting(10)).toEqual([]);
  expect(await received()).toHaveLength(1);
});

test('is not marked as delivered while the log does not take it', async () => {
  await authorized();
  const sweep = new ProviderNotices({ outbox: bank.outbox, writer: deaf(), clock });
  await expect(sweep.sweep(RUNNING)).rejects.toThrow('the log is away');
  expect(await bank.outbox.waiting(10)).toHaveLength(1);
});

test('more than are fetched at once are all taken in, and a stop ends it between two fetches', async () => {
  for (let n = 0; n < 250; n++) {
    const whose = { key: `k${n}`, paymentId: `pay_${n}`, orderId: 'ord_1', operationId: 'a1' };
    await bank.perform({ ...whose, operation: 'authorization', amount: gbp(1n), method: 'pm_card_visa' });
  }
  expect((await notices().sweep(AbortSignal.abort())).tried).toEqual([]);
  expect((await notices().sweep(RUNNING)).tried).toHaveLength(250);
  expect(await received()).toHaveLength(250);
});

test('a dispute is opened, and ends as the bank says', async () => {
  await authorized('pm_card_createDispute');
  await asked(capture('c1', 1000n));
  await notices().sweep(RUNNING);
  await applied();
  expect((await types()).at(-1)).toBe('DisputeOpened');
  bank.endDispute(bank.notices(0).at(-1)!.news.reference, 'lost');
  await notices().sweep(RUNNING);
  await applied();
  expect((await types()).slice(-2)).toEqual(['DisputeOpened', 'DisputeLost']);
});

test.each([
  ['after its success', true, ['RefundSucceeded', 'RefundReversed']],
  ['before its success, which was held up', false, ['RefundFailed']],
])('a refund that fails at the bank, heard of %s, has given nothing back', async (_, atOnce, expected) => {
  await authorized('pm_card_refundFail');
  await asked(capture('c1', 1000n));
  const request = await asked(refund(400n), atOnce);
  if (!atOnce) await doneAndKilled(request);
  await notices().sweep(RUNNING);
  await applied();
  await carriedOut(request);
  await applied();
  expect((await types()).slice(6)).toEqual(expected);
  await run({
    type: 'RequestRefund',
    data: { ...request.data, operationId: 'r2', amount: gbp(1000n), reason: 'again' },
  });
});

test('an answer that was lost is heard of all the same', async () => {
  await authorized('pm_sandbox_late');
  await notices().sweep(RUNNING);
  await applied();
  expect(await types()).toEqual(['PaymentInitiated', 'AuthorizationRequested', 'AuthorizationSucceeded']);
});

test('two captures of the same amount, of which the notices come first, are two', async () => {
  await authorized();
  const requests = [await asked(capture('c1', 400n), false), await asked(capture('c2', 400n), false)];
  for (const request of requests) await doneAndKilled(request);
  await notices().sweep(RUNNING);
  await applied();
  for (const request of requests) await carriedOut(request);
  const captured = await history<Extract<PaymentEvent, { type: 'CaptureSucceeded' }>>('CaptureSucceeded');
  const named = captured.map(({ data }) => [data.operationId, data.reference]);
  expect(named).toEqual(requests.map(({ id, data }) => [data.operationId, `ch_sandbox_${id.replaceAll('-', '')}`]));
});

test('what the bank tells twice counts once', async () => {
  await authorized('pm_sandbox_double');
  await asked(capture('c1', 1000n));
  await notices().sweep(RUNNING);
  await applied();
  expect(await received()).toHaveLength(4);
  expect((await types()).filter((type) => type.endsWith('Succeeded'))).toHaveLength(2);
});
