import type { Command } from 'commander';
import type { Lag } from '../../src/infrastructure/follower/lag.js';
import { projections } from '../../src/projections/index.js';
import type { CommandEnvironment, RunCommand } from './command.js';
import { existingLedger } from './existing-ledger.js';
import { type LedgerStatus, type ViewStatus, statusOf } from './status.js';

const HELP = `
Shows the log's head and, for each view, how far it has come, how many events it is behind and since when, and which
process follows the log for it. Reads only; a running ledger is not disturbed.`;

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
  const found = await statusOf(
    existingLedger(config),
    config.mongodb?.shown,
    await environment.openLog('read-only'),
    await environment.openViews('read-only'),
    projections,
    clock.now(),
  );
  if (asJson) output.json(found);
  else for (const line of describeStatus(found)) output.line(line);
}

export function describeStatus({ dataFolder, log, viewsBytes, viewsIn, views }: LedgerStatus): string[] {
  const table = [
    ['VIEW', 'VERSION', 'CHECKPOINT', 'BEHIND', 'FOLLOWED BY'],
    ...views.map((view) => [
      view.name,
      versionOf(view),
      String(view.checkpoint ?? '-'),
      describeLag(view.lag),
      view.lease ? `${withoutRunId(view.lease.holder)} (epoch ${view.lease.epoch})` : 'nobody',
    ]),
  ];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return [
    `Data   ${dataFolder}`,
    `Log    ${megabytes(log.bytes)}, ${log.head === null ? 'empty' : `head at position ${log.head}`}`,
    `Views  ${viewsIn ?? megabytes(viewsBytes)}`,
    '',
    ...table.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    ),
  ];
}

function versionOf({ version, versions }: ViewStatus): string {
  const others = versions.filter((other) => other !== version);
  return others.length === 0 ? String(version) : `${version} (also ${others.join(', ')})`;
}

function describeLag({ positions, seconds }: Lag): string {
  if (positions === 0n) return 'up to date';
  const since = seconds === undefined ? '' : `, ${Math.round(seconds)} s`;
  return `${positions} ${positions === 1n ? 'event' : 'events'}${since}`;
}

/** Host and process are what an operator looks for; `--json` has the whole name of the holder. */
const withoutRunId = (holder: string): string => holder.replace(/:[0-9a-f-]{36}$/, '');

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;
