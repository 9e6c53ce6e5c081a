import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { errorCode } from '../../error-code.js';
import { FILE_FAULTS } from '../../named-file.js';
import { BrokenRecord, readRecords, type CsvRecord } from './records.js';
import { COLUMNS, readRow, type BadRow, type Row } from './row.js';

/** The file cannot be read as an export of this shape at all. The message says where and why. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
}

export type ReadOptions = Readonly<{
  /** Called now and then with how many bytes of the file, as it lies on the disk, have been read. */
  onBytes?: ((bytes: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}>;

const CHUNK_BYTES = 256 * 1024;

/**
 * Reads the rows of a CSV file, plain or gzip (told by its first bytes), a batch after the other, never the whole file.
 * Returns the SHA-256 of the unpacked bytes, in hex, so that a file and its packed copy are the same import.
 * @throws UnreadableFile missing, a folder, another header, cut off, broken gzip, no CSV
 */
export async function* readRows(
  path: string,
  { onBytes, signal }: ReadOptions = {},
): AsyncGenerator<readonly (Row | BadRow)[], string> {
  const digest = createHash('sha256');
  async function* digested(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      digest.update(chunk);
      yield chunk;
    }
  }
  try {
    const packed = await isGzip(path);
    const source = createReadStream(path, { highWaterMark: CHUNK_BYTES });
    source.on('data', () => onBytes?.(source.bytesRead));
    // A failure of the file destroys the unpacked stream with it, and so ends the loop below.
    const bytes = packed ? pipeline(source, createGunzip({ chunkSize: CHUNK_BYTES }), ignored) : source;
    let header: CsvRecord | undefined;
    for await (const records of readRecords(digested(bytes))) {
      const [first] = records;
      if (!first) continue;
      if (!header && !isHeader(first)) throw new UnreadableFile(notThisHeader(path, first));
      yield (header ? records : records.slice(1)).map(({ fields, line }) => readRow(fields, line));
      header ??= first;
    }
    if (!header) throw new UnreadableFile(`${path} is empty`);
    return digest.digest('hex');
  } catch (error) {
    signal?.throwIfAborted();
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

const isHeader = ({ fields }: CsvRecord): boolean =>
  fields.length === COLUMNS.length && COLUMNS.every((name, index) => fields[index]?.trim() === name);

const notThisHeader = (path: string, { fields }: CsvRecord): string =>
  `${path} does not look like the Online Retail data: its first line should be\n  ${COLUMNS.join(',')}\nand is\n  ` +
  JSON.stringify(fields.join(',').slice(0, 200));

/** Errors of the file system and of zlib by their codes; what is not known is a defect and stays as it is. */
function translate(path: string, error: unknown): unknown {
  const because = (text: string): UnreadableFile => new UnreadableFile(`${path} ${text}`, { cause: error });
  if (error instanceof BrokenRecord) return because(`has ${error.message}; nothing can be told of what follows`);
  const fault = FAULTS[errorCode(error) ?? ''];
  return fault === undefined ? error : because(fault);
}

/** By the error codes of Node and zlib. */
const FAULTS: Readonly<Record<string, string>> = {
  ...FILE_FAULTS,
  Z_BUF_ERROR: 'is cut off: its gzip data ends too early',
  Z_DATA_ERROR: 'is damaged: its gzip data does not add up',
};
