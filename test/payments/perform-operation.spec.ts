import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { performOperation } from '../../src/application/payment/perform-operation.js';
import { runPayment } from '../../src/application/payment/run-payment.js';
import type { PaymentProvider, ProviderRequest } from '../../src/application/ports/payment-provider.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import type { Recorded } from '../../src/domain/fact.js';
import type { PaymentCommand } from '../../src/domain/payment/payment.commands.js';
import type { PaymentEvent, PaymentRequestEvent } from '../../src/domain/payment/payment.events.js';
import { paymentStream } from '../../src/domain/streams.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { SandboxProvider } from '../../src/infrastructure/payments/sandbox/sandbox-provider.js';
import type { Fault } from '../../src/infrastructure/payments/sandbox/test-cards.js';
import { temporaryFolders } from '../temporary-folders.js';

const newFolder = temporaryFolders();
const HOUR_MS = 3_600_000;
const gbp = (minor: bigint) => ({ minor, currency: 'GBP' });

let now: number;
let fault: Fault | undefined;
const clock = { now: () => now };
let store: MemoryEventStore;
let writer: StreamWriter;
let provider: SandboxProvider;

beforeEach(() => {
  now = Date.parse('2026-03-01T12:00:00.000Z');
  fault = undefined;
  store = new MemoryEventStore({ clock });
  writer = new StreamWriter(store);
  provider = new SandboxProvider({ file: join(newFolder(), 'sandbox.sqlite'), clock, fault: () => fault });
});
afterEach(async () => {
  await provider.close();
  await store.close();
});

let commands = 0;
const run = (command: PaymentCommand) =>
  runPayment(writer, command, {
    commandId: `test-${++commands}`,
    principal: 'clerk',
    occurredAt: new Date(now).toISOString(),
  });
async function history(): Promise<readonly Recorded<PaymentEvent>[]> {
  const events: Recorded<PaymentEvent>[] = [];
  for await (const batch of store.readStream<PaymentEvent>(paymentStream('pay_1'))) events.push(...batch);
  return events;
}
const types = async () => (await history()).map(({ type }) => type);
/** The newest request, which has just been asked for. */
async function asked(command: PaymentCommand): Promise<Recorded<PaymentRequestEvent>> {
  await run(command);
  return (await history()).at(-1) as Recorded<PaymentRequestEvent>;
}
async function authorizationAsked(method = 'pm_card_visa') {
  const data = { paymentId: 'pay_1', orderId: 'ord_1', amount: gbp(1000n), method, provider: 'sandbox' } as const;
  await run({ type: 'InitiatePayment', data });
  return asked({ type: 'RequestAuthorization', data: { paymentId: 'pay_1', operationId: 'a1' } });
}
const perform = (request: Recorded<PaymentRequestEvent>, using: PaymentProvider = provider, through = writer) =>
  performOperation({ writer: through, provider: using, clock }, request);

test('asks under the id of the request, and writes down what became of it, by whom and because of what', async () => {
  const request = await authorizationAsked();
  const keys: string[] = [];
  const watched: PaymentProvider = {
    name: 'sandbox',
    perform: (asked: ProviderRequest) => (keys.push(asked.key), provider.perform(asked)),
    lookup: (asked) => provider.lookup(asked),
    current: (type, id) => provider.current(type, id),
    close: () => Promise.resolve(),
  };
  expect(await perform(request, watched)).toMatchObject({ status: 'recorded' });
  expect(keys).toEqual([request.id]);
  expect((await history()).at(-1)).toMatchObject({
    type: 'AuthorizationSucceeded',
    data: { operationId: 'a1', amount: gbp(1000n) },
    metadata: { principal: 'provider:sandbox', causationId: request.id, correlationId: request.metadata.correlationId },
  });
});

test('a whole life: held, taken, and given back', async () => {
  await perform(await authorizationAsked());
  const of = { paymentId: 'pay_1' };
  await perform(await asked({ type: 'RequestCapture', data: { ...of, operationId: 'c1', amount: gbp(1000n) } }));
  const refund = { ...of, operationId: 'r1', amount: gbp(400n), reason: 'broken' };
  await perform(await asked({ type: 'RequestRefund', data: refund }));
  expect(await types()).toEqual([
    'PaymentInitiated',
    'AuthorizationRequested',
    'AuthorizationSucceeded',
    'CaptureRequested',
    'CaptureSucceeded',
    'RefundRequested',
    'RefundSucceeded',
  ]);
});

test('done again, and by two processes at once, it is done once', async () => {
  const request = await authorizationAsked();
  const other = new StreamWriter(store);
  await Promise.all([
    perform(request),
    perform(request, provider, other),
    perform(request),
    perform(request, provider, other),
  ]);
  await perform(request);
  expect(await types()).toEqual(['PaymentInitiated', 'AuthorizationRequested', 'AuthorizationSucceeded']);
  expect(provider.notices(0)).toHaveLength(1);
});

test('killed between the bank and the log, whoever calls next ends in the same state', async () => {
  const request = await authorizationAsked();
  const deaf = new StreamWriter({
    append: () => Promise.reject(new Error('killed')),
    readStream: (stream, query) => store.readStream(stream, query),
  });
  await expect(perform(request, provider, deaf)).rejects.toThrow('killed');
  expect(await types()).not.toContain('AuthorizationSucceeded');
  expect(await perform(request)).toMatchObject({ status: 'recorded' });
  expect(provider.notices(0)).toHaveLength(1);
});

