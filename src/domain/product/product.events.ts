import type { Fact } from '../fact.js';
import type { UnitPrice } from '../money.js';

/** A stock keeping unit: 1 to 64 of `A-Z 0-9 . _ -`, upper case, beginning with a letter or a digit. */
export type Sku = string;

/**
 * Facts on one `product-{sku}` stream, oldest first.
 * Units:  prices are decimals in major units, at most one per currency.
 * Change: names are stored for ever. Add an optional field with an upcaster, or a new type; never rename.
 */
export type ProductEvent =
  | Fact<'ProductListed', { sku: Sku; name: string; prices: readonly UnitPrice[] }>
  | Fact<'PriceChanged', { sku: Sku; price: UnitPrice }>
  | Fact<'ProductDiscontinued', { sku: Sku }>;
