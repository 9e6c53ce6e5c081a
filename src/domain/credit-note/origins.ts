import type { OrderId } from '../order/order.events.js';
import { indexOfLine, type LiveOrder } from '../order/order.state.js';
import type { CreditNoteCommand, OriginRejection } from './credit-note.commands.js';

type Asked = Pick<CreditNoteCommand['data'], 'currency' | 'lines'>;

/** The orders that a credit note names, each once, in the order in which it names them. */
export const ordersNamedBy = ({ lines }: Pick<Asked, 'lines'>): ReadonlySet<OrderId> =>
  new Set(lines.flatMap(({ origins = [] }) => origins.map(({ orderId }) => orderId)));

/**
 * The first origin of a credit note that was not sold so; `undefined` when all were. `orders` holds those that were placed.
 * An origin names a line that its order has, in the note's currency, goods of the same SKU; and lines of one kind name no more
 * units of it than were ordered, all together. A discount may go with goods that come back, so kinds are counted apart. What
 * was cancelled counts as ordered: it may have been paid, and is given back on paper, too.
 */
export function originFault(
  { currency, lines }: Asked,
  orders: ReadonlyMap<OrderId, LiveOrder>,
): OriginRejection | undefined {
  const named = new Map<string, number>();
  for (const [index, { kind, sku, origins = [] }] of lines.entries()) {
    for (const { orderId, line: orderLine, quantity } of origins) {
      const at = { line: index + 1, orderId };
      const order = orders.get(orderId);
      if (!order) return { code: 'origin-order-unknown', ...at };
      const { content } = order;
      if (content.currency !== currency) return { code: 'origin-currency-differs', ...at, expected: content.currency };
      const sold = content.lines[indexOfLine(content.lines, orderLine)];
      if (!sold) return { code: 'origin-line-unknown', ...at, orderLine };
      if (kind === 'goods' && (sold.kind !== 'goods' || sold.sku !== sku)) {
        return { code: 'origin-product-differs', ...at, orderLine, sold: sold.sku };
      }
      const key = JSON.stringify([kind, orderId, orderLine]);
      const requested = (named.get(key) ?? 0) + quantity;
      if (requested > sold.quantity) {
        return { code: 'origin-exceeds-ordered', ...at, orderLine, ordered: sold.quantity, requested };
      }
      named.set(key, requested);
    }
  }
  return undefined;
}
