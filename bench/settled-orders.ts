/**
 * How many orders the ledger fulfils by itself, and how fast, from placed to confirmed:
 *
 *   npm run bench:settled-orders -- [--seconds 10 --profile DIR]     (about two minutes)
 *
 * Starts an API and a projector on a fresh folder: SQLite and the sandbox bank, all of it durable. Clients in this process
 * place orders of two lines over 500 SKUs, paid by a card that is accepted.
 *
 * wait n   n clients, each with `Prefer: wait=30`, who place the next order once the last one is confirmed
 * open     64 clients who wait for nothing but the receipt of the order, until there is a backlog; then it is drained
 *
 * `settled/s` are orders from placed to confirmed, for `open` from the first that was placed to the last that was confirmed.
 * `answer` is what a client waits for its answer; `in the log` the time between the two events, by their `recordedAt`. `cpu` is
 * the processor time of all threads for each order. Afterwards the log is held against what the clients were told:
 * every order is confirmed once, its units are reserved once, and exactly its total is held.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { v7 } from 'uuid';
import type { LedgerEvent } from '../src/domain/ledger.events.js';
import type { Recorded } from '../src/domain/fact.js';
import { systemClock } from '../src/infrastructure/clock.js';
import { SqliteEventStore } from '../src/infrastructure/event-store/sqlite-event-store.js';
import type { ProcessMessage } from '../src/infrastructure/process/supervised.js';
import { cpuSeconds } from './lib/cpu.js';
import { load, type Request } from './lib/http-clients.js';
import { machine } from './lib/machine.js';
import { percentile } from './lib/percentile.js';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, profile: { type: 'string' } },
});
const MS = Number(values.seconds) * 1_000;
const WARM_UP_MS = 3_000;
const SKUS = 500;
const UNITS = 1_000_000_000;
const PRICE_MINOR = 255n;
const LINES = 2;
const PATIENCE_MS = 10 * 60_000;

/** When an order was placed and confirmed, in milliseconds since 1970, and what was done for it. */
type Life = { placed: number; confirmed: number; confirmations: number; reserved: number; heldMinor: bigint };

const folder = await mkdtemp(join(tmpdir(), 'bench-settled-orders-'));
const children: ChildProcess[] = [];
/** What the clients were told: the ids of their orders. */
const acknowledged = new Set<string>();
/** As a client does who is told 503: the same again, under the same key. */
class Orders {
  readonly ids = new Set<string>();
  unavailable = 0;
  readonly #again: Request[] = [];

  constructor(private readonly prefer?: string) {}

  readonly next = (): Request => {
    const again = this.#again.pop();
    if (again) return again;
    const first = Math.floor(Math.random() * SKUS);
    const lines = Array.from({ length: LINES }, (_, n) => ({ sku: skuOf((first + n) % SKUS), quantity: 1 }));
    const body = { currency: 'GBP', fulfilFrom: 'main', paymentMethod: 'pm_card_visa', lines };
    const request = { path: '/v1/orders', key: v7(), body: JSON.stringify(body) };
    return this.prefer === undefined ? request : { ...request, prefer: this.prefer };
  };

  /** @throws Error an order was not placed; or it was waited for, and is not confirmed */
  readonly answered = (request: Request, status: number, text: string): void => {
    if (status === 503) {
      this.unavailable++;
      this.#again.push(request);
      return;
    }
    const { id, fulfilment } = JSON.parse(text) as { id: string; fulfilment?: { status: string } };
    if (status !== 201 || (this.prefer !== undefined && fulfilment?.status !== 'confirmed'))
      throw new Error(`An order was answered with ${status} ${text}`);
    this.ids.add(id);
    acknowledged.add(id);
  };
}

try {
  const api = await start('api');
  const projector = await start('projector');
  await prepare(api.url);
  const warmUp = new Orders('wait=30');
  await load([api.url], 16, WARM_UP_MS, warmUp.next, warmUp.answered);
  console.log(`${machine(folder)}; clients on the same machine, ${values.seconds} s each\n`);
  console.log('what      settled/s   answer p50      p99   in the log p50      p99      max   cpu µs: API  projector');
  for (const clients of [1, 16, 64]) await measure(`wait ${clients}`, clients, 'wait=30', api, projector);
  await measure('open', 64, undefined, api, projector);
  for (const { child } of [api, projector]) await stopped(child);
  console.log(`\n${await verify()}`);
} finally {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
}

type Started = Readonly<{ child: ChildProcess; url: string }>;

