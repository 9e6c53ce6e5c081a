import { Argument, type Command } from 'commander';
import { collectionOf, type ViewStore } from '../../src/application/ports/view-store.js';
import { newHolder } from '../../src/infrastructure/follower/follower.js';
import { rebuild, type RebuildProgress } from '../../src/infrastructure/follower/rebuild.js';
import type { Projection } from '../../src/projections/projection.js';
import { projections } from '../../src/projections/index.js';
import { type CommandEnvironment, CommandFailed, type RunCommand } from './command.js';
import { refuseMissingLedger } from './missing-ledger.js';

type RebuildArguments = Readonly<{ all?: true; force?: true; json?: true }>;

const HELP = `
Throws a view away and folds the whole log into it again. The log is not touched. Cut short, it leaves a view that
is valid but behind, which a running ledger completes.

While a ledger runs on the folder, its projector holds the view, and the command refuses: stop the ledger first, or
give --force, which takes the view over; readers see it empty, then growing, until it is done.`;

export function registerRebuild(program: Command, run: RunCommand): void {
  program
    .command('rebuild')
    .description('fold a view again from the whole log')
    .addArgument(new Argument('[view]', 'the view').choices(projections.map(({ name }) => name)))
    .option('--all', 'every view')
    .option('--force', 'also when a projector follows the log for the view now')
    .option('--json', 'print one line of JSON for each view')
    .addHelpText('after', HELP)
    .action((view: string | undefined, options: RebuildArguments) =>
      run((environment) => rebuildViews(view, options, environment)),
    );
}

async function rebuildViews(
  view: string | undefined,
  { all, force, json }: RebuildArguments,
  environment: CommandEnvironment,
): Promise<void> {
  if (all && view !== undefined) throw new CommandFailed('Name one view, or give --all, not both.', 2);
  if (!all && view === undefined) throw new CommandFailed('Name the view, or give --all for every one.', 2);
  const views = projections.filter(({ name }) => all || name === view);
  refuseMissingLedger(environment.config);
  const log = await environment.openLog('read-only');
  const store = await environment.openViews();
  if (!force) await refuseWhileFollowed(views, store);
  const { output, signal } = environment;
  const holder = newHolder();
  for (const projection of views) {
    const head = Number((await log.head()) ?? 0n);
    const bar = output.progress(`rebuilding ${projection.name}`, head);
    const onProgress = ({ position }: RebuildProgress) => bar.update(Number(position));
    try {
      const done = await rebuild({ projection, log, views: store, holder, onProgress, signal });
      if (json) output.json({ view: projection.name, version: projection.version, ...done });
      else output.line(describeRebuild(projection, done));
    } finally {
      bar.finish();
    }
  }
}

async function refuseWhileFollowed(views: readonly Projection[], store: ViewStore): Promise<void> {
  for (const view of views) {
    const lease = await store.lease(collectionOf(view));
    if (!lease) continue;
    throw new CommandFailed(
      `${view.name} is followed by a running projector (${lease.holder}). Stop the ledger and try again, or give --force.`,
    );
  }
}

function describeRebuild({ name }: Projection, { events, documents, elapsedMs }: RebuildProgress): string {
  const rate = elapsedMs > 0 ? ` (${Math.round((1000 * events) / elapsedMs)} events/s)` : '';
  return `${name}: ${events} events, ${documents} documents written, in ${(elapsedMs / 1000).toFixed(1)} s${rate}`;
}
