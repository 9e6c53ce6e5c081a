import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { runPayment } from '../../src/application/payment/run-payment.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import { payment } from '../../src/domain/payment/payment.decider.js';
import type { PaymentCommand, PaymentRequest } from '../../src/domain/payment/payment.commands.js';
import type { PaymentEvent } from '../../src/domain/payment/payment.events.js';
import {
  capturedMinor,
  disputedMinor,
  movedMinor,
  type ProvidedState,
} from '../../src/domain/payment/provided.state.js';
import { paymentStream } from '../../src/domain/streams.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { SandboxProvider } from '../../src/infrastructure/payments/sandbox/sandbox-provider.js';
import { SqliteViewStore } from '../../src/infrastructure/view-store/sqlite-view-store.js';
import { paymentsView } from '../../src/projections/payments.view.js';
import { temporaryFolders } from '../temporary-folders.js';

const MINUTE = 60_000;
const newFolder = temporaryFolders();
const gbp = (minor: bigint) => ({ minor, currency: 'GBP' });

/** `steps` are asked for one after the other of a payment of 1,000 pence; in the end these sums, and this status, are true. */
type Script = Readonly<{ method: string; steps: string; captured: bigint; refunded: bigint; status: string }>;
const SCRIPTS: readonly Script[] = [
  {
    method: 'pm_card_visa',
    steps: 'authorize, capture 400, capture 600, refund 300, refund 700',
    captured: 1000n,
    refunded: 1000n,
    status: 'refunded',
  },
  {
    method: 'pm_sandbox_double',
    steps: 'authorize, capture 250, capture 250, refund 1, refund 1',
    captured: 500n,
    refunded: 2n,
    status: 'partially-refunded',
  },
  {
    method: 'pm_card_mastercard',
    steps: 'authorize, capture 400, void',
    captured: 400n,
    refunded: 0n,
    status: 'partially-captured',
  },
  { method: 'pm_card_amex', steps: 'authorize, void', captured: 0n, refunded: 0n, status: 'voided' },
  { method: 'pm_card_chargeDeclinedExpiredCard', steps: 'authorize', captured: 0n, refunded: 0n, status: 'failed' },
  {
    method: 'pm_card_threeDSecure2Required',
    steps: 'authorize, capture 1000',
    captured: 1000n,
    refunded: 0n,
    status: 'captured',
  },
  {
    method: 'pm_card_pendingRefund',
    steps: 'authorize, capture 1000, refund 999',
    captured: 1000n,
    refunded: 999n,
    status: 'partially-refunded',
  },
  {
    method: 'pm_card_refundFail',
    steps: 'authorize, capture 1000, refund 400',
    captured: 1000n,
    refunded: 0n,
    status: 'captured',
  },
  {
    method: 'pm_card_createDispute',
    steps: 'authorize, capture 1000',
    captured: 1000n,
    refunded: 0n,
    status: 'disputed',
  },
];
const EACH = 4;

let folder: string;
let log: SqliteEventStore;
let views: SqliteViewStore;
let bank: SandboxProvider;
let projectors: Projectors;
beforeEach(async () => {
  folder = newFolder();
  log = await SqliteEventStore.open({ file: join(folder, 'log.sqlite'), clock: systemClock });
  views = await SqliteViewStore.open({ file: join(folder, 'views.sqlite'), clock: systemClock });
  bank = new SandboxProvider({ file: join(folder, 'sandbox.sqlite'), clock: systemClock });
});
afterEach(async () => {
  await projectors.end();
  await log.close();
  await views.close();
  await bank.close();
});

/** So many at a time, each of which dies now and then by itself, or is killed; another takes its place. */
class Projectors {
  deaths = 0;
  printed = '';
  readonly #children: (ChildProcess | undefined)[];
  readonly #running: Promise<void>;
  #isOver = false;

  constructor(
    private readonly diesOnceIn: number,
    count: number,
  ) {
    this.#children = Array.from({ length: count }, () => undefined);
    this.#running = Promise.all([...this.#children.keys()].map((n) => this.#keep(n))).then(() => undefined);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    for (const child of this.#children) child?.kill('SIGKILL');
    await this.#running;
  }

  async #keep(n: number): Promise<void> {
    const args = ['--disable-warning=ExperimentalWarning', '--import', './scripts/typescript.mjs'];
    while (!this.#isOver) {
      const child = spawn(process.execPath, [...args, join('test', 'payments', 'projector.child.ts')], {
        env: { ...process.env, FOLDER: folder, DIES_ONCE_IN: String(this.diesOnceIn) },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      this.#children[n] = child;
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (text: Buffer) => (this.printed = (this.printed + text.toString()).slice(-10_000)));
      }
      let killed: NodeJS.Timeout | undefined;
      child.stdout.once('data', () => (killed = setTimeout(() => child.kill('SIGKILL'), 500 + Math.random() * 3_000)));
      const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
      clearTimeout(killed);
      this.deaths += 1;
      if (signal !== 'SIGKILL') throw new Error(`A projector ended by itself (${code}):\n${this.printed}`);
    }
  }
}

