/**
 * Durable orders over HTTP: `npm run bench:orders [-- --seconds 20 --clients 64 --profile DIR]`.
 *
 * Starts the built API on a fresh SQLite log, lists products, and has 64 clients in another process place three-line
 * orders without pause, each under a UUIDv7 of its own. Afterwards it reads the log: every order that was acknowledged
 * must be in it, once, and nothing else but what was on its way when the clock ran out. Then the same clients ask a bare
 * NestJS server, which stores nothing, in the same run: the share of its rate is what moves least between machines.
 */
import { fork, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cpuSeconds } from './lib/cpu.js';
import { systemClock } from '../src/infrastructure/clock.js';
import { SqliteEventStore } from '../src/infrastructure/event-store/sqlite-event-store.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    warmup: { type: 'string', default: '5' },
    clients: { type: 'string', default: '64' },
    profile: { type: 'string' },
  },
});
const SKUS = 500;

type Summary = Record<
  'durationUs' | 'requests' | 'p50Us' | 'p90Us' | 'p99Us' | 'p999Us' | 'maxUs' | 'socketErrors',
  number
>;
/** `cpuUs`  processor time of all threads of the server for each request, in microseconds; 0 where it is not known */
type Measured = Summary & Readonly<{ seconds: number; perSecond: number; cpuUs: number }>;

const folder = await mkdtemp(join(tmpdir(), 'bench-orders-'));
const acknowledgedFile = join(folder, 'acknowledged');
const summaryFile = join(folder, 'summary.json');
const hasWrk = spawnSync('wrk', ['-v']).error === undefined;

