/**
 * node scripts/online-retail-truth.mjs FILE.csv[.gz] > truth.json
 *
 * Computes from the rows of the "Online Retail" data what `ledger verify online-retail` compares the read models with.
 * On purpose it shares nothing with the importer: a reader and sums of its own, money as BigInt thousandths of a pound.
 * It takes the file as it is published; a row that it cannot read stops it.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';

const path = process.argv[2];
if (path === undefined || process.argv.length > 3) {
  process.stderr.write('usage: node scripts/online-retail-truth.mjs FILE.csv[.gz] > truth.json\n');
  process.exit(2);
}

const packed = readFileSync(path);
const bytes = packed[0] === 0x1f && packed[1] === 0x8b ? gunzipSync(packed) : packed;
const rows = readRows(bytes.toString('utf8'));
process.stdout.write(`${JSON.stringify(truthOf(rows), null, 1)}\n`);

/** Rows of a CSV text, RFC 4180. Every row knows what it is worth and what kind of code it has. */
function readRows(text) {
  const records = [];
  let fields = [];
  let field = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[at + 1] === '"') field += text[++at];
      else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === ',') {
      fields.push(field);
      field = '';
    } else if (character === '\n') {
      fields.push(field.replace(/\r$/, ''));
      records.push(fields);
      fields = [];
      field = '';
    } else field += character;
  }
  if (field !== '' || fields.length > 0) records.push([...fields, field]);
  const header = records
    .shift()
    ?.join(',')
    .replace(/^\ufeff/, '');
  if (header !== 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country') {
    throw new Error(`Not the header of the Online Retail data: ${header}`);
  }
  return records.map(rowOf);
}

function rowOf(fields, index) {
  const [invoice, code, , quantityText, time, priceText, customer, country] = fields;
  if (fields.length !== 8 || !/^-?\d+$/.test(quantityText) || !/^-?\d+(\.\d{1,3})?$/.test(priceText)) {
    throw new Error(`Row ${index + 1} cannot be read: ${fields.join(',')}`);
  }
  const quantity = BigInt(quantityText);
  const price = thousandths(priceText);
  const sku = code.trim().toUpperCase();
  return { invoice, code, sku, quantity, time, price, customer, country, value: quantity * price, kind: kindOf(sku) };
}

function thousandths(text) {
  const negative = text.startsWith('-');
  const [whole, fraction = ''] = text.replace('-', '').split('.');
  const amount = BigInt(whole) * 1000n + BigInt(fraction.padEnd(3, '0'));
  return negative ? -amount : amount;
}

function kindOf(sku) {
  if (sku.startsWith('GIFT_0')) return 'voucher';
  const services = 'POST DOT C2 C3 M S PADS ADJUST ADJUST2 B D AMAZONFEE CRUK'.split(' ');
  return services.includes(sku) || sku === 'BANK CHARGES' ? 'service' : 'goods';
}

