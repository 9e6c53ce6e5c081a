import fc from 'fast-check';
import { lineTotal } from '../../src/domain/money.js';
import type { CreditLine } from '../../src/domain/credit-note/credit-note.events.js';
import type { LedgerEvent } from '../../src/domain/ledger.events.js';
import type { OrderCommand } from '../../src/domain/order/order.commands.js';
import { order } from '../../src/domain/order/order.decider.js';
import type { OrderEvent, RequestedAdjustment } from '../../src/domain/order/order.events.js';
import type { ProductEvent } from '../../src/domain/product/product.events.js';
import type { StockEvent } from '../../src/domain/stock/stock.events.js';
import { recorded, type Told } from './recorded.js';

/** One stream's facts in their order, with the times of their metadata. */
type Stream = readonly Required<Omit<Told, 'principal'>>[];

const SKUS = ['22423', '85123A', 'POST'];
const ORDERS = ['o1', 'o2', 'o3'];
const CURRENCIES = ['GBP', 'JPY', 'KWD'];
const PRICES = ['0', '1', '2.55', '0.001', '0.005', '0.0155', '12.345678', '1000000.5'];

const skus = fc.constantFrom(...SKUS);
const currencies = fc.constantFrom(...CURRENCIES);
const quantities = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(1_000_000_000));
const minors = fc.bigInt({ min: 1n, max: 2n ** 60n });
const days = fc.constantFrom('2010-12-31', '2011-01-01', '2011-02-01');
const instants = fc
  .integer({ min: Date.UTC(2010, 11, 30), max: Date.UTC(2011, 1, 3) })
  .map((ms) => new Date(ms).toISOString());
const parties = fc.record(
  {
    customerId: fc.constantFrom('17850', 'a|b', ''),
    country: fc.constantFrom('EIRE', 'X|Y', ''),
    documentDay: days,
  },
  { requiredKeys: [] },
);

/** Facts with business times that may go back, as clients may send them, and recording times that do not. */
const timed = (events: readonly LedgerEvent[]): fc.Arbitrary<Stream> =>
  fc.tuple(...events.map(() => fc.tuple(instants, fc.integer({ min: 0, max: 86_400_000 })))).map((times) => {
    let ms = Date.UTC(2011, 0, 1);
    return events.map((event, index) => {
      const [at, later] = times[index]!;
      return { event, at, recordedAt: new Date((ms += later)).toISOString() };
    });
  });

const line = <K extends string>(kinds: readonly K[]) =>
  fc.record(
    {
      kind: fc.constantFrom(...kinds),
      sku: skus,
      quantity: quantities,
      unitPrice: fc.constantFrom(...PRICES),
      name: fc.constantFrom('HEART', 'CAKESTAND'),
      writtenAs: fc.constantFrom('85123a', '85123A', '22423'),
    },
    { requiredKeys: ['kind', 'sku', 'quantity', 'unitPrice'] },
  );
const numbered = <L extends { quantity: number; unitPrice: string }>(lines: readonly L[], currency: string) =>
  lines.map((each, index) => ({
    ...each,
    line: index + 1,
    minor: lineTotal(each.quantity, each.unitPrice, currency),
  }));
const totalOf = (lines: readonly { minor: bigint }[]): bigint => lines.reduce((sum, { minor }) => sum + minor, 0n);

const adjustments: fc.Arbitrary<readonly RequestedAdjustment[]> = fc.subarray([
  { kind: 'discount', code: 'SPRING', minor: -1n },
  { kind: 'discount', code: 'LOYAL', minor: -250n },
  { kind: 'shipping', code: 'DHL', minor: 491n },
  { kind: 'tax', code: 'VAT', minor: 77n },
]);

/** What the decider makes of commands, those that it refuses left out. */
function decided(commands: readonly OrderCommand[]): readonly OrderEvent[] {
  let state = order.initial;
  return commands.flatMap((command) => {
    const decision = order.decide(command, state, '2011-01-01T00:00:00.000Z');
    const events = decision.outcome === 'accepted' ? decision.events : [];
    state = events.reduce((before, event) => order.evolve(before, event), state);
    return events;
  });
}