async function stateOf(paymentId: string): Promise<ProvidedState> {
  let state = payment.initial;
  for await (const batch of log.readStream<PaymentEvent>(paymentStream(paymentId))) {
    for (const event of batch) state = payment.evolve(state, event);
  }
  if (state.status !== 'provided') throw new Error(`${paymentId} is ${state.status}`);
  return state;
}

function commandOf(step: string, paymentId: string, operationId: string): PaymentRequest {
  const [what, minor = '0'] = step.split(' ');
  const of = { paymentId, operationId };
  const amount = gbp(BigInt(minor));
  if (what === 'authorize') return { type: 'RequestAuthorization', data: of };
  if (what === 'capture') return { type: 'RequestCapture', data: { ...of, amount } };
  if (what === 'refund') return { type: 'RequestRefund', data: { ...of, amount, reason: 'broken' } };
  return { type: 'RequestVoid', data: of };
}

/** Waits until something is so. @throws with what the projectors said, should it never be */
async function until(what: string, met: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 2 * MINUTE; !(await met()); await sleep(50)) {
    if (performance.now() > end) throw new Error(`Never: ${what}\n${projectors.printed}`);
  }
}

/** One payment, by somebody who asks for a step, waits for its outcome, and then asks for the next. */
async function play(writer: StreamWriter, paymentId: string, { method, steps }: Script): Promise<void> {
  const occurredAt = new Date(systemClock.now()).toISOString();
  const run = (commandId: string, command: PaymentCommand) =>
    runPayment(writer, command, { commandId, principal: 'test', occurredAt });
  const data = { paymentId, orderId: 'ord_1', amount: gbp(1000n), method, provider: 'sandbox' } as const;
  await run('initiate', { type: 'InitiatePayment', data });
  for (const [n, step] of steps.split(', ').entries()) {
    const operationId = `${n}-${step.replace(' ', '-')}`;
    await run(operationId, commandOf(step, paymentId, operationId));
    await until(`${step} of ${paymentId} (${method}) has ended`, async () => {
      const operation = (await stateOf(paymentId)).operations.get(operationId);
      if (operation?.status === 'requires-action') bank.authenticate(operation.reference ?? '', 'succeeded');
      return operation?.status !== 'pending' && operation?.status !== 'requires-action';
    });
  }
}

/** What the bank has done, once for each of its names, however often it told. */
function doneAtTheBank(paymentId: string) {
  const news = [...new Map(bank.notices(0).map(({ news: each }) => [`${each.what} ${each.reference}`, each])).values()];
  const of = (what: string) => news.filter((each) => each.what === what && each.paymentId === paymentId);
  const sum = (what: string) => of(what).reduce((minor, { amount }) => minor + (amount?.minor ?? 0n), 0n);
  return {
    authorizations: of('authorized').length,
    captures: of('captured').length,
    captured: sum('captured'),
    refunded: sum('refunded') - sum('refund-failed'),
    disputed: sum('dispute-opened'),
  };
}

test.each([
  ['a projector that dies at any line', 1, 25],
  ['two projectors at once, of which each dies at any line', 2, 40],
])(
  'payments with %s: nothing is done twice, everything ends, and every bound holds',
  async (_, count, diesOnceIn) => {
    projectors = new Projectors(diesOnceIn, count);
    const writer = new StreamWriter(log);
    const played = Array.from({ length: EACH }, (_each, n) =>
      SCRIPTS.map((script) => ({ id: `pay_${n}_${script.method}`, script })),
    );
    const all = played.flat();
    await Promise.all(all.map(({ id, script }) => play(writer, id, script)));
    await until('all that the bank told is received', async () => (await bank.outbox.waiting(1)).length === 0);
    for (const { id, script } of all) {
      await until(
        `${id} is ${script.status}`,
        async () => (await views.get(paymentsView, id))?.status === script.status,
      );
      const state = await stateOf(id);
      const asked = script.steps.split(', ');
      const atTheBank = doneAtTheBank(id);
      expect([id, atTheBank]).toEqual([
        id,
        {
          authorizations: script.status === 'failed' ? 0 : 1,
          captures: asked.filter((step) => step.startsWith('capture')).length,
          captured: script.captured,
          refunded: script.refunded,
          disputed: disputedMinor(state),
        },
      ]);
      expect([id, capturedMinor(state), movedMinor(state, 'refund')]).toEqual([id, script.captured, script.refunded]);
      expect(state.operations.size).toBe(asked.length); // none that nobody asked for
    }
    const types: string[] = [];
    for await (const { events } of log.readAll()) types.push(...events.map(({ type }) => type));
    expect(types).not.toContain('OutcomeContradicted');
    expect(types.filter((type) => type === 'ProviderEventReceived')).toHaveLength(bank.notices(0).length);
    console.info(`${all.length} payments, ${types.length} events, projectors died ${projectors.deaths} times`);
    expect(projectors.deaths).toBeGreaterThan(3);
  },
  5 * MINUTE,
);