function truthOf(all) {
  const invoices = classesOf(all);
  const is =
    (...classes) =>
    (row) =>
      classes.includes(invoices.get(row.invoice).class);
  const plain = all.filter(is('order', 'down', 'up'));
  const orders = all.filter(is('order'));
  const priced = orders.filter(({ price }) => price > 0n);
  const free = orders.filter(({ price }) => price === 0n);
  const credits = all.filter(is('C'));
  const journals = all.filter(is('A'));
  const down = all.filter(is('down', 'up')).filter(({ quantity }) => quantity < 0n);
  const up = all.filter(is('down', 'up')).filter(({ quantity }) => quantity > 0n);
  const anonymous = ({ customer }) => customer === '';
  const known = ({ customer }) => customer !== '';
  const kind = (name) => (row) => row.kind === name;
  const paid = new Set(priced.map(({ invoice }) => invoice));
  const costs = ({ invoice }) => paid.has(invoice);
  const stock = stockOf(all, invoices);

  return {
    source: { csv_sha256: createHash('sha256').update(bytes).digest('hex'), csv_bytes: bytes.length, rows: all.length },
    counts: countsOf(all, plain, credits, journals, priced),
    money: {
      net_all_rows: money(value(all)),
      net_without_A: money(value(all) - value(journals)),
      'gross_positive_lines (not C, not A, qty>0, price>0)': money(value(priced)),
      'gross_not_C (includes the three A rows)': money(value(priced) + value(journals)),
      'returns (C rows)': money(value(credits)),
      A_rows: money(value(journals)),
      net_with_customer: money(value(all.filter(known))),
      net_without_customer: money(value(all.filter(anonymous))),
      goods_gross: money(value(priced.filter(kind('goods')))),
      goods_returns: money(value(credits.filter(kind('goods')))),
      goods_net: money(value(all.filter(kind('goods')))),
      service_net: money(value(all.filter(kind('service')))),
      voucher_net: money(value(all.filter(kind('voucher')))),
    },
    by_month: Object.fromEntries(
      sortedGroups(all, ({ time }) => time.slice(0, 7)).map(([month, rows]) => {
        const within = (some) => some.filter(({ time }) => time.startsWith(month));
        return [
          month,
          {
            rows: rows.length,
            plain_invoices: distinct(within(plain), 'invoice'),
            C_invoices: distinct(within(credits), 'invoice'),
            customers: distinct(rows.filter(known), 'customer'),
            units_net: Number(units(rows)),
            gross_positive: money(value(within(priced))),
            returns: money(value(within(credits))),
            net: money(value(rows)),
          },
        ];
      }),
    ),
    country_top10_by_net: top(all, 'country', value, 10).map(([country, rows]) => ({
      country,
      net: money(value(rows)),
      customers: distinct(rows.filter(known), 'customer'),
    })),
    countries_all_by_net: Object.fromEntries(
      top(all, 'country', value, Infinity).map(([country, rows]) => [country, money(value(rows))]),
    ),
    'products_top20_by_net_revenue (raw StockCode, all rows)': topCodes(all, value, 'net'),
    'products_top20_by_net_revenue (goods only)': topCodes(all.filter(kind('goods')), value, 'net'),
    'products_top20_by_net_quantity (raw StockCode, all rows)': topCodes(all, units, 'units'),
    'products_top20_by_sold_quantity (plain invoices, qty>0, price>0)': topCodes(priced, units, 'units'),
    customers_top10_by_net: top(all.filter(known), 'customer', value, 10).map(([customer, rows]) => ({
      customer,
      net: money(value(rows)),
      plain_invoices: distinct(rows.filter(is('order')), 'invoice'),
    })),
    customers_net_sign: signsOf(all.filter(known)),
    invoice_classes: {
      A: invoiceClass(journals),
      C: invoiceClass(credits),
      'plain: only stock write-off rows': invoiceClass(all.filter(is('down'))),
      'plain: only zero-price rows (stock adjustment, no customer)': invoiceClass(all.filter(is('up'))),
      'plain: order, guest': invoiceClass(orders.filter(anonymous)),
      'plain: order, known customer': invoiceClass(orders.filter(known).filter(costs)),
      'plain: only zero-price rows (known customer)': invoiceClass(orders.filter(known).filter((row) => !costs(row))),
    },
    ledger_classes: Object.fromEntries(
      sortedGroups(all, (row) => rowClass(row, invoices.get(row.invoice).class)).map(([name, rows]) => [
        name,
        { rows: rows.length, ...invoiceClass(rows) },
      ]),
    ),
    awkward: {
      service_codes: Object.fromEntries(
        sortedGroups(
          all.filter(({ kind }) => kind !== 'goods'),
          ({ code }) => code,
        ).map(([code, rows]) => [code, { rows_on_C: rows.filter(is('C')).length, value: money(value(rows)) }]),
      ),
      missing_customer: {
        rows: all.filter(anonymous).length,
        invoices: distinct(all.filter(anonymous), 'invoice'),
        'rows_sold (plain, qty>0, price>0)': priced.filter(anonymous).length,
        invoices_sold: distinct(priced.filter(anonymous), 'invoice'),
        sold_value: money(value(priced.filter(anonymous))),
        C_rows: credits.filter(anonymous).length,
        C_value: money(value(credits.filter(anonymous))),
      },
      negative_quantity_without_C: {
        rows: down.length,
        invoices: distinct(down, 'invoice'),
        units: Number(units(down)),
      },
      zero_price_positive_quantity: {
        rows: free.length + up.length,
        units: Number(units(free) + units(up)),
        with_customer: free.filter(known).length,
        units_with_customer: Number(units(free.filter(known))),
        without_customer: free.filter(anonymous).length + up.length,
        units_without_customer: Number(units(free.filter(anonymous)) + units(up)),
      },
      'opening_stock_needed (goods, case folded)': openingOf(stock),
    },
    ...stock,
  };
}

