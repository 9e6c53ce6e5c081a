import type { ViewStore } from '../../../../src/application/ports/view-store.js';
import { catalogView } from '../../../../src/projections/catalog.view.js';
import type { Document, KeyPart, Stored, ViewDefinition } from '../../../../src/projections/projection.js';
import { salesByCode, type CodeFigures } from '../../../../src/projections/sales-by-code.js';
import { salesView, type SalesDimension, type SalesDocument } from '../../../../src/projections/sales.view.js';
import { stockAdjustmentsView } from '../../../../src/projections/stock-adjustments.view.js';
import { stockView } from '../../../../src/projections/stock.view.js';
import { CURRENCY } from '../import/plan.js';

/** Stock adjustments; `documents…` counts invoices, the others rows and units. `down` counts as positive numbers. */
export type Adjustments = Readonly<{
  rows: number;
  up: number;
  down: number;
  unitsUp: bigint;
  unitsDown: bigint;
  documents: number;
  documentsUp: number;
  documentsDown: number;
}>;
export type StockFigures = Readonly<{ sku: string; onHand: number; received: number; adjusted: number }>;

/** All that is compared, read from the read models. Maps go by the key of their dimension. */
export type LedgerFigures = Readonly<{
  total: SalesDocument | undefined;
  noCustomer: SalesDocument | undefined;
  kinds: ReadonlyMap<string, SalesDocument>;
  days: ReadonlyMap<string, SalesDocument>;
  months: ReadonlyMap<string, SalesDocument>;
  countries: ReadonlyMap<string, SalesDocument>;
  customers: ReadonlyMap<string, SalesDocument>;
  products: ReadonlyMap<string, SalesDocument>;
  /** By the code as the file writes it. */
  codes: ReadonlyMap<string, CodeFigures>;
  /** How many customers a month, or a country, has. */
  customersOfMonth: ReadonlyMap<string, number>;
  customersOfCountry: ReadonlyMap<string, number>;
  adjustments: Adjustments;
  adjustmentsOfMonth: ReadonlyMap<string, Adjustments>;
  adjustmentDays: ReadonlySet<string>;
  /** Over all locations, by SKU. */
  stock: ReadonlyMap<string, StockFigures>;
  /** SKUs of listed products. */
  listed: ReadonlySet<string>;
}>;

export async function readLedger(views: ViewStore): Promise<LedgerFigures> {
  const byKey = async (dimension: SalesDimension) => {
    const documents = await everything(views, salesView, 'key', [dimension, CURRENCY]);
    return new Map(documents.map((document) => [document.key, document]));
  };
  const products = await byKey('product');
  const variants = await byKey('variant');
  const codes = salesByCode([...products.values()], [...variants.values()]);
  const corrections = await readAdjustments(views);
  return {
    total: (await byKey('total')).get(''),
    noCustomer: (await byKey('no-customer')).get(''),
    kinds: await byKey('kind'),
    days: await byKey('day'),
    months: await byKey('month'),
    countries: await byKey('country'),
    customers: await byKey('customer'),
    products,
    codes: new Map(codes.filter(isUsed).map((figures) => [figures.code, figures])),
    customersOfMonth: countByFirst((await byKey('customer-month')).keys()),
    customersOfCountry: countByFirst((await byKey('customer-country')).keys()),
    ...corrections,
    stock: await readStock(views),
    listed: new Set((await everything(views, catalogView, 'sku', ['listed'])).map(({ sku }) => sku)),
  };
}

/** Not so a SKU that was only ever written in another way. */
const isUsed = ({ orderLines, creditLines, adjustmentsMinor }: CodeFigures): boolean =>
  orderLines > 0 || creditLines > 0 || adjustmentsMinor !== '0';

/** Keys are `pairKey(first, second)`. */
function countByFirst(keys: Iterable<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) {
    const [first] = JSON.parse(key) as [string, string];
    counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  return counts;
}

const NONE: Adjustments = {
  rows: 0,
  up: 0,
  down: 0,
  unitsUp: 0n,
  unitsDown: 0n,
  documents: 0,
  documentsUp: 0,
  documentsDown: 0,
};

async function readAdjustments(views: ViewStore) {
  const adjustmentsOfMonth = new Map<string, Adjustments>();
  const adjustmentDays = new Set<string>();
  let adjustments = NONE;
  for (const document of await everything(views, stockAdjustmentsView, 'day', ['document'])) {
    const one: Adjustments = {
      rows: document.adjustments,
      up: document.adjustmentsUp,
      down: document.adjustmentsDown,
      unitsUp: BigInt(document.unitsUp),
      unitsDown: BigInt(document.unitsDown),
      documents: 1,
      documentsUp: document.adjustmentsUp > 0 ? 1 : 0,
      documentsDown: document.adjustmentsDown > 0 ? 1 : 0,
    };
    const month = document.day.slice(0, 7);
    adjustments = plus(adjustments, one);
    adjustmentsOfMonth.set(month, plus(adjustmentsOfMonth.get(month) ?? NONE, one));
    adjustmentDays.add(document.day);
  }
  return { adjustments, adjustmentsOfMonth, adjustmentDays };
}

const plus = (a: Adjustments, b: Adjustments): Adjustments => ({
  rows: a.rows + b.rows,
  up: a.up + b.up,
  down: a.down + b.down,
  unitsUp: a.unitsUp + b.unitsUp,
  unitsDown: a.unitsDown + b.unitsDown,
  documents: a.documents + b.documents,
  documentsUp: a.documentsUp + b.documentsUp,
  documentsDown: a.documentsDown + b.documentsDown,
});

async function readStock(views: ViewStore): Promise<ReadonlyMap<string, StockFigures>> {
  const stock = new Map<string, StockFigures>();
  for (const { sku, onHand, totals } of await everything(views, stockView, 'sku', [])) {
    const before = stock.get(sku) ?? { sku, onHand: 0, received: 0, adjusted: 0 };
    stock.set(sku, {
      sku,
      onHand: before.onHand + onHand,
      received: before.received + totals.received,
      adjusted: before.adjusted + totals.adjustedUp - totals.adjustedDown,
    });
  }
  return stock;
}

/** Every document whose key begins with `prefix`, page by page. */
async function everything<D extends Document>(
  views: ViewStore,
  view: ViewDefinition<D>,
  index: string,
  prefix: readonly KeyPart[],
): Promise<Stored<D>[]> {
  const documents: Stored<D>[] = [];
  let page = await views.find(view, { index, prefix, limit: 1_000 });
  for (;;) {
    documents.push(...page.documents);
    if (!page.next) return documents;
    page = await views.find(view, { index, prefix, limit: 1_000, after: page.next });
  }
}
