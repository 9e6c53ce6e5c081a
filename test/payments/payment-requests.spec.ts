/** Requests to the provider, from the log over the view to the bank and back into the log. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { runPayment } from '../../src/application/payment/run-payment.js';
import { ProviderRefused, type PaymentProvider } from '../../src/application/ports/payment-provider.js';
import { PaymentRequests } from '../../src/application/processes/payment-requests.js';
import type { Swept } from '../../src/application/processes/sweep.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import type { PaymentCommand } from '../../src/domain/payment/payment.commands.js';
import type { PaymentEvent } from '../../src/domain/payment/payment.events.js';
import { paymentStream } from '../../src/domain/streams.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { newHolder } from '../../src/infrastructure/follower/follower.js';
import { rebuild } from '../../src/infrastructure/follower/rebuild.js';
import { idOf } from '../../src/infrastructure/payments/sandbox/bank.js';
import { SandboxProvider } from '../../src/infrastructure/payments/sandbox/sandbox-provider.js';
import type { Fault } from '../../src/infrastructure/payments/sandbox/test-cards.js';
import { MemoryViewStore } from '../../src/infrastructure/view-store/memory-view-store.js';
import { payments } from '../../src/projections/payments.projection.js';
import { temporaryFolders } from '../temporary-folders.js';

const newFolder = temporaryFolders();
const gbp = (minor: bigint) => ({ minor, currency: 'GBP' });
const RUNNING = new AbortController().signal;
let nowMs: number;
let fault: Fault | undefined;
let log: MemoryEventStore;
let views: MemoryViewStore;
let writer: StreamWriter;
let bank: SandboxProvider;
const clock = { now: () => nowMs };
beforeEach(() => {
  nowMs = Date.parse('2026-03-01T12:00:00.000Z');
  fault = undefined;
  log = new MemoryEventStore({ clock });
  views = new MemoryViewStore(clock);
  writer = new StreamWriter(log);
  bank = new SandboxProvider({ file: join(newFolder(), 'sandbox.sqlite'), clock, fault: () => fault });
});
afterEach(() => bank.close());

const requests = (provider: PaymentProvider = bank, momentMs = 20_000) =>
  new PaymentRequests({
    log,
    views,
    writer: new StreamWriter(log),
    provider,
    clock,
    monotonicMs: () => nowMs,
    momentMs,
  });
let commands = 0;
const run = (command: PaymentCommand) =>
  runPayment(writer, command, {
    commandId: `test-${++commands}`,
    principal: 'clerk',
    occurredAt: new Date(nowMs).toISOString(),
  });
async function authorizationAsked(paymentId: string, method = 'pm_card_visa'): Promise<void> {
  const data = { paymentId, orderId: 'ord_1', amount: gbp(1000n), method, provider: 'sandbox' } as const;
  await run({ type: 'InitiatePayment', data });
  await run({ type: 'RequestAuthorization', data: { paymentId, operationId: 'a1' } });
}
const project = () => rebuild({ projection: payments, log, views, holder: newHolder() });
/** Sweeps over the view as it is by then. */
async function swept(by: PaymentRequests): Promise<Swept> {
  await project();
  return by.sweep(RUNNING);
}
async function types(paymentId: string): Promise<string[]> {
  const found: string[] = [];
  for await (const batch of log.readStream(paymentStream(paymentId))) found.push(...batch.map(({ type }) => type));
  return found;
}

test('what was asked of the provider is done once, and its outcome written down', async () => {
  for (const id of ['pay_1', 'pay_2']) await authorizationAsked(id);
  await authorizationAsked('pay_3', 'pm_card_chargeDeclined');
  const sweep = requests();
  const { tried, failed } = await swept(sweep);
  expect({ tried: tried.toSorted(), failed }).toEqual({ tried: ['pay_1', 'pay_2', 'pay_3'], failed: [] });
  expect(await types('pay_1')).toEqual(['PaymentInitiated', 'AuthorizationRequested', 'AuthorizationSucceeded']);
  expect((await types('pay_3')).at(-1)).toBe('AuthorizationFailed');
  expect(await swept(sweep)).toEqual({ tried: [], failed: [] });
});

test('a view that is behind makes it ask again, to no effect', async () => {
  await authorizationAsked('pay_1');
  await project();
  for (const sweep of [requests(), requests()]) expect((await sweep.sweep(RUNNING)).tried).toEqual(['pay_1']);
  expect(await types('pay_1')).toHaveLength(3);
});

