import { addDecimals, compareDecimals, type Decimal } from '../../../../src/domain/decimal.js';
import { netUnits } from '../../../../src/projections/sales.view.js';
import { amountOf, type Amount, type Comparisons } from './comparison.js';
import type { LedgerFigures } from './ledger-figures.js';
import type { Truth } from './truth.js';

/** The largest countries, customers and products, by money and by units. */
export function compareTop(ledger: LedgerFigures, truth: Truth, comparisons: Comparisons): void {
  compareCountries(ledger, truth, comparisons);
  compareCustomers(ledger, truth, comparisons);
  compareProducts(ledger, truth, comparisons);
}

/** A stock adjustment names no country, so a country's plain invoices cannot be counted; its customers can. */
function compareCountries(
  { countries, customersOfCountry }: LedgerFigures,
  truth: Truth,
  comparisons: Comparisons,
): void {
  const section = 'countries by net';
  comparisons.ranked(section, netOf(countries), rankingIn(truth, 'country_top10_by_net', 'country', 'net'), 'money');
  for (const index of truth.keys('country_top10_by_net')) {
    const country = truth.text('country_top10_by_net', index, 'country') ?? '';
    const expected = truth.integer('country_top10_by_net', index, 'customers');
    comparisons.count(section, `${country}, customers`, customersOfCountry.get(country) ?? 0, expected);
  }
}

function compareCustomers({ customers }: LedgerFigures, truth: Truth, comparisons: Comparisons): void {
  const section = 'customers by net';
  comparisons.ranked(section, netOf(customers), rankingIn(truth, 'customers_top10_by_net', 'customer', 'net'), 'money');
  for (const index of truth.keys('customers_top10_by_net')) {
    const customer = truth.text('customers_top10_by_net', index, 'customer') ?? '';
    const expected = truth.integer('customers_top10_by_net', index, 'plain_invoices');
    comparisons.count(section, `${customer}, orders`, customers.get(customer)?.orders ?? 0, expected);
  }
  const signs = [...netOf(customers).values()].map(({ exact }) => compareDecimals(exact, '0'));
  for (const [name, sign] of [
    ['positive', 1],
    ['zero', 0],
    ['negative', -1],
  ] as const) {
    const expected = truth.integer('customers_net_sign', name);
    comparisons.count('customers by sign of net', name, signs.filter((each) => each === sign).length, expected);
  }
}

function compareProducts({ codes, products, stock }: LedgerFigures, truth: Truth, comparisons: Comparisons): void {
  const byNet = netOf(codes);
  const goods = new Map([...byNet].filter(([code]) => products.get(foldedOf(code))?.kinds?.includes('goods')));
  const sold = new Map<string, Amount>();
  const moved = new Map<string, Amount>();
  for (const [code, figures] of codes) {
    sold.set(code, unitsAs(BigInt(figures.unitsSold) - BigInt(figures.unitsFree)));
    // The file counts a unit for each journal's row.
    moved.set(code, unitsAs(netUnits(figures) + BigInt(products.get(code)?.journals ?? 0)));
  }
  // A correction of stock names the SKU only.
  for (const { sku, adjusted } of stock.values()) {
    moved.set(sku, unitsAs((moved.get(sku)?.minor ?? 0n) + BigInt(adjusted)));
  }
  const lists = [
    ['products_top20_by_net_revenue (raw StockCode, all rows)', byNet, 'net', 'all codes by net'],
    ['products_top20_by_net_revenue (goods only)', goods, 'net', 'goods by net'],
    ['products_top20_by_net_quantity (raw StockCode, all rows)', moved, 'units', 'all codes by net units'],
    ['products_top20_by_sold_quantity (plain invoices, qty>0, price>0)', sold, 'units', 'all codes by units sold'],
  ] as const;
  for (const [section, ledger, field, title] of lists) {
    const ranking = rankingIn(truth, section, 'stock_code', field);
    comparisons.ranked(title, ledger, ranking, field === 'net' ? 'money' : 'count');
  }
}

const foldedOf = (code: string): string => code.trim().toUpperCase();

const netOf = (figures: ReadonlyMap<string, Parameters<typeof amountOf>[0]>): ReadonlyMap<string, Amount> =>
  new Map([...figures].map(([key, each]) => [key, amountOf(each, 'net')]));

/** Units as an amount, so that they can be ranked like one. */
const unitsAs = (units: bigint): Amount => ({ minor: units, exact: addDecimals(`${units}`, '0') });

function rankingIn(truth: Truth, list: string, name: string, value: 'net' | 'units') {
  return truth.keys(list).map((index): Readonly<{ key: string; value: Decimal }> => {
    const key = truth.text(list, index, name) ?? '';
    const text = value === 'net' ? truth.decimal(list, index, value) : truth.integer(list, index, value)?.toString();
    return { key, value: text ?? '0' };
  });
}
