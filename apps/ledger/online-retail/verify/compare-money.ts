import { amountOf, minus, plus, type Amount, type Comparisons } from './comparison.js';
import type { LedgerFigures } from './ledger-figures.js';
import type { Truth } from './truth.js';

/** Gross, returns and net: in all, by kind, with and without customer, by month, by country. */
export function compareMoney(ledger: LedgerFigures, truth: Truth, comparisons: Comparisons): void {
  const { total, noCustomer, kinds } = ledger;
  const money = (figure: string, amount: Amount, field: string) =>
    comparisons.money('money', figure, amount, truth.decimal('money', field));
  const net = amountOf(total, 'net');
  const gross = amountOf(total, 'gross');
  const adjusted = amountOf(total, 'adjustments');

  money('gross', gross, 'gross_positive_lines (not C, not A, qty>0, price>0)');
  money('returns', minus(amountOf(total, 'returns')), 'returns (C rows)');
  money('net without journals', plus(net, minus(adjusted)), 'net_without_A');
  money('journals (bad debt)', adjusted, 'A_rows');
  money('net', net, 'net_all_rows');
  money('gross with journals', plus(gross, adjusted), 'gross_not_C (includes the three A rows)');
  money('net without a customer', amountOf(noCustomer, 'net'), 'net_without_customer');
  money('net with a customer', plus(net, minus(amountOf(noCustomer, 'net'))), 'net_with_customer');
  money('goods, gross', amountOf(kinds.get('goods'), 'gross'), 'goods_gross');
  money('goods, returns', minus(amountOf(kinds.get('goods'), 'returns')), 'goods_returns');
  money('goods, net', amountOf(kinds.get('goods'), 'net'), 'goods_net');
  const services = ['charge', 'discount', 'fee', 'journal'].map((kind) => amountOf(kinds.get(kind), 'net'));
  money('services, net: charges, discounts, fees and journals', plus(...services), 'service_net');
  money('vouchers, net', amountOf(kinds.get('voucher'), 'net'), 'voucher_net');

  for (const month of truth.keys('by_month')) {
    const sales = ledger.months.get(month);
    const ofMonth = (figure: string, amount: Amount, field: string) =>
      comparisons.money(`month ${month}`, figure, amount, truth.decimal('by_month', month, field));
    ofMonth('gross', amountOf(sales, 'gross'), 'gross_positive');
    ofMonth('returns', minus(amountOf(sales, 'returns')), 'returns');
    ofMonth('net', amountOf(sales, 'net'), 'net');
  }
  for (const country of truth.keys('countries_all_by_net')) {
    const expected = truth.decimal('countries_all_by_net', country);
    comparisons.money('countries, net', country, amountOf(ledger.countries.get(country), 'net'), expected);
  }
}