test('two processes at once write one outcome', async () => {
  await authorizationAsked('pay_1');
  await project();
  await Promise.all([requests(), requests()].map((sweep) => sweep.sweep(RUNNING)));
  expect(await types('pay_1')).toEqual(['PaymentInitiated', 'AuthorizationRequested', 'AuthorizationSucceeded']);
});

test('what the provider does not tell is asked again, less and less often, and at once when something is new', async () => {
  await authorizationAsked('pay_1');
  fault = 'absent';
  const sweep = requests();
  expect((await swept(sweep)).tried).toEqual(['pay_1']);
  expect((await swept(sweep)).tried).toEqual([]);
  const asked: number[] = [];
  for (let second = 1; second <= 16; second++) {
    nowMs += 1_000;
    if ((await swept(sweep)).tried.length > 0) asked.push(second);
  }
  expect(asked).toEqual([1, 3, 7, 15]);
  fault = undefined;
  await authorizationAsked('pay_2'); // another payment does not wake it
  expect((await swept(sweep)).tried).toEqual(['pay_2']);
  nowMs += 60_000;
  expect((await swept(sweep)).tried).toEqual(['pay_1']);
  expect((await types('pay_1')).at(-1)).toBe('AuthorizationSucceeded');
});

test('a capture that was asked for after its authorization is done, though that payment was resting', async () => {
  await authorizationAsked('pay_1');
  const sweep = requests();
  await swept(sweep);
  await run({ type: 'RequestCapture', data: { paymentId: 'pay_1', operationId: 'c1', amount: gbp(400n) } });
  expect((await swept(sweep)).tried).toEqual(['pay_1']);
  expect((await types('pay_1')).slice(-2)).toEqual(['CaptureRequested', 'CaptureSucceeded']);
});

const bankBut = (perform: PaymentProvider['perform']): PaymentProvider => ({
  name: 'sandbox',
  perform,
  lookup: (request) => bank.lookup(request),
  current: (type, id) => bank.current(type, id),
  close: () => Promise.resolve(),
});

test('one that the provider is slow to answer keeps none waiting that came later', async () => {
  await authorizationAsked('pay_1');
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const slow = bankBut(async (request) => {
    if (request.paymentId === 'pay_1') await answered;
    return bank.perform(request);
  });
  const sweep = requests(slow, 0);
  expect(await swept(sweep)).toEqual({ tried: [], failed: [] });
  await authorizationAsked('pay_2');
  const told: string[] = [];
  while (!told.includes('pay_2')) told.push(...(await swept(sweep)).tried);
  expect(told).toEqual(['pay_2']);
  expect((await types('pay_2')).at(-1)).toBe('AuthorizationSucceeded');
  answer();
  const stopping = AbortSignal.abort();
  expect(await sweep.sweep(stopping)).toEqual({ tried: ['pay_1'], failed: [] }); // nothing is under way afterwards
  expect((await types('pay_1')).at(-1)).toBe('AuthorizationSucceeded');
});

test('one that fails does not keep the others waiting, and is told', async () => {
  for (const id of ['pay_1', 'pay_2']) await authorizationAsked(id);
  const strict = bankBut((request) =>
    request.paymentId === 'pay_1' ? Promise.reject(new ProviderRefused('no permission')) : bank.perform(request),
  );
  const { tried, failed } = await swept(requests(strict));
  expect(tried.toSorted()).toEqual(['pay_1', 'pay_2']);
  expect(failed).toEqual([{ id: 'pay_1', cause: expect.any(ProviderRefused) }]);
  expect((await types('pay_2')).at(-1)).toBe('AuthorizationSucceeded');
  expect((await types('pay_1')).at(-1)).toBe('AuthorizationRequested');
});

test('requests to a provider that was set before stay as they are', async () => {
  await authorizationAsked('pay_1');
  const other = { name: 'stripe' } as unknown as PaymentProvider;
  expect(await swept(requests(other))).toEqual({ tried: ['pay_1'], failed: [] });
  expect(await types('pay_1')).toHaveLength(2);
});

