import { exponentOf } from '../../src/domain/currencies.js';
import type { Recorded } from '../../src/domain/fact.js';
import type { LedgerEvent } from '../../src/domain/ledger.events.js';

/** Slow and obvious second opinions on the figures of two views: everything is filtered out of the whole log anew. */

/** A document of an order, credit note or journal in one currency, with signs as revenue has them. */
type Entry = Readonly<{
  measure: 'sold' | 'cancelled' | 'credited' | 'posted';
  currency: string;
  day: string;
  customer: string | undefined;
  country: string | undefined;
  channel: string | undefined;
  lines: readonly Readonly<{
    kind: string;
    code: string | undefined;
    writtenAs: string | undefined;
    quantity: number;
    price: string;
    minor: bigint;
  }>[];
}>;

function entriesOf(event: Recorded<LedgerEvent>): readonly Entry[] {
  const utcDay = event.metadata.occurredAt.slice(0, 10);
  if (event.type === 'OrderPlaced' || event.type === 'OrderCancelled' || event.type === 'CreditNoteIssued') {
    const day = event.type === 'OrderCancelled' ? undefined : event.data.documentDay;
    return [
      {
        measure: MEASURES[event.type],
        currency: event.data.currency,
        day: day ?? utcDay,
        customer: event.data.customerId,
        country: event.data.country,
        channel: event.type === 'CreditNoteIssued' ? undefined : event.data.channel,
        lines: event.data.lines.map(({ kind, sku, writtenAs, quantity, unitPrice, minor }) => {
          return { kind, code: sku, writtenAs, quantity, price: unitPrice, minor };
        }),
      },
    ];
  }
  if (event.type !== 'JournalPosted') return [];
  const { legs, product, customerId, country, documentDay } = event.data;
  const onRevenue = legs.filter(({ account }) => account.split(':')[0] === 'revenue');
  const currencies = [...new Set(onRevenue.map(({ amount }) => amount.currency))];
  return currencies.map((currency) => {
    const mine = onRevenue.filter(({ amount }) => amount.currency === currency);
    const signed = mine.map(({ side, amount }) => (side === 'credit' ? amount.minor : -amount.minor));
    const minor = signed.reduce((a, b) => a + b, 0n);
    const line = { kind: 'journal', code: product, writtenAs: undefined, quantity: 0, price: '0', minor };
    const day = documentDay ?? utcDay;
    return { measure: 'posted', currency, day, customer: customerId, country, channel: undefined, lines: [line] };
  });
}

const MEASURES = { OrderPlaced: 'sold', OrderCancelled: 'cancelled', CreditNoteIssued: 'credited' } as const;

/** Ids of all documents of the sales view that a line counts in. */
function idsOf({ currency, day, customer, country, channel }: Entry, line: Entry['lines'][number]): readonly string[] {
  const month = day.slice(0, 7);
  const named = (dimension: string, key: string | undefined) =>
    key === undefined ? `no-${dimension}|${currency}|` : `${dimension}|${currency}|${key}`;
  const ids = [
    `total|${currency}|`,
    `day|${currency}|${day}`,
    `month|${currency}|${month}`,
    `kind|${currency}|${line.kind}`,
    named('country', country),
    named('channel', channel),
    named('customer', customer),
    named('product', line.code),
  ];
  if (customer !== undefined) ids.push(`customer-month|${currency}|${JSON.stringify([month, customer])}`);
  if (customer !== undefined && country !== undefined) {
    ids.push(`customer-country|${currency}|${JSON.stringify([country, customer])}`);
  }
  if (line.writtenAs !== undefined && line.writtenAs !== line.code) {
    ids.push(`variant|${currency}|${JSON.stringify([line.code, line.writtenAs])}`);
  }
  return ids;
}

/** quantity × price − minor in hundred-millionths of a major unit. */
function roundedAway(line: Entry['lines'][number], currency: string): bigint {
  const [whole = '', fraction = ''] = line.price.split('.');
  const price = BigInt(whole + fraction.padEnd(8, '0'));
  return BigInt(line.quantity) * price - line.minor * 10n ** BigInt(8 - exponentOf(currency)!);
}

