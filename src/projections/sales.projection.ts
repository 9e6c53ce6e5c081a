import { assertNever, CorruptHistory } from '../domain/decider.js';
import type { CalendarDay, Instant, Recorded } from '../domain/fact.js';
import type { CreditNoteEvent } from '../domain/credit-note/credit-note.events.js';
import { exponentOf } from '../domain/currencies.js';
import { addDecimals } from '../domain/decimal.js';
import type { JournalEvent } from '../domain/journal/journal.events.js';
import type { Currency } from '../domain/money.js';
import type { OrderEvent } from '../domain/order/order.events.js';
import { plus } from './exact.js';
import type { Projection } from './projection.js';
import { tally, type ProductSum, type SalesLine, type Sum } from './sales.tally.js';
import {
  monthOf,
  pairKey,
  salesId,
  salesView,
  type SalesDimension,
  type SalesDocument,
  type SalesFigures,
  type SalesKind,
} from './sales.view.js';

/** Confirming, shipping, returning and paying are no revenue: that stands on orders and credit notes (docs/adr/0010). */
type SalesEvent = Extract<OrderEvent, { type: 'OrderPlaced' | 'OrderCancelled' }> | CreditNoteEvent | JournalEvent;
type Measure = 'sold' | 'cancelled' | 'credited' | 'posted';
/** What a product, or a variant of it, is on one document. */
type Subject = Readonly<{ kinds: readonly SalesKind[]; name?: string; sku?: string; writtenAs?: string }>;

/** All that one event says about one document of the view. `at` and `by` are its business time and its id. */
type SalesChange = Readonly<{
  id: string;
  dimension: SalesDimension;
  currency: Currency;
  key: string;
  measure: Measure;
  sum: Sum;
  at: Instant;
  by: string;
  subject: Subject | undefined;
}>;

/** Revenue by every dimension. Sums only, so the order of events does not matter, not even within a stream. */
export const sales: Projection<SalesDocument, SalesChange, SalesEvent> = {
  ...salesView,
  types: ['OrderPlaced', 'OrderCancelled', 'CreditNoteIssued', 'JournalPosted'],
  changes: (event) => {
    switch (event.type) {
      case 'OrderPlaced':
        return documentChanges(event, event.data, 'sold', event.data.documentDay);
      case 'OrderCancelled':
        return documentChanges(event, event.data, 'cancelled', undefined);
      case 'CreditNoteIssued':
        return documentChanges(event, event.data, 'credited', event.data.documentDay);
      case 'JournalPosted':
        return journalChanges(event);
      default:
        return assertNever(event);
    }
  },
  apply: (document, change) => {
    const before = document ?? empty(change);
    const after = counted(before, change);
    return change.subject === undefined ? after : described(after, change, change.subject);
  },
};

type Parties = Readonly<{ customerId?: string; country?: string; channel?: string }>;
type Contents = Parties & Readonly<{ currency: Currency; lines: readonly SalesLine[] }>;

/** Of an order, its cancellation or a credit note: lines are summed first, so each document changes once. */
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
  for (const [sku, sum] of products) changes.add('product', sku, sum, subjectOf(sum));
  for (const [key, sum] of variants) changes.add('variant', key, sum, { ...subjectOf(sum), ...codesOf(sum) });
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
    const sum: Sum = { lines: 0, freeLines: 0, units: 0, freeUnits: 0, minor, rounding: '0' };
    const changes = new Changes(event, currency, 'posted');
    changes.addWhole(sum, dayOf(event, event.data.documentDay), event.data);
    changes.add('kind', 'journal', sum);
    if (product === undefined) changes.add('no-product', '', sum);
    else changes.add('product', product, sum, { kinds: ['journal'] });
    return changes.all;
  });
}

/** Collects what one event changes in one currency. */
class Changes {
  readonly all: SalesChange[] = [];
  constructor(
    private readonly event: Recorded<SalesEvent>,
    private readonly currency: Currency,
    private readonly measure: Measure,
  ) {}

