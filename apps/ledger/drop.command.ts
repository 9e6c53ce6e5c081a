import type { Command } from 'commander';
import { projections } from '../../src/projections/index.js';
import { type CommandEnvironment, CommandFailed, type RunCommand } from './command.js';
import { refuseMissingLedger } from './missing-ledger.js';

const HELP = `
Removes a view of a version that this build does not read, with its checkpoint. The log is not touched: should a build
that reads the view run again, it folds it anew from there. ledger doctor names those that there are.

So is how far a follower without a view has come (provider-events@1, public-events@1): it begins again with the log's first
event. What it had applied already stays as it is; what it had published is published again.`;

export function registerDrop(program: Command, run: RunCommand): void {
  program
    .command('drop')
    .description('remove a view that this build does not read')
    .argument('<view@version>', 'as ledger doctor names it')
    .addHelpText('after', HELP)
    .action((view: string) => run((environment) => dropView(view, environment)));
}

async function dropView(text: string, { config, openViews, output }: CommandEnvironment): Promise<void> {
  const [, name, digits] = /^(.+)@([1-9][0-9]*)$/.exec(text) ?? [];
  if (name === undefined) throw new CommandFailed('Name the view and its version, as in catalog@1.', 2);
  const version = Number(digits);
  if (projections.some((view) => view.name === name && view.version === version)) {
    throw new CommandFailed(`This build reads ${text}. To make it anew: npm run ledger -- rebuild ${name}`, 2);
  }
  refuseMissingLedger(config);
  const views = await openViews();
  if (!(await views.versions(name)).includes(version)) throw new CommandFailed(`There is no view ${text}.`);
  const lease = await views.lease(text);
  if (lease) throw new CommandFailed(`${text} is followed by a running projector (${lease.holder}). Stop it first.`);
  await views.drop(name, version);
  output.line(`${text} is gone.`);
}
