import { addDecimals, type Decimal } from '../../../../src/domain/decimal.js';
import type { Comparison } from './comparison.js';

/** A section with more figures than this is shown as one line, and only those of its figures that differ. */
const MAX_SHOWN = 100;

/** The comparisons as a table, the rounding explained, and what was not compared. */
export function describeComparisons(comparisons: readonly Comparison[], unread: readonly string[]): string[] {
  const sections = Map.groupBy(comparisons, ({ section }) => section);
  const lines = [...sections].flatMap(([section, all]) => ['', section, ...sectionLines(all)]);
  return [row('FIGURE', 'LEDGER', 'TRUTH', ''), ...lines, ...roundingLines(comparisons), ...unreadLines(unread)];
}

function sectionLines(all: readonly Comparison[]): string[] {
  if (all.length <= MAX_SHOWN) return all.map(comparisonLine);
  const agreeing = all.filter(({ agrees }) => agrees).length;
  const summary = row(
    'figures that agree',
    String(agreeing),
    String(all.length),
    agreeing === all.length ? 'ok' : 'DIFFERS',
  );
  return [summary, ...all.filter(({ agrees }) => !agrees).map(comparisonLine)];
}

function comparisonLine({ figure, ledger, rounding, truth, agrees }: Comparison): string {
  const verdict = agrees ? 'ok' : 'DIFFERS';
  return row(
    figure,
    grouped(ledger),
    grouped(truth),
    rounding === undefined ? verdict : `${verdict} (rounding ${rounding})`,
  );
}

const row = (figure: string, ledger: string, truth: string, verdict: string): string =>
  `  ${figure.padEnd(54)} ${ledger.padStart(16)} ${truth.padStart(16)}  ${verdict}`.trimEnd();

/** `-1234567.5` → `-1,234,567.5`. */
export const grouped = (number: string): string => {
  const [whole = '', fraction] = number.split('.');
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? digits : `${digits}.${fraction}`;
};

function roundingLines(comparisons: readonly Comparison[]): string[] {
  const rounded = comparisons.filter((each): each is Comparison & { rounding: Decimal } => each.rounding !== undefined);
  const [gross] = rounded.filter(({ section, figure }) => section === 'money' && figure === 'gross');
  if (rounded.length === 0) return [];
  const lines = [
    '',
    `rounding: ${rounded.length} figures hold lines worth a fraction of a penny. A line is booked in whole pence, rounded`,
    'half to even once; the views keep exactly what that took. Booked figure and rounding together are the truth.',
  ];
  if (!gross) return lines;
  return [
    ...lines,
    `  gross: ${grouped(gross.ledger)} booked, ${gross.rounding} rounded away, ` +
      `${grouped(addDecimals(gross.ledger, gross.rounding))} together; the truth says ${grouped(gross.truth)}`,
  ];
}

function unreadLines(unread: readonly string[]): string[] {
  if (unread.length === 0) return [];
  const title = 'in the truth, but not compared, because the read models do not hold it:';
  return ['', title, ...abridged(unread).map((path) => `  ${path}`)];
}

/** `a › 1 › x`, `a › 2 › x`, … → `a › * › x`. */
function abridged(paths: readonly string[]): readonly string[] {
  const alike = Map.groupBy(paths, (path) => path.replace(/ › (?:(?! › ).)+( › (?:(?! › ).)+)$/, ' › *$1'));
  return [...alike].flatMap(([pattern, each]) => (each.length > 1 ? [pattern] : each));
}

/** One sentence on all of it; nothing compared is a failure too. */
export function conclusion(comparisons: readonly Comparison[]): Readonly<{ failed: boolean; text: string }> {
  const differing = comparisons.filter(({ agrees }) => !agrees).length;
  const compared = grouped(String(comparisons.length));
  if (comparisons.length === 0)
    return { failed: true, text: 'Nothing was compared: the file has none of the known figures.' };
  if (differing > 0) {
    const text =
      `${grouped(String(differing))} of ${compared} figures differ. The read models hold all of this ledger: what was ` +
      'listed, sold or imported beside this file counts, too. A data folder of its own (LEDGER_DATA) compares the file alone.';
    return { failed: true, text };
  }
  return { failed: false, text: `All ${compared} figures agree.` };
}