test.each([
  ['pm_card_visa_chargeDeclined', 'AuthorizationFailed'],
  ['pm_no_such', 'AuthorizationFailed'],
])('%s becomes %s', async (method, type) => {
  expect(await perform(await authorizationAsked(method))).toMatchObject({ status: 'recorded' });
  expect((await types()).at(-1)).toBe(type);
});

test('waits for a customer who has to act, and then goes on', async () => {
  const request = await authorizationAsked('pm_card_threeDSecure2Required');
  expect(await perform(request)).toMatchObject({ status: 'pending' });
  expect((await types()).at(-1)).toBe('ActionRequired');
  expect(await perform(request)).toMatchObject({ status: 'pending' });
  const action = (await history()).at(-1);
  if (action?.type !== 'ActionRequired') throw new Error(action?.type);
  provider.authenticate(action.data.reference, 'succeeded');
  expect(await perform(request)).toMatchObject({ status: 'recorded' });
  expect(await types()).toEqual([
    'PaymentInitiated',
    'AuthorizationRequested',
    'ActionRequired',
    'AuthorizationSucceeded',
  ]);
});

test('what has been answered under a name is looked up by it, and never asked for or given up again', async () => {
  const request = await authorizationAsked('pm_card_threeDSecure2Required');
  await perform(request);
  const looked: (string | undefined)[] = [];
  const forgetful: PaymentProvider = {
    name: 'sandbox',
    perform: () => Promise.reject(new Error('asked again')),
    lookup: (_, reference) => (looked.push(reference), Promise.resolve({ status: 'absent' })),
    current: () => Promise.resolve({ status: 'absent' }),
    close: () => Promise.resolve(),
  };
  for (const ageMs of [0, 48 * HOUR_MS]) {
    now += ageMs;
    const performed = await performOperation({ writer, provider: forgetful, clock }, request, 'pi_1');
    expect(performed).toMatchObject({ status: 'pending' });
  }
  expect(looked).toEqual(['pi_1', 'pi_1']);
  expect((await types()).at(-1)).toBe('ActionRequired');
});

describe('an answer that does not come', () => {
  test('is looked up: what was done counts', async () => {
    fault = 'late';
    expect(await perform(await authorizationAsked())).toMatchObject({ status: 'recorded' });
    expect((await types()).at(-1)).toBe('AuthorizationSucceeded');
  });

  test('is asked for again under the same key, in every attempt and by every process', async () => {
    const keys: string[] = [];
    const silent: PaymentProvider = {
      name: 'sandbox',
      perform: ({ key }) => (keys.push(key), Promise.resolve({ status: 'unknown', reason: 'no answer' })),
      lookup: ({ key }) => (keys.push(key), Promise.resolve({ status: 'absent' })),
      current: () => Promise.resolve({ status: 'absent' }),
      close: () => Promise.resolve(),
    };
    const request = await authorizationAsked();
    for (const hours of [0, 1, 21, 1]) {
      now += hours * HOUR_MS;
      expect(await perform(request, silent, new StreamWriter(store))).toMatchObject({ status: 'pending' });
    }
    expect(keys.length).toBeGreaterThan(5);
    expect(new Set(keys)).toEqual(new Set([request.id]));
  });

  test('stays pending, under the same key, and is asked for again while the key lives', async () => {
    fault = 'absent';
    const request = await authorizationAsked();
    expect(await perform(request)).toMatchObject({ status: 'pending', reason: 'The request never arrived.' });
    expect((await types()).at(-1)).toBe('AuthorizationRequested');
    now += 22 * HOUR_MS;
    fault = undefined;
    expect(await perform(request)).toMatchObject({ status: 'recorded' });
  });

  test('is only looked up once the key may be gone: nothing is done any more, and what was never done has failed', async () => {
    fault = 'absent';
    const request = await authorizationAsked();
    await perform(request);
    fault = undefined;
    now += 23 * HOUR_MS;
    expect(await perform(request)).toMatchObject({ status: 'pending' });
    expect(provider.notices(0)).toEqual([]);
    now += HOUR_MS;
    expect(await perform(request)).toMatchObject({ status: 'recorded' });
    expect(provider.notices(0)).toEqual([]);
    expect((await history()).at(-1)).toMatchObject({ type: 'AuthorizationFailed', data: { code: 'request-expired' } });
  });

  test('is found a day later, if it was done', async () => {
    fault = 'late';
    const request = await authorizationAsked();
    await provider.perform({
      key: request.id,
      operation: 'authorization',
      paymentId: 'pay_1',
      orderId: 'ord_1',
      operationId: 'a1',
      amount: gbp(1000n),
      method: 'pm_card_visa',
    });
    now += 48 * HOUR_MS;
    expect(await perform(request)).toMatchObject({ status: 'recorded' });
    expect((await types()).at(-1)).toBe('AuthorizationSucceeded');
  });
});

test('a payment of another provider is not asked of this one', async () => {
  const request = await authorizationAsked();
  const elsewhere = { ...request, data: { ...request.data, provider: 'stripe' } } as Recorded<PaymentRequestEvent>;
  await expect(perform(elsewhere)).rejects.toThrow(RangeError);
});