function start(app: 'api' | 'projector'): Promise<Started> {
  const profiler = values.profile
    ? ['--cpu-prof', `--cpu-prof-dir=${values.profile}`, `--cpu-prof-name=${app}.cpuprofile`]
    : [];
  const env = { ...process.env, LEDGER_DATA: folder, PORT: '0', LOG_LEVEL: 'warn' };
  const execArgv = ['--disable-warning=ExperimentalWarning', '--import', './scripts/typescript.mjs', ...profiler];
  const child = fork(new URL(`../apps/${app}/main.ts`, import.meta.url), { execArgv, env });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The ${app} ended with ${code}`)));
    child.on('message', (message: ProcessMessage) => {
      if (message.type === 'ready') resolve({ child, url: message.url ?? '' });
      else reject(new Error(message.message));
    });
  });
}

function stopped(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.removeAllListeners('exit');
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

function skuOf(n: number): string {
  return `BENCH-${n}`;
}

async function prepare(url: string): Promise<void> {
  const once = (n: number, path: string, body: object): Request | undefined =>
    n < SKUS ? { path, key: v7(), body: JSON.stringify(body) } : undefined;
  const prices = [{ amount: '2.55', currency: 'GBP' }];
  await load([url], 16, 60_000, (n) => once(n, '/v1/products', { sku: skuOf(n), name: `Product ${n}`, prices }));
  await load([url], 16, 60_000, (n) => once(n, `/v1/stock/${skuOf(n)}/main/receive`, { quantity: UNITS }));
}

async function measure(
  what: string,
  clients: number,
  prefer: string | undefined,
  { child: api, url }: Started,
  { child: projector }: Started,
): Promise<void> {
  const orders = new Orders(prefer);
  const { ids } = orders;
  const before = [await cpuSeconds(api), await cpuSeconds(projector)];
  const seen = await load([url], clients, MS, orders.next, orders.answered);
  const { lives, backlog } = await whenSettled(ids);
  const cpu = [await cpuSeconds(api), await cpuSeconds(projector)].map((after, n) => after - (before[n] ?? 0));
  const times = [...ids].map((id) => lives.get(id) ?? unknown(id));
  const first = Math.min(...times.map(({ placed }) => placed));
  const last = Math.max(...times.map(({ confirmed }) => confirmed));
  const took = Float64Array.from(times, ({ placed, confirmed }) => confirmed - placed).sort();
  const ms = (value: number, width: number) => `${value.toFixed(0)} ms`.padStart(width);
  const cells = [
    ...[what.padEnd(8), ((ids.size * 1_000) / (last - first)).toFixed(0).padStart(10)],
    ...[ms(seen.p50, 12), ms(seen.p99, 8)],
    ...[ms(percentile(took, 50), 16), ms(percentile(took, 99), 8), ms(took.at(-1) ?? NaN, 8)],
    ...cpu.map((seconds, n) => ((seconds * 1e6) / ids.size).toFixed(0).padStart(n === 0 ? 13 : 10)),
  ];
  console.log(cells.join(' '));
  if (backlog > clients) console.log(`         placed ${seen.perSecond.toFixed(0)}/s; ${backlog} were open at the end`);
  if (orders.unavailable > 0) console.log(`         ${orders.unavailable} answers were 503, and asked for again`);
}

/** Waits until all of these orders are confirmed. `backlog`: how many were not when it began. */
async function whenSettled(ids: ReadonlySet<string>) {
  const log = await openLog();
  const lives = new Map<string, Life>();
  let after: bigint | undefined;
  let backlog: number | undefined;
  for (const until = performance.now() + PATIENCE_MS; performance.now() < until; await sleep(50)) {
    for await (const { events, upTo } of log.readAll(after === undefined ? {} : { after })) {
      for (const event of events) tell(lives, event as Recorded<LedgerEvent>);
      after = upTo;
    }
    const open = [...ids].filter((id) => (lives.get(id)?.confirmations ?? 0) === 0).length;
    backlog ??= open;
    if (open > 0) continue;
    await log.close();
    return { lives, backlog };
  }
  throw new Error('Orders are not confirmed after ten minutes');
}

function tell(lives: Map<string, Life>, { type, data, metadata }: Recorded<LedgerEvent>): void {
  const at = Date.parse(metadata.recordedAt);
  if (type === 'OrderPlaced') {
    lives.set(data.orderId, { placed: at, confirmed: NaN, confirmations: 0, reserved: 0, heldMinor: 0n });
  } else if (type === 'OrderConfirmed') {
    const life = lives.get(data.orderId) ?? unknown(data.orderId);
    life.confirmed = at;
    life.confirmations++;
  } else if (type === 'StockReserved') {
    const orderId = data.reference ?? '';
    (lives.get(orderId) ?? unknown(orderId)).reserved += data.quantity;
  } else if (type === 'AuthorizationSucceeded') {
    (lives.get(data.orderId) ?? unknown(data.orderId)).heldMinor += BigInt(LINES) * PRICE_MINOR;
  }
}

function unknown(orderId: string): never {
  throw new Error(`${orderId} has not been placed`);
}

function openLog(): Promise<SqliteEventStore> {
  return SqliteEventStore.open({ file: join(folder, 'log.sqlite'), clock: systemClock, readOnly: true });
}

/** Holds the log against what the clients were told. */
async function verify(): Promise<string> {
  const { lives } = await whenSettled(acknowledged);
  for (const id of acknowledged) {
    const { confirmations, reserved, heldMinor } = lives.get(id) ?? unknown(id);
    if (confirmations !== 1 || reserved !== LINES || heldMinor !== BigInt(LINES) * PRICE_MINOR)
      throw new Error(`${id}: ${confirmations} confirmations, ${reserved} units, ${heldMinor} held`);
  }
  return `all ${acknowledged.size} acknowledged orders are confirmed once, with their units and their money held once`;
}
