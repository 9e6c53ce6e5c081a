import type { Instant } from '../domain/fact.js';
import type { UnitPrice } from '../domain/money.js';
import { availabilityOf, type Availability, type Shelf } from './shelf.js';
import type { Document, ViewDefinition } from './projection.js';

/** `unlisted`: stock of it has been seen, but it has not been listed (yet); in no list. */
export type ProductStatus = 'unlisted' | 'listed' | 'discontinued';

/**
 * One product: `_id` is its SKU.
 * `prices`    at most one per currency, sorted by currency
 * `shelves`   its stock, sorted by location; `offerOf` reads them
 * `listedAt`, `changedAt`  business times of the listing and of the newest event of the product itself (not its stock)
 * `revision`  of the newest event on the product's stream, decimal: the `ETag`
 * Name, times and revision are absent while `unlisted`.
 */
export type CatalogDocument = Document &
  Readonly<{
    sku: string;
    status: ProductStatus;
    prices: readonly UnitPrice[];
    shelves: readonly Shelf[];
    name?: string;
    listedAt?: Instant;
    changedAt?: Instant;
    revision?: string;
  }>;

/**
 * What a name sorts by and is searched by: without case, compatibility forms or outer blanks. Spelling out those forms
 * makes a name up to 18 times as long, so the key is cut: it is part of every cursor. Names alike so far sort by SKU.
 */
export const nameKey = (name: string): string =>
  name.normalize('NFKC').toLowerCase().trim().slice(0, NAME_KEY_LENGTH).toWellFormed();
const NAME_KEY_LENGTH = 200;

/** Both lists hold one status at a time; a prefix of a name is the range from it to it followed by U+10FFFF. */
export const catalogView: ViewDefinition<CatalogDocument> = {
  name: 'catalog',
  version: 3,
  indexes: {
    /** [status, SKU] */
    sku: {
      parts: ['text', 'text'],
      of: (document) => (document.status === 'unlisted' ? undefined : [document.status, document.sku]),
    },
    /** [status, `nameKey` of the name] */
    name: {
      parts: ['text', 'text'],
      of: (document) => (document.name === undefined ? undefined : [document.status, nameKey(document.name)]),
    },
  },
};

/** What is there to sell, in all and per location. */
export function offerOf(
  document: Pick<CatalogDocument, 'shelves'>,
): Availability & Readonly<{ locations: readonly (Availability & Readonly<{ location: string }>)[] }> {
  const locations = document.shelves.map((shelf) => ({ location: shelf.location, ...availabilityOf(shelf) }));
  const total = (measure: keyof Availability): number => locations.reduce((sum, each) => sum + each[measure], 0);
  return {
    onHand: total('onHand'),
    reserved: total('reserved'),
    allocated: total('allocated'),
    backordered: total('backordered'),
    available: total('available'),
    locations,
  };
}
