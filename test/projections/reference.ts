import { exponentOf } from '../../src/domain/currencies.js';
import type { Recorded } from '../../src/domain/fact.js';
import type { LedgerEvent } from '../../src/domain/ledger.events.js';

/** Slow and obvious second opinions on the figures of two views: everything is filtered out of the whole log anew. */

/** A document of an order, credit note or journal in one currency, with signs as revenue has them. */
type Entry = Readonly<{
  measure: 'sold' | 'edited' | 'cancelled' | 'withdrawn' | 'credited' | 'posted';
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
    /** Its share of discounts and shipping. */
    shared: bigint;
    /** 1, or -1 for a line that an edit took away. */
    count: number;
  }>[];
}>;

type Amounts =
  | Extract<LedgerEvent, { type: 'OrderPlaced' }>['data']
  | Extract<LedgerEvent, { type: 'OrderEdited' }>['data']['before'];

/** Lines with their shares of all but tax, `sign` 1 or -1. */
const orderLines = ({ lines, adjustments = [] }: Amounts, sign = 1): Entry['lines'] =>
  lines.map(({ line, kind, sku, writtenAs, quantity, unitPrice, minor }) => {
    const shares = adjustments
      .filter((adjustment) => adjustment.kind !== 'tax')
      .flatMap(({ allocations }) => allocations)
      .filter((share) => share.line === line);
    const shared = BigInt(sign) * shares.reduce((sum, share) => sum + share.minor, 0n);
    const signed = { quantity: sign * quantity, minor: BigInt(sign) * minor };
    return { kind, code: sku, writtenAs, ...signed, price: unitPrice, shared, count: sign };
  });

function entriesOf(event: Recorded<LedgerEvent>): readonly Entry[] {
  const utcDay = event.metadata.occurredAt.slice(0, 10);
  if (
    event.type === 'OrderPlaced' ||
    event.type === 'OrderCancelled' ||
    event.type === 'OrderRejected' ||
    event.type === 'OrderLinesCancelled' ||
    event.type === 'OrderEdited'
  ) {
    const { currency, customerId: customer, country, channel } = event.data;
    const day = (event.type === 'OrderPlaced' ? event.data.documentDay : undefined) ?? utcDay;
    const before = event.type === 'OrderEdited' ? orderLines(event.data.before, -1) : [];
    const lines = [...orderLines(event.data), ...before];
    return [{ measure: MEASURES[event.type], currency, day, customer, country, channel, lines }];
  }
  if (event.type === 'CreditNoteIssued') {
    const { currency, customerId: customer, country, lines, documentDay: day = utcDay } = event.data;
    const own = lines.map(({ kind, sku, writtenAs, quantity, unitPrice, minor }) => {
      return { kind, code: sku, writtenAs, quantity, price: unitPrice, minor, shared: 0n, count: 1 };
    });
    return [{ measure: 'credited', currency, day, customer, country, channel: undefined, lines: own }];
  }
  if (event.type !== 'JournalPosted') return [];
  const { legs, product, customerId, country, documentDay } = event.data;
  const onRevenue = legs.filter(({ account }) => account.split(':')[0] === 'revenue');
  const currencies = [...new Set(onRevenue.map(({ amount }) => amount.currency))];
  return currencies.map((currency) => {
    const mine = onRevenue.filter(({ amount }) => amount.currency === currency);
    const signed = mine.map(({ side, amount }) => (side === 'credit' ? amount.minor : -amount.minor));
    const minor = signed.reduce((a, b) => a + b, 0n);
    const none = { writtenAs: undefined, quantity: 0, price: '0', shared: 0n, count: 0 };
    const line = { kind: 'journal', code: product, minor, ...none };
    const day = documentDay ?? utcDay;
    return { measure: 'posted', currency, day, customer: customerId, country, channel: undefined, lines: [line] };
  });
}

const MEASURES = {
  OrderPlaced: 'sold',
  OrderEdited: 'edited',
  OrderCancelled: 'cancelled',
  OrderRejected: 'cancelled',
  OrderLinesCancelled: 'withdrawn',
} as const;

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
      const touching = (...measures: readonly Entry['measure'][]) =>
        entries
          .filter(({ measure }) => measures.includes(measure))
          .map((entry) => ({ ...entry, lines: entry.lines.filter((line) => idsOf(entry, line).includes(id)) }))
          .filter(({ lines }) => lines.length > 0);
      const sold = touching('sold', 'edited');
      const cancelled = touching('cancelled', 'withdrawn');
      const credited = touching('credited');
      const minor = (some: readonly Entry[]) =>
        some.flatMap(({ lines }) => lines).reduce((sum, line) => sum + line.minor + line.shared, 0n);
      const count = (some: readonly Entry[], counts: (line: Entry['lines'][number]) => boolean = () => true) =>
        some.flatMap(({ lines }) => lines.filter(counts)).reduce((sum, line) => sum + line.count, 0);
      const units = (some: readonly Entry[], counts: (line: Entry['lines'][number]) => boolean = () => true) =>
        some.flatMap(({ lines }) => lines.filter(counts)).reduce((sum, { quantity }) => sum + BigInt(quantity), 0n);
      const rounding = (some: readonly Entry[]) =>
        some
          .flatMap(({ lines, currency }) => lines.map((line) => roundedAway(line, currency)))
          .reduce((a, b) => a + b, 0n);
      const isFree = ({ price }: Entry['lines'][number]) => Number(price) === 0;
      return [
        id,
        {
          orders: touching('sold').length,
          cancelledOrders: touching('cancelled').length,
          creditNotes: credited.length,
          journals: touching('posted').length,
          orderLines: count(sold),
          freeLines: count(sold, isFree),
          cancelledLines: count(cancelled),
          creditLines: count(credited),
          grossMinor: minor(sold),
          cancelledMinor: minor(cancelled),
          returnsMinor: minor(credited),
          adjustmentsMinor: minor(touching('posted')),
          netMinor: minor(sold) - minor(cancelled) - minor(credited) + minor(touching('posted')),
          grossRounding: rounding(sold),
          cancelledRounding: rounding(cancelled),
          returnsRounding: rounding(credited),
          unitsSold: units(sold),
          unitsFree: units(sold, isFree),
          unitsCancelled: units(cancelled),
          unitsReturned: units(credited),
        },
      ] as const;
    }),
  );
}

