import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import type { ProviderRequest } from '../../src/application/ports/payment-provider.js';
import { SandboxUnavailable } from '../../src/application/ports/sandbox-bank.js';
import { IncompatibleSandbox } from '../../src/infrastructure/payments/sandbox/sandbox-file.js';
import { SandboxProvider } from '../../src/infrastructure/payments/sandbox/sandbox-provider.js';
import type { Fault } from '../../src/infrastructure/payments/sandbox/test-cards.js';
import { describePaymentProvider, referenceOf, requestsOf, toldBy } from '../contracts/payment-provider.contract.js';
import { temporaryFolders } from '../temporary-folders.js';

const newFolder = temporaryFolders();
const NOON = Date.parse('2026-03-01T12:00:00.000Z');
const fileIn = (folder: string) => join(folder, 'sandbox.sqlite');
const open = (
  file = fileIn(newFolder()),
  options: { fault?: (request: ProviderRequest) => Fault | undefined; now?: () => number } = {},
) =>
  new SandboxProvider({
    file,
    clock: { now: options.now ?? (() => NOON) },
    ...(options.fault ? { fault: options.fault } : {}),
  });

describePaymentProvider('SandboxProvider', () => Promise.resolve(open()), ['pm_card_visa', 'pm_sandbox_captured_once']);

test('a capture that says nothing of the rest leaves it held, as before there was a choice', async () => {
  const bank = open();
  const { authorize, capture } = requestsOf();
  const reference = referenceOf(await toldBy(bank, authorize()));
  expect(await toldBy(bank, capture(reference, 400n))).toMatchObject({ capturable: { minor: 1599n, currency: 'GBP' } });
  expect(await toldBy(bank, capture(reference, 1599n))).toMatchObject({ capturable: { minor: 0n, currency: 'GBP' } });
  expect(bank.notices(1).map(({ news }) => [news.what, news.amount, news.capturable])).toEqual([
    ['captured', { minor: 400n, currency: 'GBP' }, { minor: 1599n, currency: 'GBP' }],
    ['captured', { minor: 1599n, currency: 'GBP' }, { minor: 0n, currency: 'GBP' }],
  ]);
  await bank.close();
});

test.each([
  ['all of it', 0n],
  ['what captures left of it', 400n],
])('an authorization that has expired has let go of %s', async (_, minor) => {
  let now = NOON;
  const bank = open(undefined, { now: () => now });
  const { authorize, capture } = requestsOf();
  const reference = referenceOf(await toldBy(bank, authorize()));
  if (minor > 0n) await toldBy(bank, capture(reference, minor, 'no'));
  now += 7 * 24 * 3_600_000;
  for (const code of ['charge_expired_for_capture', 'payment_intent_unexpected_state']) {
    expect(await toldBy(bank, capture(reference, 1n))).toMatchObject({ status: 'failed', code });
  }
  expect(bank.notices(0).at(-1)?.news).toMatchObject({ what: 'authorization-expired', reference });
  await bank.close();
});

test('what it did outlives the process, and two of them share it', async () => {
  const file = fileIn(newFolder());
  const [one, other] = [open(file), open(file)];
  const { authorize, capture } = requestsOf();
  const asked = authorize();
  const reference = referenceOf(await toldBy(one, asked));
  expect(referenceOf(await toldBy(other, asked))).toBe(reference);
  await one.close();
  await other.close();
  const later = open(file);
  expect(await toldBy(later, capture(reference))).toMatchObject({ status: 'succeeded' });
  await later.close();
});

test('closed, it is a bank that does not answer', async () => {
  const bank = open();
  await bank.close();
  expect(await bank.perform(requestsOf().authorize())).toEqual({
    status: 'unknown',
    reason: "The sandbox's file is closed.",
  });
});

test('of requests that come together, one that is refused, one that never arrives and one whose answer is lost leave the others alone', async () => {
  const file = fileIn(newFolder());
  const faults = new Map<string, Fault>();
  const bank = open(file, { fault: ({ key }) => faults.get(key) });
  const of = () => requestsOf().authorize();
  const [taken, first, absent, late, last] = [of(), of(), of(), of(), of()];
  await bank.perform(taken);
  faults.set(absent.key, 'absent').set(late.key, 'late');
  const refused = { ...taken, amount: { minor: 1n, currency: 'GBP' } };
  const answers = await Promise.allSettled(
    [first, refused, absent, late, last, first].map((each) => bank.perform(each)),
  );
  expect(
    answers.map((each) => (each.status === 'fulfilled' ? each.value.status : (each.reason as Error).name)),
  ).toEqual(['told', 'ProviderRefused', 'unknown', 'unknown', 'told', 'told']);
  await bank.close();
  const later = open(file);
  const done = later.notices(0).map(({ news }) => 'paymentId' in news && news.paymentId);
  expect(done).toEqual([taken, first, late, last].map(({ paymentId }) => paymentId));
  await later.close();
});

