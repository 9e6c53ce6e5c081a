import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A projector in a process of its own, following `shelves` in a folder; see `projector.child.ts`. */
export class Projector {
  readonly lines: string[] = [];
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown>;

  constructor(folder: string, settings: Readonly<Record<string, string>> = {}) {
    const args = ['--disable-warning=ExperimentalWarning', '--import', './scripts/typescript.mjs'];
    this.child = spawn(process.execPath, [...args, join('test', 'follower', 'projector.child.ts')], {
      env: { ...process.env, FOLDER: folder, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (text: Buffer) => this.lines.push(...text.toString().split('\n').filter(Boolean)));
    }
    this.exited = once(this.child, 'close');
  }

  said(text: string): boolean {
    return this.lines.some((line) => line.includes(text));
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** How it ended: an exit code or the signal that killed it. */
  async ended(): Promise<number | NodeJS.Signals | null> {
    await this.exited;
    return this.child.signalCode ?? this.child.exitCode;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}
