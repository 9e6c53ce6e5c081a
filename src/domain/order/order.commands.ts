import type { Asked } from '../decider.js';
import type { CalendarDay } from '../fact.js';
import type { Currency, Decimal } from '../money.js';
import type { PricingRejection } from '../pricing.js';
import type { QuantityFault } from '../quantity.js';
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

/**
 * `ShipOrder` without `lines` ships all that is left. Lines of every kind ship and return alike: a charge or a voucher
 * counts as shipped when it is rendered; only `goods` concern the stock.
 */
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
 * Only a confirmed order ships; an order that has shipped anything can no longer be cancelled; a cancelled one keeps
 * the first reason. Confirming a confirmed order is accepted without a new event.
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
        | 'nothing-to-return';
    }
  | PricingRejection
  | { code: QuantityFault | 'line-unknown'; line: number }
  | { code: 'exceeds-ordered'; line: number; remaining: number; requested: number }
  | { code: 'exceeds-shipped'; line: number; remaining: number; requested: number }
>;
