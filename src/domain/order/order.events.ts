import type { CalendarDay, Fact } from '../fact.js';
import type { Currency, Decimal } from '../money.js';

export type OrderId = string;
export type CustomerId = string;
/** `goods` leave the stock; a `charge` is postage or a service; a `voucher` is a liability until it is spent. */
export type LineKind = 'goods' | 'charge' | 'voucher';

/**
 * One line as sold. `line` counts 1, 2, 3 … in the order; several lines may name one SKU.
 * Units: `quantity` whole units, 1 to 1,000,000,000; `unitPrice` decimal in major units of the order's currency, ≥ 0;
 * `minor` = quantity × unitPrice, rounded half-even once, in minor units.
 * `writtenAs` is the code as the source document wrote it, where that differs from `sku`.
 */
export type OrderLine = Readonly<{
  line: number;
  kind: LineKind;
  sku: string;
  quantity: number;
  unitPrice: Decimal;
  minor: bigint;
  name?: string;
  writtenAs?: string;
}>;
export type LineQuantity = Readonly<{ line: number; quantity: number }>;

/** What an order says. `totalMinor` is the sum of the lines' `minor`, in `currency`. */
export type OrderContent = {
  orderId: OrderId;
  customerId?: CustomerId;
  country?: string;
  channel?: string;
  currency: Currency;
  lines: readonly OrderLine[];
  totalMinor: bigint;
};

/**
 * Facts on one `order-{orderId}` stream, oldest first.
 * `documentDay` is the day on the shop's document; where it is absent, the UTC day of `occurredAt` counts.
 * A cancellation repeats the whole order (lines without their names): a reader of single events cannot take back
 * what it does not see, and most figures of an order lie elsewhere than under its id (docs/adr/0011).
 * Change: names are stored for ever. Add an optional field with an upcaster, or a new type; never rename.
 */
export type OrderEvent =
  | Fact<'OrderPlaced', OrderContent & { documentDay?: CalendarDay }>
  | Fact<'OrderConfirmed', { orderId: OrderId }>
  | Fact<'OrderCancelled', OrderContent & { reason: string }>
  | Fact<'OrderShipped', { orderId: OrderId; lines: readonly LineQuantity[] }>
  | Fact<'OrderReturned', { orderId: OrderId; lines: readonly LineQuantity[]; creditNoteId?: string }>;
