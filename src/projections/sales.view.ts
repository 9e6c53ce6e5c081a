import type { CalendarDay, Instant } from '../domain/fact.js';
import { addDecimals, negateDecimal, type Decimal } from '../domain/decimal.js';
import { majorUnits, type Currency } from '../domain/money.js';
import type { CreditKind } from '../domain/credit-note/credit-note.events.js';
import type { LineKind } from '../domain/order/order.events.js';
import type { Document, ViewDefinition } from './projection.js';

/**
 * By what revenue is grouped, and what `key` then is:
 *
 * `total` ''; `day` `2010-12-01`; `month` `2010-12`; `country`, `channel`, `customer` as the document names them;
 * `kind` one of `SalesKind`; `product` the SKU or code of a line or journal, whatever its kind;
 * `variant` `pairKey(sku, writtenAs)`: the part of a product that its documents wrote with another code than the SKU;
 * `customer-month` `pairKey(month, customer)`; `customer-country` `pairKey(country, customer)`.
 *
 * What names no country, channel, customer or (a journal) product counts in `no-…`, with key ''; it is a dimension of
 * its own, because any text may be a key. So a dimension and its `no-…` always add up to the total.
 */
export type SalesDimension =
  | 'total'
  | 'day'
  | 'month'
  | 'country'
  | 'no-country'
  | 'channel'
  | 'no-channel'
  | 'customer'
  | 'no-customer'
  | 'kind'
  | 'product'
  | 'no-product'
  | 'variant'
  | 'customer-month'
  | 'customer-country';
export type SalesKind = LineKind | CreditKind | 'journal';

/**
 * Counts: documents and lines that touch this dimension value. `orders` counts placed ones, `cancelledOrders` those of
 * them that were cancelled or rejected as a whole (on the day it happened); `freeLines` are the `orderLines` at price 0.
 * An edit counts no order; its lines and units are those that it adds, less those that it takes away.
 *
 * Money (`…Minor`): minor units, decimal. A line counts with its share of the order's discounts and shipping; tax is
 * collected for others, and counts nowhere (docs/adr/0016).
 * `gross`       Σ order lines, on the document day of the order; what an edit changes of it, on the UTC day of the edit
 * `cancelled`   Σ lines of cancelled and rejected orders and cancelled lines, on the UTC day of the cancellation; ≥ 0
 * `returns`     Σ credit-note lines of every kind, on the document day of the credit note; ≥ 0
 * `adjustments` Σ journal legs on accounts whose first part is `revenue`: credit positive, debit negative
 * `net`         gross − cancelled − returns + adjustments
 *
 * `…Rounding`: exact sum of (exact − rounded) of the same lines, in major units: gross and its rounding together are
 * the exact Σ quantity × unit price (see `exactSales`).
 *
 * Units: whole units, decimal, of lines of every kind. `unitsFree` are the `unitsSold` at price 0.
 */
export type SalesFigures = Readonly<{
  orders: number;
  cancelledOrders: number;
  creditNotes: number;
  journals: number;
  orderLines: number;
  freeLines: number;
  cancelledLines: number;
  creditLines: number;
  grossMinor: string;
  cancelledMinor: string;
  returnsMinor: string;
  adjustmentsMinor: string;
  netMinor: string;
  grossRounding: Decimal;
  cancelledRounding: Decimal;
  returnsRounding: Decimal;
  unitsSold: string;
  unitsFree: string;
  unitsCancelled: string;
  unitsReturned: string;
}>;

/** The figures of no line at all, without the counts of documents. */
export const noLinesYet = {
  orderLines: 0,
  freeLines: 0,
  cancelledLines: 0,
  creditLines: 0,
  grossMinor: '0',
  cancelledMinor: '0',
  returnsMinor: '0',
  adjustmentsMinor: '0',
  netMinor: '0',
  grossRounding: '0',
  cancelledRounding: '0',
  returnsRounding: '0',
  unitsSold: '0',
  unitsFree: '0',
  unitsCancelled: '0',
  unitsReturned: '0',
} satisfies Partial<SalesFigures>;

