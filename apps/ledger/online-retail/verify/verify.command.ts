import { readFile } from 'node:fs/promises';
import { projections } from '../../../../src/projections/index.js';
import { CommandFailed, type CommandEnvironment } from '../../command.js';
import { refuseMissingLedger } from '../../missing-ledger.js';
import { unreadable } from '../../named-file.js';
import { catchUp } from './catch-up.js';
import { compare } from './compare.js';
import { readLedger } from './ledger-figures.js';
import { NotATruth, Truth } from './truth.js';
import { conclusion, describeComparisons } from './verify-report.js';

export type VerifyArguments = Readonly<{ json?: boolean }>;

/** The views that figures are read from. */
const READ = ['catalog', 'stock', 'stock-adjustments', 'sales'];

/**
 * `ledger verify online-retail TRUTH.json`: every figure of the truth that the read models hold, beside theirs. Fails
 * (exit code 1) when one differs, and when there is nothing to compare.
 */
export async function verifyFile(
  file: string,
  { json }: VerifyArguments,
  environment: CommandEnvironment,
): Promise<void> {
  const { config, output, clock, signal, openLog, openViews, resolvePath } = environment;
  const path = resolvePath(file);
  refuseMissingLedger(config);
  const truth = await readTruth(path);
  const log = await openLog('read-only');
  const views = await openViews();
  const read = projections.filter(({ name }) => READ.includes(name));
  const head = await catchUp(read, { log, views, clock, output, signal });
  if (head === undefined)
    throw new CommandFailed('The ledger is empty: there is nothing to compare. Import the file first.');

  try {
    const comparisons = compare(await readLedger(views), truth);
    const unread = truth.unread();
    if (json) output.json({ truth: path, head, comparisons, notCompared: unread });
    else for (const line of describeComparisons(comparisons, unread)) output.line(line);
    const { failed, text } = conclusion(comparisons);
    if (failed) throw new CommandFailed(text);
    output.note(text);
  } catch (error) {
    throw notOfFigures(path, error);
  }
}

async function readTruth(path: string): Promise<Truth> {
  try {
    return Truth.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw notOfFigures(path, unreadable(path, error));
  }
}

const notOfFigures = (path: string, error: unknown): unknown =>
  error instanceof NotATruth ? new CommandFailed(`${path} ${error.message}.`, 1, { cause: error }) : error;
