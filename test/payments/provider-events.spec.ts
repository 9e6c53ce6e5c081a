/** What the provider told, from the log through a follower to the payment's stream. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { receiveProviderEvent } from '../../src/application/payment/receive-provider-event.js';
import { runPayment } from '../../src/application/payment/run-payment.js';
import type { PaymentProvider } from '../../src/application/ports/payment-provider.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import type { PaymentCommand } from '../../src/domain/payment/payment.commands.js';
import type { ProviderEvent, ProviderNews } from '../../src/domain/provider-event/provider-event.events.js';
import { paymentStream } from '../../src/domain/streams.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { Follower, newHolder } from '../../src/infrastructure/follower/follower.js';
import { SandboxProvider } from '../../src/infrastructure/payments/sandbox/sandbox-provider.js';
import { ProviderEvents, providerEventsFollower } from '../../src/infrastructure/processes/provider-events.js';
import { MemoryViewStore } from '../../src/infrastructure/view-store/memory-view-store.js';
import { TestLogger, until } from '../follower/shelves.js';
import { temporaryFolders } from '../temporary-folders.js';

const newFolder = temporaryFolders();
const NOON = Date.parse('2026-03-01T12:00:00.000Z');
const clock = { now: () => NOON };
const about = { principal: 'test', occurredAt: new Date(NOON).toISOString() };
let log: MemoryEventStore;
let views: MemoryViewStore;
let writer: StreamWriter;
let bank: SandboxProvider;
let warnings: string[];
let ending: (() => Promise<void>)[];
beforeEach(() => {
  log = new MemoryEventStore({ clock });
  views = new MemoryViewStore(clock);
  writer = new StreamWriter(log);
  bank = new SandboxProvider({ file: join(newFolder(), 'sandbox.sqlite'), clock });
  warnings = [];
  ending = [];
});
afterEach(async () => {
  for (const end of ending) await end();
  await bank.close();
});

function follow(provider: PaymentProvider = bank): Follower {
  const told = { info: () => undefined, warn: (text: string) => void warnings.push(text), error: () => undefined };
  const follower = new Follower({
    projection: providerEventsFollower,
    intake: () => new ProviderEvents({ writer: new StreamWriter(log), provider, clock }, told),
    log,
    views,
    clock,
    logger: new TestLogger(),
    holder: newHolder(),
    settings: { backOffMinMs: 10, backOffMaxMs: 50, liveMs: 5 },
  });
  const stop = new AbortController();
  const running = follower.run(stop.signal);
  ending.push(async () => {
    stop.abort();
    await running;
  });
  return follower;
}

const run = (commandId: string, command: PaymentCommand) => runPayment(writer, command, { ...about, commandId });
/** An authorization that the bank has granted, and whose answer was lost. */
async function granted(): Promise<ProviderNews> {
  const amount = { minor: 1000n, currency: 'GBP' };
  const method = 'pm_card_visa';
  const data = { paymentId: 'pay_1', orderId: 'ord_1', amount, method, provider: 'sandbox' } as const;
  await run('initiate', { type: 'InitiatePayment', data });
  await run('authorize', { type: 'RequestAuthorization', data: { paymentId: 'pay_1', operationId: 'a1' } });
  const whose = { key: 'k1', paymentId: 'pay_1', orderId: 'ord_1', operationId: 'a1' };
  await bank.perform({ ...whose, operation: 'authorization', amount, method });
  return bank.notices(0).at(-1)!.news;
}
async function received(eventId: string, news: ProviderNews, more: Partial<ProviderEvent['data']> = {}) {
  const data: ProviderEvent['data'] = {
    provider: 'sandbox',
    eventId,
    eventType: news.what,
    mode: 'test',
    objectType: 'notice',
    objectId: news.reference,
    isFinal: 'no',
    news,
    bodySha256: '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
    ...more,
  };
  await receiveProviderEvent(writer, data, about);
}
async function types(): Promise<string[]> {
  const found: string[] = [];
  for await (const batch of log.readStream(paymentStream('pay_1'))) found.push(...batch.map(({ type }) => type));
  return found;
}
/** Everything that was received is behind the follower's checkpoint. */
const passed = () =>
  until('all is applied', async () => {
    let last = 0n;
    for await (const { events } of log.readAll({ types: ['ProviderEventReceived'] })) {
      last = events.at(-1)?.position ?? last;
    }
    return ((await views.checkpoint(providerEventsFollower))?.position ?? 0n) >= last;
  });

test('what was received is applied once, however often it is told, also by two processes', async () => {
  const news = await granted();
  for (const id of ['evt_1', 'evt_2', 'evt_1']) await received(id, news);
  follow();
  follow();
  await passed();
  expect(await types()).toEqual(['PaymentInitiated', 'AuthorizationRequested', 'AuthorizationSucceeded']);
  await received('evt_3', news);
  await passed();
  expect(await types()).toHaveLength(3);
});

test('while the provider does not say what an object is now, nothing is passed over; then it goes on', async () => {
  const news = await granted();
  let isSilent = true;
  const provider: PaymentProvider = {
    name: 'sandbox',
    perform: (request) => bank.perform(request),
    lookup: (request) => bank.lookup(request),
    current: (type, id) =>
      isSilent ? Promise.resolve({ status: 'unknown', reason: 'no answer' } as const) : bank.current(type, id),
    close: () => Promise.resolve(),
  };
  await received('evt_1', news);
  const follower = follow(provider);
  await until('it has tried', () => follower.status().counts.failures > 1);
  expect(follower.status().lastError?.name).toBe('ProviderSilent');
  expect((await types()).at(-1)).toBe('AuthorizationRequested');
  isSilent = false;
  await passed();
  expect((await types()).at(-1)).toBe('AuthorizationSucceeded');
});

test('what is of no payment of ours, or of another provider, is told to people and passed over', async () => {
  const news = await granted();
  await received('evt_1', { ...news, paymentId: 'pay_other' }, { isFinal: 'yes' });
  await received('evt_2', news, { provider: 'stripe' });
  await received('evt_3', news);
  follow();
  await passed();
  expect(warnings).toEqual([
    'sandbox event evt_1 (authorized) is applied to nothing: Payment pay_other: payment-unknown.',
    'stripe event evt_2 (authorized) is not applied: payments are with sandbox now',
  ]);
  expect((await types()).at(-1)).toBe('AuthorizationSucceeded');
});
