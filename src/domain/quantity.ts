/** The most units that one line or movement may name. */
export const MAX_QUANTITY = 1_000_000_000;

export type QuantityFault = 'quantity-not-whole' | 'quantity-not-positive' | 'quantity-too-large';

/** Why `quantity` is not 1 to `MAX_QUANTITY` whole units; `undefined` when it is. */
export function quantityFault(quantity: number): QuantityFault | undefined {
  if (!Number.isInteger(quantity)) return 'quantity-not-whole';
  if (quantity <= 0) return 'quantity-not-positive';
  if (quantity > MAX_QUANTITY) return 'quantity-too-large';
  return undefined;
}
