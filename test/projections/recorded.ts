import { lineTotal } from '../../src/domain/money.js';
import type { CreditLine, CreditNoteEvent } from '../../src/domain/credit-note/credit-note.events.js';
import type { Metadata, Recorded } from '../../src/domain/fact.js';
import type { JournalEvent } from '../../src/domain/journal/journal.events.js';
import type { LedgerEvent } from '../../src/domain/ledger.events.js';
import type { OrderEvent, OrderLine } from '../../src/domain/order/order.events.js';
import type { PaymentEvent } from '../../src/domain/payment/payment.events.js';
import type { ProductEvent } from '../../src/domain/product/product.events.js';
import type { StockEvent } from '../../src/domain/stock/stock.events.js';
import {
  creditNoteStream,
  customerStream,
  journalStream,
  orderStream,
  paymentStream,
  productStream,
  providerEventStream,
  stockStream,
} from '../../src/domain/streams.js';

/** The stream that an event belongs on. */
export function streamOf(event: LedgerEvent): string {
  switch (event.type) {
    case 'ProductListed':
    case 'PriceChanged':
    case 'ProductDiscontinued':
      return productStream(event.data.sku);
    case 'StockReceived':
    case 'StockAdjusted':
    case 'StockReserved':
    case 'ReservationReleased':
    case 'StockShipped':
    case 'StockReturned':
    case 'StockCounted':
    case 'ReservationExtended':
    case 'ReservationExpired':
    case 'ReservationCommitted':
    case 'DamagedStockWrittenOff':
    case 'StockTransferredOut':
    case 'StockTransferredIn':
    case 'BackorderPolicySet':
      return stockStream(event.data.sku, event.data.location);
    case 'OrderDrafted':
    case 'DraftChanged':
    case 'DraftDiscarded':
    case 'OrderPlaced':
    case 'OrderRiskAssessed':
    case 'OrderRiskReviewed':
    case 'OrderConfirmed':
    case 'OrderCancelled':
    case 'OrderRejected':
    case 'OrderLinesCancelled':
    case 'OrderEdited':
    case 'OrderShipped':
    case 'OrderDelivered':
    case 'OrderCompleted':
    case 'OrderReturned':
    case 'ReturnRequested':
    case 'ReturnReceived':
      return orderStream(event.data.orderId);
    case 'PaymentRecorded':
    case 'PaymentRefunded':
    case 'PaymentInitiated':
    case 'AuthorizationRequested':
    case 'AuthorizationSucceeded':
    case 'AuthorizationFailed':
    case 'ActionRequired':
    case 'AuthorizationExpired':
    case 'CaptureRequested':
    case 'CaptureSucceeded':
    case 'CaptureFailed':
    case 'VoidRequested':
    case 'VoidSucceeded':
    case 'VoidFailed':
    case 'RefundRequested':
    case 'RefundSucceeded':
    case 'RefundFailed':
    case 'RefundReversed':
    case 'OutcomeContradicted':
    case 'DisputeOpened':
    case 'DisputeWon':
    case 'DisputeLost':
      return paymentStream(event.data.paymentId);
    case 'ProviderEventReceived':
      return providerEventStream(event.data.provider, event.data.eventId);
    case 'CreditNoteIssued':
      return creditNoteStream(event.data.creditNoteId);
    case 'JournalPosted':
      return journalStream(event.data.journalId);
    case 'CustomerRegistered':
    case 'CustomerChanged':
    case 'CustomerErased':
      return customerStream(event.data.customerId);
  }
}

/** A fact with the times of its metadata, before the log has it. */
export type Told<E extends LedgerEvent = LedgerEvent> = Readonly<{
  event: E;
  at?: string;
  recordedAt?: string;
  principal?: string;
}>;

export const NOON = '2011-08-12T12:00:00.000Z';

