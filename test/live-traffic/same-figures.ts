import type { EventStore } from '../../src/application/ports/event-store.js';
import type { ViewStore } from '../../src/application/ports/view-store.js';
import type { StockAdjustmentsDocument } from '../../src/projections/stock-adjustments.view.js';
import { everyDocument } from '../every-document.js';
import { contentOf } from '../online-retail/shop.js';

/** What another ledger calls an order or a payment. */
export type Rename = (id: string) => string;

/** Fields that hold such an id, or are a stream's name with one in it. */
const IDS = new Set(['_id', 'orderId', 'paymentId', 'operationId', 'reference', 'stream']);
/**
 * Fields that a replay today cannot have alike: when it happens, who asks (the importer has a name of its own), what
 * follows from that; and `writtenAs`, which HTTP does not take.
 */
const OF_THE_RUN = new Set([
  ...[
    'occurredAt',
    'placedAt',
    'listedAt',
    'changedAt',
    'initiatedAt',
    'lastMovementAt',
    'principal',
    'askedBy',
    'writtenAs',
  ],
  ...['commandHash', 'correlationId', 'causationId'],
]);

/** Each event of each stream, as text under stream and revision: command, type and data. Event ids follow from these. */
export async function eventsByName(log: EventStore, rename: Rename): Promise<ReadonlyMap<string, string>> {
  const events = new Map<string, string>();
  for (const [stream, all] of await contentOf(log)) {
    for (const [revision, { id: _, ...event }] of (all as readonly { id: string }[]).entries()) {
      events.set(`${renamed(stream, rename)} ${revision}`, comparable(event, rename));
    }
  }
  return events;
}

/** Each document of each view, as text under its name. */
export async function documentsByName(views: ViewStore, rename: Rename): Promise<ReadonlyMap<string, string>> {
  const documents = new Map<string, string>();
  const adjustments = new Map<string, Record<string, number>>();
  for (const [name, text] of await everyDocument(views)) {
    const [view = '', id = ''] = [name.slice(0, name.indexOf(' ')), name.slice(name.indexOf(' ') + 1)];
    const document = JSON.parse(text) as object;
    if (view === 'stock-adjustments') addUp(adjustments, document as StockAdjustmentsDocument);
    else if (view !== 'sales') documents.set(`${view} ${renamed(id, rename)}`, comparable(document, rename));
    else if (!id.startsWith('variant|')) documents.set(name, comparable(withoutLabel(document), rename));
  }
  for (const [name, figures] of adjustments) documents.set(`stock-adjustments ${name}`, JSON.stringify(figures));
  return documents;
}

/** They are kept by the day on which they happened, which in a replay is today, or today and tomorrow: summed over days. */
function addUp(sums: Map<string, Record<string, number>>, document: StockAdjustmentsDocument): void {
  const { scope, reference = '', adjustments, adjustmentsUp, adjustmentsDown, unitsUp, unitsDown } = document;
  const name = `${scope} ${reference}`;
  const sum = sums.get(name) ?? {};
  const figures = {
    adjustments,
    adjustmentsUp,
    adjustmentsDown,
    unitsUp: Number(unitsUp),
    unitsDown: Number(unitsDown),
  };
  for (const [figure, value] of Object.entries(figures)) sum[figure] = (sum[figure] ?? 0) + value;
  sums.set(name, sum);
}

/** What a product is called is taken from its newest document, and which that is, clients at once decide anew. */
function withoutLabel(document: object): object {
  const { name: _, namedAt: __, namedBy: ___, ...figures } = document as Record<string, unknown>;
  return figures;
}

const renamed = (name: string, rename: Rename): string => {
  const [, prefix = '', id = name] = /^((?:order|payment)-)?(.*)$/.exec(name) ?? [];
  return `${prefix}${rename(id)}`;
};

function comparable(value: object, rename: Rename): string {
  return JSON.stringify(value, (field, part: unknown) => {
    if (OF_THE_RUN.has(field)) return undefined;
    if (field === 'timeline')
      return (part as { stream: string; revision: string }[]).map((entry) => comparable(entry, rename)).sort();
    if (typeof part === 'bigint') return `${part}`;
    return typeof part === 'string' && IDS.has(field) ? renamed(part, rename) : part;
  });
}
