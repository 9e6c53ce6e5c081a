import { assertNever, CorruptHistory } from '../domain/decider.js';
import type { Recorded } from '../domain/fact.js';
import type { UnitPrice } from '../domain/money.js';
import type { ProductEvent } from '../domain/product/product.events.js';
import type { StockEvent } from '../domain/stock/stock.events.js';
import { catalogView, type CatalogDocument } from './catalog.view.js';
import type { Projection } from './projection.js';
import { moved, nothingHeld, type Shelf } from './shelf.js';

/** Damaged units and backorder limits are no offer, and extending changes no number of units. */
type ShelfEvent = Exclude<
  StockEvent,
  { type: 'DamagedStockWrittenOff' | 'BackorderPolicySet' | 'ReservationExtended' }
>;
type CatalogEvent = ProductEvent | ShelfEvent;
/** One event, to the document of its SKU. */
type CatalogChange = Readonly<{ id: string; event: Recorded<CatalogEvent> }>;

/** Products as they are offered, with what there is of them: folds the product's stream and all its shelves'. */
export const catalog: Projection<CatalogDocument, CatalogChange, CatalogEvent> = {
  ...catalogView,
  types: [
    'ProductListed',
    'PriceChanged',
    'ProductDiscontinued',
    'StockReceived',
    'StockAdjusted',
    'StockReserved',
    'ReservationReleased',
    'StockShipped',
    'StockReturned',
    'StockCounted',
    'ReservationExpired',
    'ReservationCommitted',
    'StockTransferredOut',
    'StockTransferredIn',
  ],
  changes: (event) => [{ id: event.data.sku, event }],
  apply: (document, { id, event }) => {
    switch (event.type) {
      case 'ProductListed':
        return listed(document ?? unlisted(id), event);
      case 'PriceChanged': {
        const before = offered(document, event);
        return { ...before, prices: repriced(before.prices, event.data.price) };
      }
      case 'ProductDiscontinued':
        return { ...offered(document, event), status: 'discontinued' };
      case 'StockReceived':
      case 'StockAdjusted':
      case 'StockReserved':
      case 'ReservationReleased':
      case 'StockShipped':
      case 'StockReturned':
      case 'StockCounted':
      case 'ReservationExpired':
      case 'ReservationCommitted':
      case 'StockTransferredOut':
      case 'StockTransferredIn':
        return stocked(document ?? unlisted(id), event);
      default:
        return assertNever(event);
    }
  },
};

const unlisted = (sku: string): CatalogDocument => ({ _id: sku, sku, status: 'unlisted', prices: [], shelves: [] });

const listed = (
  document: CatalogDocument,
  event: Recorded<ProductEvent> & { type: 'ProductListed' },
): CatalogDocument => ({
  ...document,
  status: 'listed',
  name: event.data.name,
  prices: event.data.prices.toSorted(byCurrency),
  listedAt: event.metadata.occurredAt,
  changedAt: event.metadata.occurredAt,
  revision: event.revision.toString(),
});

/** The document after one more event on the product's own stream, which begins with `ProductListed`. */
function offered(document: CatalogDocument | undefined, event: Recorded<ProductEvent>): CatalogDocument {
  if (document === undefined || document.status === 'unlisted') {
    throw new CorruptHistory(`${event.type} before ProductListed: ${event.stream} at revision ${event.revision}`);
  }
  return { ...document, changedAt: event.metadata.occurredAt, revision: event.revision.toString() };
}

const repriced = (prices: readonly UnitPrice[], price: UnitPrice): readonly UnitPrice[] =>
  [...prices.filter(({ currency }) => currency !== price.currency), price].sort(byCurrency);

const byCurrency = (a: UnitPrice, b: UnitPrice): number => (a.currency < b.currency ? -1 : 1);

function stocked(document: CatalogDocument, event: Recorded<ShelfEvent>): CatalogDocument {
  const { location } = event.data;
  const { shelves } = document;
  const index = shelves.findIndex((shelf) => shelf.location === location);
  const shelf: Shelf = { location, ...moved(shelves[index] ?? nothingHeld, event) };
  return { ...document, shelves: index < 0 ? [...shelves, shelf].sort(byLocation) : shelves.with(index, shelf) };
}

const byLocation = (a: Shelf, b: Shelf): number => (a.location < b.location ? -1 : 1);