/** The facts as a log that took them in this order would give them back. Revisions count per stream. */
export function recorded(told: readonly Told[]): readonly Recorded<LedgerEvent>[] {
  const revisions = new Map<string, bigint>();
  return told.map(({ event, at = NOON, recordedAt = at, principal = 'clerk' }, index) => {
    const stream = streamOf(event);
    const revision = (revisions.get(stream) ?? -1n) + 1n;
    revisions.set(stream, revision);
    const commandId = `${stream}/${revision}`;
    const metadata: Metadata = {
      schemaVersion: 1,
      commandId,
      commandHash: 'hash',
      correlationId: commandId,
      causationId: commandId,
      principal,
      occurredAt: at,
      recordedAt,
    };
    return { ...event, id: `id of ${commandId}`, stream, revision, position: BigInt(index * 3 + 1), metadata };
  });
}

type Of<T extends LedgerEvent['type']> = Extract<LedgerEvent, { type: T }>;
type Data<T extends LedgerEvent['type']> = Of<T>['data'];

export const SKU = '22423';
export const SHELF = { sku: SKU, location: 'main' } as const;

export const listed = (data: Partial<Data<'ProductListed'>> = {}): ProductEvent => ({
  type: 'ProductListed',
  data: { sku: SKU, name: 'REGENCY CAKESTAND', prices: [{ amount: '12.75', currency: 'GBP' }], ...data },
});
export const received = (quantity: number, at: { sku: string; location: string } = SHELF): StockEvent => ({
  type: 'StockReceived',
  data: { ...at, quantity },
});
export const adjusted = (delta: number, reference?: string, sku: string = SKU): StockEvent => ({
  type: 'StockAdjusted',
  data: { sku, location: 'main', delta, reason: 'count', ...(reference === undefined ? {} : { reference }) },
});
export const reserved = (reservationId: string, quantity: number, expiresAt: string): StockEvent => ({
  type: 'StockReserved',
  data: { ...SHELF, reservationId, quantity, expiresAt },
});
export const released = (reservationId: string, quantity: number): StockEvent => ({
  type: 'ReservationReleased',
  data: { ...SHELF, reservationId, quantity },
});
export const shippedStock = (quantity: number, reservationId?: string): StockEvent => ({
  type: 'StockShipped',
  data: { ...SHELF, quantity, ...(reservationId === undefined ? {} : { reservationId }) },
});
/** The same, of a reservation that had been committed. */
export const shippedCommitted = (quantity: number, reservationId: string): StockEvent => ({
  type: 'StockShipped',
  data: { ...SHELF, quantity, reservationId, committed: true },
});
export const extendedReservation = (reservationId: string, quantity: number, expiresAt: string): StockEvent => ({
  type: 'ReservationExtended',
  data: { ...SHELF, reservationId, quantity, expiresAt },
});
export const expiredReservation = (reservationId: string, quantity: number, expiresAt: string): StockEvent => ({
  type: 'ReservationExpired',
  data: { ...SHELF, reservationId, quantity, expiresAt },
});
export const committedReservation = (reservationId: string, quantity: number): StockEvent => ({
  type: 'ReservationCommitted',
  data: { ...SHELF, reservationId, quantity },
});
export const countedStock = (counted: number, delta: number, reference?: string): StockEvent => ({
  type: 'StockCounted',
  data: { ...SHELF, counted, delta, reason: 'yearly', ...(reference === undefined ? {} : { reference }) },
});
export const sentTo = (to: string, quantity: number, from = 'main'): StockEvent => ({
  type: 'StockTransferredOut',
  data: { sku: SKU, location: from, transferId: 't1', to, quantity },
});
export const arrivedFrom = (from: string, quantity: number, location: string): StockEvent => ({
  type: 'StockTransferredIn',
  data: { sku: SKU, location, transferId: 't1', from, quantity },
});
export const writtenOff = (quantity: number): StockEvent => ({
  type: 'DamagedStockWrittenOff',
  data: { ...SHELF, quantity, reason: 'scrapped' },
});
export const backorders = (limit: number): StockEvent => ({ type: 'BackorderPolicySet', data: { ...SHELF, limit } });
export const returnedStock = (quantity: number, condition?: 'damaged'): StockEvent => ({
  type: 'StockReturned',
  data: { ...SHELF, quantity, ...(condition === undefined ? {} : { condition }) },
});

