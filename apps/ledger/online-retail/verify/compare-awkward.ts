import { invoicesOf, rowsOf } from './compare-counts.js';
import { amountOf, minus, type Comparisons } from './comparison.js';
import type { LedgerFigures } from './ledger-figures.js';
import type { Truth } from './truth.js';

/** What stands apart in the data: service codes, rows without customers or prices. */
export function compareAwkward(ledger: LedgerFigures, truth: Truth, comparisons: Comparisons): void {
  compareServiceCodes(ledger, truth, comparisons);
  compareGuests(ledger, truth, comparisons);
  compareCorrections(ledger, truth, comparisons);
}

function compareServiceCodes({ codes }: LedgerFigures, truth: Truth, comparisons: Comparisons): void {
  const path = ['awkward', 'service_codes'];
  for (const code of truth.keys(...path)) {
    const figures = codes.get(code);
    const expected = { rows: truth.integer(...path, code, 'rows_on_C'), net: truth.decimal(...path, code, 'value') };
    comparisons.count('service codes', `${code}, rows on C invoices`, figures?.creditLines ?? 0, expected.rows);
    comparisons.money('service codes', `${code}, net`, amountOf(figures, 'net'), expected.net);
  }
}

function compareGuests({ noCustomer, adjustments }: LedgerFigures, truth: Truth, comparisons: Comparisons): void {
  const at = (field: string) => ['awkward', 'missing_customer', field];
  const section = 'no customer';
  const sold = (noCustomer?.orderLines ?? 0) - (noCustomer?.freeLines ?? 0);
  comparisons.count(section, 'rows', rowsOf(noCustomer, adjustments), truth.integer(...at('rows')));
  comparisons.count(section, 'invoices', invoicesOf(noCustomer, adjustments), truth.integer(...at('invoices')));
  comparisons.count(section, 'rows sold', sold, truth.integer(...at('rows_sold (plain, qty>0, price>0)')));
  comparisons.count(section, 'orders', noCustomer?.orders ?? 0, truth.integer(...at('invoices_sold')));
  comparisons.money(section, 'gross', amountOf(noCustomer, 'gross'), truth.decimal(...at('sold_value')));
  comparisons.count(section, 'rows of C invoices', noCustomer?.creditLines ?? 0, truth.integer(...at('C_rows')));
  const returns = minus(amountOf(noCustomer, 'returns'));
  comparisons.money(section, 'returns', returns, truth.decimal(...at('C_value')));
}

function compareCorrections(ledger: LedgerFigures, truth: Truth, comparisons: Comparisons): void {
  const { total, noCustomer, adjustments } = ledger;
  const count = (section: string, list: string) => (figure: string, value: number | bigint, field: string) =>
    comparisons.count(section, figure, value, truth.integer('awkward', list, field));

  const down = count('stock written off', 'negative_quantity_without_C');
  down('rows', adjustments.down, 'rows');
  down('invoices', adjustments.documentsDown, 'invoices');
  down('units', -adjustments.unitsDown, 'units');

  const free = count('free lines and stock found', 'zero_price_positive_quantity');
  const lines = { all: total?.freeLines ?? 0, guests: noCustomer?.freeLines ?? 0 };
  const units = { all: BigInt(total?.unitsFree ?? '0'), guests: BigInt(noCustomer?.unitsFree ?? '0') };
  free('rows', lines.all + adjustments.up, 'rows');
  free('units', units.all + adjustments.unitsUp, 'units');
  free('rows, customers', lines.all - lines.guests, 'with_customer');
  free('units, customers', units.all - units.guests, 'units_with_customer');
  free('rows, no customer', lines.guests + adjustments.up, 'without_customer');
  free('units, no customer', units.guests + adjustments.unitsUp, 'units_without_customer');
}