const orderLine = line(['goods', 'charge', 'voucher'] as const);
/** What may become of order `orderId`; most of it happens to most orders, in any order. */
const steps = (orderId: string): fc.Arbitrary<OrderCommand> => {
  const named = fc.array(
    fc.record({ line: fc.integer({ min: 1, max: 6 }), quantity: fc.integer({ min: 1, max: 3 }) }),
    {
      minLength: 1,
      maxLength: 2,
    },
  );
  const reason = 'changed their mind';
  return fc.oneof(
    named.map((lines): OrderCommand => ({ type: 'CancelLines', data: { orderId, lines, reason } })),
    fc
      .record({
        line: fc.integer({ min: 1, max: 6 }),
        added: orderLine,
        asked: fc.option(adjustments, { nil: undefined }),
      })
      .map(({ line: number, added, asked }): OrderCommand => {
        const changes = { setQuantities: [{ line: number, quantity: 4 }], addLines: [added] };
        const data = {
          orderId,
          changes: asked === undefined ? changes : { ...changes, setAdjustments: asked },
          reason,
        };
        return { type: 'EditOrder', data };
      }),
    named.map((lines): OrderCommand => ({ type: 'ShipOrder', data: { orderId, lines } })),
    named.map((lines): OrderCommand => ({ type: 'ReturnOrder', data: { orderId, lines } })),
    named.map((lines): OrderCommand => ({
      type: 'RequestReturn',
      data: { orderId, returnId: 'ret_1', lines, reason },
    })),
    named.map((lines): OrderCommand => {
      const received = lines.map((each) => ({ ...each, condition: 'damaged' as const }));
      return { type: 'ReceiveReturn', data: { orderId, returnId: 'ret_1', lines: received } };
    }),
    fc.constantFrom<OrderCommand[]>(
      { type: 'ConfirmOrder', data: { orderId } },
      { type: 'ConfirmOrder', data: { orderId } },
      { type: 'ShipOrder', data: { orderId } },
      { type: 'DeliverOrder', data: { orderId } },
      { type: 'CompleteOrder', data: { orderId } },
      { type: 'CancelOrder', data: { orderId, reason } },
      { type: 'RejectOrder', data: { orderId, code: 'card_declined', reason } },
    ),
  );
};

const orderStream = (orderId: string): fc.Arbitrary<Stream> =>
  fc
    .record({
      head: fc.record(
        { currency: currencies, channel: fc.constantFrom('web', 'till') },
        { requiredKeys: ['currency'] },
      ),
      parties,
      lines: fc.array(orderLine, { minLength: 1, maxLength: 5 }),
      asked: adjustments,
      draft: fc.boolean(),
      then: fc.array(steps(orderId), { maxLength: 8 }),
    })
    .chain(({ head, parties: known, lines, asked, draft, then }) => {
      const content = { ...head, ...known, orderId, lines };
      const drafted: OrderCommand = { type: 'DraftOrder', data: { orderId, currency: head.currency, lines: [] } };
      return timed(
        decided([
          ...(draft ? [drafted] : []),
          { type: 'PlaceOrder', data: { ...content, adjustments: asked } },
          { type: 'PlaceOrder', data: content }, // where the goods do not bear the discounts
          ...then,
        ]),
      );
    });

const paymentStream = (paymentId: string): fc.Arbitrary<Stream> =>
  fc
    .record({ orderId: fc.constantFrom(...ORDERS), currency: currencies, parts: fc.array(minors, { maxLength: 3 }) })
    .chain(({ orderId, currency, parts }) => {
      const minor = parts.reduce((sum, each) => sum + each, 1n);
      const amount = { minor, currency };
      return timed([
        { type: 'PaymentRecorded', data: { paymentId, orderId, amount, method: 'card' } },
        ...parts.map((each, index) => ({
          type: 'PaymentRefunded' as const,
          data: { paymentId, orderId, refundId: `r${index}`, amount: { minor: each, currency }, reason: 'returned' },
        })),
      ]);
    });

