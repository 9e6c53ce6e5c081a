import type { CalendarDay, Fact, Instant } from '../fact.js';
import type { Currency, Decimal } from '../money.js';
import type { Location } from '../stock/stock.events.js';

export type OrderId = string;
export type CustomerId = string;
export type ReturnId = string;
/** `goods` leave the stock; a `charge` is postage or a service; a `voucher` is a liability until it is spent. */
export type LineKind = 'goods' | 'charge' | 'voucher';

/**
 * One line as sold. `line` counts 1, 2, 3 … in the order and is never given twice; several lines may name one SKU.
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

/** A `discount` is below zero, `shipping` and `tax` are not. */
export type AdjustmentKind = 'discount' | 'shipping' | 'tax';
export type RequestedAdjustment = Readonly<{ kind: AdjustmentKind; code: string; name?: string; minor: bigint }>;
/**
 * An amount on the whole order, and the share of it that each line bears. Shares add up to `minor`; a line without a
 * share bears none. How they are cut: `adjust` in order.content.ts, docs/adr/0016. Units: minor units, signed.
 */
export type OrderAdjustment = RequestedAdjustment &
  Readonly<{ allocations: readonly Readonly<{ line: number; minor: bigint }>[] }>;

/** Amounts of an order or of a part of it. `totalMinor` = Σ lines + Σ adjustments. Adjustments: discounts first. */
export type Amounts = Readonly<{
  lines: readonly OrderLine[];
  adjustments?: readonly OrderAdjustment[];
  totalMinor: bigint;
}>;

type Parties = { customerId?: CustomerId; country?: string; channel?: string };

/** Where its goods leave from, of an order that the ledger fulfils by itself: in every event that this concerns. */
type Fulfilled = { fulfilFrom?: Location };

/** What an order says. Amounts are in `currency`. */
export type OrderContent = Parties & Fulfilled & { orderId: OrderId; currency: Currency } & Amounts;

/** A line of a cart, as the client asked for it: its price, where it says none, is looked up when it is placed. */
export type DraftLine = Readonly<{
  line: number;
  sku: string;
  quantity: number;
  kind?: LineKind;
  unitPrice?: Decimal;
  name?: string;
}>;

/** `sellable` goods go back on the shelf, `damaged` ones do not. */
export type Condition = 'sellable' | 'damaged';
/** `review`: somebody has to look at the order before it goes on. */
export type RiskDecision = 'accept' | 'review' | 'decline';

/** Units of one line that came back; `minor` is what they were sold for, their shares of adjustments included. */
export type ReturnedLine = Readonly<{
  line: number;
  kind: LineKind;
  sku: string;
  quantity: number;
  condition: Condition;
  minor: bigint;
}>;

/**
 * Facts on one `order-{orderId}` stream, oldest first.
 * `documentDay` is the day on the shop's document; where it is absent, the UTC day of `occurredAt` counts.
 *
 * A draft keeps what was asked for; `OrderPlaced` then keeps what was sold. `DraftChanged` names the lines that are new
 * or changed, as they now are (`set`), and the numbers of those that are gone; what it does not name stays.
 *
 * What takes something back repeats it, lines without their names: a reader of single events cannot take back what it
 * does not see, and most figures of an order lie elsewhere than under its id (docs/adr/0011). `OrderCancelled` and
 * `OrderRejected` repeat what still stood, `OrderLinesCancelled` the units that it cancels, with exactly the amounts that
 * are to be given back for them; `OrderEdited` what stood `before` beside what the order says now. In these, a line's
 * `minor` may be a part of its amount (docs/adr/0016).
 *
 * `ReturnReceived`'s `totalMinor` is what the units that came back were sold for: what is to be refunded for them.
 *
 * `paymentMethod` is the payment provider's token of what pays for an order that the ledger fulfils. `assessor` names who
 * or what assessed its risk, with a version; `reasons` are for people.
 * Change: names are stored for ever. Add an optional field with an upcaster, or a new type; never rename.
 */
export type OrderEvent =
  | Fact<
      'OrderDrafted',
      Parties & {
        orderId: OrderId;
        currency: Currency;
        lines: readonly DraftLine[];
        adjustments?: readonly RequestedAdjustment[];
        expiresAt?: Instant;
      }
    >
  | Fact<
      'DraftChanged',
      Parties & {
        orderId: OrderId;
        set?: readonly DraftLine[];
        removed?: readonly number[];
        adjustments?: readonly RequestedAdjustment[];
        expiresAt?: Instant;
      }
    >
  | Fact<'DraftDiscarded', { orderId: OrderId; reason?: string }>
  | Fact<'OrderPlaced', OrderContent & { documentDay?: CalendarDay; paymentMethod?: string }>
  | Fact<
      'OrderRiskAssessed',
      { orderId: OrderId; decision: RiskDecision; assessor: string; reasons: readonly string[] }
    >
  | Fact<'OrderRiskReviewed', { orderId: OrderId; decision: 'accept' | 'decline'; reason: string }>
  | Fact<'OrderConfirmed', Fulfilled & { orderId: OrderId }>
  | Fact<'OrderCancelled', OrderContent & { reason: string }>
  | Fact<'OrderRejected', OrderContent & { code: string; reason: string }>
  | Fact<'OrderLinesCancelled', OrderContent & { reason: string }>
  | Fact<'OrderEdited', OrderContent & { before: Amounts; reason: string }>
  | Fact<'OrderShipped', Fulfilled & { orderId: OrderId; lines: readonly LineQuantity[] }>
  | Fact<'OrderDelivered', { orderId: OrderId; lines: readonly LineQuantity[] }>
  | Fact<'OrderCompleted', Fulfilled & { orderId: OrderId }>
  | Fact<'OrderReturned', Fulfilled & { orderId: OrderId; lines: readonly LineQuantity[]; creditNoteId?: string }>
  | Fact<'ReturnRequested', { orderId: OrderId; returnId: ReturnId; lines: readonly LineQuantity[]; reason: string }>
  | Fact<
      'ReturnReceived',
      Fulfilled & {
        orderId: OrderId;
        returnId: ReturnId;
        currency: Currency;
        lines: readonly ReturnedLine[];
        totalMinor: bigint;
      }
    >;
