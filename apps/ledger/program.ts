import { Command, CommanderError } from 'commander';
import type { Environment } from '../../src/infrastructure/config/config.js';
import { registerCopy } from './copy.command.js';
import { registerDoctor } from './doctor.command.js';
import { registerDrop } from './drop.command.js';
import { registerOnlineRetail } from './online-retail/register.js';
import type { Output } from './output.js';
import { registerRebuild } from './rebuild.command.js';
import { Runner } from './runner.js';
import { registerRotateMasterKey } from './rotate-master-key.command.js';
import { registerStart } from './start.command.js';
import { registerStatus } from './status.command.js';

const AFTER_HELP = `
Commands work on the data folder LEDGER_DATA (default ./data), or where EVENTSTORE_URL and MONGODB_URL say that log and
views are, whether or not a ledger is running there.
Results go to standard output, everything else to standard error.`;

const EXIT_CODES = `
Exit codes: 0 fine; 1 failed, or the answer is no: also where there is no such file, or no ledger in the data folder;
2 wrong usage; 130 interrupted, 143 ended by SIGTERM.`;

/** Runs the command line. Resolves with its exit code. */
export async function ledger(
  args: readonly string[],
  env: Environment,
  output: Output,
  version: string,
): Promise<number> {
  const runner = new Runner(env, output);
  const program = new Command('ledger')
    .description('Commerce Ledger: an event-sourced system of record for a shop.')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.line(text.trimEnd()),
      writeErr: (text) => output.note(text.trimEnd()),
    })
    .configureHelp({ showGlobalOptions: false })
    .showHelpAfterError('(--help shows how it is used)')
    .addHelpText('after', AFTER_HELP)
    .addHelpText('afterAll', EXIT_CODES);
  registerStart(program, runner, env, output);
  registerStatus(program, runner.run);
  registerDoctor(program, runner, env, output);
  registerRebuild(program, runner.run);
  registerDrop(program, runner.run);
  registerRotateMasterKey(program, runner.run, env);
  registerCopy(program, runner.run);
  const groups = {
    import: program.command('import').description("take another system's data in, as commands"),
    verify: program.command('verify').description('compare the read models with figures from elsewhere'),
  };
  registerOnlineRetail(groups, runner.run);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  return runner.exitCode;
}
