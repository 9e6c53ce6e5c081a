import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ledger } from '../../apps/ledger/program.js';
import type { Output } from '../../apps/ledger/output.js';

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** What a command printed, and its exit code. */
export type Ran = Readonly<{ exitCode: number; lines: readonly string[]; notes: readonly string[]; json: unknown }>;

/** A data folder, or settings. */
export type Where = string | Readonly<Record<string, string>>;
const settingsOf = (where: Where) => (typeof where === 'string' ? { LEDGER_DATA: where } : where);

/** `ledger …` in this process. */
export async function run(where: Where, ...args: string[]): Promise<Ran> {
  const lines: string[] = [];
  const notes: string[] = [];
  let json: unknown;
  const output: Output = {
    line: (text) => void lines.push(text),
    note: (text) => void notes.push(text),
    json: (value) => void (json = value),
    progress: () => ({ update: () => undefined, finish: () => undefined }),
  };
  const exitCode = await ledger(args, settingsOf(where), output, 'test');
  return { exitCode, lines, notes, json };
}

/** `ledger …` in a process of its own, to be killed. */
export const start = (where: Where, ...args: string[]) =>
  program(at('test/online-retail/command-line.main.ts'), where, args);

/** The projector, in a process of its own. */
export const startProjector = (where: Where) => program(at('apps/projector/main.ts'), where, []);

const running = new Map<ChildProcess, Promise<unknown>>();
/** Leaves nothing running, whatever has happened. */
export async function destroyAll(): Promise<void> {
  for (const child of running.keys()) child.kill('SIGKILL');
  await Promise.all(running.values());
}

function program(file: string, where: Where, args: readonly string[]) {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--import', at('scripts/typescript.mjs'), file, ...args],
    { env: { ...process.env, ...settingsOf(where), LOG_LEVEL: 'warn' }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, signal: child.signalCode, errors }));
  running.set(child, ended);
  void ended.then(() => running.delete(child));
  return { child, ended };
}

/** The truth of a file, by the script that shares no code with the importer. */
export const truthOf = (file: string): string =>
  execFileSync(process.execPath, [at('scripts/online-retail-truth.mjs'), file], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });

export const EXAMPLE = at('examples/online-retail-2010-12.csv.gz');
export const EXAMPLE_TRUTH = at('examples/online-retail-2010-12.truth.json');
