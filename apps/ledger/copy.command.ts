import type { Command } from 'commander';
import { ConcurrencyConflict, type EventStore } from '../../src/application/ports/event-store.js';
import {
  CopiesDiffer,
  copyLog,
  type CopyProgress,
  type CopyReport,
} from '../../src/infrastructure/event-store/copy/copy-log.js';
import { type CommandEnvironment, CommandFailed, type RunCommand } from './command.js';
import { type Location, locationOf, openSource, openTarget, refuseSameFolder, refuseSameLog } from './copy/location.js';
import { Interrupted } from './interrupts.js';
import type { Output, Progress } from './output.js';

type CopyArguments = Readonly<{ from: string; to: string; json?: true }>;

const HELP = `
A location is a data folder, or the URL of an EventStoreDB: esdb://… or esdb+discover://…

Copies the log with its ids, order, revisions, metadata and recorded times, behind what of it is there already, then
reads both again and compares every event. Stopped at any moment, even by force, the same command goes on where it
ended. Nothing is written to the source. To the target go the source's events and the target's own identity, which in
EventStoreDB is one event in a stream of its own; a target that holds other events is refused.

No ledger may run on the target. One may run on the source: its newest events are then taken over by the next copy, after
it was stopped. Views are not copied: in the target they are made anew from the log.`;

export function registerCopy(program: Command, run: RunCommand): void {
  program
    .command('copy')
    .description('copy the log from one engine to another, with its history')
    .requiredOption('--from <location>', 'data folder, or esdb://…')
    .requiredOption('--to <location>', 'data folder that is there, or esdb://…')
    .option('--json', 'print one line of JSON')
    .addHelpText('after', HELP)
    .action((options: CopyArguments) => run((environment) => copy(options, environment)));
}

async function copy({ from, to, json }: CopyArguments, environment: CommandEnvironment): Promise<void> {
  const { clock, output, signal, resolvePath } = environment;
  const [source, target] = [locationOf('--from', from, resolvePath), locationOf('--to', to, resolvePath)];
  refuseSameFolder(source, target);
  const startedAt = performance.now();
  await using opened = new AsyncDisposableStack();
  const reading = await openSource(source, clock);
  opened.defer(() => reading.close());
  const writing = await openTarget(target, clock);
  opened.defer(() => writing.close());
  await refuseSameLog(reading, target, writing);
  const bar = new CopyBar(output, await countOf(source, reading));
  try {
    const onProgress = (progress: CopyProgress) => bar.update(progress);
    const report = await copyLog({ from: reading, to: writing, onProgress, signal });
    bar.finish();
    const seconds = (performance.now() - startedAt) / 1_000;
    if (json) output.json({ from: source.shown, to: target.shown, ...report, seconds });
    else for (const line of describeCopy(source, target, report, seconds)) output.line(line);
    if (report.more) {
      throw new CommandFailed(
        'The source has more events now than when this began: a ledger runs on it. Stop it, and give the same command again.',
      );
    }
  } catch (error) {
    bar.finish();
    if (error instanceof Interrupted) {
      output.note('What was copied stays; the same command again goes on where this ended, and compares everything.');
    }
    throw explained(error, target);
  }
}

/** In the words of whoever gave the command. */
function explained(error: unknown, { shown }: Location): unknown {
  if (error instanceof CopiesDiffer) {
    const message = `${shown} holds something else than the source, or more. ${error.message}. Copy to an empty one.`;
    return new CommandFailed(message, 1, { cause: error });
  }
  if (!(error instanceof ConcurrencyConflict)) return error;
  const message = `Somebody else writes to ${shown}: ${error.message}. Stop every ledger there; then see what it has written.`;
  return new CommandFailed(message, 1, { cause: error });
}

/** Positions of the embedded log count its events; those of EventStoreDB do not. */
async function countOf({ kind }: Location, source: EventStore): Promise<number | undefined> {
  return kind === 'folder' ? Number((await source.head()) ?? 0n) : undefined;
}

/** One bar for copying and one for comparing. */
class CopyBar {
  private step: CopyProgress['step'] | undefined;
  private bar: Progress | undefined;

  constructor(
    private readonly output: Output,
    private readonly total: number | undefined,
  ) {}

  update({ step, events }: CopyProgress): void {
    if (step !== this.step) {
      this.finish();
      this.bar = this.output.progress(step.padEnd('comparing'.length), this.total);
      this.step = step;
    }
    this.bar?.update(events, 'events');
  }

  finish(): void {
    this.bar?.finish();
    this.bar = undefined;
  }
}

function describeCopy(from: Location, to: Location, { found, copied }: CopyReport, seconds: number): string[] {
  const count = (n: number) => n.toLocaleString('en-GB');
  const before = found === 0 ? '' : `, ${count(found)} were there before`;
  return [
    `From  ${from.shown}`,
    `To    ${to.shown}`,
    `${count(copied)} events copied${before}; all ${count(found + copied)} were compared and are the same. ${seconds.toFixed(1)} s`,
    '',
    'To go on with the copy:',
    `  1. Stop every ledger that runs on the source, and copy once more if it has run meanwhile.`,
    `  2. ${settingFor(to)}, in the environment or in .env.`,
    '  3. Make the views anew, for they hold positions of the log that they were made from: start with an empty view',
    '     store, or: npm run ledger -- rebuild --all',
    '  4. npm run ledger -- doctor, then npm start. The source is as it was; keep it until you are content.',
  ];
}

const settingFor = (to: Location): string =>
  to.kind === 'folder'
    ? `Set LEDGER_DATA=${to.shown}, and unset EVENTSTORE_URL`
    : `Set EVENTSTORE_URL to the URL given as --to (${to.shown})`;
