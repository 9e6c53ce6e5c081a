import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readRecords } from '../../apps/ledger/online-retail/import/records.js';
import { readRows, UnreadableFile } from '../../apps/ledger/online-retail/import/read-file.js';
import type { BadRow, Row } from '../../apps/ledger/online-retail/import/row.js';
import { temporaryFolders } from '../temporary-folders.js';
import { fileOf, HEADER, rawFile, SHOP } from './shop.js';

const newFolder = temporaryFolders();

async function read(path: string): Promise<{ rows: (Row | BadRow)[]; digest: string }> {
  const rows: (Row | BadRow)[] = [];
  const reading = readRows(path);
  for (;;) {
    const next = await reading.next();
    if (next.done) return { rows, digest: next.value };
    rows.push(...next.value);
  }
}
const refusal = async (path: string): Promise<string> => {
  const error: unknown = await read(path).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(UnreadableFile);
  return (error as Error).message;
};

describe('a file', () => {
  test('is the same plain and packed, and is named by the digest of its rows', async () => {
    const plain = fileOf(SHOP);
    const packed = await read(fileOf(SHOP, 'shop.csv.gz'));
    expect(packed).toEqual(await read(plain));
    expect(packed.digest).toBe(createHash('sha256').update(readFileSync(plain)).digest('hex'));
    expect(packed.rows).toHaveLength(SHOP.length);
    expect(packed.rows.map(({ line }) => line)).toEqual(SHOP.map((_, index) => index + 2));
  });

  test('may begin with a byte order mark, end its lines with CR LF, lack the last one, and hold empty lines', async () => {
    const text = `\uFEFF${[HEADER, SHOP[0], '', SHOP[4]].join('\r\n')}`;
    const { rows } = await read(rawFile(text));
    expect(rows.map(({ line, invoice }) => [line, invoice])).toEqual([
      [2, '600001'],
      [4, '600001'],
    ]);
  });

  test('may hold a row of another number of columns, which is that row’s fault alone', async () => {
    const { rows } = await read(fileOf([SHOP[0]!, '600001,10001', SHOP[1]!]));
    expect(rows).toHaveLength(3);
    expect(rows[1]).toEqual({ line: 3, invoice: '600001', reason: 'has 2 columns instead of 8' });
  });
});

describe('a text in quotation marks', () => {
  const record = (text: string) => `600001,10001,${text},6,2010-12-01T08:26:00,2.5,501,France`;

  test.each([
    ['a comma', '"MUG, RED"', 'MUG, RED'],
    ['quotation marks', '"THE ""BIG"" MUG"', 'THE "BIG" MUG'],
    ['nothing', '""', ''],
    ['a line break, which is kept', '"MUG,\nRED"', 'MUG,\nRED'],
    ['only a quotation mark', '""""', '"'],
  ])('may hold %s', async (_, written, description) => {
    const { rows } = await read(fileOf([record(written), record('PLAIN')]));
    expect(rows).toMatchObject([{ description }, { description: 'PLAIN', line: written.includes('\n') ? 4 : 3 }]);
  });

  test('is read as any other reader would, however the file is cut into chunks', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', ',', ' ', '£', '😀', '\n'), maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(text, { minLength: 2, maxLength: 3 }), { maxLength: 8 }),
        fc.nat(9),
        async (table, size) => {
          const csv = Buffer.from(table.map((fields) => `${fields.map(quoted).join(',')}\n`).join(''));
          const read: (readonly string[])[] = [];
          for await (const records of readRecords(chunksOf(csv, size + 1)))
            read.push(...records.map(({ fields }) => fields));
          expect(read).toEqual(table);
        },
      ),
    );
  });
});

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

describe('a file that cannot be used', () => {
  test.each([
    [
      'another header',
      rawFile('id,name\n1,2\n'),
      /does not look like the Online Retail data[^]*InvoiceNo,StockCode[^]*"id,name"/,
    ],
    ['nothing in it', rawFile(''), /is empty/],
    [
      'a quotation mark that is never closed',
      rawFile(`${HEADER}\n${SHOP[0]}\n600001,1,"RED,6\n`),
      /quotation marks that do not pair up at line 3/,
    ],
    ['a quotation mark that is closed too early', rawFile(`${HEADER}\n600001,1,"RED"X,6,,,,\n`), /at line 2/],
    ['a quotation mark within a text', rawFile(`${HEADER}\n600001,1,RED"X,6,,,,\n`), /at line 2/],
    ['an endless line', rawFile(`${HEADER}\n${'x'.repeat(65_537)}\n`), /more than 65536 characters at line 2/],
  ])('with %s', async (_, path, message) => {
    expect(await refusal(path)).toMatch(message);
  });

  test('that is not there, or a folder', async () => {
    const folder = newFolder();
    expect(await refusal(join(folder, 'missing.csv'))).toMatch(/missing.csv does not exist/);
    expect(await refusal(folder)).toMatch(/is a folder, not a file/);
  });

  test('that must not be read', async () => {
    const path = rawFile('secret');
    chmodSync(path, 0o000);
    if (process.getuid?.() === 0) return; // root may read everything
    expect(await refusal(path)).toMatch(/no permission/);
  });

  test('packed and cut off, and packed and damaged', async () => {
    const many = Array.from(
      { length: 5_000 },
      (_, n) => `6${n},10001,MUG ${Math.sin(n)},1,2010-12-01T08:26:00,1,,France`,
    );
    const cut = fileOf(many, 'cut.csv.gz');
    truncateSync(cut, Math.floor(readFileSync(cut).length / 2));
    expect(await refusal(cut)).toMatch(/is cut off/);
    const damaged = fileOf(many, 'damaged.csv.gz');
    writeFileSync(damaged, readFileSync(damaged).fill(0, 2_000, 2_500));
    expect(await refusal(damaged)).toMatch(/is damaged/);
  });
});
