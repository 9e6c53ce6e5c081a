import type { Truth } from './truth.js';
import { compareAwkward } from './compare-awkward.js';
import { compareClasses } from './compare-classes.js';
import { compareCounts } from './compare-counts.js';
import { compareMoney } from './compare-money.js';
import { compareStock } from './compare-stock.js';
import { compareTop } from './compare-top.js';
import { Comparisons, type Comparison } from './comparison.js';
import type { LedgerFigures } from './ledger-figures.js';

/** Compares all that both the read models and the truth have. */
export function compare(ledger: LedgerFigures, truth: Truth): readonly Comparison[] {
  const comparisons = new Comparisons();
  for (const part of [compareCounts, compareMoney, compareTop, compareClasses, compareAwkward, compareStock]) {
    part(ledger, truth, comparisons);
  }
  return comparisons.all;
}