  add(dimension: SalesDimension, text: string, sum: Sum, subject?: Subject): void {
    const { currency, measure } = this;
    const key = text.toWellFormed(); // a lone surrogate has no UTF-8: two such keys would be one row under two names
    const { occurredAt: at } = this.event.metadata;
    const id = salesId(dimension, currency, key);
    this.all.push({ id, dimension, currency, key, measure, sum, at, by: this.event.id, subject });
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

const subjectOf = ({ kinds, name }: ProductSum): Subject => (name === undefined ? { kinds } : { kinds, name });
const codesOf = ({ sku, writtenAs }: ProductSum): Pick<Subject, 'sku' | 'writtenAs'> =>
  writtenAs === undefined ? { sku } : { sku, writtenAs };

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

function counted(before: SalesDocument, { measure, sum }: SalesChange): SalesDocument {
  switch (measure) {
    case 'sold':
      return {
        ...before,
        orders: before.orders + 1,
        orderLines: before.orderLines + sum.lines,
        freeLines: before.freeLines + sum.freeLines,
        grossMinor: plus(before.grossMinor, sum.minor),
        grossRounding: withRounding(before.grossRounding, sum),
        netMinor: plus(before.netMinor, sum.minor),
        unitsSold: plus(before.unitsSold, BigInt(sum.units)),
        unitsFree: plus(before.unitsFree, BigInt(sum.freeUnits)),
      };
    case 'cancelled':
      return {
        ...before,
        cancelledOrders: before.cancelledOrders + 1,
        cancelledLines: before.cancelledLines + sum.lines,
        cancelledMinor: plus(before.cancelledMinor, sum.minor),
        cancelledRounding: withRounding(before.cancelledRounding, sum),
        netMinor: plus(before.netMinor, -sum.minor),
        unitsCancelled: plus(before.unitsCancelled, BigInt(sum.units)),
      };
    case 'credited':
      return {
        ...before,
        creditNotes: before.creditNotes + 1,
        creditLines: before.creditLines + sum.lines,
        returnsMinor: plus(before.returnsMinor, sum.minor),
        returnsRounding: withRounding(before.returnsRounding, sum),
        netMinor: plus(before.netMinor, -sum.minor),
        unitsReturned: plus(before.unitsReturned, BigInt(sum.units)),
      };
    case 'posted':
      return {
        ...before,
        journals: before.journals + 1,
        adjustmentsMinor: plus(before.adjustmentsMinor, sum.minor),
        netMinor: plus(before.netMinor, sum.minor),
      };
    default:
      return assertNever(measure);
  }
}

const withRounding = (before: string, { rounding }: Sum): string =>
  rounding === '0' ? before : addDecimals(before, rounding);

/** Kinds are a set; of the names, the newest by business time stays, so that it does not depend on who came last. */
function described(document: SalesDocument, { at, by }: SalesChange, subject: Subject): SalesDocument {
  const { kinds = [], namedAt = '', namedBy = '' } = document;
  const known = subject.kinds.every((kind) => kinds.includes(kind));
  const newer = subject.name !== undefined && (at > namedAt || (at === namedAt && by > namedBy));
  const codes = subject.writtenAs !== undefined && document.writtenAs === undefined;
  if (known && !newer && !codes) return document;
  return {
    ...document,
    kinds: known ? kinds : [...new Set([...kinds, ...subject.kinds])].sort(),
    ...(newer ? { name: subject.name, namedAt: at, namedBy: by } : {}),
    ...(codes ? { sku: subject.sku, writtenAs: subject.writtenAs } : {}),
  };
}

const nothing: SalesFigures = {
  orders: 0,
  cancelledOrders: 0,
  creditNotes: 0,
  journals: 0,
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
};

const empty = ({ id, dimension, currency, key }: SalesChange): SalesDocument => ({
  _id: id,
  dimension,
  currency,
  key,
  ...nothing,
});
