import { assertNever, CorruptHistory, no, yes, type Decider, type Decision } from '../decider.js';
import { assertPriced, priceLines } from '../pricing.js';
import { quantityFault } from '../quantity.js';
import type { OrderCommand, OrderRejection } from './order.commands.js';
import type { LineQuantity, OrderContent, OrderEvent, OrderLine } from './order.events.js';

/** Units of one line, by what became of them: 0 ≤ returned ≤ shipped ≤ ordered. */
export type OrderLineState = Readonly<{ ordered: number; shipped: number; returned: number }>;
/** `lines[n]` is line n + 1; `content` is the order as placed, its lines without their names. */
type LiveOrder = Readonly<{
  status: 'placed' | 'confirmed' | 'cancelled';
  content: OrderContent;
  lines: readonly OrderLineState[];
}>;
export type OrderState = Readonly<{ status: 'none' }> | LiveOrder;

type Data<T extends OrderCommand['type']> = Extract<OrderCommand, { type: T }>['data'];
type Answer = Decision<OrderEvent, OrderRejection>;

function place(data: Data<'PlaceOrder'>, state: OrderState): Answer {
  if (state.status !== 'none') return no({ code: 'order-already-placed' });
  if (data.lines.length === 0) return no({ code: 'order-empty' });
  const priced = priceLines(data.lines, data.currency);
  if ('rejection' in priced) return no(priced.rejection);
  return yes({ type: 'OrderPlaced', data: { ...data, lines: priced.lines, totalMinor: priced.totalMinor } });
}

function confirm({ orderId }: Data<'ConfirmOrder'>, state: OrderState): Answer {
  switch (state.status) {
    case 'none':
      return no({ code: 'order-unknown' });
    case 'cancelled':
      return no({ code: 'order-cancelled' });
    case 'confirmed':
      return yes();
    case 'placed':
      return yes({ type: 'OrderConfirmed', data: { orderId } });
    default:
      return assertNever(state);
  }
}

function cancel({ reason }: Data<'CancelOrder'>, state: OrderState): Answer {
  if (state.status === 'none') return no({ code: 'order-unknown' });
  if (state.status === 'cancelled') return no({ code: 'order-cancelled' });
  if (state.lines.some(({ shipped }) => shipped > 0)) return no({ code: 'order-already-shipped' });
  return yes({ type: 'OrderCancelled', data: { ...state.content, reason } });
}

function ship({ orderId, lines }: Data<'ShipOrder'>, state: OrderState): Answer {
  if (state.status === 'none') return no({ code: 'order-unknown' });
  if (state.status === 'cancelled') return no({ code: 'order-cancelled' });
  if (state.status === 'placed') return no({ code: 'order-not-confirmed' });
  const asked = lines ? tally(lines, state) : { lines: unshipped(state) };
  if ('rejection' in asked) return no(asked.rejection);
  if (asked.lines.length === 0) return no({ code: 'nothing-to-ship' });
  for (const { line, quantity: requested } of asked.lines) {
    const { ordered, shipped } = lineOf(state, line);
    if (requested > ordered - shipped)
      return no({ code: 'exceeds-ordered', line, remaining: ordered - shipped, requested });
  }
  return yes({ type: 'OrderShipped', data: { orderId, lines: asked.lines } });
}

function takeBack({ orderId, lines, creditNoteId }: Data<'ReturnOrder'>, state: OrderState): Answer {
  if (state.status === 'none') return no({ code: 'order-unknown' });
  if (state.status === 'cancelled') return no({ code: 'order-cancelled' });
  const asked = tally(lines, state);
  if ('rejection' in asked) return no(asked.rejection);
  if (asked.lines.length === 0) return no({ code: 'nothing-to-return' });
  for (const { line, quantity: requested } of asked.lines) {
    const { shipped, returned } = lineOf(state, line);
    if (requested > shipped - returned)
      return no({ code: 'exceeds-shipped', line, remaining: shipped - returned, requested });
  }
  return yes({
    type: 'OrderReturned',
    data: { orderId, lines: asked.lines, ...(creditNoteId === undefined ? {} : { creditNoteId }) },
  });
}

