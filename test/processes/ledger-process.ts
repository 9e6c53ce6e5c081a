import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ProcessMessage } from '../../src/infrastructure/process/supervised.js';

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** An `api` or a `projector` from source, as a supervisor would start it, to be killed and held up. */
export class LedgerProcess {
  private constructor(
    readonly child: ChildProcess,
    /** Of an API; a projector has none. */
    readonly url: string,
    private readonly printed: () => string,
  ) {}

  /** Resolves when it is ready. @param output where both its streams go, as an open file; kept for `output` unless given */
  static async start(
    app: 'api' | 'projector',
    settings: Readonly<Record<string, string>>,
    output: number | 'pipe' = 'pipe',
  ): Promise<LedgerProcess> {
    const child = fork(at(`apps/${app}/main.ts`), {
      env: { ...process.env, PORT: '0', LOG_LEVEL: 'warn', ...settings },
      execArgv: ['--disable-warning=ExperimentalWarning', '--import', at('scripts/typescript.mjs')],
      stdio: ['ignore', output, output, 'ipc'],
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    }
    const url = await new Promise<string>((resolve, reject) => {
      child.once('exit', () => reject(new Error(`${app} ended before it was ready:\n${printed}`)));
      child.on('message', (message: ProcessMessage) => {
        if (message.type === 'ready') resolve(message.url ?? '');
        else reject(new Error(message.message));
      });
    });
    return new LedgerProcess(child, url, () => printed);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Of both its streams. */
  get output(): string {
    return this.printed();
  }

  /** kill -9, which also ends one that is held up. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await ended;
  }
}
