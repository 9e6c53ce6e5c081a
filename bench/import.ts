/**
 * Import of a file of the "Online Retail" data:
 *
 *   npm run bench:import -- FILE.csv[.gz] [--truth TRUTH.json] [--profile DIR] [--eventstoredb] [--mongodb]
 *
 * Runs the built importer on a fresh data folder with the built projector beside it, as a user would, and measures from
 * starting the importer to its end, then on until every view holds the whole log. Memory is the peak resident set of each
 * process. With a truth, the figures are verified afterwards. Log and views are in SQLite unless the flags say otherwise
 * (bench/lib/engines.ts).
 */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { ENGINE_FLAGS, startEngines } from './lib/engines.js';
import { machine } from './lib/machine.js';
import { readConfig } from '../src/infrastructure/config/config.js';
import { openEventStore, openViewStore } from '../src/infrastructure/engines.js';
import { projections } from '../src/projections/index.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { truth: { type: 'string' }, profile: { type: 'string' }, ...ENGINE_FLAGS },
});
const [file] = positionals;
if (file === undefined || positionals.length > 1) {
  console.error(
    'usage: npm run bench:import -- FILE.csv[.gz] [--truth TRUTH.json] [--profile DIR] [--eventstoredb] [--mongodb]',
  );
  process.exit(2);
}
const from = process.env['INIT_CWD'] ?? process.cwd();
/** As `npm run ledger` runs it. */
const { scripts } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
  scripts: Readonly<{ ledger: string }>;
};
const ledgerFlags = scripts.ledger.match(/--\S+/g) ?? [];
const LEDGER = fileURLToPath(new URL('../dist/apps/ledger/main.js', import.meta.url));
const PROJECTOR = fileURLToPath(new URL('../dist/apps/projector/main.js', import.meta.url));

type Summary = Readonly<{
  rows: number;
  rowsRefused: number;
  commandsRefused: number;
  commands: Readonly<Record<string, Readonly<{ accepted: number }>>>;
}>;

const folder = await mkdtemp(join(tmpdir(), 'bench-import-'));
const { settings, words, stop } = await startEngines(values);
const env = { ...process.env, ...settings, LEDGER_DATA: folder, LOG_LEVEL: 'warn' };
const execArgv = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${resolve(from, values.profile)}`] : [];
const projector = fork(PROJECTOR, { env, execArgv });
const projectorUse = watchUse(projector);
try {
  const startedAt = performance.now();
  const importer = spawn(
    process.execPath,
    [...execArgv, ...ledgerFlags, LEDGER, 'import', 'online-retail', resolve(from, file), '--json'],
    {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const importerUse = watchUse(importer);
  const summary = JSON.parse(await outputOf(importer)) as Summary;
  const importedAt = performance.now();
  await untilCaughtUp();
  const followedAt = performance.now();
  const verified = values.truth === undefined ? 'not asked for (--truth)' : await verify(resolve(from, values.truth));
  await stopped(projector);

  const seconds = (importedAt - startedAt) / 1_000;
  const accepted = Object.values(summary.commands).reduce((sum, each) => sum + each.accepted, 0);
  const log = values.eventstoredb ? undefined : await stat(join(folder, 'log.sqlite'));
  const lines = {
    machine: machine(folder),
    engines: words,
    import: `${seconds.toFixed(1)} s for ${summary.rows} rows: ${Math.round(summary.rows / seconds)} rows/s, ${accepted} commands, ${Math.round(accepted / seconds)}/s, durable`,
    refused: `${summary.rowsRefused} rows, ${summary.commandsRefused} commands`,
    views: `${((followedAt - importedAt) / 1_000).toFixed(1)} s after the import all views held the whole log`,
    importer: importerUse(),
    projector: projectorUse(),
    ...(log && { log: `${(log.size / 1e6).toFixed(0)} MB` }),
    verified,
  };
  for (const [name, value] of Object.entries(lines)) console.log(`${name.padEnd(10)} ${value}`);
} finally {
  projector.kill('SIGKILL');
  await stop();
  await rm(folder, { recursive: true, force: true });
}

/** Follows a process' peak memory and processor time; Linux only. proc(5): VmHWM in kB; stat 14 and 15 in ticks of 10 ms. */
function watchUse({ pid }: ChildProcess): () => string {
  if (process.platform !== 'linux' || pid === undefined) return () => 'only measured on Linux';
  let peakMb = 0;
  let cpuSeconds = 0;
  const timer = setInterval(() => void look(), 200);
  async function look(): Promise<void> {
    try {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      peakMb = Math.max(peakMb, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
      const line = await readFile(`/proc/${pid}/stat`, 'utf8');
      const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
      cpuSeconds = (Number(fields[11]) + Number(fields[12])) / 100;
    } catch {
      clearInterval(timer); // it has ended
    }
  }
  return () => {
    clearInterval(timer);
    return `${peakMb.toFixed(0)} MB at most, ${cpuSeconds.toFixed(0)} s of processor time in all threads`;
  };
}

async function outputOf(child: ChildProcess): Promise<string> {
  let printed = '';
  child.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  if (code !== 0 && printed === '') throw new Error(`The importer ended with ${code}`);
  return printed;
}

/** Until every view has reached the log's head. */
async function untilCaughtUp(): Promise<void> {
  const config = readConfig(env);
  const [log, views] = [await openEventStore(config, 'read-only'), await openViewStore(config, 'read-only')];
  const head = (await log.head()) ?? 0n;
  for (const view of projections) {
    while (((await views.checkpoint(view))?.position ?? 0n) < head) await pause(50);
  }
  await Promise.all([log.close(), views.close()]);
}

async function verify(truth: string): Promise<string> {
  const checker = spawn(process.execPath, [LEDGER, 'verify', 'online-retail', truth], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let notes = '';
  checker.stderr.on('data', (chunk: Buffer) => (notes += chunk.toString()));
  await new Promise((done) => checker.once('close', done));
  return notes.trim().split('\n').at(-1) ?? 'no answer';
}

async function stopped(child: ChildProcess): Promise<void> {
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await ended;
}
