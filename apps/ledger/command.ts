import type { Command } from 'commander';
import type { Clock } from '../../src/application/ports/clock.js';
import type { EventStore } from '../../src/application/ports/event-store.js';
import type { ViewStore } from '../../src/application/ports/view-store.js';
import type { Config } from '../../src/infrastructure/config/config.js';
import type { Access } from '../../src/infrastructure/engines.js';
import type { Output } from './output.js';

/**
 * What a command works with. Stores are opened when asked for and closed when the command ends.
 * `openLog`, `openViews`  for reading and writing, unless asked for `'read-only'`
 * `signal`       aborts on Ctrl-C or SIGTERM: stop at the next safe point and throw `signal.reason`
 * `resolvePath`  a path as typed → absolute, from the folder where the user typed it (npm runs scripts elsewhere)
 */
export type CommandEnvironment = Readonly<{
  config: Config;
  clock: Clock;
  output: Output;
  signal: AbortSignal;
  openLog: (access?: Access) => Promise<EventStore>;
  openViews: (access?: Access) => Promise<ViewStore>;
  resolvePath: (path: string) => string;
}>;

/**
 * Runs the work of one command: reads the settings, hands over the environment, closes what was opened, prints an
 * error in plain words and sets the exit code: 0 fine, 1 failed, 2 wrong usage, 130 or 143 interrupted.
 */
export type RunCommand = (work: (environment: CommandEnvironment) => Promise<void>) => Promise<void>;

/**
 * How a room adds its commands: under one of the groups, each action through `run`.
 *
 *     export const registerOnlineRetail: RegisterCommands = (groups, run) => {
 *       groups.import.command('online-retail <file>').action((file: string) => run((env) => importFile(file, env)));
 *     };
 */
export type RegisterCommands = (groups: Readonly<{ import: Command; verify: Command }>, run: RunCommand) => void;

/** The command did its work and the answer is no (exit code 1), or it was used wrongly (2). `message` is printed as it is. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  constructor(
    message: string,
    readonly exitCode: 1 | 2 = 1,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
