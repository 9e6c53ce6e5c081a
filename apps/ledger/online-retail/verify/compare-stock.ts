import type { Comparisons } from './comparison.js';
import type { LedgerFigures, StockFigures } from './ledger-figures.js';
import type { Truth } from './truth.js';

const OPENING = ['awkward', 'opening_stock_needed (goods, case folded)'] as const;
const NO_STOCK: Omit<StockFigures, 'sku'> = { onHand: 0, received: 0, adjusted: 0 };

/** Opening stock and what is left of it, in all and, where the truth has it, for every SKU. */
export function compareStock({ stock, listed }: LedgerFigures, truth: Truth, comparisons: Comparisons): void {
  const section = 'stock';
  const all = [...stock.values()];
  // The truth counts goods; a correction of stock under a service's code is no goods.
  const goods = all.filter(({ sku }) => listed.has(sku));
  const received = total(all, 'received');
  const left = total(goods, 'onHand');
  const count = (figure: string, value: number, field: string) =>
    comparisons.count(section, figure, value, truth.integer(...OPENING, field));
  count('products', listed.size, 'codes');
  count('products with opening stock', all.filter((each) => each.received > 0).length, 'codes_needing_stock');
  count('units of opening stock', received, 'units_total');
  count('units left', left, 'closing_units_with_that_opening');
  count('units left, less the opening stock', left - received, 'closing_sum_without_opening');
  const largest = truth.text(...OPENING, 'largest', '0');
  if (largest !== undefined) {
    const expected = truth.integer(...OPENING, 'largest', '1');
    comparisons.count(section, `largest opening stock, ${largest}`, stock.get(largest)?.received ?? 0, expected);
    comparisons.count(section, 'largest opening stock', Math.max(0, ...all.map((each) => each.received)), expected);
  }
  for (const [list, title, measure] of [
    ['stock_opening', 'opening stock per SKU', 'received'],
    ['stock_left', 'stock left per SKU', 'onHand'],
  ] as const) {
    const skus = truth.keys(list);
    for (const sku of skus) {
      comparisons.count(title, sku, (stock.get(sku) ?? NO_STOCK)[measure], truth.integer(list, sku));
    }
    // And nothing beyond: a SKU that the truth does not know has none.
    if (skus.length > 0) comparisons.count(title, 'number of SKUs', goods.length, BigInt(skus.length));
  }
}

const total = (stock: readonly StockFigures[], measure: 'onHand' | 'received'): number =>
  stock.reduce((sum, each) => sum + each[measure], 0);
