import type { CreditLine, CreditNoteEvent } from '../../../domain/credit-note/credit-note.events.js';
import {
  ERASURE_REASONS,
  OPEN_FIELDS,
  PERSONAL_FIELDS,
  type CustomerEvent,
  type SealedFields,
} from '../../../domain/customer/customer.events.js';
import type { JournalEvent, Leg } from '../../../domain/journal/journal.events.js';
import type { LedgerEvent } from '../../../domain/ledger.events.js';
import type { Money, UnitPrice } from '../../../domain/money.js';
import type {
  Amounts,
  DraftLine,
  LineQuantity,
  OrderAdjustment,
  OrderContent,
  OrderEvent,
  OrderLine,
  RequestedAdjustment,
  ReturnedLine,
} from '../../../domain/order/order.events.js';
import type { PaymentEvent } from '../../../domain/payment/payment.events.js';
import type { ProductEvent } from '../../../domain/product/product.events.js';
import { NEWS, type ProviderEvent, type ProviderNews } from '../../../domain/provider-event/provider-event.events.js';
import type { StockEvent } from '../../../domain/stock/stock.events.js';
import {
  bigint,
  calendarDay,
  instant,
  integer,
  isTrue,
  list,
  object,
  oneOf,
  optional,
  text,
  type Fields,
} from './codec.js';
import { eventCodec, type EventShapes, type Upcaster, type Upcasters } from './event-codec.js';

const money = object<Money>({ minor: bigint, currency: text });
const unitPrice = object<UnitPrice>({ amount: text, currency: text });

const product: EventShapes<ProductEvent> = {
  ProductListed: { sku: text, name: text, prices: list(unitPrice) },
  PriceChanged: { sku: text, price: unitPrice },
  ProductDiscontinued: { sku: text },
};

const atShelf = { sku: text, location: text };
const condition = oneOf('sellable', 'damaged');
const movement = { ...atShelf, reference: optional(text) };
const stock: EventShapes<StockEvent> = {
  StockReceived: { ...movement, quantity: integer },
  StockAdjusted: { ...movement, delta: integer, reason: text },
  StockCounted: { ...movement, counted: integer, delta: integer, reason: text },
  StockReserved: {
    ...movement,
    reservationId: text,
    quantity: integer,
    expiresAt: instant,
    backordered: optional(integer),
  },
  ReservationExtended: { ...atShelf, reservationId: text, quantity: integer, expiresAt: instant },
  ReservationExpired: { ...atShelf, reservationId: text, quantity: integer, expiresAt: instant },
  ReservationCommitted: { ...atShelf, reservationId: text, quantity: integer },
  ReservationReleased: {
    ...atShelf,
    reservationId: text,
    quantity: integer,
    committed: optional(isTrue),
    reason: optional(text),
  },
  StockShipped: { ...movement, quantity: integer, reservationId: optional(text), committed: optional(isTrue) },
  StockReturned: { ...movement, quantity: integer, condition: optional(condition) },
  DamagedStockWrittenOff: { ...movement, quantity: integer, reason: text },
  StockTransferredOut: {
    ...atShelf,
    transferId: text,
    to: text,
    quantity: integer,
    arrives: optional(oneOf('at-once', 'when-received')),
    reason: optional(text),
  },
  StockTransferredIn: { ...atShelf, transferId: text, from: text, quantity: integer },
  BackorderPolicySet: { ...atShelf, limit: integer },
};

