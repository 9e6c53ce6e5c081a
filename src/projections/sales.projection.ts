import { assertNever, CorruptHistory } from '../domain/decider.js';
import type { CalendarDay, Instant, Recorded } from '../domain/fact.js';
import type { CreditNoteEvent } from '../domain/credit-note/credit-note.events.js';
import { exponentOf } from '../domain/currencies.js';
import type { JournalEvent } from '../domain/journal/journal.events.js';
import type { Currency } from '../domain/money.js';
import type { Amounts, OrderEvent } from '../domain/order/order.events.js';
import { plus, plusDecimal } from './exact.js';
import type { Projection } from './projection.js';
import { nothingSold, tally, type Open, type ProductSum, type SalesLine, type Sum } from './sales.tally.js';
import {
  monthOf,
  nothingYet,
  pairKey,
  salesId,
  salesView,
  type SalesDimension,
  type SalesDocument,
} from './sales.view.js';

type Withdrawal = 'OrderCancelled' | 'OrderRejected' | 'OrderLinesCancelled';
/** Confirming, shipping, returning and paying are no revenue: that stands on orders and credit notes (docs/adr/0010). */
type SalesEvent =
  Extract<OrderEvent, { type: 'OrderPlaced' | 'OrderEdited' | Withdrawal }> | CreditNoteEvent | JournalEvent;
/** `edited` is what an edit adds to what was sold (less, where it takes away); `withdrawn`, lines of a standing order. */
type Measure = 'sold' | 'edited' | 'cancelled' | 'withdrawn' | 'credited' | 'posted';
/** What all changes by one event in one currency have in common. `at` and `by` are its business time and its id. */
type Origin = Readonly<{ measure: Measure; currency: Currency; at: Instant; by: string }>;
/** All that one event says about one document of the view. `product` says of what product or variant, if of one. */
type SalesChange = Readonly<{
  id: string;
  dimension: SalesDimension;
  key: string;
  origin: Origin;
  sum: Sum;
  product: ProductSum | undefined;
}>;

/** Revenue by every dimension. Sums only, so the order of events does not matter, not even within a stream. */
export const sales: Projection<SalesDocument, SalesChange, SalesEvent> = {
  ...salesView,
  types: [
    'OrderPlaced',
    'OrderEdited',
    'OrderCancelled',
    'OrderRejected',
    'OrderLinesCancelled',
    'CreditNoteIssued',
    'JournalPosted',
  ],
  changes: (event) => {
    switch (event.type) {
      case 'OrderPlaced':
        return orderChanges(event, linesOf(event.data), 'sold', event.data.documentDay);
      case 'OrderEdited':
        return orderChanges(event, [...linesOf(event.data), ...linesOf(event.data.before).map(negated)], 'edited');
      case 'OrderCancelled':
      case 'OrderRejected':
        return orderChanges(event, linesOf(event.data), 'cancelled');
      case 'OrderLinesCancelled':
        return orderChanges(event, linesOf(event.data), 'withdrawn');
      case 'CreditNoteIssued':
        return documentChanges(event, event.data, 'credited', event.data.documentDay);
      case 'JournalPosted':
        return journalChanges(event);
      default:
        return assertNever(event);
    }
  },
  apply: (document, change) => {
    const after = { ...(document ?? empty(change)) };
    count(after, change.origin.measure, change.sum);
    if (change.product !== undefined) describe(after, change.origin, change.product);
    return after;
  },
};

/** Lines with their shares of discounts and shipping. Tax is collected for others: it is no revenue. */
function linesOf({ lines, adjustments }: Amounts): readonly SalesLine[] {
  if (adjustments === undefined) return lines;
  const shares = new Map<number, bigint>();
  for (const { kind, allocations } of adjustments) {
    if (kind === 'tax') continue;
    for (const { line, minor } of allocations) shares.set(line, (shares.get(line) ?? 0n) + minor);
  }
  return lines.map((line) => ({ ...line, sharedMinor: shares.get(line.line) ?? 0n }));
}

