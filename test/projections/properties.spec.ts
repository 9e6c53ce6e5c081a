import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exactOf } from '../../src/domain/decimal.js';
import type { LedgerEvent } from '../../src/domain/ledger.events.js';
import { catalog } from '../../src/projections/catalog.projection.js';
import { offerOf } from '../../src/projections/catalog.view.js';
import { projections } from '../../src/projections/index.js';
import { reservations } from '../../src/projections/reservations.projection.js';
import { sales } from '../../src/projections/sales.projection.js';
import type { SalesDocument, SalesFigures } from '../../src/projections/sales.view.js';
import { availabilityOf, nothingHeld } from '../../src/projections/shelf.js';
import { stock } from '../../src/projections/stock.projection.js';
import { stockId } from '../../src/projections/stock.view.js';
import { interleaved, orders, shops } from './histories.js';
import { fold } from './project.js';
import { salesFigures, stockFigures } from './reference.js';

/** Every event type, and the views that fold it. The compiler asks for a row of a new one. */
const FOLDED: Readonly<Record<LedgerEvent['type'], readonly string[]>> = {
  ProductListed: ['catalog'],
  PriceChanged: ['catalog'],
  ProductDiscontinued: ['catalog'],
  StockReceived: ['catalog', 'stock'],
  StockAdjusted: ['catalog', 'stock', 'stock-adjustments'],
  StockReserved: ['catalog', 'stock', 'reservations', 'fulfilment'],
  ReservationReleased: ['catalog', 'stock', 'reservations', 'fulfilment'],
  StockShipped: ['catalog', 'stock', 'reservations', 'fulfilment'],
  StockReturned: ['catalog', 'stock', 'fulfilment'],
  StockCounted: ['catalog', 'stock', 'stock-adjustments'],
  ReservationExtended: ['stock', 'reservations', 'fulfilment'], // of as many units as before
  ReservationExpired: ['catalog', 'stock', 'reservations', 'fulfilment'],
  ReservationCommitted: ['catalog', 'stock', 'reservations', 'fulfilment'],
  DamagedStockWrittenOff: ['stock'], // damaged units are no offer
  StockTransferredOut: ['catalog', 'stock', 'transfers'],
  StockTransferredIn: ['catalog', 'stock', 'transfers'],
  BackorderPolicySet: ['stock'],
  OrderDrafted: ['orders'], // a cart is no sale
  DraftChanged: ['orders'],
  DraftDiscarded: ['orders'],
  OrderPlaced: ['orders', 'fulfilment', 'sales'],
  OrderRiskAssessed: ['orders', 'fulfilment'],
  OrderRiskReviewed: ['orders', 'fulfilment'],
  OrderConfirmed: ['orders', 'fulfilment'], // confirming, shipping and taking back move no revenue
  OrderCancelled: ['orders', 'fulfilment', 'sales'],
  OrderRejected: ['orders', 'fulfilment', 'sales'],
  OrderLinesCancelled: ['orders', 'fulfilment', 'sales'],
  OrderEdited: ['orders', 'sales'],
  OrderShipped: ['orders', 'fulfilment'],
  OrderDelivered: ['orders'],
  OrderCompleted: ['orders', 'fulfilment'],
  OrderReturned: ['orders', 'fulfilment'],
  ReturnRequested: ['orders'],
  ReturnReceived: ['orders', 'fulfilment'],
  PaymentRecorded: ['orders', 'payments', 'fulfilment'], // payments are money moved, not revenue
  PaymentRefunded: ['orders', 'payments', 'fulfilment'],
  PaymentInitiated: ['orders', 'payments', 'fulfilment'],
  AuthorizationRequested: ['orders', 'payments', 'fulfilment'],
  AuthorizationSucceeded: ['orders', 'payments', 'fulfilment'],
  AuthorizationFailed: ['orders', 'payments', 'fulfilment'],
  ActionRequired: ['orders', 'payments', 'fulfilment'],
  AuthorizationExpired: ['orders', 'payments', 'fulfilment'],
  CaptureRequested: ['orders', 'payments', 'fulfilment'],
  CaptureSucceeded: ['orders', 'payments', 'fulfilment'],
  CaptureFailed: ['orders', 'payments', 'fulfilment'],
  VoidRequested: ['orders', 'payments', 'fulfilment'],
  VoidSucceeded: ['orders', 'payments', 'fulfilment'],
  VoidFailed: ['orders', 'payments', 'fulfilment'],
  RefundRequested: ['orders', 'payments', 'fulfilment'],
  RefundSucceeded: ['orders', 'payments', 'fulfilment'],
  RefundFailed: ['orders', 'payments', 'fulfilment'],
  RefundReversed: ['orders', 'payments', 'fulfilment'],
  OutcomeContradicted: ['orders', 'payments', 'fulfilment'],
  DisputeOpened: ['orders', 'payments', 'fulfilment'],
  DisputeWon: ['orders', 'payments', 'fulfilment'],
  DisputeLost: ['orders', 'payments', 'fulfilment'],
  ProviderEventReceived: [],
  CreditNoteIssued: ['orders', 'sales'],
  JournalPosted: ['sales'],
  CustomerRegistered: ['customers'],
  CustomerChanged: ['customers'],
  CustomerErased: ['customers'],
};

