import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { errorCode } from '../error-code.js';
import { COLUMNS, readRow, type BadRow, type Row } from './row.js';

/** The file cannot be read as an export of this shape at all. The message says where and why. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
}

export type ReadOptions = Readonly<{
  /** Called now and then with how many bytes of the file, as it lies on the disk, have been read. */
  onBytes?: (bytes: number) => void;
  signal?: AbortSignal;
}>;

/** A record as csv-parse gives it with `info`; `lines` is the line where it ends. */
type CsvRecord = Readonly<{ record: readonly string[]; info: Readonly<{ lines: number }> }>;

/** The longest record, in characters: what is longer has a quotation mark that is never closed. */
const MAX_RECORD = 65_536;

/**
 * Reads the rows of a CSV file, plain or gzip (told by its first bytes), one after the other, never the whole file.
 * Returns the SHA-256 of the unpacked bytes, in hex, so that a file and its packed copy are the same import.
 * @throws UnreadableFile missing, a folder, another header, cut off, broken gzip, quotation marks that do not pair up
 */
export async function* readRows(path: string, options: ReadOptions = {}): AsyncGenerator<Row | BadRow, string> {
  const digest = createHash('sha256');
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD,
  });
  async function* digested(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      options.signal?.throwIfAborted();
      digest.update(chunk);
      yield chunk;
    }
  }
  try {
    const packed = await isGzip(path);
    const source = createReadStream(path);
    source.on('data', () => options.onBytes?.(source.bytesRead));
    // A failure of any part destroys the parser with it, and so ends the loop below.
    const unpacked = packed ? pipeline(source, createGunzip(), ignored) : source;
    pipeline(unpacked, digested, parser, ignored);
    let isHeader = true;
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      if (!isHeader) yield readRow(record, info.lines);
      else if (!sameHeader(record)) throw new UnreadableFile(notThisHeader(path, record));
      isHeader = false;
    }
    if (isHeader) throw new UnreadableFile(`${path} is empty`);
    return digest.digest('hex');
  } catch (error) {
    options.signal?.throwIfAborted();
    throw translate(path, error);
  }
}

const ignored = (): void => undefined;

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b; // RFC 1952, section 2.3.1
  } finally {
    await file.close();
  }
}

const sameHeader = (record: readonly string[]): boolean =>
  record.length === COLUMNS.length && COLUMNS.every((name, index) => record[index]?.trim() === name);

const notThisHeader = (path: string, record: readonly string[]): string =>
  `${path} does not look like the Online Retail data: its first line should be\n  ${COLUMNS.join(',')}\nand is\n  ` +
  JSON.stringify(record.join(',').slice(0, 200));

/** Errors of the file system and of zlib by their codes; what is not known is a defect and stays as it is. */
function translate(path: string, error: unknown): unknown {
  const because = (text: string): UnreadableFile => new UnreadableFile(`${path} ${text}`, { cause: error });
  if (error instanceof CsvError) {
    const where = typeof error['lines'] === 'number' ? ` (noticed at line ${error['lines']})` : '';
    return because(
      `has quotation marks that do not pair up${where}; nothing can be told of what follows: ${error.message}`,
    );
  }
  const fault = FAULTS[errorCode(error) ?? ''];
  return fault === undefined ? error : because(fault);
}

/** By the error codes of Node and zlib. */
const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a folder, not a file',
  EACCES: 'cannot be read: no permission',
  Z_BUF_ERROR: 'is cut off: its gzip data ends too early',
  Z_DATA_ERROR: 'is damaged: its gzip data does not add up',
};