const negated = (line: SalesLine): SalesLine => ({
  ...line,
  quantity: -line.quantity,
  minor: -line.minor,
  sharedMinor: -(line.sharedMinor ?? 0n),
});

/** On the day of the order's document, where `documentDay` says it; else on the day on which it happened. */
const orderChanges = (
  event: Recorded<Extract<SalesEvent, OrderEvent>>,
  lines: readonly SalesLine[],
  measure: Measure,
  documentDay?: CalendarDay,
): readonly SalesChange[] => documentChanges(event, { ...event.data, lines }, measure, documentDay);

type Parties = Readonly<{ customerId?: string; country?: string; channel?: string }>;
type Contents = Parties & Readonly<{ currency: Currency; lines: readonly SalesLine[] }>;

/** Of an order, what becomes of it, or a credit note: lines are summed first, so each document changes once. */
function documentChanges(
  event: Recorded<SalesEvent>,
  contents: Contents,
  measure: Measure,
  documentDay: CalendarDay | undefined,
): readonly SalesChange[] {
  const { currency } = contents;
  const { whole, kinds, products, variants } = tally(contents.lines, currency, digitsOf(currency, event));
  const changes = new Changes(event, currency, measure);
  changes.addWhole(whole, dayOf(event, documentDay), contents);
  for (const [kind, sum] of kinds) changes.add('kind', kind, sum);
  for (const [sku, sum] of products) changes.add('product', sku, sum, sum);
  for (const [key, sum] of variants) changes.add('variant', key, sum, sum);
  return changes.all;
}

/** One change per dimension value and currency in which the journal touches revenue. Units and lines do not count. */
function journalChanges(event: Recorded<JournalEvent>): readonly SalesChange[] {
  const { legs, product } = event.data;
  const postings = new Map<Currency, bigint>();
  for (const { account, side, amount } of legs) {
    if (account !== 'revenue' && !account.startsWith('revenue:')) continue;
    const signed = side === 'credit' ? amount.minor : -amount.minor;
    postings.set(amount.currency, (postings.get(amount.currency) ?? 0n) + signed);
  }
  return [...postings].flatMap(([currency, minor]) => {
    digitsOf(currency, event);
    const sum: Sum = { ...nothingSold, minor };
    const changes = new Changes(event, currency, 'posted');
    changes.addWhole(sum, dayOf(event, event.data.documentDay), event.data);
    changes.add('kind', 'journal', sum);
    if (product === undefined) changes.add('no-product', '', sum);
    else changes.add('product', product, sum, { ...sum, sku: product, kinds: ['journal'] });
    return changes.all;
  });
}

/** Collects what one event changes in one currency. */
class Changes {
  readonly all: SalesChange[] = [];
  private readonly origin: Origin;
  constructor({ id: by, metadata }: Recorded<SalesEvent>, currency: Currency, measure: Measure) {
    this.origin = { measure, currency, at: metadata.occurredAt, by };
  }

  add(dimension: SalesDimension, text: string, sum: Sum, product?: ProductSum): void {
    const { origin } = this;
    const key = text.toWellFormed(); // a lone surrogate has no UTF-8: two such keys would be one row under two names
    this.all.push({ id: salesId(dimension, origin.currency, key), dimension, key, origin, sum, product });
  }

  /** What counts the whole document: all dimensions but those of its lines. */
  addWhole(sum: Sum, day: CalendarDay, { customerId, country, channel }: Parties): void {
    const month = monthOf(day);
    this.add('total', '', sum);
    this.add('day', day, sum);
    this.add('month', month, sum);
    this.addNamed('country', country, sum);
    this.addNamed('channel', channel, sum);
    this.addNamed('customer', customerId, sum);
    if (customerId === undefined) return;
    this.add('customer-month', pairKey(month, customerId), sum);
    if (country !== undefined) this.add('customer-country', pairKey(country, customerId), sum);
  }

