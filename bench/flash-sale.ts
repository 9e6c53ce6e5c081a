/**
 * What one hot SKU takes over HTTP, and what a second API process on the same log adds or costs:
 *
 *   npm run bench:flash-sale -- [--seconds 8 --clients 64 --apis 1,2 --profile DIR]     (about three minutes)
 *
 * Starts one API, then two on one log, each time on a fresh SQLite log, with 64 clients in this process that wait for each
 * answer before they ask again:
 *
 * hot      one unit of one SKU is reserved, under a UUIDv7 of its own each
 * again    the same commands once more, under the same keys: every answer must be the first receipt
 * sold out one unit of a SKU of which none is left: every answer must be 409
 * mixed    in turn an order of one line, a reservation and a delivery, spread over 500 SKUs
 *
 * `cpu` is the processor time of all threads of the APIs for each answer. `per append` is how many events an append wrote,
 * `lost` how many appends lost their race to the other process, and were decided again; `told` how many commands lost every
 * race for as long as they may wait, so that their client was told so (409 `concurrency-conflict`) and has to ask again.
 * Afterwards the log is read: every reservation that was acknowledged must be in it once, and no other.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { v7 } from 'uuid';
import type { StockEvent } from '../src/domain/stock/stock.events.js';
import { systemClock } from '../src/infrastructure/clock.js';
import { SqliteEventStore } from '../src/infrastructure/event-store/sqlite-event-store.js';
import type { AppendCounts } from './counting-api.js';
import { cpuSeconds } from './lib/cpu.js';
import { load, type Request } from './lib/http-clients.js';
import { machine } from './lib/machine.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    clients: { type: 'string', default: '64' },
    apis: { type: 'string', default: '1,2' },
    profile: { type: 'string' },
  },
});
const MS = Number(values.seconds) * 1_000;
const CLIENTS = Number(values.clients);
const SKUS = 500;
const UNITS = 1_000_000_000;
const WARM_UP_MS = 3_000;
const RESERVED = { quantity: 1, expiresAt: '2100-01-01T00:00:00Z' };

const profiler = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${values.profile}`] : [];
const servers: ChildProcess[] = [];
const folders: string[] = [];
console.log(`${machine('.')}; ${CLIENTS} clients on the same machine, ${values.seconds} s each\n`);
console.log('APIs what      answers/s   p50 ms   p99 ms   max ms  cpu µs  per append    lost     told');
try {
  for (const count of values.apis.split(',')) await measure(Number(count));
} finally {
  for (const server of servers) server.kill('SIGKILL');
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
}

async function measure(count: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-flash-sale-'));
  folders.push(folder);
  const apis: Api[] = [];
  for (let n = 0; n < count; n++) apis.push(await start(folder)); // in turn: the first one makes the log
  const urls = apis.map(({ url }) => url);
  await prepare(urls);
  await load(urls, CLIENTS, WARM_UP_MS, reservation('WARM'));

  const receipts = new Map<string, Answered>();
  const keep = (request: Request, status: number, body: string) => {
    if (status === 201) receipts.set(request.key, { request, body });
  };
  await run(apis, 'hot', 201, reservation('HOT'), keep);
  const acknowledged = [...receipts.values()];
  await run(
    apis,
    'again',
    201,
    (n) => acknowledged[n]?.request,
    ({ key }, _, body) => {
      const first = receipts.get(key)?.body;
      if (body !== first) throw new Error(`${key}: first ${first}, then ${body}`);
    },
  );
  await run(apis, 'sold out', 409, reservation('SOLD-OUT'));
  await run(apis, 'mixed', 201, anyCommand);

  for (const { server } of apis) await stopped(server);
  console.log(`      ${await verify(folder, receipts)}\n`);
}

type Answered = Readonly<{ request: Request; body: string }>;
type Api = Readonly<{ server: ChildProcess; url: string }>;

function start(folder: string): Promise<Api> {
  const env = { ...process.env, LEDGER_DATA: folder, PORT: '0', LOG_LEVEL: 'warn' };
  const execArgv = ['--disable-warning=ExperimentalWarning', '--import', './scripts/typescript.mjs', ...profiler];
  const server = fork(new URL('counting-api.ts', import.meta.url), { execArgv, env });
  servers.push(server);
  return new Promise((resolve, reject) => {
    server.once('exit', (code) => reject(new Error(`The API ended with ${code}`)));
    server.once('message', ({ url }: { url: string }) => resolve({ server, url }));
  });
}

function stopped(server: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    server.removeAllListeners('exit');
    server.once('exit', () => resolve());
    server.kill('SIGTERM');
  });
}

/** What all of them together have appended, and the processor time that they took, in seconds, since they began. */
async function total(apis: readonly Api[]): Promise<AppendCounts & Readonly<{ cpu: number }>> {
  const sum = { appends: 0, events: 0, conflicts: 0, cpu: 0 };
  for (const { server } of apis) {
    const counts = await new Promise<AppendCounts>((resolve) => {
      server.once('message', (message: { counts: AppendCounts }) => resolve(message.counts));
      server.send('counts');
    });
    sum.appends += counts.appends;
    sum.events += counts.events;
    sum.conflicts += counts.conflicts;
    sum.cpu += await cpuSeconds(server);
  }
  return sum;
}

