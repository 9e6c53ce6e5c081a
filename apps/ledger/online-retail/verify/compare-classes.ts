import { readCode } from '../import/codes.js';
import { amountOf, minus, NOTHING, plus, type Amount, type Comparisons } from './comparison.js';
import type { LedgerFigures } from './ledger-figures.js';
import type { Truth } from './truth.js';

/** What is known of one class; what is absent cannot be told from the read models. */
type ClassFigures = Readonly<{ rows?: number; invoices?: number; value?: Amount }>;
type Expectation = readonly [figure: string, classes: readonly string[], figures: ClassFigures];

/** Rows, invoices and value of what each class of rows and of invoices became in the ledger. */
export function compareClasses(ledger: LedgerFigures, truth: Truth, comparisons: Comparisons): void {
  const expect = (list: string, title: string, [figure, classes, { rows, invoices, value }]: Expectation) => {
    const counted = (field: string) => sum(classes.map((name) => truth.integer(list, name, field)));
    if (rows !== undefined) comparisons.count(title, `${figure}, rows`, rows, counted('rows'));
    if (invoices !== undefined) comparisons.count(title, `${figure}, invoices`, invoices, counted('invoices'));
    const values = classes.map((name) => truth.decimal(list, name, 'value')).filter((text) => text !== undefined);
    if (value && values.length > 0) comparisons.moneySum(title, `${figure}, value`, value, values);
  };
  for (const each of invoiceClasses(ledger)) expect('invoice_classes', 'classes of invoices', each);
  for (const each of rowClasses(ledger)) expect('ledger_classes', 'classes of rows', each);
  for (const name of truth.keys('ledger_classes')) {
    const each = codeClass(ledger, name);
    if (each) expect('ledger_classes', 'classes of rows', each);
  }
}

/** `undefined` where there is nothing to add up. */
function sum(values: readonly (bigint | undefined)[]): bigint | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((a, b) => a + b, 0n);
}

function invoiceClasses({ total, noCustomer, adjustments }: LedgerFigures): readonly Expectation[] {
  const guests = noCustomer?.orders ?? 0;
  const guestGross = amountOf(noCustomer, 'gross');
  const customerGross = plus(amountOf(total, 'gross'), minus(guestGross));
  const customerClasses = ['plain: order, known customer', 'plain: only zero-price rows (known customer)'];
  const found = 'plain: only zero-price rows (stock adjustment, no customer)';
  return [
    ['journals', ['A'], { invoices: total?.journals ?? 0, value: amountOf(total, 'adjustments') }],
    ['credit notes', ['C'], { invoices: total?.creditNotes ?? 0, value: minus(amountOf(total, 'returns')) }],
    ['orders of guests', ['plain: order, guest'], { invoices: guests, value: guestGross }],
    [
      'orders of customers, free ones included',
      customerClasses,
      { invoices: (total?.orders ?? 0) - guests, value: customerGross },
    ],
    [
      'stock written off',
      ['plain: only stock write-off rows'],
      { invoices: adjustments.documentsDown, value: NOTHING },
    ],
    ['stock found', [found], { invoices: adjustments.documentsUp, value: NOTHING }],
  ];
}

function rowClasses({ total, noCustomer, kinds, adjustments }: LedgerFigures): readonly Expectation[] {
  const goods = kinds.get('goods');
  const vouchers = kinds.get('voucher');
  const discounts = kinds.get('discount');
  const guestFree = noCustomer?.freeLines ?? 0;
  const returned = minus(amountOf(goods, 'returns'));
  const journals = total?.journals ?? 0;
  return [
    [
      'A journals',
      ['A  bad-debt journal (A-invoice)'],
      { rows: journals, invoices: journals, value: amountOf(total, 'adjustments') },
    ],
    [
      'C1 discounts',
      ['C1 discount/credit note (C + D)'],
      {
        rows: discounts?.creditLines ?? 0,
        invoices: discounts?.creditNotes ?? 0,
        value: minus(amountOf(discounts, 'returns')),
      },
    ],
    [
      'C3 goods returned, by customers and others',
      ['C3 goods return, known customer', 'C3 goods return, no customer'],
      { rows: goods?.creditLines ?? 0, value: returned },
    ],
    [
      'F1 free lines of customers',
      ['F1 free line, known customer (price 0)'],
      { rows: (total?.freeLines ?? 0) - guestFree, value: NOTHING },
    ],
    [
      'F2 free lines of guests',
      ['F2 free line on a guest order (price 0, other lines priced)'],
      { rows: guestFree, value: NOTHING },
    ],
    [
      'O1 and O2 goods sold, to customers and guests',
      ['O1 goods sold, known customer', 'O2 goods sold, guest (no customer)'],
      { rows: (goods?.orderLines ?? 0) - (goods?.freeLines ?? 0), value: amountOf(goods, 'gross') },
    ],
    [
      'O4 vouchers sold',
      ['O4 gift voucher sold'],
      { rows: (vouchers?.orderLines ?? 0) - (vouchers?.freeLines ?? 0), value: amountOf(vouchers, 'gross') },
    ],
    [
      'S1 stock written off',
      ['S1 stock write-off (no C, qty<0), price 0'],
      { rows: adjustments.down, invoices: adjustments.documentsDown, value: NOTHING },
    ],
    [
      'S2 stock found',
      ['S2 stock found/adjusted in (price 0, no customer, zero-price invoice)'],
      { rows: adjustments.up, invoices: adjustments.documentsUp, value: NOTHING },
    ],
  ];
}

/** A class that the truth keeps for each code of a service: O3 on orders, C2 on credit notes. */
function codeClass({ codes, products }: LedgerFigures, name: string): Expectation | undefined {
  const match = /^(?:O3 .*\(|C2 .*\(C \+ )(.+)\)$/.exec(name);
  const code = match?.[1];
  if (code === undefined) return undefined;
  const figures = codes.get(code);
  if (name.startsWith('O3')) {
    const rows = (figures?.orderLines ?? 0) - (figures?.freeLines ?? 0);
    return [`O3 charges ${code}`, [name], { rows, value: amountOf(figures, 'gross') }];
  }
  const product = products.get(readCode(code)?.sku ?? code);
  const rows = figures?.creditLines ?? 0;
  const value = minus(amountOf(figures, 'returns'));
  // Documents are counted by SKU; that is by code only where it is written in one way.
  const invoices = product?.creditLines === rows ? { invoices: product.creditNotes } : {};
  return [`C2 charges given back, and fees, ${code}`, [name], { rows, value, ...invoices }];
}
