import type { OrderContent, OrderEvent, OrderLine } from '../../../domain/order/order.events.js';
import { pick, publish, type Publications } from '../publication.js';
import { calendarDay, list, object, oneOf, optional, text } from '../shape.js';
import {
  country,
  customerId,
  decimal,
  lineName,
  lineNumber,
  lineQuantities,
  money,
  moneyOf,
  orderId,
  quantity,
  sku,
} from './common.shapes.js';

type Event<Type extends OrderEvent['type']> = Extract<OrderEvent, { type: Type }>;

const orderLine = object({
  line: lineNumber,
  kind: oneOf('Goods leave the stock; a voucher is a liability until it is spent.', 'goods', 'charge', 'voucher'),
  sku,
  quantity,
  unitPrice: decimal,
  amount: money,
  name: optional(lineName),
});
const content = {
  orderId,
  customerId: optional(customerId),
  country: optional(country),
  channel: optional(text('Where it was ordered.', 'web')),
  lines: list('Every line as sold.', orderLine),
  total: money,
};

const contentOf = (data: OrderContent) => ({
  ...pick(data, 'orderId', 'customerId', 'country', 'channel'),
  lines: data.lines.map((line) => lineOf(line, data.currency)),
  total: moneyOf({ minor: data.totalMinor, currency: data.currency }),
});

const lineOf = (line: OrderLine, currency: string) => ({
  ...pick(line, 'line', 'kind', 'sku', 'quantity', 'unitPrice', 'name'),
  amount: moneyOf({ minor: line.minor, currency }),
});

const linesOf = (data: Event<'OrderShipped' | 'OrderReturned'>['data']) =>
  data.lines.map((line) => pick(line, 'line', 'quantity'));

/** Why an order was cancelled is free text, and stays in the ledger. */
export const order: Publications<OrderEvent> = {
  OrderPlaced: publish<Event<'OrderPlaced'>>()(
    'ledger.order.placed.v1',
    'An order was placed.',
    object({ ...content, documentDay: optional(calendarDay('The day on its document, where it has one.')) }),
    (data) => ({ ...contentOf(data), ...pick(data, 'documentDay') }),
  ),
  OrderConfirmed: publish<Event<'OrderConfirmed'>>()(
    'ledger.order.confirmed.v1',
    'An order was confirmed: it will be shipped.',
    object({ orderId }),
    (data) => pick(data, 'orderId'),
  ),
  OrderCancelled: publish<Event<'OrderCancelled'>>()(
    'ledger.order.cancelled.v1',
    'An order was cancelled; it is repeated as it was.',
    object(content),
    contentOf,
  ),
  OrderShipped: publish<Event<'OrderShipped'>>()(
    'ledger.order.shipped.v1',
    'All or part of an order was shipped.',
    object({ orderId, lines: lineQuantities }),
    (data) => ({ orderId: data.orderId, lines: linesOf(data) }),
  ),
  OrderReturned: publish<Event<'OrderReturned'>>()(
    'ledger.order.returned.v1',
    'Goods of an order came back.',
    object({ orderId, lines: lineQuantities, creditNoteId: optional(text('The credit note for it.', 'CN-1001')) }),
    (data) => ({ ...pick(data, 'orderId', 'creditNoteId'), lines: linesOf(data) }),
  ),
};
