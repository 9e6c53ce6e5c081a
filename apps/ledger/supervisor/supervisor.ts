import { Child, type ChildSpec, type Ending } from './child.js';

/** How long to wait, in milliseconds. The first restart comes after `firstRestart`, each further one after twice as long. */
export type Waits = Readonly<{
  firstRestart: number;
  longestRestart: number;
  /** A process that has been up this long starts again from `firstRestart`. */
  steadyAfter: number;
  /** From the request to stop to kill -9. */
  stop: number;
}>;

export const WAITS: Waits = { firstRestart: 500, longestRestart: 30_000, steadyAfter: 60_000, stop: 10_000 };

export type SupervisorOptions = Readonly<{
  env: NodeJS.ProcessEnv;
  waits?: Waits;
  /** What the person at the keyboard should know, a line at a time. */
  say: (line: string) => void;
  /** All processes are up for the first time. `urls` of those that listen, by name. */
  onReady: (urls: ReadonlyMap<string, string>) => void;
}>;

/** One process and what the supervisor remembers of it. */
type Supervised = { readonly child: Child; wasReady: boolean; restarts: number; timer?: NodeJS.Timeout };

/**
 * Runs processes side by side and keeps them running.
 *
 * A process that dies after it was ready is started again, later each time, and so is one that then refuses to: what it
 * says may be mended while the others serve. One that refuses its first start, or dies before it was ever ready, would
 * only do so again: then all are stopped.
 */
export class Supervisor {
  private readonly all: readonly Supervised[];
  private readonly urls = new Map<string, string>();
  private readonly waits: Waits;
  private readonly done = Promise.withResolvers<number>();
  private stopping = false;
  private exitCode = 0;
  /** Said when all have ended, so that nothing they still write comes after it. */
  private lastWords: string | undefined;

  constructor(
    specs: readonly ChildSpec[],
    private readonly options: SupervisorOptions,
  ) {
    this.waits = options.waits ?? WAITS;
    this.all = specs.map((spec) => {
      const child = new Child(spec, options.env, {
        ready: (url) => this.onReady(supervised, url),
        ended: (ending) => this.onEnd(supervised, ending),
      });
      const supervised: Supervised = { child, wasReady: false, restarts: 0 };
      return supervised;
    });
  }

  /** Starts all. Resolves when all have ended for good: with 0 after a clean stop, with 1 after anything else. */
  run(): Promise<number> {
    for (const { child } of this.all) child.start();
    return this.done.promise;
  }

  /** Asks all to stop, and kills what is still there after `waits.stop`. A second call changes nothing. */
  stop(): void {
    if (this.stopping) return;
    this.stopping = true;
    for (const { timer } of this.all) clearTimeout(timer);
    const stopped = this.all.map(({ child }) =>
      child.stop(this.waits.stop, () =>
        this.fail(`${child.name} did not stop within ${inSeconds(this.waits.stop)}: killed.`),
      ),
    );
    void Promise.all(stopped).then(() => {
      if (this.lastWords !== undefined) this.options.say(this.lastWords);
      this.done.resolve(this.exitCode);
    });
  }

  /** Kills at once what is still running. */
  kill(): void {
    for (const { child } of this.all.filter(({ child }) => child.isRunning)) {
      this.fail(`${child.name} killed before it had stopped.`);
      child.kill();
    }
    this.stop();
  }

  /** Ids of the processes that run now. */
  pids(): readonly number[] {
    return this.all.flatMap(({ child }) => child.pid ?? []);
  }

  private onReady(process: Supervised, url: string | undefined): void {
    if (url !== undefined) this.urls.set(process.child.name, url);
    if (process.wasReady) this.options.say(`${process.child.name} is up again${url ? ` on ${url}` : ''}.`);
    const first = !this.all.every(({ wasReady }) => wasReady);
    process.wasReady = true;
    if (first && this.all.every(({ wasReady }) => wasReady)) this.options.onReady(this.urls);
  }

  private onEnd(process: Supervised, ending: Ending): void {
    const { name } = process.child;
    if (this.stopping) {
      if (!ending.clean && this.exitCode === 0) this.fail(`${name} ${ending.how} while it stopped.`);
    } else if (process.wasReady) {
      if (ending.refusal !== undefined) this.options.say(`${name} cannot run: ${ending.refusal}`);
      this.restartLater(process, ending);
    } else {
      const why = ending.refusal === undefined ? `could not start: it ${ending.how}.` : `cannot run: ${ending.refusal}`;
      this.exitCode = 1;
      this.lastWords = `${name} ${why}`;
      this.stop();
    }
  }

  private restartLater(process: Supervised, { how }: Ending): void {
    const { child } = process;
    process.restarts = child.age >= this.waits.steadyAfter ? 1 : process.restarts + 1;
    const wait = Math.min(this.waits.firstRestart * 2 ** (process.restarts - 1), this.waits.longestRestart);
    this.options.say(`${child.name} ${how}. Starting it again in ${inSeconds(wait)} (restart ${process.restarts}).`);
    process.timer = setTimeout(() => child.start(), wait);
  }

  private fail(line: string): void {
    this.exitCode = 1;
    this.options.say(line);
  }
}

const inSeconds = (ms: number): string => `${ms / 1000} s`;
