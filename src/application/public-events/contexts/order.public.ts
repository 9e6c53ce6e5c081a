import type { Amounts, OrderContent, OrderEvent, OrderLine } from '../../../domain/order/order.events.js';
import { pick, publish, withhold, type Publications } from '../publication.js';
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
const allocation = object({ line: lineNumber, amount: money });
const adjustment = object({
  kind: oneOf('A discount is below zero; shipping and tax are not.', 'discount', 'shipping', 'tax'),
  code: text('What it is for programs: a coupon, a carrier, a tax.', 'SPRING'),
  name: optional(text('What the document calls it.', 'Spring sale')),
  amount: money,
  allocations: list('The share of it that each line bears; they add up to it.', allocation),
});
const adjustments = optional(list('Amounts on the whole order; discounts first.', adjustment));
const content = {
  orderId,
  customerId: optional(customerId),
  country: optional(country),
  channel: optional(text('Where it was ordered.', 'web')),
  lines: list('Every line as sold.', orderLine),
  adjustments,
  total: money,
};

const contentOf = (data: OrderContent) => ({
  ...pick(data, 'orderId', 'customerId', 'country', 'channel'),
  ...amountsOf(data, data.currency),
});

const amountsOf = ({ lines, adjustments: adjusted, totalMinor }: Amounts, currency: string) => ({
  lines: lines.map((line) => lineOf(line, currency)),
  ...(adjusted && {
    adjustments: adjusted.map((one) => ({
      ...pick(one, 'kind', 'code', 'name'),
      amount: moneyOf({ minor: one.minor, currency }),
      allocations: one.allocations.map(({ line, minor }) => ({ line, amount: moneyOf({ minor, currency }) })),
    })),
  }),
  total: moneyOf({ minor: totalMinor, currency }),
});

const lineOf = (line: OrderLine, currency: string) => ({
  ...pick(line, 'line', 'kind', 'sku', 'quantity', 'unitPrice', 'name'),
  amount: moneyOf({ minor: line.minor, currency }),
});

const linesOf = (data: Event<'OrderShipped' | 'OrderDelivered' | 'OrderReturned' | 'ReturnRequested'>['data']) =>
  data.lines.map((line) => pick(line, 'line', 'quantity'));

const returnId = text('The return.', 'ret_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03');
const CART = withhold('A cart concerns the client and the shop only; others are told of the order that it becomes.');
const RISK = withhold('What the shop thinks of an order is for itself; others are told what becomes of it.');

/** Why an order was cancelled or changed is free text, and stays in the ledger. */
export const order: Publications<OrderEvent> = {
  OrderDrafted: CART,
  DraftChanged: CART,
  DraftDiscarded: CART,
  OrderPlaced: publish<Event<'OrderPlaced'>>()(
    'ledger.order.placed.v1',
    'An order was placed.',
    object({ ...content, documentDay: optional(calendarDay('The day on its document, where it has one.')) }),
    (data) => ({ ...contentOf(data), ...pick(data, 'documentDay') }),
  ),
  OrderRiskAssessed: RISK,
  OrderRiskReviewed: RISK,
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
  OrderRejected: publish<Event<'OrderRejected'>>()(
    'ledger.order.rejected.v1',
    'An order could not be fulfilled; what stood of it is repeated.',
    object({ ...content, code: text('Why, as a word for programs.', 'card_declined') }),
    (data) => ({ ...contentOf(data), code: data.code }),
  ),
  OrderLinesCancelled: publish<Event<'OrderLinesCancelled'>>()(
    'ledger.order.lines-cancelled.v1',
    'Units of an order were cancelled: these lines, with what is to be given back for them.',
    object(content),
    contentOf,
  ),
  OrderEdited: publish<Event<'OrderEdited'>>()(
    'ledger.order.edited.v1',
    'An order was changed before it shipped: what it says now, and what stood before.',
    object({
      ...content,
      before: object({ lines: list('Every line that stood.', orderLine), adjustments, total: money }),
    }),
    (data) => ({ ...contentOf(data), before: amountsOf(data.before, data.currency) }),
  ),
  OrderShipped: publish<Event<'OrderShipped'>>()(
    'ledger.order.shipped.v1',
    'All or part of an order was shipped.',
    object({ orderId, lines: lineQuantities }),
    (data) => ({ orderId: data.orderId, lines: linesOf(data) }),
  ),
  OrderDelivered: publish<Event<'OrderDelivered'>>()(
    'ledger.order.delivered.v1',
    'All or part of what was shipped of an order has arrived.',
    object({ orderId, lines: lineQuantities }),
    (data) => ({ orderId: data.orderId, lines: linesOf(data) }),
  ),
  OrderCompleted: publish<Event<'OrderCompleted'>>()(
    'ledger.order.completed.v1',
    'All of an order has been shipped; from now on it takes returns only.',
    object({ orderId }),
    (data) => pick(data, 'orderId'),
  ),
  ReturnRequested: publish<Event<'ReturnRequested'>>()(
    'ledger.order.return-requested.v1',
    'A customer wants to send goods back.',
    object({ orderId, returnId, lines: lineQuantities }),
    (data) => ({ ...pick(data, 'orderId', 'returnId'), lines: linesOf(data) }),
  ),
  ReturnReceived: publish<Event<'ReturnReceived'>>()(
    'ledger.order.return-received.v1',
    'Goods of a return came back; the total is what is to be refunded for them.',
    object({
      orderId,
      returnId,
      lines: list(
        'What came back.',
        object({
          line: lineNumber,
          sku,
          quantity,
          condition: oneOf('Sellable goods go back on the shelf, damaged ones do not.', 'sellable', 'damaged'),
          amount: money,
        }),
      ),
      total: money,
    }),
    ({ currency, totalMinor, ...data }) => ({
      ...pick(data, 'orderId', 'returnId'),
      lines: data.lines.map(({ minor, ...line }) => ({
        ...pick(line, 'line', 'sku', 'quantity', 'condition'),
        amount: moneyOf({ minor, currency }),
      })),
      total: moneyOf({ minor: totalMinor, currency }),
    }),
  ),
  OrderReturned: publish<Event<'OrderReturned'>>()(
    'ledger.order.returned.v1',
    'Goods of an order came back.',
    object({ orderId, lines: lineQuantities, creditNoteId: optional(text('The credit note for it.', 'CN-1001')) }),
    (data) => ({ ...pick(data, 'orderId', 'creditNoteId'), lines: linesOf(data) }),
  ),
};
