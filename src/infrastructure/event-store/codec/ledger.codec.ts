import type { CreditLine, CreditNoteEvent } from '../../../domain/credit-note/credit-note.events.js';
import type { JournalEvent, Leg } from '../../../domain/journal/journal.events.js';
import type { LedgerEvent } from '../../../domain/ledger.events.js';
import type { Money, UnitPrice } from '../../../domain/money.js';
import type { LineQuantity, OrderContent, OrderEvent, OrderLine } from '../../../domain/order/order.events.js';
import type { PaymentEvent } from '../../../domain/payment/payment.events.js';
import type { ProductEvent } from '../../../domain/product/product.events.js';
import { NEWS, type ProviderEvent, type ProviderNews } from '../../../domain/provider-event/provider-event.events.js';
import type { StockEvent } from '../../../domain/stock/stock.events.js';
import { bigint, calendarDay, instant, integer, list, object, oneOf, optional, text, type Fields } from './codec.js';
import { eventCodec, type EventShapes } from './event-codec.js';

const money = object<Money>({ minor: bigint, currency: text });
const unitPrice = object<UnitPrice>({ amount: text, currency: text });

const product: EventShapes<ProductEvent> = {
  ProductListed: { sku: text, name: text, prices: list(unitPrice) },
  PriceChanged: { sku: text, price: unitPrice },
  ProductDiscontinued: { sku: text },
};

const atShelf = { sku: text, location: text };
const movement = { ...atShelf, reference: optional(text) };
const stock: EventShapes<StockEvent> = {
  StockReceived: { ...movement, quantity: integer },
  StockAdjusted: { ...movement, delta: integer, reason: text },
  StockReserved: { ...movement, reservationId: text, quantity: integer, expiresAt: instant },
  ReservationReleased: { ...atShelf, reservationId: text, quantity: integer },
  StockShipped: { ...movement, quantity: integer, reservationId: optional(text) },
  StockReturned: { ...movement, quantity: integer },
};

const orderLine = object<OrderLine>({
  line: integer,
  kind: oneOf('goods', 'charge', 'voucher'),
  sku: text,
  quantity: integer,
  unitPrice: text,
  minor: bigint,
  name: optional(text),
  writtenAs: optional(text),
});
const lineQuantity = object<LineQuantity>({ line: integer, quantity: integer });
const orderContent: Fields<OrderContent> = {
  orderId: text,
  customerId: optional(text),
  country: optional(text),
  channel: optional(text),
  currency: text,
  lines: list(orderLine),
  totalMinor: bigint,
};
const order: EventShapes<OrderEvent> = {
  OrderPlaced: { ...orderContent, documentDay: optional(calendarDay) },
  OrderConfirmed: { orderId: text },
  OrderCancelled: { ...orderContent, reason: text },
  OrderShipped: { orderId: text, lines: list(lineQuantity) },
  OrderReturned: { orderId: text, lines: list(lineQuantity), creditNoteId: optional(text) },
};

const aboutPayment = { paymentId: text, orderId: text };
const operation = { ...aboutPayment, operationId: text };
const paymentProvider = oneOf('sandbox', 'stripe');
const requested = { ...operation, authorizationReference: text, provider: paymentProvider };
const refused = { ...operation, code: text, reason: text };
const payment: EventShapes<PaymentEvent> = {
  PaymentRecorded: { ...aboutPayment, amount: money, method: text },
  PaymentRefunded: { ...aboutPayment, refundId: text, amount: money, reason: text },
  PaymentInitiated: { ...aboutPayment, amount: money, method: text, provider: paymentProvider },
  AuthorizationRequested: { ...operation, amount: money, method: text, provider: paymentProvider },
  AuthorizationSucceeded: { ...operation, reference: text, amount: money, expiresAt: optional(instant) },
  AuthorizationFailed: { ...refused, declineCode: optional(text), reference: optional(text) },
  ActionRequired: { ...operation, reference: text, nextActionUrl: text },
  AuthorizationExpired: { ...operation, reference: optional(text) },
  CaptureRequested: { ...requested, amount: money },
  CaptureSucceeded: { ...operation, reference: text, amount: money, authorizationReference: text },
  CaptureFailed: { ...refused, amount: money },
  VoidRequested: { ...requested, reason: optional(text) },
  VoidSucceeded: { ...operation, reference: text },
  VoidFailed: refused,
  RefundRequested: { ...requested, amount: money, reason: text },
  RefundSucceeded: { ...operation, reference: text, amount: money, reason: text, authorizationReference: text },
  RefundFailed: { ...refused, amount: money },
  RefundReversed: { ...refused, amount: money, reference: text },
  OutcomeContradicted: { ...refused, operation: oneOf('authorization', 'capture', 'void', 'refund') },
  DisputeOpened: { ...aboutPayment, disputeId: text, amount: money, reason: text },
  DisputeWon: { ...aboutPayment, disputeId: text, amount: money },
  DisputeLost: { ...aboutPayment, disputeId: text, amount: money },
};

const news = object<ProviderNews>({
  what: oneOf(...NEWS),
  reference: text,
  paymentId: optional(text),
  operationId: optional(text),
  authorizationReference: optional(text),
  amount: optional(money),
  code: optional(text),
  declineCode: optional(text),
  reason: optional(text),
  nextActionUrl: optional(text),
  expiresAt: optional(instant),
});
const providerEvent: EventShapes<ProviderEvent> = {
  ProviderEventReceived: {
    provider: paymentProvider,
    eventId: text,
    eventType: text,
    mode: oneOf('test', 'live'),
    objectType: text,
    objectId: text,
    isFinal: oneOf('yes', 'no'),
    news: optional(news),
    bodySha256: text,
  },
};

const origin = object<NonNullable<CreditLine['origins']>[number]>({ orderId: text, line: integer, quantity: integer });
const creditLine = object<CreditLine>({
  line: integer,
  kind: oneOf('goods', 'charge', 'discount', 'fee', 'voucher'),
  sku: text,
  quantity: integer,
  unitPrice: text,
  minor: bigint,
  name: optional(text),
  writtenAs: optional(text),
  origins: optional(list(origin)),
});
const creditNote: EventShapes<CreditNoteEvent> = {
  CreditNoteIssued: {
    creditNoteId: text,
    customerId: optional(text),
    country: optional(text),
    currency: text,
    lines: list(creditLine),
    totalMinor: bigint,
    reason: text,
    documentDay: optional(calendarDay),
  },
};

const leg = object<Leg>({ account: text, side: oneOf('debit', 'credit'), amount: money });
const journal: EventShapes<JournalEvent> = {
  JournalPosted: {
    journalId: text,
    description: text,
    legs: list(leg),
    product: optional(text),
    customerId: optional(text),
    country: optional(text),
    documentDay: optional(calendarDay),
  },
};

/** Every fact the ledger stores. It is checked against `LedgerEvent`: a type or a field without a codec does not compile. */
export const ledgerCodec = eventCodec<LedgerEvent>({
  ...product,
  ...stock,
  ...order,
  ...payment,
  ...providerEvent,
  ...creditNote,
  ...journal,
});
