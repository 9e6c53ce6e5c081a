import type { LineKind } from '../order/order.events.js';
import type { Sku } from '../product/product.events.js';

/** Units of one SKU that an order needs. */
export type Demand = Readonly<{ sku: Sku; quantity: number }>;

/**
 * What an order's lines need from the stock: goods only, summed per SKU, sorted by SKU. To be reserved as one each, so that
 * two lines of one SKU are checked together: each alone may fit where both do not.
 */
export function demandOf(
  lines: readonly Readonly<{ kind: LineKind; sku: Sku; quantity: number }>[],
): readonly Demand[] {
  const units = new Map<Sku, number>();
  for (const { kind, sku, quantity } of lines) if (kind === 'goods') units.set(sku, (units.get(sku) ?? 0) + quantity);
  return [...units].map(([sku, quantity]) => ({ sku, quantity })).sort((a, b) => (a.sku < b.sku ? -1 : 1));
}