/** Lines numbered and priced as the decider does it. */
export const lines = <L extends { quantity: number; unitPrice: string }>(
  currency: string,
  ...unpriced: readonly L[]
): readonly (L & { line: number; minor: bigint })[] =>
  unpriced.map((line, index) => ({
    ...line,
    line: index + 1,
    minor: lineTotal(line.quantity, line.unitPrice, currency),
  }));

type UnpricedLine = Omit<OrderLine, 'line' | 'minor'>;
export const goods = (quantity: number, unitPrice: string, sku: string = SKU): UnpricedLine => ({
  kind: 'goods',
  sku,
  quantity,
  unitPrice,
});

const totalOf = (priced: readonly { minor: bigint }[]): bigint => priced.reduce((sum, { minor }) => sum + minor, 0n);

export function placed(
  unpriced: readonly UnpricedLine[],
  data: Partial<Omit<Data<'OrderPlaced'>, 'lines' | 'totalMinor'>> = {},
): Of<'OrderPlaced'> {
  const { orderId = 'o1', currency = 'GBP', ...rest } = data;
  const priced = lines(currency, ...unpriced);
  return { type: 'OrderPlaced', data: { orderId, currency, lines: priced, totalMinor: totalOf(priced), ...rest } };
}
/** Repeats the order as its decider does. */
export function cancelled({ data: { documentDay: _, ...content } }: Of<'OrderPlaced'>): OrderEvent {
  return { type: 'OrderCancelled', data: { ...content, reason: 'changed their mind' } };
}
export const confirmed = (orderId = 'o1'): OrderEvent => ({ type: 'OrderConfirmed', data: { orderId } });
export const shipped = (...named: readonly (readonly [line: number, quantity: number])[]): OrderEvent => ({
  type: 'OrderShipped',
  data: { orderId: 'o1', lines: named.map(([line, quantity]) => ({ line, quantity })) },
});
export const returned = (...named: readonly (readonly [line: number, quantity: number])[]): OrderEvent => ({
  type: 'OrderReturned',
  data: { orderId: 'o1', lines: named.map(([line, quantity]) => ({ line, quantity })) },
});

export const paid = (minor: bigint, paymentId = 'p1', orderId = 'o1', currency = 'GBP'): PaymentEvent => ({
  type: 'PaymentRecorded',
  data: { paymentId, orderId, amount: { minor, currency }, method: 'card' },
});
export const refundedPayment = (minor: bigint, refundId = 'r1', paymentId = 'p1', orderId = 'o1'): PaymentEvent => ({
  type: 'PaymentRefunded',
  data: { paymentId, orderId, refundId, amount: { minor, currency: 'GBP' }, reason: 'returned' },
});

export function credited(
  unpriced: readonly Omit<CreditLine, 'line' | 'minor'>[],
  data: Partial<Omit<Data<'CreditNoteIssued'>, 'lines' | 'totalMinor'>> = {},
): CreditNoteEvent {
  const { creditNoteId = 'c1', currency = 'GBP', reason = 'returned', ...rest } = data;
  const priced = lines(currency, ...unpriced);
  return {
    type: 'CreditNoteIssued',
    data: { creditNoteId, currency, reason, lines: priced, totalMinor: totalOf(priced), ...rest },
  };
}

export const posted = (
  legs: readonly (readonly [account: string, side: 'debit' | 'credit', minor: bigint, currency?: string])[],
  data: Partial<Omit<Data<'JournalPosted'>, 'legs'>> = {},
): JournalEvent => ({
  type: 'JournalPosted',
  data: {
    journalId: 'j1',
    description: 'by hand',
    legs: legs.map(([account, side, minor, currency = 'GBP']) => ({ account, side, amount: { minor, currency } })),
    ...data,
  },
});
