import type { Command } from 'commander';
import { projections } from '../../src/projections/index.js';
import { describeBehind } from './events-behind.js';
import type { CommandEnvironment, RunCommand } from './command.js';
import { refuseMissingLedger } from './missing-ledger.js';
import { megabytes } from './megabytes.js';
import { withoutRunId } from './holder-name.js';
import { type LedgerStatus, type ViewStatus, statusOf } from './status.js';

const HELP = `
Shows the log's head and, for each view, how far it has come, how many events it is behind and since when, and which
process follows the log for it; or that the view was made from another log, or has seen more than this one holds: ledger
doctor says what to do then. Below them, the same of what else the projector does: followers without a view apply what the
payment provider told and publish events; sweeps look for what is due. Reads only; a running ledger is not disturbed.`;

export function registerStatus(program: Command, run: RunCommand): void {
  program
    .command('status')
    .description('show how far the log and each view have come')
    .option('--json', 'print one line of JSON (positions are decimal strings)')
    .addHelpText('after', HELP)
    .action((options: { json?: true }) => run((environment) => status(environment, options.json ?? false)));
}

async function status(environment: CommandEnvironment, asJson: boolean): Promise<void> {
  const { config, output, clock } = environment;
  refuseMissingLedger(config);
  const log = await environment.openLog('read-only');
  const views = await environment.openViews('read-only');
  const found = await statusOf({ config, log, views, projections, nowMs: clock.now() });
  if (asJson) output.json(found);
  else for (const line of describeStatus(found)) output.line(line);
}

export function describeStatus({
  dataFolder,
  log,
  viewsBytes,
  viewsIn,
  views,
  effects,
  sweeps,
}: LedgerStatus): string[] {
  const logSize = log.bytes === null ? log.in : megabytes(log.bytes);
  const table = [
    ['VIEW', 'VERSION', 'CHECKPOINT', 'BEHIND', 'FOLLOWED BY'],
    ...views.map((view) => [
      view.name,
      versionOf(view),
      String(view.checkpoint ?? '-'),
      describeLag(view),
      holderOf(view),
    ]),
    [],
    ['ALSO', 'VERSION', 'CHECKPOINT', 'BEHIND', 'DONE BY'],
    ...effects.map((effect) => [
      effect.name,
      versionOf(effect),
      String(effect.checkpoint ?? '-'),
      describeLag(effect),
      holderOf(effect),
    ]),
    ...sweeps.map((sweep) => [...sweep.name.split('@'), '', '', holderOf(sweep)]),
  ];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return [
    ...(dataFolder === null ? [] : [`Data   ${dataFolder}`]),
    `Log    ${logSize}, ${log.head === null ? 'empty' : `head at position ${log.head}`}`,
    `Views  ${viewsBytes === null ? viewsIn : megabytes(viewsBytes)}`,
    '',
    ...table.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    ),
  ];
}

const holderOf = ({ lease }: Pick<ViewStatus, 'lease'>): string =>
  lease ? `${withoutRunId(lease.holder)} (epoch ${lease.epoch})` : 'nobody';

function versionOf({ version, versions }: ViewStatus): string {
  const others = versions.filter((other) => other !== version);
  return others.length === 0 ? String(version) : `${version} (also ${others.join(', ')})`;
}

const PROBLEMS = { 'another-log': 'of another log', 'past-the-end': "past the log's end" };

function describeLag(view: ViewStatus): string {
  if (view.problem) return PROBLEMS[view.problem];
  const { positions, seconds } = view.lag;
  if (positions === 0n) return 'up to date';
  return describeBehind(view.behind ?? { events: Number(positions), more: false }, seconds);
}
