import type { Asked } from '../decider.js';
import type { CalendarDay } from '../fact.js';
import type { Currency, Decimal } from '../money.js';
import type { CustomerId, LineKind, LineQuantity, OrderId } from './order.events.js';

/** A line as asked for; its `line` number and amount are the decider's. */
export type RequestedLine = Readonly<{
  kind: LineKind;
  sku: string;
  quantity: number;
  unitPrice: Decimal;
  name?: string;
  writtenAs?: string;
}>;

/** `ShipOrder` without `lines` ships all that is left. */
export type OrderCommand =
  | Asked<
      'PlaceOrder',
      {
        orderId: OrderId;
        customerId?: CustomerId;
        country?: string;
        channel?: string;
        currency: Currency;
        lines: readonly RequestedLine[];
        documentDay?: CalendarDay;
      }
    >
  | Asked<'ConfirmOrder', { orderId: OrderId }>
  | Asked<'CancelOrder', { orderId: OrderId; reason: string }>
  | Asked<'ShipOrder', { orderId: OrderId; lines?: readonly LineQuantity[] }>
  | Asked<'ReturnOrder', { orderId: OrderId; lines: readonly LineQuantity[]; creditNoteId?: string }>;

/**
 * Only a confirmed order ships; an order that has shipped anything can no longer be cancelled.
 * Per line: shipped ≤ ordered, returned ≤ shipped. Quantities naming one line twice are summed before the check.
 */
export type OrderRejection = Readonly<
  | {
      code:
        | 'order-unknown'
        | 'order-already-placed'
        | 'order-cancelled'
        | 'order-not-confirmed'
        | 'order-already-shipped'
        | 'order-empty'
        | 'nothing-to-ship'
        | 'total-too-large';
    }
  | { code: 'quantity-not-positive' | 'quantity-too-large' | 'price-negative' | 'line-unknown'; line: number }
  | { code: 'exceeds-ordered'; line: number; remaining: number; requested: number }
  | { code: 'exceeds-shipped'; line: number; remaining: number; requested: number }
>;
