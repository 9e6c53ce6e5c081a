import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const LOADER = new URL('../../scripts/typescript.mjs', import.meta.url).href;
const PROGRAM = fileURLToPath(new URL('./log-process.main.ts', import.meta.url));

/** A real process that works on a log and says what it did, a line each; its roles are in log-process.main.ts. */
export class LogProcess {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #errors = '';

  /** @param launcher what to start it with, before Node itself */
  constructor(role: string, args: readonly string[], launcher: readonly string[] = []) {
    const node = [
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      '--import',
      LOADER,
      PROGRAM,
      role,
      ...args,
    ];
    const [command, ...rest] = [...launcher, ...node] as [string, ...string[]];
    this.#child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
    const reader = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    reader.on('line', (line) => this.lines.push(line));
    this.#closed = Promise.all([once(this.#child, 'close'), once(reader, 'close')]);
  }

  /** All its lines, once it has ended well. */
  async finished(): Promise<readonly string[]> {
    await this.#closed;
    if (this.#child.exitCode !== 0) throw new Error(`Exit code ${this.#child.exitCode}: ${this.#errors}`);
    return this.lines;
  }

  /** Waits for a line. */
  async says(pattern: RegExp): Promise<void> {
    while (!this.lines.some((line) => pattern.test(line))) {
      const ended = await Promise.race([this.#closed.then(() => true), delay(5, false)]);
      if (ended && !this.lines.some((line) => pattern.test(line))) throw new Error(`It never said so: ${this.#errors}`);
    }
  }

  /** Ends it at once, and waits until all it had said has arrived. Lines are whole: a pipe takes up to 4 KB at once. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
    if (this.#child.signalCode !== 'SIGKILL') throw new Error(`It had ended by itself: ${this.#errors}`);
  }

  /** Leaves nothing running, whatever has happened. */
  destroy(): void {
    this.#child.kill('SIGKILL');
  }
}
