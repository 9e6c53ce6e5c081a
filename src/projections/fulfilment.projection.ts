import { assertNever, CorruptHistory } from '../domain/decider.js';
import type { Recorded } from '../domain/fact.js';
import { FULFILMENT, newHold, orderOfReservation, type ShelfHold } from '../domain/fulfilment/fulfilment.state.js';
import type { Condition, LineQuantity, OrderEvent } from '../domain/order/order.events.js';
import type { PaymentEvent } from '../domain/payment/payment.events.js';
import { demandOf } from '../domain/stock/demand.js';
import type { StockEvent } from '../domain/stock/stock.events.js';
import { plus } from './exact.js';
import {
  fulfilmentView,
  type FulfilmentDocument,
  type FulfilmentLine,
  type FulfilmentOrder,
} from './fulfilment.view.js';
import { isOfPayment } from './orders.payments.js';
import { paymentTypes } from './payment-types.js';
import { payments } from './payments.projection.js';
import type { Projection } from './projection.js';

const orderTypes = [
  'OrderPlaced',
  'OrderRiskAssessed',
  'OrderRiskReviewed',
  'OrderConfirmed',
  'OrderCancelled',
  'OrderRejected',
  'OrderLinesCancelled',
  'OrderShipped',
  'OrderCompleted',
  'OrderReturned',
  'ReturnReceived',
] as const satisfies readonly OrderEvent['type'][];
const stockTypes = [
  'StockReserved',
  'ReservationExtended',
  'ReservationExpired',
  'ReservationCommitted',
  'ReservationReleased',
  'StockShipped',
  'StockReturned',
] as const satisfies readonly StockEvent['type'][];

type OfOrder = Recorded<Extract<OrderEvent, { type: (typeof orderTypes)[number] }>>;
type OfStock = Recorded<Extract<StockEvent, { type: (typeof stockTypes)[number] }>>;
type OfPayment = Recorded<PaymentEvent>;
type FulfilmentEvent = OfOrder | OfStock | OfPayment;
type FulfilmentChange = Readonly<{ id: string; event: FulfilmentEvent }>;

const STOCK_TYPES: ReadonlySet<string> = new Set(stockTypes);
const isOfStock = (event: FulfilmentEvent): event is OfStock => STOCK_TYPES.has(event.type);

/**
 * What the fulfilment of orders knows, per order: its own facts, those of its reservations, and those of its payments. The
 * three are folded apart, so it does not matter in which order they come.
 */
export const fulfilment: Projection<FulfilmentDocument, FulfilmentChange, OrderEvent | StockEvent | PaymentEvent> = {
  ...fulfilmentView,
  types: [...orderTypes, ...stockTypes, ...paymentTypes],
  changes: (recorded) => {
    const event = recorded as FulfilmentEvent; // the log sends no other types
    const id = orderOf(event);
    return id === undefined ? [] : [{ id, event }];
  },
  apply: (document, { id, event }) => {
    const before = document ?? { _id: id, holds: [], payments: [] };
    if (isOfPayment(event)) return { ...before, payments: withPayment(before.payments, event) };
    if (isOfStock(event)) return { ...before, holds: withHold(before.holds, event) };
    return { ...before, order: withOrder(before.order, event) };
  },
};

/** The order whose fulfilment an event concerns, if it concerns any. */
function orderOf(event: FulfilmentEvent): string | undefined {
  if (isOfPayment(event)) return event.data.orderId;
  if (event.type === 'StockReturned') {
    // A reference is free text: only the process's own means an order of its.
    return event.metadata.principal === FULFILMENT ? orderOfReservation(event.data.reference) : undefined;
  }
  if (isOfStock(event)) return orderOfReservation(event.data.reservationId);
  const { type, data } = event;
  if (type === 'OrderRiskAssessed' || type === 'OrderRiskReviewed') return data.orderId;
  return data.fulfilFrom === undefined ? undefined : data.orderId;
}

function withPayment(before: FulfilmentDocument['payments'], event: OfPayment): FulfilmentDocument['payments'] {
  const { paymentId } = event.data;
  const index = before.findIndex(({ document }) => document.paymentId === paymentId);
  const known = before[index];
  const document = payments.apply(known?.document, { id: paymentId, event });
  if (known) return before.with(index, { ...known, document });
  const isOurs = event.metadata.principal === FULFILMENT;
  return [...before, { isOurs, document }].sort((a, b) => (a.document.paymentId < b.document.paymentId ? -1 : 1));
}

