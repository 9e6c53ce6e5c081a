import { no, yes } from '../decider.js';
import { totalOf } from '../pricing.js';
import { orderIn, within, type Answer, type Data } from './order.asked.js';
import { partOf } from './order.content.js';
import { fulfilled, indexOfLine, type LiveOrder, type OrderState } from './order.state.js';
import { rangesOf } from './order.terms.js';

/** Goods on their way to the customer, and back. */

export function ship({ orderId, lines }: Data<'ShipOrder'>, state: OrderState): Answer {
  const order = orderIn(state, 'confirmed');
  if ('rejection' in order) return no(order.rejection);
  const asked = within(lines, order, 'exceeds-ordered', (line) => line.ordered - line.cancelled - line.shipped);
  if ('rejection' in asked) return no(asked.rejection);
  if (asked.lines.length === 0) return no({ code: 'nothing-to-ship' });
  return yes({ type: 'OrderShipped', data: { orderId, lines: asked.lines, ...fulfilled(order) } });
}

export function deliver({ orderId, lines }: Data<'DeliverOrder'>, state: OrderState): Answer {
  const order = orderIn(state, 'confirmed');
  if ('rejection' in order) return no(order.rejection);
  const asked = within(lines, order, 'exceeds-undelivered', ({ shipped, delivered }) => shipped - delivered);
  if ('rejection' in asked) return no(asked.rejection);
  if (asked.lines.length === 0) return no({ code: 'nothing-to-deliver' });
  return yes({ type: 'OrderDelivered', data: { orderId, lines: asked.lines } });
}

/** Whoever tells of one delivery of an order tells of all; of an order without any, having shipped is enough. */
export function complete({ orderId }: Data<'CompleteOrder'>, state: OrderState): Answer {
  const order = orderIn(state, 'confirmed', 'completed');
  if ('rejection' in order) return no(order.rejection);
  if (order.status === 'completed') return yes();
  const unshipped = unitsOf(order, ({ ordered, cancelled, shipped }) => ordered - cancelled - shipped);
  const told = order.lines.some(({ delivered }) => delivered > 0);
  const undelivered = told ? unitsOf(order, ({ shipped, delivered }) => shipped - delivered) : 0;
  if (unshipped + undelivered > 0) return no({ code: 'order-unfinished', unshipped, undelivered });
  return yes({ type: 'OrderCompleted', data: { orderId, ...fulfilled(order) } });
}

const unitsOf = ({ lines }: LiveOrder, count: (line: LiveOrder['lines'][number]) => number): number =>
  lines.reduce((sum, line) => sum + count(line), 0);

export function takeBack({ orderId, lines, creditNoteId }: Data<'ReturnOrder'>, state: OrderState): Answer {
  const order = orderIn(state, 'placed', 'confirmed', 'completed');
  if ('rejection' in order) return no(order.rejection);
  const asked = within(lines, order, 'exceeds-shipped', ({ shipped, returned }) => shipped - returned);
  if ('rejection' in asked) return no(asked.rejection);
  if (asked.lines.length === 0) return no({ code: 'nothing-to-return' });
  return yes({
    type: 'OrderReturned',
    data: {
      orderId,
      lines: asked.lines,
      ...(creditNoteId === undefined ? {} : { creditNoteId }),
      ...fulfilled(order),
    },
  });
}

export function requestReturn({ orderId, returnId, lines, reason }: Data<'RequestReturn'>, state: OrderState): Answer {
  const order = orderIn(state, 'placed', 'confirmed', 'completed');
  if ('rejection' in order) return no(order.rejection);
  if (order.returns.some((known) => known.returnId === returnId)) {
    return no({ code: 'return-already-requested', returnId });
  }
  const asked = within(lines, order, 'exceeds-shipped', ({ line, shipped, returned }) =>
    Math.max(0, shipped - returned - underWay(order, line)),
  );
  if ('rejection' in asked) return no(asked.rejection);
  if (asked.lines.length === 0) return no({ code: 'nothing-to-return' });
  return yes({ type: 'ReturnRequested', data: { orderId, returnId, lines: asked.lines, reason } });
}

/** Units of a line that open returns ask for. */
const underWay = ({ returns }: LiveOrder, line: number): number =>
  returns
    .filter(({ open }) => open)
    .flatMap(({ lines }) => lines)
    .filter((asked) => asked.line === line)
    .reduce((sum, { quantity }) => sum + quantity, 0);

export function receiveReturn({ orderId, returnId, lines }: Data<'ReceiveReturn'>, state: OrderState): Answer {
  const order = orderIn(state, 'placed', 'confirmed', 'completed');
  if ('rejection' in order) return no(order.rejection);
  const known = order.returns.find((each) => each.returnId === returnId);
  if (!known) return no({ code: 'return-unknown', returnId });
  if (!known.open) return no({ code: 'return-closed', returnId });
  const asked = within(lines, order, 'exceeds-requested', ({ line }) => {
    return known.lines.find((requested) => requested.line === line)?.quantity ?? 0;
  });
  if ('rejection' in asked) return no(asked.rejection);
  if (asked.lines.length === 0) return no({ code: 'nothing-to-return' });
  const fits = within(lines, order, 'exceeds-shipped', ({ shipped, returned }) => shipped - returned);
  if ('rejection' in fits) return no(fits.rejection);
  const ranges = rangesOf(order, lines);
  const received = lines.map(({ line, quantity, condition }, index) => {
    const { kind, sku } = order.content.lines[indexOfLine(order.content.lines, line)]!;
    return { line, kind, sku, quantity, condition, minor: partOf(order.content, [ranges[index]!]).totalMinor };
  });
  const { currency } = order.content;
  return yes({
    type: 'ReturnReceived',
    data: { orderId, returnId, currency, lines: received, totalMinor: totalOf(received), ...fulfilled(order) },
  });
}
