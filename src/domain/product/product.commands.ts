import type { Asked } from '../decider.js';
import type { UnitPrice } from '../money.js';
import type { Sku } from './product.events.js';

/** `prices` may be empty; at most one per currency. */
export type ProductCommand =
  | Asked<'ListProduct', { sku: Sku; name: string; prices: readonly UnitPrice[] }>
  | Asked<'ChangePrice', { sku: Sku; price: UnitPrice }>
  | Asked<'DiscontinueProduct', { sku: Sku }>;

/** A discontinued product keeps its last prices: it is neither listed again nor priced anew (relisting is not built yet). */
export type ProductRejection = Readonly<
  | { code: 'product-unknown' | 'product-already-listed' | 'product-discontinued' }
  | { code: 'price-malformed' | 'price-negative'; price: UnitPrice }
  | { code: 'price-repeated' | 'currency-unknown'; currency: string }
>;
