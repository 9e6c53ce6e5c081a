import type { ImportReport } from './importer.js';

/** The summary of an import, line by line. `seconds`: how long it took. */
export function describeImport(path: string, report: ImportReport, seconds: number): string[] {
  const { invoices, returns, commands } = report;
  const accepted = sumOf(commands, 'accepted');
  const lines = [
    `${path}`,
    `  SHA-256 of the rows   ${report.digest}`,
    '',
    ...table([
      ['rows', report.rows],
      ['rows not taken', report.rowsRefused],
      ['products listed', report.products],
      [`opening stock, units on ${count(report.openings.skus)} products`, report.openings.units],
      ['invoices: orders', invoices.order],
      ['invoices: credit notes', invoices.credit],
      ['invoices: stock adjustments', invoices.adjustment],
      ['invoices: journals', invoices.journal],
      ['invoices refused whole', invoices.refused],
    ]),
    '',
    'goods on credit notes of known customers, by their purchase at the same price',
    ...table([
      ['found: a whole line', returns.whole],
      ['found: part of a line', returns.part],
      ['found: spread over several lines', returns.spread],
      ['found for some of the units', returns.short],
      ['not found: the line stands alone', returns.none],
    ]),
    '',
    `  ${'commands'.padEnd(20)}${head('accepted')}${head('already there')}${head('refused')}`,
    ...Object.entries(commands).map(
      ([type, counts]) => `  ${type.padEnd(20)}${cell(counts.accepted)}${cell(counts.repeated)}${cell(counts.refused)}`,
    ),
    '',
    `${count(accepted)} commands accepted, ${count(sumOf(commands, 'repeated'))} already there, ` +
      `${count(sumOf(commands, 'refused'))} refused, in ${seconds.toFixed(1)} s ` +
      `(${count(Math.round(report.rows / Math.max(seconds, 0.001)))} rows/s)`,
  ];
  return lines;
}

const sumOf = (commands: ImportReport['commands'], outcome: 'accepted' | 'repeated' | 'refused'): number =>
  Object.values(commands).reduce((sum, counts) => sum + counts[outcome], 0);

export const count = (n: number): string => n.toLocaleString('en-GB');
const WIDTH = 15;
const head = (text: string): string => text.padStart(WIDTH);
const cell = (n: number): string => count(n).padStart(WIDTH);
const table = (rows: readonly (readonly [string, number])[]): string[] =>
  rows.map(([label, n]) => `  ${label.padEnd(42)}${count(n).padStart(12)}`);
