import type { Asked } from '../decider.js';
import type { UnitPrice } from '../money.js';
import type { Sku } from './product.events.js';

/** `prices` may be empty; at most one per currency. */
export type ProductCommand =
  | Asked<'ListProduct', { sku: Sku; name: string; prices: readonly UnitPrice[] }>
  | Asked<'ChangePrice', { sku: Sku; price: UnitPrice }>
  | Asked<'DiscontinueProduct', { sku: Sku }>;

export type ProductRejection = Readonly<
  | { code: 'product-unknown' | 'product-already-listed' | 'product-discontinued' }
  | { code: 'price-negative'; price: UnitPrice }
  | { code: 'price-repeated'; currency: string }
>;