function withHold(holds: readonly ShelfHold[], event: OfStock): readonly ShelfHold[] {
  const { sku } = event.data;
  const index = holds.findIndex((hold) => hold.sku === sku);
  if (event.type === 'StockReserved') {
    if (index >= 0) throw corrupt(event, 'the order has a reservation of this SKU');
    const { quantity, expiresAt } = event.data;
    return [...holds, newHold(sku, quantity, expiresAt)].sort((a, b) => (a.sku < b.sku ? -1 : 1));
  }
  const hold = holds[index];
  if (!hold) throw corrupt(event, 'the order has no reservation of this SKU');
  return holds.with(index, moved(hold, event));
}

function moved(hold: ShelfHold, event: Exclude<OfStock, { type: 'StockReserved' }>): ShelfHold {
  switch (event.type) {
    case 'ReservationExtended':
      return { ...hold, expiresAt: event.data.expiresAt };
    case 'ReservationCommitted':
      return { ...hold, committed: true };
    case 'ReservationReleased':
    case 'ReservationExpired':
      return { ...hold, released: hold.released + event.data.quantity };
    case 'StockShipped':
      return { ...hold, shipped: hold.shipped + event.data.quantity };
    case 'StockReturned': {
      const { condition = 'sellable', quantity } = event.data;
      return { ...hold, returned: { ...hold.returned, [condition]: hold.returned[condition] + quantity } };
    }
    default:
      return assertNever(event);
  }
}

function withOrder(before: FulfilmentOrder | undefined, event: OfOrder): FulfilmentOrder {
  const revision = event.revision.toString();
  if (event.type === 'OrderPlaced') return placed(event);
  if (!before) throw corrupt(event, 'the order has not been placed');
  const order = { ...before, revision };
  switch (event.type) {
    case 'OrderRiskAssessed':
      return { ...order, risk: event.data.decision, riskReasons: event.data.reasons };
    case 'OrderRiskReviewed':
      return { ...order, review: event.data.decision };
    case 'OrderConfirmed':
      return { ...order, status: 'confirmed' };
    case 'OrderCompleted':
      return { ...order, status: 'completed' };
    case 'OrderCancelled':
      return { ...order, status: 'cancelled' };
    case 'OrderRejected': {
      const { code, reason } = event.data;
      return { ...order, status: 'rejected', rejection: { code, reason } };
    }
    case 'OrderLinesCancelled': {
      const { lines, totalMinor } = event.data;
      const dueMinor = plus(order.dueMinor, -totalMinor);
      return { ...order, dueMinor, cancelled: [...order.cancelled, { revision, units: demandOf(lines) }] };
    }
    case 'OrderShipped':
      return { ...order, shipped: [...order.shipped, { revision, units: goodsOf(order.lines, event.data.lines) }] };
    case 'OrderReturned':
      return returned(order, 'sellable', goodsOf(order.lines, event.data.lines));
    case 'ReturnReceived': {
      const { lines, totalMinor } = event.data;
      const returnedMinor = plus(order.returnedMinor, totalMinor);
      const of = (condition: Condition) => demandOf(lines.filter((line) => line.condition === condition));
      return returned(returned({ ...order, returnedMinor }, 'sellable', of('sellable')), 'damaged', of('damaged'));
    }
    default:
      return assertNever(event);
  }
}

function placed({ data, metadata, revision }: Extract<OfOrder, { type: 'OrderPlaced' }>): FulfilmentOrder {
  const { fulfilFrom: location = '', paymentMethod, customerId, country, channel, currency, lines, totalMinor } = data;
  return {
    status: 'placed',
    revision: revision.toString(),
    location,
    ...(paymentMethod === undefined ? {} : { paymentMethod }),
    ...(customerId === undefined ? {} : { customerId }),
    ...(country === undefined ? {} : { country }),
    ...(channel === undefined ? {} : { channel }),
    placedAt: metadata.occurredAt,
    currency,
    dueMinor: totalMinor.toString(),
    returnedMinor: '0',
    lines: lines.map(({ line, kind, sku, quantity }) => ({ line, kind, sku, quantity })),
    ordered: demandOf(lines),
    cancelled: [],
    shipped: [],
    returned: [],
    correlationId: metadata.correlationId,
  };
}

const returned = (order: FulfilmentOrder, condition: Condition, units: FulfilmentOrder['ordered']): FulfilmentOrder =>
  units.length === 0
    ? order
    : { ...order, returned: [...order.returned, { revision: order.revision, units, condition }] };

const goodsOf = (lines: readonly FulfilmentLine[], moved: readonly LineQuantity[]): FulfilmentOrder['ordered'] =>
  demandOf(
    moved.flatMap(({ line, quantity }) => {
      const of = lines[line - 1];
      return of ? [{ ...of, quantity }] : [];
    }),
  );

const corrupt = (event: Recorded, detail: string): CorruptHistory =>
  new CorruptHistory(`${event.type} in ${event.stream} at revision ${event.revision}: ${detail}`);