const creditNoteStream = (creditNoteId: string): fc.Arbitrary<Stream> =>
  fc
    .record({
      currency: currencies,
      parties,
      lines: fc.array(
        fc.tuple(line<CreditLine['kind']>(['goods', 'charge', 'discount', 'fee', 'voucher']), fc.subarray(ORDERS)),
        { minLength: 1, maxLength: 4 },
      ),
    })
    .chain(({ currency, parties: known, lines }) => {
      const priced = numbered(
        lines.map(([each, orders]) => ({
          ...each,
          quantity: each.quantity + ORDERS.length, // enough to name one unit of every order
          origins: orders.map((orderId) => ({ orderId, line: 1, quantity: 1 })),
        })),
        currency,
      );
      const data = { creditNoteId, currency, lines: priced, totalMinor: totalOf(priced), reason: 'returned', ...known };
      return timed([{ type: 'CreditNoteIssued', data }]);
    });

const journalStream = (journalId: string): fc.Arbitrary<Stream> =>
  fc
    .record({
      parties,
      product: fc.option(skus, { nil: undefined }),
      legs: fc.array(
        fc.record({
          account: fc.constantFrom('revenue', 'revenue:bad-debts', 'assets:cash', 'revenues'),
          side: fc.constantFrom('debit' as const, 'credit' as const),
          amount: fc.record({ minor: minors, currency: currencies }),
        }),
        { minLength: 2, maxLength: 4 },
      ),
    })
    .chain(({ parties: known, product, legs }) =>
      timed([
        {
          type: 'JournalPosted',
          data: { journalId, description: 'by hand', legs, ...known, ...(product === undefined ? {} : { product }) },
        },
      ]),
    );

const productStream = (sku: string): fc.Arbitrary<Stream> =>
  fc
    .array(fc.record({ amount: fc.constantFrom(...PRICES), currency: currencies }), { maxLength: 3 })
    .chain((prices) => {
      const listed: ProductEvent = { type: 'ProductListed', data: { sku, name: `name of ${sku}`, prices: [] } };
      const changes = prices.map((price): ProductEvent => ({ type: 'PriceChanged', data: { sku, price } }));
      return timed([listed, ...changes]);
    });

const movements = fc.record({
  type: fc.constantFrom(
    ...([
      'receive',
      'up',
      'down',
      'count',
      'reserve',
      'extend',
      'expire',
      'commit',
      'release',
      'ship',
      'ship reserved',
    ] as const),
    ...(['return', 'return damaged', 'write off', 'allow'] as const),
    ...(['send', 'send', 'send', 'arrive', 'arrive', 'arrive'] as const), // often, so that both sides are there
  ),
  quantity: fc.integer({ min: 1, max: 9 }),
  reference: fc.option(fc.constantFrom('536365', 'a|b'), { nil: undefined }),
  expiresAt: instants,
  place: fc.constantFrom('main', 'york'),
});

/** The next transfer from one shelf to another, the same for both: what was sent is what arrives, once. */
const transfer = (to: string, next: number) => ({ transferId: `${to}-${next}`, quantity: next });