export const nothingYet: SalesFigures = { orders: 0, cancelledOrders: 0, creditNotes: 0, journals: 0, ...noLinesYet };

/**
 * Revenue of one dimension value in one currency: `_id` is `salesId(dimension, currency, key)`.
 * Of a `product` or `variant`: `kinds` its lines had, sorted; `name` on the newest document that gave one (by
 * `namedAt`, its business time, then `namedBy`, its event id).
 * Of a `variant`: its `sku` and `writtenAs`.
 */
export type SalesDocument = Document &
  SalesFigures &
  Readonly<{
    dimension: SalesDimension;
    currency: Currency;
    key: string;
    kinds?: readonly SalesKind[];
    name?: string;
    namedAt?: Instant;
    namedBy?: string;
    sku?: string;
    writtenAs?: string;
  }>;

/** Neither a dimension nor a currency holds a `|`, so the key is all that follows the second one, whatever it holds. */
export const salesId = (dimension: SalesDimension, currency: Currency, key: string): string =>
  `${dimension}|${currency}|${key}`;

/** Two texts of any content as one, without ambiguity: a JSON array. */
export const pairKey = (first: string, second: string): string => JSON.stringify([first, second]);

export const monthOf = (day: CalendarDay): string => day.slice(0, 7);

export const salesView: ViewDefinition<SalesDocument> = {
  name: 'sales',
  version: 2,
  indexes: {
    /** [dimension, currency, key]: time series, and lists by name */
    key: { parts: ['text', 'text', 'text'], of: ({ dimension, currency, key }) => [dimension, currency, key] },
    /** [dimension, currency, net in minor units]: top lists */
    net: {
      parts: ['text', 'text', 'integer'],
      of: ({ dimension, currency, netMinor }) => [dimension, currency, sortable(BigInt(netMinor))],
    },
    /** [dimension, currency, units sold − cancelled − returned] */
    units: {
      parts: ['text', 'text', 'integer'],
      of: (document) => [document.dimension, document.currency, sortable(netUnits(document))],
    },
  },
};

export const netUnits = (figures: Pick<SalesFigures, 'unitsSold' | 'unitsCancelled' | 'unitsReturned'>): bigint =>
  BigInt(figures.unitsSold) - BigInt(figures.unitsCancelled) - BigInt(figures.unitsReturned);

/** Money without the rounding of lines, in major units: what the source adds up to when it is totalled exactly. */
export type ExactSales = Readonly<{
  gross: Decimal;
  cancelled: Decimal;
  returns: Decimal;
  adjustments: Decimal;
  net: Decimal;
}>;

type Rounded = Pick<
  SalesFigures,
  | 'grossMinor'
  | 'cancelledMinor'
  | 'returnsMinor'
  | 'adjustmentsMinor'
  | 'grossRounding'
  | 'cancelledRounding'
  | 'returnsRounding'
>;
export function exactSales(figures: Rounded & Readonly<{ currency: Currency }>): ExactSales {
  const { currency } = figures;
  const major = (minor: string): Decimal => majorUnits({ minor: BigInt(minor), currency });
  const gross = addDecimals(major(figures.grossMinor), figures.grossRounding);
  const cancelled = addDecimals(major(figures.cancelledMinor), figures.cancelledRounding);
  const returns = addDecimals(major(figures.returnsMinor), figures.returnsRounding);
  const adjustments = major(figures.adjustmentsMinor);
  const net = [negateDecimal(cancelled), negateDecimal(returns), adjustments].reduce(addDecimals, gross);
  return { gross, cancelled, returns, adjustments, net };
}

const MAX_INT64 = 2n ** 63n - 1n;
/** An index sorts 64-bit integers; a figure beyond them (in the document it stays exact) sorts as the last one. */
const sortable = (n: bigint): bigint => (n > MAX_INT64 ? MAX_INT64 : n < -MAX_INT64 ? -MAX_INT64 : n);
