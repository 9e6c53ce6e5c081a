import { resolve } from 'node:path';
import type { EventStore } from '../../src/application/ports/event-store.js';
import type { ViewStore } from '../../src/application/ports/view-store.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { type Environment, readConfig } from '../../src/infrastructure/config/config.js';
import { openEventStore, openViewStore } from '../../src/infrastructure/engines.js';
import type { CommandEnvironment, RunCommand } from './command.js';
import { explainError } from './explain-error.js';
import { Interrupted, listenForInterrupts } from './interrupts.js';
import type { Output } from './output.js';

/** Runs the work of commands, and keeps the exit code that they earn. */
export class Runner {
  exitCode = 0;

  constructor(
    private readonly env: Environment,
    private readonly output: Output,
  ) {}

  /** For work on the stores; see `RunCommand`. */
  readonly run: RunCommand = (work) =>
    this.guard(async () => {
      const config = readConfig(this.env);
      const interrupt = new AbortController();
      const unlisten = listenForInterrupts({
        first: (signal) => {
          this.output.note(
            'Stopping at the next safe point. Ctrl-C again ends it at once, which loses nothing either.',
          );
          interrupt.abort(new Interrupted(signal));
        },
        again: () => process.exit(new Interrupted('SIGINT').exitCode),
      });
      await using opened = new AsyncDisposableStack();
      opened.defer(unlisten);
      const closedAtEnd = async <Store extends EventStore | ViewStore>(opening: Promise<Store>): Promise<Store> => {
        const store = await opening;
        opened.defer(() => store.close());
        return store;
      };
      const environment: CommandEnvironment = {
        config,
        clock: systemClock,
        output: this.output,
        signal: interrupt.signal,
        openLog: (access = 'read-write') => closedAtEnd(openEventStore(config, access)),
        openViews: (access = 'read-write') => closedAtEnd(openViewStore(config, access)),
        resolvePath: (path) => resolve(this.env['INIT_CWD'] ?? process.cwd(), path),
      };
      await work(environment);
    });

  /** For work of any kind: an error ends in plain words and an exit code. */
  async guard(work: () => Promise<number | void>): Promise<void> {
    try {
      this.exitCode = (await work()) ?? 0;
    } catch (error) {
      const { message, exitCode, details } = explainError(error);
      this.output.note(message);
      if (details !== undefined) this.output.note(details);
      this.exitCode = exitCode;
    }
  }
}