/**
 * By document id of the stock view: what its document says of the shelf (`shelf`), and what is promised there (`offer`) by
 * reservations of which the log does not say that they have expired.
 */
export function stockFigures(events: readonly Recorded<LedgerEvent>[]) {
  const ids = new Set(events.map(({ stream }) => stream).filter((stream) => stream.startsWith('stock-')));
  for (const { type, data } of events) if (type === 'StockTransferredIn') ids.add(`stock-${data.sku}@${data.from}`);
  return new Map(
    [...ids].map((stream) => {
      const mine = events.filter((event) => event.stream === stream);
      const sum = (units: (event: LedgerEvent) => number) => mine.reduce((total, event) => total + units(event), 0);
      const of = (...types: readonly LedgerEvent['type'][]) =>
        sum((event) => (types.includes(event.type) && 'quantity' in event.data ? event.data.quantity : 0));
      const deltas = (type: 'StockAdjusted' | 'StockCounted', sign: 1 | -1) =>
        sum((event) => (event.type === type ? Math.max(0, sign * event.data.delta) : 0));
      const damaged = sum((event) =>
        event.type === 'StockReturned' && event.data.condition === 'damaged' ? event.data.quantity : 0,
      );
      const totals = {
        received: of('StockReceived'),
        adjustedUp: deltas('StockAdjusted', 1),
        adjustedDown: deltas('StockAdjusted', -1),
        countedUp: deltas('StockCounted', 1),
        countedDown: deltas('StockCounted', -1),
        reserved: of('StockReserved'),
        committed: of('ReservationCommitted'),
        released: of('ReservationReleased'),
        expired: of('ReservationExpired'),
        shipped: of('StockShipped'),
        returned: of('StockReturned') - damaged,
        returnedDamaged: damaged,
        writtenOff: of('DamagedStockWrittenOff'),
        transferredOut: of('StockTransferredOut'),
        transferredIn: of('StockTransferredIn'),
      };
      /** Units that later movements took out of a reservation, before (or after) it was committed. */
      const gone = (reservationId: string, committed: true | undefined): number =>
        sum(({ type, data }) =>
          (type === 'StockShipped' || type === 'ReservationReleased') &&
          data.reservationId === reservationId &&
          data.committed === committed
            ? data.quantity
            : 0,
        );
      const committed = mine.flatMap(({ type, data }) => (type === 'ReservationCommitted' ? [data] : []));
      const isOver = (id: string): boolean =>
        mine.some(
          ({ type, data }) =>
            (type === 'ReservationCommitted' || type === 'ReservationExpired') && data.reservationId === id,
        );
      const reserved = mine
        .flatMap(({ type, data }) => (type === 'StockReserved' ? [data] : []))
        .filter(({ reservationId }) => !isOver(reservationId))
        .reduce((total, { reservationId, quantity }) => total + quantity - gone(reservationId, undefined), 0);
      const allocated = committed.reduce(
        (total, { reservationId, quantity }) => total + quantity - gone(reservationId, true),
        0,
      );
      const { received, adjustedUp, countedUp, returned, transferredIn } = totals;
      const { adjustedDown, countedDown, shipped, transferredOut } = totals;
      const added = received + adjustedUp + countedUp + returned + transferredIn;
      const onHand = added - adjustedDown - countedDown - shipped - transferredOut;
      const id = stream.slice('stock-'.length);
      const arrivedElsewhere = events.reduce(
        (total, { type, data }) =>
          type === 'StockTransferredIn' && `${data.sku}@${data.from}` === id ? total + data.quantity : total,
        0,
      );
      const shelf = {
        totals,
        onHand,
        damaged: damaged - totals.writtenOff,
        inTransit: transferredOut - arrivedElsewhere,
        backorderLimit: mine.reduce((now, { type, data }) => (type === 'BackorderPolicySet' ? data.limit : now), 0),
        movements: mine.length,
      };
      const promised = reserved + allocated;
      const backordered = Math.max(0, promised - onHand);
      const offer = { onHand, reserved, allocated, backordered, available: Math.max(0, onHand - promised) };
      return [id, { shelf, offer }] as const;
    }),
  );
}
