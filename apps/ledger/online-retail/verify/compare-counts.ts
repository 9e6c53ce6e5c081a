import { netUnits, type SalesFigures } from '../../../../src/projections/sales.view.js';
import { amountOf, type Comparisons } from './comparison.js';
import type { Adjustments, LedgerFigures } from './ledger-figures.js';
import type { Truth } from './truth.js';

type Counted = Pick<
  SalesFigures,
  | 'orders'
  | 'creditNotes'
  | 'journals'
  | 'orderLines'
  | 'creditLines'
  | 'unitsSold'
  | 'unitsCancelled'
  | 'unitsReturned'
>;
const NOTHING: Counted = {
  orders: 0,
  creditNotes: 0,
  journals: 0,
  orderLines: 0,
  creditLines: 0,
  unitsSold: '0',
  unitsCancelled: '0',
  unitsReturned: '0',
};

/** Rows of the file: lines of orders and credit notes, adjustments, and one for each journal. */
export const rowsOf = (sales: Counted = NOTHING, adjustments?: Adjustments): number =>
  sales.orderLines + sales.creditLines + sales.journals + (adjustments?.rows ?? 0);
/** Invoices that are neither C nor A. */
const plainOf = (sales: Counted = NOTHING, adjustments?: Adjustments): number =>
  sales.orders + (adjustments?.documents ?? 0);
export const invoicesOf = (sales: Counted = NOTHING, adjustments?: Adjustments): number =>
  plainOf(sales, adjustments) + sales.creditNotes + sales.journals;
/** The file counts a unit for each journal's row; a journal has none. */
const unitsOf = (sales: Counted = NOTHING, adjustments?: Adjustments): bigint =>
  netUnits(sales) + (adjustments ? adjustments.unitsUp - adjustments.unitsDown : 0n) + BigInt(sales.journals);

/** Rows, invoices, customers and units, in all and by month. */
export function compareCounts(ledger: LedgerFigures, truth: Truth, comparisons: Comparisons): void {
  const { adjustments, days, adjustmentDays, noCustomer } = ledger;
  const total = ledger.total ?? NOTHING;
  const count = (figure: string, value: number | bigint, ...path: string[]) =>
    comparisons.count('counts', figure, value, truth.integer('counts', ...path));

  count('rows', rowsOf(total, adjustments), 'rows');
  count('rows of plain invoices', total.orderLines + adjustments.rows, 'rows_by_prefix', 'plain');
  count('rows of C invoices', total.creditLines, 'rows_by_prefix', 'C');
  count('rows of A invoices', total.journals, 'rows_by_prefix', 'A');
  count('invoices', invoicesOf(total, adjustments), 'invoices');
  count('plain invoices: orders and adjustments', plainOf(total, adjustments), 'invoices_by_prefix', 'plain');
  count('C invoices: credit notes', total.creditNotes, 'invoices_by_prefix', 'C');
  count('A invoices: journals', total.journals, 'invoices_by_prefix', 'A');

  const customers = [...ledger.customers.values()];
  const hasSale = customers.filter((customer) => amountOf(customer, 'gross').exact !== '0');
  count('customers', customers.length, 'customers');
  count('customers with an order', customers.filter(({ orders }) => orders > 0).length, 'customers_on_plain_invoices');
  count('customers with an order that cost something', hasSale.length, 'customers_with_a_positive_sale');
  const onlyReturned = customers.filter(({ orders }) => orders === 0);
  count('customers with credit notes only', onlyReturned.length, 'customers_only_on_C_invoices');
  count('countries', ledger.countries.size, 'countries');
  const codes = new Set([...ledger.products.keys(), ...ledger.stock.keys()]);
  count('codes, case folded', codes.size, 'stock_codes_case_folded');
  count('products listed: codes of goods, case folded', ledger.listed.size, 'stock_codes_goods_case_folded');
  const withOrders = [...days.values()].filter(({ orders }) => orders > 0).map(({ key }) => key);
  count('days with any row', new Set([...days.keys(), ...adjustmentDays]).size, 'days_with_rows');
  count('days with plain invoices', new Set([...withOrders, ...adjustmentDays]).size, 'days_with_plain_invoices');

  count('net units (a journal counts as one)', unitsOf(total, adjustments), 'net_units');
  count('rows without a customer', rowsOf(noCustomer, adjustments), 'rows_missing_customer');
  count('invoices without a customer', invoicesOf(noCustomer, adjustments), 'invoices_missing_customer');
  count('rows with a negative quantity', total.creditLines + adjustments.down, 'rows_negative_quantity');
  count('… of these on plain invoices', adjustments.down, 'rows_negative_quantity_not_C');

  for (const month of truth.keys('by_month')) compareMonth(ledger, truth, comparisons, month);
}

function compareMonth(ledger: LedgerFigures, truth: Truth, comparisons: Comparisons, month: string): void {
  const sales = ledger.months.get(month);
  const adjustments = ledger.adjustmentsOfMonth.get(month);
  const section = `month ${month}`;
  const count = (figure: string, value: number | bigint, field: string) =>
    comparisons.count(section, figure, value, truth.integer('by_month', month, field));
  count('rows', rowsOf(sales, adjustments), 'rows');
  count('plain invoices', plainOf(sales, adjustments), 'plain_invoices');
  count('C invoices', sales?.creditNotes ?? 0, 'C_invoices');
  count('customers', ledger.customersOfMonth.get(month) ?? 0, 'customers');
  count('net units (a journal counts as one)', unitsOf(sales, adjustments), 'units_net');
}
