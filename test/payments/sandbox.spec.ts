import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import type { ProviderRequest } from '../../src/application/ports/payment-provider.js';
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

describePaymentProvider('SandboxProvider', () => Promise.resolve(open()));

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

test('an authorization that has expired cannot be captured', async () => {
  let now = NOON;
  const bank = open(undefined, { now: () => now });
  const { authorize, capture } = requestsOf();
  const reference = referenceOf(await toldBy(bank, authorize()));
  now += 7 * 24 * 3_600_000;
  expect(await toldBy(bank, capture(reference))).toMatchObject({
    status: 'failed',
    code: 'charge_expired_for_capture',
  });
  await bank.close();
});

describe('a customer who has to act', () => {
  test.each([
    [true, { status: 'succeeded' }],
    [false, { status: 'failed', code: 'payment_intent_authentication_failure' }],
  ])('acts, well: %s', async (well, outcome) => {
    const bank = open();
    const asked = requestsOf().authorize('pm_card_authenticationRequired');
    const reference = referenceOf(await toldBy(bank, asked));
    bank.completeAction(reference, well);
    expect(await bank.lookup(asked)).toMatchObject({ status: 'told', outcome });
    expect(bank.notices(0).map(({ news }) => news.what)).toEqual([
      'action-required',
      well ? 'authorized' : 'authorization-failed',
    ]);
    expect(() => bank.completeAction(reference, well)).toThrow(RangeError);
    await bank.close();
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
