import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A publisher in a process of its own; see `publisher.child.ts`. */
export class PublisherProcess {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor(env: Readonly<Record<string, string>>) {
    const args = ['--disable-warning=ExperimentalWarning', '--import', './scripts/typescript.mjs'];
    this.#child = spawn(process.execPath, [...args, join('test', 'messaging', 'publisher.child.ts')], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (text: Buffer) => this.lines.push(...text.toString().split('\n').filter(Boolean)));
    }
    this.#exited = once(this.#child, 'close');
  }

  said(text: string): boolean {
    return this.lines.some((line) => line.includes(text));
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