/** C and A by their letter; an order has a price or a customer; the rest corrects the stock, down or up. */
function classesOf(all) {
  const invoices = new Map();
  for (const { invoice, price, customer, quantity } of all) {
    const letter = /^[CA]/.exec(invoice)?.[0];
    const entry = invoices.get(invoice) ?? { class: letter ?? (quantity < 0n ? 'down' : 'up') };
    if (!letter && (price !== 0n || customer !== '')) entry.class = 'order';
    invoices.set(invoice, entry);
  }
  return invoices;
}

/** What a row is to a ledger; the names say it. */
function rowClass({ kind, code, sku, price, customer }, invoiceClass) {
  if (invoiceClass === 'A') return 'A  bad-debt journal (A-invoice)';
  if (invoiceClass === 'down') return 'S1 stock write-off (no C, qty<0), price 0';
  if (invoiceClass === 'up') return 'S2 stock found/adjusted in (price 0, no customer, zero-price invoice)';
  if (invoiceClass === 'C') {
    if (kind === 'goods') return customer === '' ? 'C3 goods return, no customer' : 'C3 goods return, known customer';
    if (sku === 'D') return 'C1 discount/credit note (C + D)';
    return `C2 service refund or fee (C + ${code})`;
  }
  if (price === 0n && customer !== '') return 'F1 free line, known customer (price 0)';
  if (price === 0n) return 'F2 free line on a guest order (price 0, other lines priced)';
  if (kind === 'voucher') return 'O4 gift voucher sold';
  if (kind === 'service') return `O3 service charge on an order (${code})`;
  return customer === '' ? 'O2 goods sold, guest (no customer)' : 'O1 goods sold, known customer';
}

function countsOf(all, plain, credits, journals, priced) {
  const known = all.filter(({ customer }) => customer !== '');
  const customersOn = (rows) => new Set(rows.map(({ customer }) => customer).filter((customer) => customer !== ''));
  const onPlain = customersOn(plain);
  const negative = all.filter(({ quantity }) => quantity < 0n);
  return {
    rows: all.length,
    invoices: distinct(all, 'invoice'),
    invoices_by_prefix: {
      plain: distinct(plain, 'invoice'),
      C: distinct(credits, 'invoice'),
      A: distinct(journals, 'invoice'),
    },
    rows_by_prefix: { plain: plain.length, C: credits.length, A: journals.length },
    customers: distinct(known, 'customer'),
    customers_on_plain_invoices: onPlain.size,
    customers_with_a_positive_sale: customersOn(priced).size,
    customers_only_on_C_invoices: [...customersOn(credits)].filter((customer) => !onPlain.has(customer)).length,
    countries: distinct(all, 'country'),
    stock_codes_case_folded: distinct(all, 'sku'),
    stock_codes_goods_case_folded: distinct(
      all.filter(({ kind }) => kind === 'goods'),
      'sku',
    ),
    days_with_rows: new Set(all.map(({ time }) => time.slice(0, 10))).size,
    days_with_plain_invoices: new Set(plain.map(({ time }) => time.slice(0, 10))).size,
    net_units: Number(units(all)),
    rows_missing_customer: all.length - known.length,
    invoices_missing_customer: distinct(
      all.filter(({ customer }) => customer === ''),
      'invoice',
    ),
    rows_negative_quantity: negative.length,
    rows_negative_quantity_not_C: negative.length - credits.length,
  };
}