const profiler = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${values.profile}`] : [];
const servers: ChildProcess[] = [];
try {
  const orders = await measured(new URL('../dist/apps/api/main.js', import.meta.url), profiler, listProducts);
  const verified = await verify();
  await rm(acknowledgedFile);
  const bare = await measured(new URL('bare-api.ts', import.meta.url), ['--import', './scripts/typescript.mjs']);
  report(orders, bare, verified);
} finally {
  for (const server of servers) server.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
}

/** Starts a server, prepares it, loads it twice and measures the second time. */
async function measured(
  main: URL,
  execArgv: readonly string[],
  prepare?: (url: string) => Promise<void>,
): Promise<Measured> {
  const { server, url } = await start(main, execArgv);
  await prepare?.(url);
  await load(url, values.warmup);
  const before = await cpuSeconds(server);
  await load(url, values.seconds);
  const cpu = (await cpuSeconds(server)) - before;
  await stop(server);
  const summary = JSON.parse(await readFile(summaryFile, 'utf8')) as Summary;
  if (summary.socketErrors > 0) throw new Error(`${summary.socketErrors} connections broke`);
  const seconds = summary.durationUs / 1e6;
  return { ...summary, seconds, perSecond: summary.requests / seconds, cpuUs: (cpu * 1e6) / summary.requests };
}

function start(main: URL, execArgv: readonly string[]): Promise<{ server: ChildProcess; url: string }> {
  const env = { ...process.env, LEDGER_DATA: join(folder, 'data'), PORT: '0', LOG_LEVEL: 'warn' };
  const server = fork(main, { execArgv: [...execArgv], env });
  servers.push(server);
  return new Promise((resolve, reject) => {
    server.once('exit', (code) => reject(new Error(`The server ended with ${code}`)));
    server.on('message', (message: { type: string; url?: string; message?: string }) => {
      if (message.type === 'ready' && message.url) resolve({ server, url: message.url });
      else reject(new Error(message.message));
    });
  });
}

async function listProducts(url: string): Promise<void> {
  for (let n = 1; n <= SKUS; n++) {
    const response = await fetch(`${url}/v1/products`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': `product-${n}` },
      body: JSON.stringify({ sku: `BENCH-${n}`, name: `Product ${n}`, prices: [{ amount: '2.55', currency: 'GBP' }] }),
    });
    if (response.status !== 201) throw new Error(`Product ${n}: ${response.status} ${await response.text()}`);
  }
}

/** Runs the clients for `seconds`, in another process. */
function load(url: string, seconds: string): Promise<void> {
  const env = {
    ...process.env,
    ACKNOWLEDGED_FILE: acknowledgedFile,
    SUMMARY_FILE: summaryFile,
    SKUS: String(SKUS),
    URL: url,
    SECONDS: seconds,
    CLIENTS: values.clients,
  };
  const client = hasWrk
    ? spawn('wrk', ['-t1', `-c${values.clients}`, `-d${seconds}s`, '-s', 'bench/orders.lua', url], {
        env,
        stdio: ['ignore', 'ignore', 'inherit'],
      })
    : spawn(process.execPath, ['--import', './scripts/typescript.mjs', 'bench/orders.autocannon.ts'], {
        env,
        stdio: 'inherit',
      });
  return new Promise((resolve, reject) => {
    client.on('error', reject);
    client.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`The client ended with ${code}`))));
  });
}

function stop(server: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    server.removeAllListeners('exit');
    server.once('exit', () => resolve());
    server.kill('SIGTERM');
  });
}

function report(orders: Measured, bare: Measured, verified: string): void {
  const ms = (us: number) => `${(us / 1e3).toFixed(1)} ms`;
  const share = ((100 * orders.perSecond) / bare.perSecond).toFixed(0);
  const lines = {
    machine: `${cpus()[0]?.model.trim()} × ${cpus().length}, ${process.platform} ${release()}, Node ${process.version}`,
    client: `${hasWrk ? 'wrk with a Lua script' : 'autocannon (wrk is not installed)'}, ${values.clients} connections, same machine`,
    orders: `${Math.round(orders.perSecond)}/s over ${orders.seconds.toFixed(0)} s, three lines each, durable (synchronous=FULL)`,
    latency: `p50 ${ms(orders.p50Us)}, p90 ${ms(orders.p90Us)}, p99 ${ms(orders.p99Us)}, p99.9 ${ms(orders.p999Us)}, max ${ms(orders.maxUs)}`,
    processor: `${orders.cpuUs.toFixed(0)} µs of the API's threads for each order`,
    bare: `${Math.round(bare.perSecond)}/s from a NestJS server that stores nothing, ${bare.cpuUs.toFixed(0)} µs each; orders are ${share} % of that`,
    verified,
  };
  for (const [name, value] of Object.entries(lines)) console.log(`${name.padEnd(10)} ${value}`);
}

/** Holds the log against what the clients were told. */
async function verify(): Promise<string> {
  const answers = (await readFile(acknowledgedFile, 'utf8')).trim().split('\n');
  const refused = answers.filter((answer) => !answer.startsWith('ord_'));
  if (refused.length > 0) throw new Error(`${refused.length} orders were refused, the first with ${refused[0]}`);
  const acknowledged = new Set(answers);
  if (acknowledged.size !== answers.length) throw new Error('An order was acknowledged to two clients');

  const store = await SqliteEventStore.open({
    file: join(folder, 'data', 'log.sqlite'),
    clock: systemClock,
    readOnly: true,
  });
  const recorded = new Set<string>();
  for await (const { events } of store.readAll({ types: ['OrderPlaced'] })) {
    for (const { stream, revision } of events) {
      const id = stream.slice('order-'.length);
      if (revision !== 0n || recorded.has(id)) throw new Error(`${id} is in the log twice`);
      recorded.add(id);
    }
  }
  await store.close();
  const lost = [...acknowledged].filter((id) => !recorded.has(id));
  if (lost.length > 0)
    throw new Error(`${lost.length} acknowledged orders are not in the log, the first is ${lost[0]}`);
  // Each run of the clients may leave one order per connection without an answer.
  const unanswered = recorded.size - acknowledged.size;
  if (unanswered > 2 * Number(values.clients))
    throw new Error(`${unanswered} orders are in the log that nobody was told of`);
  return `all ${acknowledged.size} acknowledged orders are in the log once, and ${unanswered} that were cut off at the end of a run`;
}
