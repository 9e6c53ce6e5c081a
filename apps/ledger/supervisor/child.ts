import { type ChildProcess, fork } from 'node:child_process';
import { EXIT_CANNOT_START, type ProcessMessage } from '../../../src/infrastructure/process/supervised.js';

/** A process to keep running. `module` is the path of its compiled entry file. */
export type ChildSpec = Readonly<{ name: string; module: string; args?: readonly string[] }>;

/**
 * How a process came to its end.
 * `how`      completes a sentence that begins with its name: "was ended by SIGKILL"
 * `refusal`  why starting it again is useless, in plain words; absent when it may help
 */
export type Ending = Readonly<{ how: string; clean: boolean; refusal?: string }>;

export type ChildEvents = Readonly<{ ready: (url: string | undefined) => void; ended: (ending: Ending) => void }>;

/** One process, started, and started anew. Shares the terminal and the environment with this one. */
export class Child {
  private process: ChildProcess | undefined;
  private ending: Promise<Ending> | undefined;
  private startedAt = 0;

  constructor(
    readonly spec: ChildSpec,
    private readonly env: NodeJS.ProcessEnv,
    private readonly events: ChildEvents,
  ) {}

  get name(): string {
    return this.spec.name;
  }

  get isRunning(): boolean {
    return this.process !== undefined;
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** Milliseconds since it was started last. */
  get age(): number {
    return performance.now() - this.startedAt;
  }

  start(): void {
    this.startedAt = performance.now();
    const forked = fork(this.spec.module, this.spec.args ?? [], { env: this.env, stdio: 'inherit' });
    this.process = forked;
    let refusal: string | undefined;
    forked.on('message', (message: ProcessMessage) => {
      if (message.type === 'ready') this.events.ready(message.url);
      else refusal = message.message;
    });
    this.ending = new Promise((resolve) => {
      forked.once('error', ({ message }) => resolve({ how: 'could not be run', clean: false, refusal: message }));
      // 'close' and not 'exit': it comes after the last message.
      forked.once('close', (code, signal) => resolve(endingOf(code, signal, refusal)));
    });
    void this.ending.then((ending) => {
      this.process = undefined;
      this.events.ended(ending);
    });
  }

  /**
   * Asks it to stop, kills it when it has not within `timeoutMs`, and waits for its end.
   * @param onTimeout called before it is killed
   */
  async stop(timeoutMs: number, onTimeout: () => void): Promise<void> {
    if (!this.isRunning) return;
    this.process?.kill('SIGTERM');
    const timer = setTimeout(() => {
      onTimeout();
      this.kill();
    }, timeoutMs);
    await this.ending;
    clearTimeout(timer);
  }

  kill(): void {
    this.process?.kill('SIGKILL');
  }
}

function endingOf(code: number | null, signal: NodeJS.Signals | null, refusal: string | undefined): Ending {
  if (signal) return { how: `was ended by ${signal}`, clean: signal === 'SIGTERM' };
  const how = `stopped with exit code ${code}`;
  return code === EXIT_CANNOT_START ? { how, clean: false, refusal: refusal ?? how } : { how, clean: code === 0 };
}