  private addNamed(dimension: 'country' | 'channel' | 'customer', key: string | undefined, sum: Sum): void {
    if (key === undefined) this.add(`no-${dimension}`, '', sum);
    else this.add(dimension, key, sum);
  }
}

const DAY = /^\d{4}-\d\d-\d\d$/;

function dayOf(event: Recorded, documentDay: CalendarDay | undefined): CalendarDay {
  const day = documentDay ?? event.metadata.occurredAt.slice(0, 10);
  if (!DAY.test(day)) throw corrupt(event, `no calendar day: ${day}`);
  return day;
}

function digitsOf(currency: Currency, event: Recorded): number {
  const digits = exponentOf(currency);
  if (digits === undefined) throw corrupt(event, `no currency: ${currency}`);
  return digits;
}

const corrupt = (event: Recorded, detail: string): CorruptHistory =>
  new CorruptHistory(`${event.type} in ${event.stream} at revision ${event.revision}: ${detail}`);

/** Adds what one event adds up to. Changes `document`, which is the fold's own copy. */
function count(document: Open<SalesDocument>, measure: Measure, sum: Sum): void {
  switch (measure) {
    case 'sold':
    case 'edited':
      if (measure === 'sold') document.orders += 1;
      document.orderLines += sum.lines;
      document.freeLines += sum.freeLines;
      document.grossMinor = plus(document.grossMinor, sum.minor);
      document.grossRounding = plusDecimal(document.grossRounding, sum.rounding);
      document.netMinor = plus(document.netMinor, sum.minor);
      document.unitsSold = plus(document.unitsSold, sum.units);
      document.unitsFree = plus(document.unitsFree, sum.freeUnits);
      return;
    case 'cancelled':
    case 'withdrawn':
      if (measure === 'cancelled') document.cancelledOrders += 1;
      document.cancelledLines += sum.lines;
      document.cancelledMinor = plus(document.cancelledMinor, sum.minor);
      document.cancelledRounding = plusDecimal(document.cancelledRounding, sum.rounding);
      document.netMinor = plus(document.netMinor, -sum.minor);
      document.unitsCancelled = plus(document.unitsCancelled, sum.units);
      return;
    case 'credited':
      document.creditNotes += 1;
      document.creditLines += sum.lines;
      document.returnsMinor = plus(document.returnsMinor, sum.minor);
      document.returnsRounding = plusDecimal(document.returnsRounding, sum.rounding);
      document.netMinor = plus(document.netMinor, -sum.minor);
      document.unitsReturned = plus(document.unitsReturned, sum.units);
      return;
    case 'posted':
      document.journals += 1;
      document.adjustmentsMinor = plus(document.adjustmentsMinor, sum.minor);
      document.netMinor = plus(document.netMinor, sum.minor);
      return;
    default:
      assertNever(measure);
  }
}

/** Kinds are a set; of the names, the newest by business time stays, so that it does not depend on who came last. */
function describe(
  document: Open<SalesDocument>,
  { at, by }: Origin,
  { sku, writtenAs, kinds, name }: ProductSum,
): void {
  const known = (document.kinds ??= []);
  if (kinds.some((kind) => !known.includes(kind))) document.kinds = [...new Set([...known, ...kinds])].sort();
  if (writtenAs !== undefined) {
    document.sku = sku;
    document.writtenAs = writtenAs;
  }
  const { namedAt = '', namedBy = '' } = document;
  if (name === undefined || at < namedAt || (at === namedAt && by <= namedBy)) return;
  document.name = name;
  document.namedAt = at;
  document.namedBy = by;
}

const empty = ({ id, dimension, key, origin: { currency } }: SalesChange): SalesDocument => ({
  _id: id,
  dimension,
  currency,
  key,
  ...nothingYet,
});