async function prepare(urls: readonly string[]): Promise<void> {
  const skus = ['HOT', 'WARM', ...Array.from({ length: SKUS }, (_, n) => `BENCH-${n}`)];
  const listed = (n: number): Request | undefined => {
    const sku = skus[n];
    const body = JSON.stringify({ sku, name: `Product ${sku}`, prices: [{ amount: '2.55', currency: 'GBP' }] });
    return sku === undefined ? undefined : { path: '/v1/products', key: v7(), body };
  };
  const received = (n: number): Request | undefined =>
    skus[n] === undefined ? undefined : movement(skus[n], 'receive', { quantity: UNITS });
  await load(urls, CLIENTS, 60_000, listed);
  await load(urls, CLIENTS, 60_000, received);
}

function movement(sku: string, action: string, body: object): Request {
  return { path: `/v1/stock/${sku}/main/${action}`, key: v7(), body: JSON.stringify(body) };
}

function reservation(sku: string): () => Request {
  return () => movement(sku, 'reserve', RESERVED);
}

function anyCommand(n: number): Request {
  const sku = `BENCH-${Math.floor(Math.random() * SKUS)}`;
  if (n % 3 === 1) return movement(sku, 'reserve', RESERVED);
  if (n % 3 === 2) return movement(sku, 'receive', { quantity: 1 });
  const body = JSON.stringify({ currency: 'GBP', lines: [{ sku, quantity: 1 }] });
  return { path: '/v1/orders', key: v7(), body };
}

/** Loads the APIs and prints a row. @throws Error an answer is neither `expected` (or 200, where that is a success) nor a lost race */
async function run(
  apis: readonly Api[],
  what: string,
  expected: number,
  requestOf: (n: number) => Request | undefined,
  onAnswer: (request: Request, status: number, body: string) => void = () => undefined,
): Promise<void> {
  let told = 0;
  const before = await total(apis);
  const seen = await load(
    apis.map(({ url }) => url),
    CLIENTS,
    MS,
    requestOf,
    (request, status, body) => {
      if (body.includes('"concurrency-conflict"')) told++;
      else if (status === expected || (expected < 300 && status === 200)) onAnswer(request, status, body);
      else throw new Error(`${what}: ${request.path} was answered with ${status} ${body}`);
    },
  );
  const after = await total(apis);
  const appends = after.appends - before.appends;
  const conflicts = after.conflicts - before.conflicts;
  const cells = [
    ...[String(apis.length).padStart(4), what.padEnd(9), seen.perSecond.toFixed(0).padStart(9)],
    ...[seen.p50, seen.p99, seen.max].map((ms) => ms.toFixed(1).padStart(8)),
    (((after.cpu - before.cpu) * 1e6) / seen.answers).toFixed(0).padStart(7),
    (appends === conflicts ? '-' : ((after.events - before.events) / (appends - conflicts)).toFixed(1)).padStart(11),
    (appends === 0 ? '-' : `${((conflicts / appends) * 100).toFixed(1)} %`).padStart(7),
    `${((told / seen.answers) * 100).toFixed(2)} %`.padStart(8),
  ];
  console.log(cells.join(' '));
}

/** Holds the log against what the clients of the hot run were told. */
async function verify(folder: string, receipts: ReadonlyMap<string, Answered>): Promise<string> {
  const store = await SqliteEventStore.open({ file: join(folder, 'log.sqlite'), clock: systemClock, readOnly: true });
  const recorded = new Set<string>();
  for await (const events of store.readStream<StockEvent>('stock-HOT@main')) {
    for (const { type, metadata } of events) {
      if (type !== 'StockReserved') continue;
      if (recorded.has(metadata.commandId)) throw new Error(`${metadata.commandId} is in the log twice`);
      recorded.add(metadata.commandId);
    }
  }
  await store.close();
  const lost = [...receipts.keys()].filter((key) => !recorded.has(key));
  if (lost.length > 0)
    throw new Error(`${lost.length} acknowledged reservations are not in the log, the first is ${lost[0]}`);
  if (recorded.size > receipts.size)
    throw new Error(`${recorded.size - receipts.size} reservations were made that nobody was told of`);
  return `all ${receipts.size} acknowledged reservations are in the log once, and no other`;
}