describe('what waits for a customer', () => {
  const MINUTE_MS = 60_000;
  /** The bank, and when which payment was looked up, in minutes from the beginning. */
  function watched() {
    const beganMs = nowMs;
    const looked: [string, number][] = [];
    const provider: PaymentProvider = {
      ...bankBut((request) => bank.perform(request)),
      lookup: (request, reference) => {
        expect(reference).toBe(idOf('pi', request.key));
        looked.push([request.paymentId, (nowMs - beganMs) / MINUTE_MS]);
        return bank.lookup(request);
      },
    };
    return { provider, looked };
  }
  /** Sweeps every ten seconds, for so many minutes. */
  async function during(minutes: number, by: PaymentRequests): Promise<void> {
    for (const endMs = nowMs + minutes * MINUTE_MS; nowMs < endMs;) {
      nowMs += 10_000;
      await swept(by);
    }
  }
  const to3ds = (paymentId: string) => authorizationAsked(paymentId, 'pm_card_authenticationRequired');
  async function referenceOf(paymentId: string): Promise<string> {
    for await (const batch of log.readStream<PaymentEvent>(paymentStream(paymentId))) {
      for (const event of batch) if (event.type === 'ActionRequired') return event.data.reference;
    }
    throw new Error(`${paymentId} waits for nobody`);
  }

  test('is looked up after 1, 2, 4, 8 … minutes, and not performed again', async () => {
    await to3ds('pay_1');
    const { provider, looked } = watched();
    const sweep = requests(provider);
    await swept(sweep);
    await during(20, sweep);
    const minutes = looked.map(([, minute]) => minute);
    expect(minutes).toHaveLength(5);
    for (const [index, age] of [1, 2, 4, 8, 16].entries()) {
      expect(minutes[index]).toBeGreaterThanOrEqual(age);
      expect(minutes[index]).toBeLessThan(age + 0.5);
    }
    expect((await types('pay_1')).at(-1)).toBe('ActionRequired');
  });

  test.each([
    ['succeeded', 'AuthorizationSucceeded'],
    ['failed', 'AuthorizationFailed'],
  ] as const)(
    'and has %s, of which nothing was heard, is found once it has waited twice as long',
    async (how, type) => {
      await to3ds('pay_1');
      const sweep = requests();
      await swept(sweep);
      await during(5, sweep);
      expect(bank.authenticate(await referenceOf('pay_1'), how)).toBe('done');
      await during(5, sweep);
      expect((await types('pay_1')).at(-1)).toBe(type);
    },
  );

  test('is found by a process that begins within ten minutes after its turn, or else at its next', async () => {
    await to3ds('pay_1');
    await swept(requests());
    expect(bank.authenticate(await referenceOf('pay_1'), 'succeeded')).toBe('done');
    nowMs += 200 * MINUTE_MS; // its turn was after 128 minutes
    const late = requests();
    await during(10, late);
    expect((await types('pay_1')).at(-1)).toBe('ActionRequired');
    await during(50, late);
    expect((await types('pay_1')).at(-1)).toBe('AuthorizationSucceeded');
    await to3ds('pay_2');
    await swept(requests());
    expect(bank.authenticate(await referenceOf('pay_2'), 'succeeded')).toBe('done');
    nowMs += 137 * MINUTE_MS;
    await swept(requests());
    expect((await types('pay_2')).at(-1)).toBe('AuthorizationSucceeded');
  });

  test('is not read by every sweep, and lets what is asked for now go first', async () => {
    const abandoned = Array.from({ length: 40 }, (_, index) => `pay_${index + 10}`);
    for (const id of abandoned) await to3ds(id);
    const { provider, looked } = watched();
    const sweep = requests(provider);
    await swept(sweep);
    const find = jest.spyOn(views, 'find');
    const read = async () => {
      const pages = await Promise.all(find.mock.results.map(({ value }) => value as ReturnType<typeof views.find>));
      find.mockClear();
      return pages.reduce((sum, { documents }) => sum + documents.length, 0);
    };
    nowMs += 30_000;
    await swept(sweep);
    expect(await read()).toBeLessThanOrEqual(1);
    nowMs += 31_000;
    await authorizationAsked('pay_1');
    expect((await swept(sweep)).tried).toContain('pay_1');
    expect(await read()).toBeGreaterThan(40);
    expect(looked.length).toBeLessThan(40);
    while (looked.length < 40) {
      expect((await swept(sweep)).failed).toEqual([]);
      expect(await read()).toBeLessThanOrEqual(1);
    }
    expect(new Set(looked.map(([id]) => id))).toEqual(new Set(abandoned));
  });
});
