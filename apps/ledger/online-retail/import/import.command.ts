import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { setFlagsFromString } from 'node:v8';
import { CommandFailed, type CommandEnvironment } from '../../command.js';
import { sizeOfInput, unwritable } from '../../named-file.js';
import type { RefusedRow } from './assembler.js';
import { count, describeImport } from './import-report.js';
import { importOnlineRetail, type ImportReport, type RefusedCommand } from './importer.js';
import { ImportedFromAnotherFile, type OpeningStock } from './opening-stock.js';
import { UnreadableFile } from './read-file.js';

export type ImportArguments = Readonly<{
  json?: boolean;
  report?: string;
  timeZone: string;
  openingStock?: OpeningStock;
}>;
type Refusal = RefusedRow | RefusedCommand;

/** How many refusals the screen, and `--json`, show; `--report` has them all. */
const ON_SCREEN = 20;
const IN_JSON = 100_000;
/**
 * V8 lets the heap of a program that makes so much garbage grow to four times what it really holds. At most 1.8 times
 * costs a few per cent of time, and saves a quarter of the memory (bench/import.ts).
 */
const HEAP_GROWTH = '--heap-growing-percent=80';

/**
 * `ledger import online-retail FILE`. Fails (exit code 1) when anything was refused, because then the ledger does not
 * say what the file says.
 */
export async function importFile(
  file: string,
  { json, report: reportFile, timeZone, openingStock }: ImportArguments,
  { output, signal, openLog, resolvePath }: CommandEnvironment,
): Promise<void> {
  const path = resolvePath(file);
  checkTimeZone(timeZone);
  setFlagsFromString(HEAP_GROWTH);
  const startedAt = performance.now();
  const size = await sizeOfInput(path); // before anything is made
  const refusals = await RefusalList.open(reportFile === undefined ? undefined : resolvePath(reportFile));
  const reading = output.progress('reading  ', size);
  let booking: ReturnType<typeof output.progress> | undefined;
  let total: number | undefined;
  try {
    const report = await importOnlineRetail({
      path,
      // Opened now: a log that cannot be opened should not be found out after minutes of reading.
      log: await openLog('read-write'),
      timeZone,
      openingStock,
      signal,
      onBytes: (bytes) => reading.update(bytes, 'bytes'),
      onSurveyed: (survey) => {
        reading.finish();
        total = survey.rows;
      },
      onRows: (rows) => {
        booking ??= output.progress('importing', total);
        if (rows % 1_000 === 0) booking.update(rows, 'rows');
      },
      onRefusedRow: (row) => refusals.add(row),
      onRefusedCommand: (command) => refusals.add(command),
    });
    booking?.update(report.rows, 'rows');
    booking?.finish();
    const seconds = (performance.now() - startedAt) / 1_000;
    if (json) output.json({ file: path, ...report, seconds, refusals: refusals.kept });
    else for (const line of describeImport(path, report, seconds)) output.line(line);
    conclude(report, refusals, output);
  } catch (error) {
    reading.finish();
    booking?.finish();
    const told = explained(error);
    if (total !== undefined && !(told instanceof CommandFailed)) {
      output.note('The import has not finished. What was taken stays; the same command again takes the rest.');
    }
    throw told;
  } finally {
    await refusals.close();
  }
}

function explained(error: unknown): unknown {
  if (error instanceof UnreadableFile) return new CommandFailed(`${error.message}.`, 1, { cause: error });
  if (!(error instanceof ImportedFromAnotherFile)) return error;
  const message = `${error.message}, and so was the opening stock it needs. Nothing has been written. Say what you want:
  --opening-stock skip      this is a corrected copy of that file: take what is missing, and no opening stock
  --opening-stock receive   it only overlaps with that file: receive all the opening stock that this one needs`;
  return new CommandFailed(message, 1, { cause: error });
}

function conclude(report: ImportReport, refusals: RefusalList, output: CommandEnvironment['output']): void {
  if (refusals.total === 0) return;
  for (const refusal of refusals.kept.slice(0, ON_SCREEN)) output.note(describeRefusal(refusal));
  const more = refusals.total - ON_SCREEN;
  if (more > 0) output.note(`… and ${count(more)} more; --report FILE writes them all.`);
  throw new CommandFailed(
    `Not everything was taken: ${count(report.rowsRefused)} rows of ${count(report.invoices.refused)} invoices, ` +
      `${count(report.commandsRefused)} commands. The rest stands.`,
  );
}

function describeRefusal(refusal: Refusal): string {
  if (!('command' in refusal)) {
    const invoice = refusal.invoice === undefined ? '' : ` (invoice ${refusal.invoice})`;
    return `line ${refusal.line}${invoice}: ${refusal.reason}`;
  }
  const { lines, command, commandId, reason } = refusal;
  const where = lines === undefined ? '' : `lines ${lines.first} to ${lines.last}: `;
  return `${where}${command} ${commandId} was refused: ${reason}`;
}

/** Keeps the first refusals and writes all of them to a file, if one is wanted: one JSON object per line. */
class RefusalList {
  readonly kept: Refusal[] = [];
  total = 0;

  private constructor(
    private readonly file?: WriteStream,
    private readonly written: Promise<void> = Promise.resolve(),
  ) {
    written.catch(() => undefined); // told at the end: what is imported stands either way
  }

  /** @throws CommandFailed the file cannot be written, also from `close` */
  static async open(path: string | undefined): Promise<RefusalList> {
    if (path === undefined) return new RefusalList();
    const file = createWriteStream(path);
    const written = finished(file).catch((error: unknown) => {
      throw unwritable(path, error);
    });
    await once(file, 'open').catch(() => written);
    return new RefusalList(file, written);
  }

  add(refusal: Refusal): void {
    this.total++;
    if (this.kept.length < IN_JSON) this.kept.push(refusal);
    this.file?.write(`${JSON.stringify(refusal)}\n`);
  }

  async close(): Promise<void> {
    this.file?.end();
    await this.written;
  }
}

function checkTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone });
  } catch (error) {
    const message = `There is no time zone ${JSON.stringify(timeZone)}; give an IANA name such as Europe/London.`;
    throw new CommandFailed(message, 2, { cause: error });
  }
}
