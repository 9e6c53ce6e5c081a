import type { ViewStore } from '../src/application/ports/view-store.js';
import { catalogView } from '../src/projections/catalog.view.js';
import { customersView } from '../src/projections/customers.view.js';
import { ordersView, type OrderDocument } from '../src/projections/orders.view.js';
import { paymentsView } from '../src/projections/payments.view.js';
import type { Document, KeyPart, ViewDefinition } from '../src/projections/projection.js';
import { salesView } from '../src/projections/sales.view.js';
import { stockAdjustmentsView } from '../src/projections/stock-adjustments.view.js';
import { stockView } from '../src/projections/stock.view.js';

/** The index that walks through all documents of each view, and the prefixes to walk. */
const WALKS: readonly (readonly [ViewDefinition, string, readonly (readonly KeyPart[])[]])[] = [
  [catalogView, 'sku', [['listed'], ['discontinued']]],
  [stockView, 'sku', [[]]],
  [stockAdjustmentsView, 'day', [[]]],
  [ordersView, 'placed', [[]]],
  [paymentsView, 'order', [[]]],
  [salesView, 'key', [[]]],
  [customersView, 'registered', [[]]],
];

/** Every document of every view, as text under its name, without positions and recording times. */
export async function everyDocument(views: ViewStore): Promise<ReadonlyMap<string, string>> {
  const documents = new Map<string, string>();
  for (const [view, index, prefixes] of WALKS) {
    for (const prefix of prefixes) {
      for await (const document of walk(views, view, index, prefix)) {
        documents.set(`${view.name} ${document._id}`, toText(lasting(document)));
      }
    }
  }
  return documents;
}

/** JSON without what differs between two runs. */
export const toText = (value: object): string =>
  JSON.stringify(value, (name, part: unknown) => {
    if (name === 'asOf' || name === 'recordedAt') return undefined;
    return typeof part === 'bigint' ? `${part}` : part;
  });

/** Names of what differs, or is in one only; the first ten. */
export const differenceOf = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): string[] =>
  [...new Set([...a.keys(), ...b.keys()])].filter((key) => a.get(key) !== b.get(key)).slice(0, 10);

async function* walk(views: ViewStore, view: ViewDefinition, index: string, prefix: readonly KeyPart[]) {
  let page = await views.find(view, { index, prefix, limit: 1_000 });
  for (;;) {
    yield* page.documents;
    if (!page.next) return;
    page = await views.find(view, { index, prefix, limit: 1_000, after: page.next });
  }
}

/** A timeline is sorted by when its events were recorded, which is another order in another run. */
function lasting(document: Document): object {
  const { timeline, ...rest } = document as OrderDocument;
  if (timeline === undefined) return rest;
  const sorted = timeline.toSorted((a, b) => (`${a.stream} ${a.revision}` < `${b.stream} ${b.revision}` ? -1 : 1));
  return { ...rest, timeline: sorted };
}