/** All figures of the sales view by document id, money and units as bigints, roundings in hundred-millionths. */
export function salesFigures(events: readonly Recorded<LedgerEvent>[]) {
  const entries = events.flatMap(entriesOf);
  const ids = new Set(entries.flatMap((entry) => entry.lines.flatMap((line) => idsOf(entry, line))));
  return new Map(
    [...ids].map((id) => {
      const touching = (measure: Entry['measure']) =>
        entries
          .filter((entry) => entry.measure === measure)
          .map((entry) => ({ ...entry, lines: entry.lines.filter((line) => idsOf(entry, line).includes(id)) }))
          .filter(({ lines }) => lines.length > 0);
      const linesOf = (measure: Entry['measure']) => touching(measure).flatMap(({ lines }) => lines);
      const minor = (measure: Entry['measure']) => linesOf(measure).reduce((sum, line) => sum + line.minor, 0n);
      const units = (lines: Entry['lines']) => lines.reduce((sum, { quantity }) => sum + BigInt(quantity), 0n);
      const rounding = (measure: Entry['measure']) =>
        touching(measure)
          .flatMap(({ lines, currency }) => lines.map((line) => roundedAway(line, currency)))
          .reduce((a, b) => a + b, 0n);
      const free = linesOf('sold').filter(({ price }) => Number(price) === 0);
      return [
        id,
        {
          orders: touching('sold').length,
          cancelledOrders: touching('cancelled').length,
          creditNotes: touching('credited').length,
          journals: touching('posted').length,
          orderLines: linesOf('sold').length,
          freeLines: free.length,
          cancelledLines: linesOf('cancelled').length,
          creditLines: linesOf('credited').length,
          grossMinor: minor('sold'),
          cancelledMinor: minor('cancelled'),
          returnsMinor: minor('credited'),
          adjustmentsMinor: minor('posted'),
          netMinor: minor('sold') - minor('cancelled') - minor('credited') + minor('posted'),
          grossRounding: rounding('sold'),
          cancelledRounding: rounding('cancelled'),
          returnsRounding: rounding('credited'),
          unitsSold: units(linesOf('sold')),
          unitsFree: units(free),
          unitsCancelled: units(linesOf('cancelled')),
          unitsReturned: units(linesOf('credited')),
        },
      ] as const;
    }),
  );
}

/** On hand, reservations that count at `at` or later, and totals, by document id of the stock view. */
export function stockFigures(events: readonly Recorded<LedgerEvent>[], at: string) {
  const ids = new Set(events.map(({ stream }) => stream).filter((stream) => stream.startsWith('stock-')));
  return new Map(
    [...ids].map((stream) => {
      const mine = events.filter((event) => event.stream === stream);
      const sum = (units: (event: LedgerEvent) => number) => mine.reduce((total, event) => total + units(event), 0);
      const totals = {
        received: sum((event) => (event.type === 'StockReceived' ? event.data.quantity : 0)),
        adjustedUp: sum((event) => (event.type === 'StockAdjusted' ? Math.max(0, event.data.delta) : 0)),
        adjustedDown: sum((event) => (event.type === 'StockAdjusted' ? Math.max(0, -event.data.delta) : 0)),
        reserved: sum((event) => (event.type === 'StockReserved' ? event.data.quantity : 0)),
        released: sum((event) => (event.type === 'ReservationReleased' ? event.data.quantity : 0)),
        shipped: sum((event) => (event.type === 'StockShipped' ? event.data.quantity : 0)),
        returned: sum((event) => (event.type === 'StockReturned' ? event.data.quantity : 0)),
      };
      /** Units that later movements took out of a reservation. */
      const gone = (reservationId: string): number =>
        sum((event) =>
          (event.type === 'StockShipped' || event.type === 'ReservationReleased') &&
          event.data.reservationId === reservationId
            ? event.data.quantity
            : 0,
        );
      const reserved = mine
        .flatMap((event) => (event.type === 'StockReserved' ? [event.data] : []))
        .filter(({ expiresAt }) => expiresAt > at)
        .reduce((total, { reservationId, quantity }) => total + quantity - gone(reservationId), 0);
      const onHand = totals.received + totals.adjustedUp + totals.returned - totals.adjustedDown - totals.shipped;
      return [stream.slice('stock-'.length), { totals, onHand, reserved, movements: mine.length }] as const;
    }),
  );
}