describe('the list of projections', () => {
  test.each(Object.entries(FOLDED))('%s is folded by %j', (type, names) => {
    expect(projections.filter(({ types }) => types.includes(type)).map(({ name }) => name)).toEqual(names);
  });

  test('each has its own name', () => {
    expect(new Set(projections.map(({ name }) => name)).size).toBe(projections.length);
  });

  test.each(projections.map((projection) => [projection.name, projection] as const))(
    '%s does not depend on the order of streams',
    (_, projection) => {
      fc.assert(
        fc.property(shops, orders, orders, (streams, one, other) => {
          expect(fold(projection, interleaved(streams, one))).toEqual(fold(projection, interleaved(streams, other)));
        }),
        { numRuns: 40 },
      );
    },
  );

  test.each(projections.map((projection) => [projection.name, projection] as const))(
    '%s keeps what its definition says: documents under their ids, safe integers, keys of the declared types',
    (_, projection) => {
      fc.assert(
        fc.property(shops, orders, (streams, picks) => {
          for (const [id, document] of fold(projection, interleaved(streams, picks))) {
            expect(document._id).toBe(id);
            expect(numbersIn(document).filter((n) => !Number.isSafeInteger(n))).toEqual([]);
            for (const { parts, of } of Object.values(projection.indexes)) {
              const key = of(document);
              if (key === undefined) continue;
              expect(key.map((part) => (typeof part === 'bigint' ? 'integer' : 'text'))).toEqual(parts);
              for (const part of key) if (typeof part === 'bigint') expect(BigInt.asIntN(64, part)).toBe(part);
            }
          }
        }),
        { numRuns: 20 },
      );
    },
  );

  test.each(projections.map((projection) => [projection.name, projection] as const))(
    '%s changes each document at most once per event',
    (_, projection) => {
      fc.assert(
        fc.property(shops, orders, (streams, picks) => {
          for (const event of interleaved(streams, picks)) {
            if (!projection.types.includes(event.type)) continue;
            const ids = projection.changes(event).map(({ id }) => id);
            expect(new Set(ids).size).toBe(ids.length);
          }
        }),
        { numRuns: 20 },
      );
    },
  );
});

describe('sales', () => {
  test('agree with sums over the whole log', () => {
    fc.assert(
      fc.property(shops, orders, (streams, picks) => {
        const events = interleaved(streams, picks);
        const documents = fold(sales, events);
        const expected = salesFigures(events);
        expect([...documents.keys()].sort()).toEqual([...expected.keys()].sort());
        for (const [id, figures] of expected) {
          const fields = Object.keys(figures) as (keyof SalesFigures)[];
          expect([id, plain(documents.get(id)!, fields)]).toEqual([id, figures]);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('of a dimension and its rest add up to the total', () => {
    const measures = ['grossMinor', 'cancelledMinor', 'returnsMinor', 'adjustmentsMinor', 'netMinor'] as const;
    fc.assert(
      fc.property(shops, orders, (streams, picks) => {
        const documents = [...fold(sales, interleaved(streams, picks)).values()];
        for (const total of documents.filter(({ dimension }) => dimension === 'total')) {
          for (const dimension of ['day', 'month', 'country', 'channel', 'customer', 'kind', 'product']) {
            const parts = documents.filter(
              (each) => each.currency === total.currency && [dimension, `no-${dimension}`].includes(each.dimension),
            );
            for (const measure of measures) {
              const sum = parts.reduce((all, part) => all + BigInt(part[measure]), 0n);
              expect([dimension, measure, sum]).toEqual([dimension, measure, BigInt(total[measure])]);
            }
          }
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('reservations', () => {
  test('add up to what their shelves hold and have allocated', () => {
    fc.assert(
      fc.property(shops, orders, (streams, picks) => {
        const events = interleaved(streams, picks);
        const made = [...fold(reservations, events).values()];
        for (const [id, { held, allocated }] of fold(stock, events)) {
          const here = made.filter(({ sku, location }) => stockId(sku, location) === id);
          const left = (status: string): number =>
            here.reduce((sum, each) => sum + (each.status === status ? each.left : 0), 0);
          expect([left('held'), left('committed')]).toEqual([held, allocated]);
          for (const { status, quantity, left: rest, shipped, released, expired } of here) {
            expect(rest + shipped + released + expired).toBe(quantity);
            expect(rest > 0).toBe(status === 'held' || status === 'committed');
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('stock', () => {
  test('agrees with sums over the whole log, in its own view and in the catalog', () => {
    fc.assert(
      fc.property(shops, orders, (streams, picks) => {
        const events = interleaved(streams, picks);
        const documents = fold(stock, events);
        const products = fold(catalog, events);
        const expected = stockFigures(events);
        expect([...documents.keys()].sort()).toEqual([...expected.keys()].sort());
        for (const [id, { shelf, offer }] of expected) {
          const document = documents.get(id)!;
          expect(document).toMatchObject(shelf);
          expect(availabilityOf(document)).toMatchObject(offer);
          const { locations } = offerOf(products.get(document.sku)!);
          const there =
            locations.find(({ location }) => location === document.location) ?? nothingAt(document.location);
          expect(there).toMatchObject(offer);
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** Of a shelf that only what is no offer has been heard of. */
const nothingAt = (location: string) => ({ location, ...availabilityOf(nothingHeld) });

/** The named figures of a document as numbers: texts as bigints, roundings in hundred-millionths. */
function plain(
  document: SalesDocument,
  fields: readonly (keyof SalesFigures)[],
): Readonly<Record<string, number | bigint>> {
  return Object.fromEntries(
    fields.map((field): readonly [string, number | bigint] => {
      const value = document[field];
      if (typeof value === 'number') return [field, value];
      const { units, scale } = exactOf(value);
      return [field, field.endsWith('Rounding') ? units * 10n ** BigInt(8 - scale) : BigInt(value)];
    }),
  );
}

function numbersIn(value: unknown): readonly number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}
