import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';

/** The columns of one record of a CSV file; `line` is where it ends, counted from 1. */
export type CsvRecord = Readonly<{ line: number; fields: readonly string[] }>;

/** From here on nothing can be told of what follows. The message says what is wrong, and at which line. */
export class BrokenRecord extends Error {
  override readonly name = 'BrokenRecord';
}
const unpairedMarks = (line: number, options?: ErrorOptions): BrokenRecord =>
  new BrokenRecord(`quotation marks that do not pair up at line ${line}`, options);

/** The longest record, in characters: a longer one has a quotation mark that is never closed, or is no CSV. */
const MAX_RECORD = 65_536;

/**
 * Cuts the bytes of a CSV file (RFC 4180, UTF-8) into records, a batch for each chunk. Takes a byte order mark, CR LF, and
 * a last line without an end; leaves out empty lines.
 *
 * Nearly all lines hold no quotation mark and are simply split; a record with quotation marks is csv-parse's, strictly.
 * Only that makes a year readable in half a second instead of three.
 * @throws BrokenRecord
 */
export async function* readRecords(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly CsvRecord[]> {
  const cutter = new Cutter();
  for await (const chunk of chunks) yield cutter.cut(chunk);
  yield cutter.end();
}

const LINE_FEED = 0x0a;
const BYTE_ORDER_MARK = '\uFEFF';

class Cutter {
  /** Lines that have ended. */
  #line = 0;
  /** What has come of the line that has not. */
  #rest: Buffer = Buffer.alloc(0);
  /** Lines of a record whose quotation marks do not pair up yet. */
  #open = '';
  #openedAt = 0;

  cut(chunk: Buffer): readonly CsvRecord[] {
    const records: CsvRecord[] = [];
    const whole = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let from = 0;
    for (let end = whole.indexOf(LINE_FEED); end >= 0; end = whole.indexOf(LINE_FEED, from)) {
      // A text of its own for each line: a part of a longer one would keep all of that in memory.
      this.#add(whole.toString('utf8', from, end), records);
      from = end + 1;
    }
    this.#rest = whole.subarray(from);
    this.#limit(this.#rest);
    return records;
  }

  end(): readonly CsvRecord[] {
    const records: CsvRecord[] = [];
    if (this.#rest.length > 0) this.#add(this.#rest.toString('utf8'), records);
    if (this.#open !== '') throw unpairedMarks(this.#openedAt);
    return records;
  }

  #add(read: string, records: CsvRecord[]): void {
    this.#limit(read);
    const line = ++this.#line;
    const text = line === 1 ? read.replace(BYTE_ORDER_MARK, '') : read;
    if (this.#open === '' && !text.includes('"')) {
      const plain = text.endsWith('\r') ? text.slice(0, -1) : text;
      if (plain !== '') records.push({ line, fields: plain.split(',') });
      return;
    }
    if (this.#open === '') this.#openedAt = line;
    this.#open += this.#open === '' ? text : `\n${text}`;
    this.#limit(this.#open);
    if (!marksPairUp(this.#open)) return;
    records.push({ line, fields: this.#quoted(this.#open) });
    this.#open = '';
  }

  #quoted(record: string): readonly string[] {
    try {
      return parse(record, { relax_column_count: true, record_delimiter: ['\r\n', '\n'] })[0] ?? [];
    } catch (error) {
      if (error instanceof CsvError) throw unpairedMarks(this.#openedAt, { cause: error });
      throw error;
    }
  }

  #limit(text: string | Buffer): void {
    if (text.length <= MAX_RECORD) return;
    if (this.#open !== '') throw unpairedMarks(this.#openedAt);
    throw new BrokenRecord(`more than ${MAX_RECORD} characters at line ${this.#line + 1}`);
  }
}

/** An escaped mark is two, so outside a quoted text their number is even. */
function marksPairUp(text: string): boolean {
  let marks = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) marks++;
  return marks % 2 === 0;
}