/** Only movements that leave no less than nothing, of reservations that are there. */
const stockStream = (sku: string, location: string): fc.Arbitrary<Stream> =>
  fc.array(movements, { minLength: 1, maxLength: 16 }).chain((drawn) => {
    let onHand = 0;
    let damaged = 0;
    const sent = new Map<string, number>();
    const arrived = new Map<string, number>();
    const open: { reservationId: string; quantity: number; expiresAt: string; committed: boolean }[] = [];
    const events = drawn.flatMap(({ type, quantity, reference, expiresAt, place }, index): readonly StockEvent[] => {
      const shelf = { sku, location };
      const at = { ...shelf, ...(reference === undefined ? {} : { reference }) };
      const other = place === location ? 'bath' : place;
      const reservation = open[0];
      const mark = reservation?.committed ? { committed: true as const } : {};
      switch (type) {
        case 'receive':
          onHand += quantity;
          return [{ type: 'StockReceived', data: { ...at, quantity } }];
        case 'return':
          onHand += quantity;
          return [{ type: 'StockReturned', data: { ...at, quantity } }];
        case 'return damaged':
          damaged += quantity;
          return [{ type: 'StockReturned', data: { ...at, quantity, condition: 'damaged' } }];
        case 'write off':
          if (damaged < quantity) return [];
          damaged -= quantity;
          return [{ type: 'DamagedStockWrittenOff', data: { ...at, quantity, reason: 'scrapped' } }];
        case 'up':
          onHand += quantity;
          return [{ type: 'StockAdjusted', data: { ...at, delta: quantity, reason: 'count' } }];
        case 'down':
          if (onHand < quantity) return [];
          onHand -= quantity;
          return [{ type: 'StockAdjusted', data: { ...at, delta: -quantity, reason: 'count' } }];
        case 'count': {
          const delta = quantity - onHand;
          onHand = quantity;
          return [{ type: 'StockCounted', data: { ...at, counted: quantity, delta, reason: 'yearly' } }];
        }
        case 'ship':
          if (onHand < quantity) return [];
          onHand -= quantity;
          return [{ type: 'StockShipped', data: { ...at, quantity } }];
        case 'send': {
          const next = sent.get(other) ?? 1;
          if (onHand < next) return [];
          sent.set(other, next + 1);
          onHand -= next;
          return [{ type: 'StockTransferredOut', data: { ...shelf, ...transfer(other, next), to: other } }];
        }
        case 'arrive': {
          const next = arrived.get(other) ?? 1;
          arrived.set(other, next + 1);
          onHand += next;
          return [{ type: 'StockTransferredIn', data: { ...shelf, ...transfer(location, next), from: other } }];
        }
        case 'allow':
          return [{ type: 'BackorderPolicySet', data: { ...shelf, limit: quantity - 1 } }];
        case 'reserve':
          open.push({ reservationId: `r${index}`, quantity, expiresAt, committed: false });
          return [{ type: 'StockReserved', data: { ...at, reservationId: `r${index}`, quantity, expiresAt } }];
        case 'extend': {
          if (reservation === undefined || reservation.committed || expiresAt <= reservation.expiresAt) return [];
          reservation.expiresAt = expiresAt;
          const { reservationId, quantity: held } = reservation;
          return [{ type: 'ReservationExtended', data: { ...shelf, reservationId, quantity: held, expiresAt } }];
        }
        case 'expire': {
          if (reservation === undefined || reservation.committed) return [];
          open.shift();
          const { reservationId, quantity: held, expiresAt: ended } = reservation;
          return [{ type: 'ReservationExpired', data: { ...shelf, reservationId, quantity: held, expiresAt: ended } }];
        }
        case 'commit': {
          if (reservation === undefined || reservation.committed) return [];
          reservation.committed = true;
          const { reservationId, quantity: held } = reservation;
          return [{ type: 'ReservationCommitted', data: { ...shelf, reservationId, quantity: held } }];
        }
        case 'release': {
          if (reservation === undefined) return [];
          open.shift();
          const { reservationId, quantity: held } = reservation;
          return [{ type: 'ReservationReleased', data: { ...shelf, reservationId, quantity: held, ...mark } }];
        }
        case 'ship reserved': {
          if (reservation === undefined || onHand < 1) return [];
          onHand -= 1;
          reservation.quantity -= 1;
          if (reservation.quantity === 0) open.shift();
          const { reservationId } = reservation;
          return [{ type: 'StockShipped', data: { ...at, quantity: 1, reservationId, ...mark } }];
        }
        default:
          return [];
      }
    });
    return timed(events);
  });

/** The streams of a small shop: several documents touch each product, day, customer and order. */
export const shops: fc.Arbitrary<readonly Stream[]> = fc.tuple(
  ...ORDERS.map(orderStream),
  ...['p1', 'p2', 'p3'].map(paymentStream),
  ...['c1', 'c2'].map(creditNoteStream),
  ...['j1', 'j2'].map(journalStream),
  ...SKUS.map(productStream),
  stockStream('22423', 'main'),
  stockStream('22423', 'york'),
  stockStream('85123A', 'main'),
);

/** The events of a log that took the streams in some order, each stream in its own. `picks` decides which goes next. */
export function interleaved(streams: readonly Stream[], picks: readonly number[]) {
  const left = streams.map((stream) => [...stream]);
  const told: Told[] = [];
  for (let turn = 0; left.some((stream) => stream.length > 0); turn += 1) {
    const open = left.filter((stream) => stream.length > 0);
    told.push(open[(picks[turn % picks.length] ?? 0) % open.length]!.shift()!);
  }
  return recorded(told);
}

/** What `interleaved` takes; a few numbers, gone through again and again, make any kind of order. */
export const orders = fc.array(fc.nat({ max: 1_000 }), { minLength: 1, maxLength: 40 });
