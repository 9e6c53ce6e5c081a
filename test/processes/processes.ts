import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** `scripts/<script>` in a process group of its own, as a terminal would have it, with what it printed so far. */
export class Program {
  readonly exitCode: Promise<number | null>;
  private printed = '';
  private printedOut = '';
  private readonly child: ChildProcess;

  constructor(command: readonly [string, ...string[]], env: Readonly<Record<string, string>>) {
    this.child = spawn(command[0], command.slice(1), { cwd: root, env: { ...cleanEnv(), ...env }, detached: true });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.printed += chunk.toString();
      this.printedOut += chunk.toString();
    });
    this.child.stderr?.on('data', (chunk: Buffer) => (this.printed += chunk.toString()));
    this.exitCode = once(this.child, 'close').then(([code]) => code as number | null);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Of both its streams. */
  get output(): string {
    return this.printed;
  }

  get standardOutput(): string {
    return this.printedOut;
  }

  /** Waits until it has printed something. @returns what the pattern's first group matched, or all of it */
  async prints(pattern: RegExp, timeoutMs = 20_000): Promise<string> {
    let found: RegExpExecArray | null = null;
    await waitFor(
      () => (found = pattern.exec(this.printed)) !== null,
      timeoutMs,
      () => `${pattern} in\n${this.printed}`,
    );
    return found![1] ?? found![0];
  }

  /** To this process alone. */
  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** To it and all it started, as a terminal does with Ctrl-C. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  /** Ids of the processes it started. */
  children(): readonly number[] {
    return childrenOf(this.pid);
  }

  /** And of those that they started. */
  descendants(): readonly number[] {
    const below = (pid: number): readonly number[] => childrenOf(pid).flatMap((child) => [child, ...below(child)]);
    return below(this.pid);
  }

  /** Ends it and all it started, if anything is left. */
  async destroy(): Promise<void> {
    try {
      this.signalGroup('SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    await this.exitCode;
  }
}

/** This environment without the settings of a ledger, which the tests set themselves. */
function cleanEnv(): NodeJS.ProcessEnv {
  const ours = /^(LEDGER_.*|HOST|PORT|LOG_LEVEL|INIT_CWD|npm_.*)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

/** Whether a process of this id runs. One that has ended and waits for its parent to notice does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
  return procStat(pid)?.state !== 'Z';
}

/** Waits until `holds`. @throws when it does not within `timeoutMs` */
export async function waitFor(
  holds: () => boolean,
  timeoutMs = 10_000,
  what: () => string = () => holds.toString(),
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain for ${what()}`);
    await sleep(10);
  }
}

function childrenOf(parent: number): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    const stat = procStat(pid);
    return stat?.parent === parent && stat.state !== 'Z';
  });
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the name, in parentheses, may hold anything. */
function procStat(pid: number): { state: string; parent: number } | undefined {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return undefined;
  try {
    const text = readFileSync(file, 'utf8');
    const [state, parent] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: state!, parent: Number(parent) };
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