test('a transaction that fails answers none of those that came together, and has done none', async () => {
  const file = fileIn(newFolder());
  const bank = open(file);
  const db = new DatabaseSync(file);
  db.exec(
    "CREATE TRIGGER full BEFORE INSERT ON answers WHEN (SELECT count(*) FROM answers) = 1 BEGIN SELECT RAISE(ABORT, 'no'); END",
  );
  const both = [requestsOf().authorize(), requestsOf().authorize()];
  const answers = await Promise.allSettled(both.map((each) => bank.perform(each)));
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(bank.notices(0)).toEqual([]);
  db.exec('DROP TRIGGER full');
  db.close();
  for (const each of both) expect(await toldBy(bank, each)).toMatchObject({ status: 'succeeded' });
  await bank.close();
});

const OPEN = { amount: { minor: 1999n, currency: 'GBP' }, status: 'open' };
describe('a customer who has to act', () => {
  test.each([
    ['succeeded', 'authorized', { status: 'succeeded' }],
    ['failed', 'authorization-failed', { status: 'failed', code: 'payment_intent_authentication_failure' }],
  ] as const)('has %s, once, and is told so again', async (how, news, outcome) => {
    const bank = open();
    const asked = requestsOf().authorize('pm_card_authenticationRequired');
    const reference = referenceOf(await toldBy(bank, asked));
    expect(bank.authentication(reference)).toEqual({ ...OPEN, reference, paymentId: asked.paymentId });
    for (const again of [how, how]) expect(bank.authenticate(reference, again)).toBe('done');
    expect(bank.authenticate(reference, how === 'failed' ? 'succeeded' : 'failed')).toBe('too-late');
    expect(bank.authentication(reference)).toMatchObject({ status: how });
    expect(await bank.lookup(asked)).toMatchObject({ status: 'told', outcome });
    expect(bank.notices(0).map(({ news }) => news.what)).toEqual(['action-required', news]);
    await bank.close();
  });
  test('is sent to a page of the API that the settings name, or to a path', async () => {
    for (const [pagesUrl, url] of [
      ['http://127.0.0.1:3000', /^http:\/\/127\.0\.0\.1:3000\/v1\//],
      [undefined, /^\/v1\//],
    ] as const) {
      const file = fileIn(newFolder());
      const bank = new SandboxProvider({ file, clock: { now: () => NOON }, ...(pagesUrl && { pagesUrl }) });
      const outcome = await toldBy(bank, requestsOf().authorize('pm_card_threeDSecure2Required'));
      expect(outcome).toMatchObject({ nextActionUrl: expect.stringMatching(url) });
      await bank.close();
    }
  });
  test('cannot act on a hold that was given up, that never asked for it, or that is not there', async () => {
    const bank = open();
    const { authorize, void: release } = requestsOf();
    const reference = referenceOf(await toldBy(bank, authorize('pm_card_authenticationRequired')));
    await toldBy(bank, release(reference));
    expect(bank.authenticate(reference, 'succeeded')).toBe('too-late');
    expect(bank.authentication(reference)).toMatchObject({ status: 'canceled' });
    const plain = referenceOf(await toldBy(bank, requestsOf().authorize()));
    for (const none of [plain, 'pi_none']) {
      expect(bank.authenticate(none, 'succeeded')).toBe('absent');
      expect(bank.authentication(none)).toBeUndefined();
    }
    await bank.close();
    expect(() => bank.authenticate(plain, 'succeeded')).toThrow(SandboxUnavailable);
  });
});

describe('the way to the bank', () => {
  test('late: it is done, and the first answer is lost', async () => {
    const bank = open();
    const asked = requestsOf().authorize('pm_sandbox_late');
    expect(await bank.perform(asked)).toEqual({ status: 'unknown', reason: 'The answer was lost.' });
    expect(await bank.lookup(asked)).toMatchObject({ status: 'told', outcome: { status: 'succeeded' } });
    expect(await toldBy(bank, asked)).toMatchObject({ status: 'succeeded' });
    await bank.close();
  });
  test('absent: nothing is done, however often it is asked', async () => {
    const bank = open();
    const asked = requestsOf().authorize('pm_sandbox_absent');
    expect(await bank.perform(asked)).toMatchObject({ status: 'unknown' });
    expect(await bank.perform(asked)).toMatchObject({ status: 'unknown' });
    expect(await bank.lookup(asked)).toEqual({ status: 'absent' });
    await bank.close();
  });
  test('double: what it has to tell, it tells twice', async () => {
    const bank = open();
    await toldBy(bank, requestsOf().authorize('pm_sandbox_double'));
    const [first, second] = bank.notices(0);
    expect(second?.news).toEqual(first?.news);
    expect(bank.notices(1)).toHaveLength(1);
    await bank.close();
  });
  test('a test may say what goes wrong', async () => {
    const bank = open(undefined, { fault: ({ operation }) => (operation === 'capture' ? 'late' : undefined) });
    const { authorize, capture } = requestsOf();
    const reference = referenceOf(await toldBy(bank, authorize()));
    expect(await bank.perform(capture(reference))).toMatchObject({ status: 'unknown' });
    await bank.close();
  });
});

describe('what the bank tells afterwards', () => {
  test('a capture that is disputed', async () => {
    const bank = open();
    const { authorize, capture, refund } = requestsOf('pay_7');
    const reference = referenceOf(await toldBy(bank, authorize('pm_card_createDispute')));
    await toldBy(bank, capture(reference));
    expect(bank.notices(0).at(-1)?.news).toMatchObject({
      what: 'dispute-opened',
      paymentId: 'pay_7',
      amount: { minor: 1999n, currency: 'GBP' },
      reason: 'fraudulent',
    });
    expect(await toldBy(bank, refund(reference))).toMatchObject({ status: 'failed', code: 'charge_disputed' });
    const dispute = bank.notices(0).at(-1)!.news.reference;
    expect(bank.endDispute(reference, 'won')).toBe('absent');
    for (const again of ['lost', 'lost'] as const) expect(bank.endDispute(dispute, again)).toBe('done');
    expect(bank.endDispute(dispute, 'won')).toBe('too-late');
    expect(await bank.current('dispute', dispute)).toMatchObject({
      news: { what: 'dispute-lost', paymentId: 'pay_7' },
    });
    await bank.close();
  });
  test('a refund that is pending first, and one whose money comes back', async () => {
    const bank = open();
    const pending = requestsOf();
    const one = referenceOf(await toldBy(bank, pending.authorize('pm_card_pendingRefund')));
    await toldBy(bank, pending.capture(one));
    const asked = pending.refund(one);
    expect(await bank.perform(asked)).toEqual({ status: 'unknown', reason: 'It is pending at the provider.' });
    expect(await bank.lookup(asked)).toMatchObject({ status: 'told', outcome: { status: 'succeeded' } });

    const failing = requestsOf();
    const two = referenceOf(await toldBy(bank, failing.authorize('pm_card_refundFail')));
    await toldBy(bank, failing.capture(two));
    const refunded = referenceOf(await toldBy(bank, failing.refund(two)));
    expect(await bank.current('refund', refunded)).toMatchObject({ status: 'told', news: { what: 'refund-failed' } });
    await bank.close();
  });
});

test('leaves alone a file that is not its own', () => {
  const file = fileIn(newFolder());
  const foreign = new DatabaseSync(file);
  foreign.exec('CREATE TABLE notes (text TEXT)');
  foreign.close();
  expect(() => open(file)).toThrow(IncompatibleSandbox);
});

describe('its outbox', () => {
  test('holds what it has to tell until it is delivered, across processes', async () => {
    const file = fileIn(newFolder());
    const bank = open(file);
    const { authorize, capture } = requestsOf();
    const reference = referenceOf(await toldBy(bank, authorize()));
    await toldBy(bank, capture(reference));
    const [first, second, ...more] = await bank.outbox.waiting(10);
    expect(more).toEqual([]);
    expect(first).toMatchObject({ number: 1, event: { provider: 'sandbox', eventType: 'authorized', isFinal: 'yes' } });
    expect(second?.event).toMatchObject({ objectType: 'capture', news: { what: 'captured', captureId: 'op_c' } });
    expect(second?.event.eventId).toMatch(/^evt_[0-9a-f-]{36}_2$/);
    expect(await bank.outbox.waiting(1)).toEqual([first]);
    await bank.outbox.delivered(1);
    await bank.close();
    const later = open(file);
    expect(await later.outbox.waiting(10)).toEqual([second]);
    await later.outbox.delivered(2);
    await later.outbox.delivered(1); // of a process that was held up meanwhile
    expect(await later.outbox.waiting(10)).toEqual([]);
    await later.close();
    await expect(later.outbox.waiting(1)).rejects.toThrow(SandboxUnavailable);
  });

  test('names its events for ever: a bank that begins anew takes no name again', async () => {
    const ids = [];
    for (const bank of [open(), open()]) {
      await toldBy(bank, requestsOf().authorize());
      ids.push((await bank.outbox.waiting(1))[0]?.event.eventId);
      await bank.close();
    }
    expect(new Set(ids).size).toBe(2);
  });

  test('of a file of before there was one holds all that was told until then', async () => {
    const file = fileIn(newFolder());
    const before = open(file);
    await toldBy(before, requestsOf().authorize());
    await before.close();
    const db = new DatabaseSync(file);
    db.exec('DROP TABLE delivery; PRAGMA user_version = 1');
    db.close();
    const bank = open(file);
    expect(await bank.outbox.waiting(10)).toMatchObject([{ number: 1, event: { news: { what: 'authorized' } } }]);
    await bank.close();
  });
});
