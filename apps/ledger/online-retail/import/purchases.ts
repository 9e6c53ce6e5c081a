import type { Decimal } from '../../../../src/domain/decimal.js';

/** Units of one line of an order that have not come back. */
type Lot = { readonly orderId: string; readonly line: number; readonly quantity: number; left: number };
/** Units of an order's line that a credit line gives back. */
export type Origin = Readonly<{ orderId: string; line: number; quantity: number }>;

/** Same customer, same goods, same price: what a return is looked up by, because a credit note does not name its order. */
export const purchaseKey = (customerId: string, sku: string, unitPrice: Decimal): string =>
  `${customerId}\t${sku}\t${unitPrice}`;

/**
 * Goods rows of known customers' credit notes, by what was found of their purchase.
 * `whole` a whole line, `part` a part of one, `spread` several lines, `short` some of the units only, `none` nothing.
 */
export type MatchCounts = Readonly<Record<'whole' | 'part' | 'spread' | 'short' | 'none', number>>;

/**
 * What known customers bought and may still give back, oldest first.
 *
 * A return is matched to the newest purchase that explains it best: a line of exactly so many units of which none has
 * come back; else one line with enough left; else several lines, newest first. The newest, because half of all returns
 * come within days. What no purchase explains stays unmatched.
 */
export class Purchases {
  readonly #lots = new Map<string, Lot[]>();
  /** What was paid for an order of which something is kept, less what has been given back; minor units. */
  readonly #captured = new Map<string, bigint>();
  readonly #counts = { whole: 0, part: 0, spread: 0, short: 0, none: 0 };

  /** `wanted`: the keys that will ever be asked for; purchases of others are not kept. */
  constructor(private readonly wanted: ReadonlySet<string>) {}

  get counts(): MatchCounts {
    return { ...this.#counts };
  }

  /** Lines of one order that was paid with `capturedMinor`. */
  bought(
    orderId: string,
    capturedMinor: bigint,
    lines: readonly Readonly<{ key: string; line: number; quantity: number }>[],
  ): void {
    for (const { key, line, quantity } of lines) {
      if (!this.wanted.has(key)) continue;
      const lots = this.#lots.get(key);
      const lot = { orderId, line, quantity, left: quantity };
      if (lots) lots.push(lot);
      else this.#lots.set(key, [lot]);
      this.#captured.set(orderId, capturedMinor);
    }
  }

  /** Takes up to `quantity` units back; the origins' units sum to `quantity` only where all of it is explained. */
  giveBack(key: string, quantity: number): readonly Origin[] {
    const lots = (this.#lots.get(key) ?? []).filter(({ left }) => left > 0).reverse();
    const whole = lots.find((lot) => lot.quantity === quantity && lot.left === quantity);
    const single = whole ?? lots.find(({ left }) => left >= quantity);
    const origins: Origin[] = [];
    let open = quantity;
    for (const lot of single ? [single] : lots) {
      if (open === 0) break;
      const units = Math.min(open, lot.left);
      lot.left -= units;
      open -= units;
      origins.push({ orderId: lot.orderId, line: lot.line, quantity: units });
    }
    const found = whole ? 'whole' : single ? 'part' : open === 0 ? 'spread' : origins.length > 0 ? 'short' : 'none';
    this.#counts[found]++;
    return origins;
  }

  /** As much of `minor` as the order's payment still holds; it is then given back. */
  refund(orderId: string, minor: bigint): bigint {
    const held = this.#captured.get(orderId) ?? 0n;
    const refunded = minor < held ? minor : held;
    this.#captured.set(orderId, held - refunded);
    return refunded;
  }
}