/** Sums what is asked per line, in line order. The first faulty entry is the answer. */
function tally(
  asked: readonly LineQuantity[],
  { lines }: LiveOrder,
): Readonly<{ lines: readonly LineQuantity[] }> | Readonly<{ rejection: OrderRejection }> {
  const sums = new Map<number, number>();
  for (const { line, quantity } of asked) {
    if (lines[line - 1] === undefined) return { rejection: { code: 'line-unknown', line } };
    const fault = quantityFault(quantity);
    if (fault) return { rejection: { code: fault, line } };
    sums.set(line, (sums.get(line) ?? 0) + quantity);
  }
  const inOrder = [...sums].sort(([a], [b]) => a - b);
  return { lines: inOrder.map(([line, quantity]) => ({ line, quantity })) };
}

const unshipped = ({ lines }: LiveOrder): readonly LineQuantity[] =>
  lines
    .map(({ ordered, shipped }, index) => ({ line: index + 1, quantity: ordered - shipped }))
    .filter(({ quantity }) => quantity > 0);

function lineOf({ lines }: LiveOrder, line: number): OrderLineState {
  const found = lines[line - 1];
  if (!found) throw new CorruptHistory(`No line ${line} in an order of ${lines.length} lines`);
  return found;
}

export const order: Decider<OrderCommand, OrderState, OrderEvent, OrderRejection> = {
  initial: { status: 'none' },
  decide: (command, state) => {
    switch (command.type) {
      case 'PlaceOrder':
        return place(command.data, state);
      case 'ConfirmOrder':
        return confirm(command.data, state);
      case 'CancelOrder':
        return cancel(command.data, state);
      case 'ShipOrder':
        return ship(command.data, state);
      case 'ReturnOrder':
        return takeBack(command.data, state);
      default:
        return assertNever(command);
    }
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'OrderPlaced':
        return placed(state, event);
      case 'OrderConfirmed':
        return { ...live(state, event, 'placed'), status: 'confirmed' };
      case 'OrderCancelled':
        return cancelled(live(state, event, 'placed', 'confirmed'), event.data);
      case 'OrderShipped':
        return moved(live(state, event, 'confirmed'), event.data.lines, 'shipped');
      case 'OrderReturned':
        return moved(live(state, event, 'confirmed'), event.data.lines, 'returned');
      default:
        return assertNever(event);
    }
  },
};

function placed(state: OrderState, event: Extract<OrderEvent, { type: 'OrderPlaced' }>): OrderState {
  if (state.status !== 'none') throw new CorruptHistory('OrderPlaced twice');
  assertPriced(event);
  const { documentDay: _, ...placed } = event.data;
  const content = { ...placed, lines: placed.lines.map(withoutName) };
  return { status: 'placed', content, lines: content.lines.map(untouched) };
}

const withoutName = ({ name: _, ...line }: OrderLine): OrderLine => line;
const untouched = ({ quantity }: OrderLine): OrderLineState => ({ ordered: quantity, shipped: 0, returned: 0 });

function cancelled(state: LiveOrder, { lines, totalMinor }: OrderContent): LiveOrder {
  if (state.lines.some(({ shipped }) => shipped > 0)) throw new CorruptHistory('OrderCancelled after OrderShipped');
  if (lines.length !== state.content.lines.length || totalMinor !== state.content.totalMinor) {
    throw new CorruptHistory('OrderCancelled with another content than OrderPlaced');
  }
  return { ...state, status: 'cancelled' };
}

function moved(state: LiveOrder, named: readonly LineQuantity[], counter: 'shipped' | 'returned'): LiveOrder {
  const lines = [...state.lines];
  for (const { line, quantity } of named) {
    const before = lineOf({ ...state, lines }, line);
    const after = { ...before, [counter]: before[counter] + quantity };
    if (quantityFault(quantity) || after.returned > after.shipped || after.shipped > after.ordered) {
      throw new CorruptHistory(`${quantity} ${counter} of line ${line}: ${JSON.stringify(before)} before`);
    }
    lines[line - 1] = after;
  }
  return { ...state, lines };
}

function live(state: OrderState, event: OrderEvent, ...statuses: readonly LiveOrder['status'][]): LiveOrder {
  if (state.status === 'none' || !statuses.includes(state.status)) {
    throw new CorruptHistory(`${event.type} on an order that is ${state.status}`);
  }
  return state;
}