const lineKind = oneOf('goods', 'charge', 'voucher');
const orderLine = object<OrderLine>({
  line: integer,
  kind: lineKind,
  sku: text,
  quantity: integer,
  unitPrice: text,
  minor: bigint,
  name: optional(text),
  writtenAs: optional(text),
});
const lineQuantity = object<LineQuantity>({ line: integer, quantity: integer });
const adjustment: Fields<RequestedAdjustment> = {
  kind: oneOf('discount', 'shipping', 'tax'),
  code: text,
  name: optional(text),
  minor: bigint,
};
const requestedAdjustment = object<RequestedAdjustment>(adjustment);
const allocation = object<OrderAdjustment['allocations'][number]>({ line: integer, minor: bigint });
const orderAdjustment = object<OrderAdjustment>({ ...adjustment, allocations: list(allocation) });
const amounts: Fields<Amounts> = {
  lines: list(orderLine),
  adjustments: optional(list(orderAdjustment)),
  totalMinor: bigint,
};
const parties = { customerId: optional(text), country: optional(text), channel: optional(text) };
const fulfilled = { fulfilFrom: optional(text) };
const orderContent: Fields<OrderContent> = { orderId: text, ...parties, ...fulfilled, currency: text, ...amounts };
const draftLine = object<DraftLine>({
  line: integer,
  sku: text,
  quantity: integer,
  kind: optional(lineKind),
  unitPrice: optional(text),
  name: optional(text),
});
const returnedLine = object<ReturnedLine>({
  line: integer,
  kind: lineKind,
  sku: text,
  quantity: integer,
  condition,
  minor: bigint,
});
const order: EventShapes<OrderEvent> = {
  OrderDrafted: {
    orderId: text,
    ...parties,
    currency: text,
    lines: list(draftLine),
    adjustments: optional(list(requestedAdjustment)),
    expiresAt: optional(instant),
  },
  DraftChanged: {
    orderId: text,
    ...parties,
    set: optional(list(draftLine)),
    removed: optional(list(integer)),
    adjustments: optional(list(requestedAdjustment)),
    expiresAt: optional(instant),
  },
  DraftDiscarded: { orderId: text, reason: optional(text) },
  OrderPlaced: { ...orderContent, documentDay: optional(calendarDay), paymentMethod: optional(text) },
  OrderRiskAssessed: {
    orderId: text,
    decision: oneOf('accept', 'review', 'decline'),
    assessor: text,
    reasons: list(text),
  },
  OrderRiskReviewed: { orderId: text, decision: oneOf('accept', 'decline'), reason: text },
  OrderConfirmed: { orderId: text, ...fulfilled },
  OrderCancelled: { ...orderContent, reason: text },
  OrderRejected: { ...orderContent, code: text, reason: text },
  OrderLinesCancelled: { ...orderContent, reason: text },
  OrderEdited: { ...orderContent, before: object<Amounts>(amounts), reason: text },
  OrderShipped: { orderId: text, lines: list(lineQuantity), ...fulfilled },
  OrderDelivered: { orderId: text, lines: list(lineQuantity) },
  OrderCompleted: { orderId: text, ...fulfilled },
  OrderReturned: { orderId: text, lines: list(lineQuantity), creditNoteId: optional(text), ...fulfilled },
  ReturnRequested: { orderId: text, returnId: text, lines: list(lineQuantity), reason: text },
  ReturnReceived: {
    orderId: text,
    returnId: text,
    currency: text,
    lines: list(returnedLine),
    totalMinor: bigint,
    ...fulfilled,
  },
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
  CaptureRequested: { ...requested, amount: money, isFinal: optional(oneOf('yes', 'no')) },
  CaptureSucceeded: {
    ...operation,
    reference: text,
    amount: money,
    authorizationReference: text,
    capturable: optional(money),
  },
  CaptureFailed: { ...refused, amount: money },
  VoidRequested: { ...requested, reason: optional(text) },
  VoidSucceeded: { ...operation, reference: text },
  VoidFailed: refused,
  RefundRequested: { ...requested, amount: money, reason: text, partOf: optional(text) },
  RefundSucceeded: { ...operation, reference: text, amount: money, reason: text, authorizationReference: text },
  RefundFailed: { ...refused, amount: money, reference: optional(text) },
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
  captureId: optional(text),
  amount: optional(money),
  capturable: optional(money),
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

const sealed = object<SealedFields>({
  name: optional(text),
  email: optional(text),
  phone: optional(text),
  addresses: optional(text),
});
const customerFields = {
  customerId: text,
  personal: sealed,
  country: optional(text),
  language: optional(text),
  segment: optional(text),
};
const customer: EventShapes<CustomerEvent> = {
  CustomerRegistered: customerFields,
  CustomerChanged: { ...customerFields, cleared: optional(list(oneOf(...PERSONAL_FIELDS, ...OPEN_FIELDS))) },
  CustomerErased: { customerId: text, reason: oneOf(...ERASURE_REASONS) },
};

/** To a version with one more optional field, absent in all that was stored before. */
const unchanged: Upcaster = (json) => json;
const upcasters: Upcasters<LedgerEvent> = {
  StockReserved: [unchanged], // backordered
  ReservationReleased: [unchanged], // committed, reason
  StockShipped: [unchanged], // committed
  StockReturned: [unchanged], // condition
  StockTransferredOut: [unchanged], // arrives
  OrderPlaced: [unchanged], // adjustments, fulfilFrom, paymentMethod
  OrderCancelled: [unchanged], // adjustments
  OrderConfirmed: [unchanged], // fulfilFrom
  OrderShipped: [unchanged], // fulfilFrom
  OrderReturned: [unchanged], // fulfilFrom
  CaptureRequested: [unchanged], // isFinal
  CaptureSucceeded: [unchanged], // capturable
  RefundRequested: [unchanged], // partOf
  ProviderEventReceived: [unchanged], // news.capturable
};

/** Every fact the ledger stores. It is checked against `LedgerEvent`: a type or a field without a codec does not compile. */
export const ledgerCodec = eventCodec<LedgerEvent>(
  {
    ...product,
    ...stock,
    ...order,
    ...payment,
    ...providerEvent,
    ...creditNote,
    ...journal,
    ...customer,
  },
  upcasters,
);
