import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { systemClock } from '../../src/infrastructure/clock.js';
import { SandboxProvider } from '../../src/infrastructure/payments/sandbox/sandbox-provider.js';
import { requestsOf } from '../contracts/payment-provider.contract.js';
import { temporaryFolders } from '../temporary-folders.js';
import { diagnose, runDoctor } from './doctor.js';

const KEY = 'sk_test_51NotARealKey';
let stop: (() => Promise<void>) | undefined;
afterEach(async () => {
  await stop?.();
  stop = undefined;
});
const newFolder = temporaryFolders();

/** Stripe's API, which answers every path with what `statusOf` says. */
async function stripe(statusOf: (path: string) => number) {
  const server = createServer(({ url = '' }, response) => {
    const status = statusOf(url);
    response.writeHead(status, { 'content-type': 'application/json' });
    const error = { type: 'invalid_request_error', message: `Invalid API Key provided: ${KEY}` };
    response.end(JSON.stringify(status === 200 ? { object: 'list', data: [], has_more: false } : { error }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { LEDGER_DATA: newFolder(), STRIPE_SECRET_KEY: KEY, STRIPE_API_URL: url, STRIPE_WEBHOOK_SECRET: 'whsec_abc' };
}

test('Stripe that answers, takes the key and may be read is well', async () => {
  const diagnosis = await diagnose(await stripe(() => 200));
  expect(diagnosis.exitCode).toBe(0);
  expect(diagnosis.finding('payments', 'reachable')?.found).toMatch(/^answers within \d+ ms$/);
  expect(diagnosis.finding('payments', 'key')).toMatchObject({ verdict: 'ok' });
  expect(diagnosis.finding('payments', 'mode')?.found).toBe('test: no money moves');
  expect(diagnosis.finding('payments', 'webhooks')?.found).toBe('one secret is set');
  expect(diagnosis.sections.find(({ name }) => name === 'payments')?.engine).toBe('Stripe, sk_test_***');
});

test.each([
  ['a key that is not accepted', () => 401, 'key', 'is not accepted (401, StripeAuthenticationError)'],
  [
    'a key that may not read disputes',
    (path: string) => (path.startsWith('/v1/disputes') ? 403 : 200),
    'key',
    'is accepted, but may not read disputes',
  ],
  ['Stripe not being well', () => 503, 'reachable', 'no useful answer (503, StripeAPIError)'],
])('%s fails, and nothing says the secret', async (_, statusOf, check, found) => {
  const env = await stripe(statusOf);
  expect((await diagnose(env)).finding('payments', check)).toMatchObject({
    verdict: 'fail',
    found,
    todo: expect.stringMatching(/./),
  });
  const { exitCode, out, err } = await runDoctor(env);
  expect(exitCode).toBe(1);
  expect(out + err).not.toContain(KEY);
});

test('Stripe that is not there fails, and without a webhook secret somebody should know', async () => {
  const { STRIPE_WEBHOOK_SECRET: _, ...env } = await stripe(() => 200);
  await stop?.();
  stop = undefined;
  const diagnosis = await diagnose(env);
  expect(diagnosis.finding('payments', 'reachable')).toMatchObject({
    verdict: 'fail',
    todo: expect.stringContaining('STRIPE_API_URL'),
  });
  expect(diagnosis.finding('payments', 'webhooks')).toMatchObject({ verdict: 'warn' });
});

test('the sandbox is looked at without a trace, at rest and at work; where there is none, nothing is said', async () => {
  const folder = newFolder();
  const env = { LEDGER_DATA: folder };
  expect((await diagnose(env)).sections.map(({ name }) => name)).not.toContain('payments');
  const bank = new SandboxProvider({ file: join(folder, 'sandbox.sqlite'), clock: systemClock });
  await bank.perform(requestsOf().authorize());
  expect((await diagnose(env)).finding('payments', 'bank')?.found).toBe(
    '1 authorizations; 1 to be told when a projector asks',
  );
  await bank.outbox.delivered(1);
  await bank.close();
  const before = readdirSync(folder);
  expect((await diagnose(env)).finding('payments', 'bank')?.found).toBe(
    '1 authorizations; all that it has to tell is received',
  );
  expect(readdirSync(folder)).toEqual(before);
});

test('a file that is no sandbox fails', async () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'sandbox.sqlite'), 'not a database, and longer than a header would be'.repeat(20));
  const diagnosis = await diagnose({ LEDGER_DATA: folder });
  expect([diagnosis.exitCode, diagnosis.finding('payments', 'format')?.verdict]).toEqual([1, 'fail']);
});