/**
 * What must have been on the shelf before the first row so that no row takes what is not there, in file order; and what
 * is left of it after the last. Goods move with every row but those of A invoices; other codes only by a correction.
 */
function stockOf(all, invoices) {
  const shelves = new Map();
  for (const { invoice, sku, kind, quantity } of all) {
    const invoiceClass = invoices.get(invoice).class;
    const corrects = invoiceClass === 'down' || invoiceClass === 'up';
    if (invoiceClass === 'A' || (kind !== 'goods' && !corrects)) continue;
    const shelf = shelves.get(sku) ?? { kind, level: 0n, lowest: 0n };
    shelf.level += corrects ? quantity : -quantity;
    if (shelf.level < shelf.lowest) shelf.lowest = shelf.level;
    shelves.set(sku, shelf);
  }
  const goods = [...shelves].filter(([, { kind }]) => kind === 'goods').sort(([a], [b]) => (a < b ? -1 : 1));
  const opening = goods.map(([sku, { lowest }]) => [sku, Number(-lowest)]);
  const left = goods.map(([sku, { level, lowest }]) => [sku, Number(level - lowest)]);
  return { stock_opening: Object.fromEntries(opening), stock_left: Object.fromEntries(left) };
}

function openingOf({ stock_opening: opening, stock_left: left }) {
  const sum = (of) => Object.values(of).reduce((a, b) => a + b, 0);
  const needed = Object.entries(opening).filter(([, units]) => units > 0);
  const largest = needed.reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0]);
  return {
    codes: Object.keys(left).length,
    codes_needing_stock: needed.length,
    units_total: sum(opening),
    ...(needed.length === 0 ? {} : { largest }),
    closing_units_with_that_opening: sum(left),
    closing_sum_without_opening: sum(left) - sum(opening),
  };
}

function signsOf(rows) {
  const signs = { positive: 0, zero: 0, negative: 0 };
  for (const [, own] of groups(rows, ({ customer }) => customer)) {
    const net = value(own);
    signs[net > 0n ? 'positive' : net === 0n ? 'zero' : 'negative']++;
  }
  return signs;
}

function topCodes(rows, measure, field) {
  return top(rows, 'code', measure, 20).map(([code, own]) => ({
    stock_code: code,
    [field]: field === 'net' ? money(measure(own)) : Number(measure(own)),
  }));
}

function top(rows, field, measure, limit) {
  const measured = [...groups(rows, (row) => row[field])].map(([key, own]) => [key, own, measure(own)]);
  measured.sort(([a, , x], [b, , y]) => (x === y ? (a < b ? -1 : 1) : x > y ? -1 : 1));
  return measured.slice(0, limit);
}

function groups(rows, keyOf) {
  const byKey = new Map();
  for (const row of rows) {
    const key = keyOf(row);
    const own = byKey.get(key);
    if (own) own.push(row);
    else byKey.set(key, [row]);
  }
  return byKey;
}
function sortedGroups(rows, keyOf) {
  return [...groups(rows, keyOf)].sort(([a], [b]) => (a < b ? -1 : 1));
}
function invoiceClass(rows) {
  return { invoices: distinct(rows, 'invoice'), value: money(value(rows)) };
}
function distinct(rows, field) {
  return new Set(rows.map((row) => row[field])).size;
}
function value(rows) {
  return rows.reduce((sum, row) => sum + row.value, 0n);
}
function units(rows) {
  return rows.reduce((sum, row) => sum + row.quantity, 0n);
}
/** Thousandths as pounds, with two decimals, or three where they are needed. */
function money(amount) {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(4, '0');
  const fraction = digits.slice(-3).replace(/0$/, '');
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -3)}.${fraction}`;
}
