import { assertNever, CorruptHistory } from '../decider.js';
import type { Instant } from '../fact.js';
import type { Currency, Money } from '../money.js';
import { assertPriced, totalOf } from '../pricing.js';
import { quantityFault } from '../quantity.js';
import { assertAmounts, partOf } from './order.content.js';
import type {
  Amounts,
  CustomerId,
  DraftLine,
  LineQuantity,
  OrderContent,
  OrderEvent,
  OrderLine,
  RequestedAdjustment,
  ReturnId,
  RiskDecision,
} from './order.events.js';

/** Units of one line, by what became of them: cancelled + shipped ≤ ordered, delivered ≤ shipped, returned ≤ shipped. */
export type OrderLineState = Readonly<{
  line: number;
  ordered: number;
  cancelled: number;
  shipped: number;
  delivered: number;
  returned: number;
}>;
/** A return that was asked for. `open` until it is received. */
export type ReturnState = Readonly<{ returnId: ReturnId; lines: readonly LineQuantity[]; open: boolean }>;
/** `nextLine` is above every number that a line of this stream has had. */
export type Draft = Readonly<{
  customerId?: CustomerId;
  country?: string;
  channel?: string;
  currency: Currency;
  lines: readonly DraftLine[];
  adjustments?: readonly RequestedAdjustment[];
  expiresAt?: Instant;
  nextLine: number;
}>;
/**
 * `content` is the order as placed or last edited, its lines without their names; `lines` counts the same lines. Units
 * that were cancelled before an edit are in neither: the edit's content begins anew with what stood. `cancelledMinor` is
 * what the units that were cancelled since come to, in minor units ≥ 0n: the rest of the total is due. `risk` is what its
 * assessment said, `reviewed` that somebody has answered it.
 */
export type LiveOrder = Readonly<{
  status: 'placed' | 'confirmed' | 'completed' | 'cancelled' | 'rejected';
  content: OrderContent;
  cancelledMinor: bigint;
  lines: readonly OrderLineState[];
  nextLine: number;
  returns: readonly ReturnState[];
  risk?: RiskDecision;
  reviewed?: true;
}>;
export type OrderState =
  Readonly<{ status: 'none' }> | Readonly<{ status: 'draft' | 'discarded'; draft: Draft }> | LiveOrder;

type Event<T extends OrderEvent['type']> = Extract<OrderEvent, { type: T }>;

export function evolve(state: OrderState, event: OrderEvent): OrderState {
  switch (event.type) {
    case 'OrderDrafted':
      return drafted(state, event);
    case 'DraftChanged':
      return { status: 'draft', draft: changed(draftOf(state, event), event.data) };
    case 'DraftDiscarded':
      return { status: 'discarded', draft: draftOf(state, event) };
    case 'OrderPlaced':
      return placed(state, event);
    case 'OrderRiskAssessed':
      return { ...live(state, event, 'placed'), risk: event.data.decision };
    case 'OrderRiskReviewed':
      return { ...live(state, event, 'placed'), reviewed: true };
    case 'OrderConfirmed':
      return { ...live(state, event, 'placed'), status: 'confirmed' };
    case 'OrderCancelled':
      return { ...takenBack(live(state, event, 'placed', 'confirmed'), event), status: 'cancelled' };
    case 'OrderRejected':
      return { ...takenBack(live(state, event, 'placed'), event), status: 'rejected' };
    case 'OrderLinesCancelled':
      return linesCancelled(live(state, event, 'placed', 'confirmed'), event.data);
    case 'OrderEdited':
      return edited(live(state, event, 'placed', 'confirmed'), event);
    case 'OrderShipped':
      return moved(live(state, event, 'confirmed'), event.data.lines, 'shipped');
    case 'OrderDelivered':
      return moved(live(state, event, 'confirmed'), event.data.lines, 'delivered');
    case 'OrderCompleted':
      return { ...live(state, event, 'confirmed'), status: 'completed' };
    case 'OrderReturned':
      return moved(live(state, event, 'confirmed', 'completed'), event.data.lines, 'returned');
    case 'ReturnRequested':
      return requested(live(state, event, 'confirmed', 'completed'), event.data);
    case 'ReturnReceived':
      return received(live(state, event, 'confirmed', 'completed'), event);
    default:
      return assertNever(event);
  }
}

// Drafts

function drafted(state: OrderState, { data }: Event<'OrderDrafted'>): OrderState {
  if (state.status !== 'none') throw new CorruptHistory(`OrderDrafted on an order that is ${state.status}`);
  const { orderId: _, ...asked } = data;
  return { status: 'draft', draft: { ...asked, nextLine: asked.lines.length + 1 } };
}

function changed(draft: Draft, { orderId: _, set = [], removed = [], ...rest }: Event<'DraftChanged'>['data']): Draft {
  const byLine = new Map(draft.lines.map((line) => [line.line, line]));
  for (const line of removed) {
    if (!byLine.delete(line)) throw new CorruptHistory(`DraftChanged removes line ${line}, which is not there`);
  }
  for (const line of set) byLine.set(line.line, line);
  const lines = [...byLine.values()].sort((a, b) => a.line - b.line);
  const nextLine = set.reduce((next, { line }) => Math.max(next, line + 1), draft.nextLine);
  return { ...draft, ...rest, lines, nextLine };
}

function draftOf(state: OrderState, event: OrderEvent): Draft {
  if (state.status !== 'draft') throw new CorruptHistory(`${event.type} on an order that is ${state.status}`);
  return state.draft;
}

// Orders

function placed(state: OrderState, event: Event<'OrderPlaced'>): OrderState {
  if (state.status !== 'none' && state.status !== 'draft') throw new CorruptHistory('OrderPlaced twice');
  const { documentDay: _, paymentMethod: _paymentMethod, ...content } = event.data;
  const { type } = event;
  const { lines, adjustments = [], totalMinor } = content;
  assertPriced({ type, data: { lines, totalMinor: totalMinor - totalOf(adjustments) } });
  if (adjustments.length > 0) assertAmounts(type, content);
  const nameless = { ...content, lines: lines.map(withoutName) };
  return {
    status: 'placed',
    content: nameless,
    cancelledMinor: 0n,
    lines: nameless.lines.map(untouched),
    nextLine: lines.length + 1,
    returns: [],
  };
}

function edited(state: LiveOrder, event: Event<'OrderEdited'>): LiveOrder {
  const { before, reason: _, ...content } = event.data;
  assertUnshipped(state, event.type);
  assertSame(event.type, before, standing(state));
  assertAmounts(event.type, content);
  const nameless = { ...content, lines: content.lines.map(withoutName) };
  const nextLine = Math.max(state.nextLine, content.lines.at(-1)!.line + 1);
  return { ...state, content: nameless, cancelledMinor: 0n, lines: nameless.lines.map(untouched), nextLine };
}

const withoutName = ({ name: _, ...line }: OrderLine): OrderLine => line;
const untouched = ({ line, quantity }: OrderLine): OrderLineState => ({
  line,
  ordered: quantity,
  cancelled: 0,
  shipped: 0,
  delivered: 0,
  returned: 0,
});

function takenBack(state: LiveOrder, { type, data }: Event<'OrderCancelled' | 'OrderRejected'>): LiveOrder {
  assertUnshipped(state, type);
  assertSame(type, data, standing(state));
  return state;
}

function assertUnshipped({ lines }: LiveOrder, type: string): void {
  if (lines.some(({ shipped }) => shipped > 0)) throw new CorruptHistory(`${type} after OrderShipped`);
}

function assertSame(type: string, said: Amounts, stood: Amounts): void {
  if (said.lines.length !== stood.lines.length || said.totalMinor !== stood.totalMinor) {
    throw new CorruptHistory(`${type} with another content than what stood`);
  }
}

/** What still stands of an order of which nothing has shipped: all units that were not cancelled. */
export const standing = ({ content, lines }: LiveOrder): Amounts =>
  partOf(
    content,
    lines.map(({ line, cancelled, ordered }) => ({ line, from: cancelled, to: ordered })),
  );

/** What is to be paid for the order as it is, in its currency: its total without what was cancelled. */
export const due = ({ content: { totalMinor, currency }, cancelledMinor }: LiveOrder): Money => ({
  minor: totalMinor - cancelledMinor,
  currency,
});

/** What every event that concerns the fulfilment of an order says of it. */
export const fulfilled = ({ content: { fulfilFrom } }: LiveOrder): { fulfilFrom?: string } =>
  fulfilFrom === undefined ? {} : { fulfilFrom };

// Units

type Counter = 'cancelled' | 'shipped' | 'delivered' | 'returned';

const linesCancelled = (state: LiveOrder, { lines, totalMinor }: Event<'OrderLinesCancelled'>['data']): LiveOrder => ({
  ...moved(state, lines, 'cancelled'),
  cancelledMinor: state.cancelledMinor + totalMinor,
});

function moved(state: LiveOrder, named: readonly LineQuantity[], counter: Counter): LiveOrder {
  const lines = [...state.lines];
  for (const { line, quantity } of named) {
    const index = indexOfLine(lines, line);
    const before = lines[index];
    if (!before) throw new CorruptHistory(`No line ${line} in an order of ${lines.length} lines`);
    const after = { ...before, [counter]: before[counter] + quantity };
    const { ordered, cancelled, shipped, delivered, returned } = after;
    if (quantityFault(quantity) || cancelled + shipped > ordered || delivered > shipped || returned > shipped) {
      throw new CorruptHistory(`${quantity} ${counter} of line ${line}: ${JSON.stringify(before)} before`);
    }
    lines[index] = after;
  }
  return { ...state, lines };
}

/** Of lines in the order of their numbers; −1 when there is none. Nearly always, line n is the nth. */
export const indexOfLine = (lines: readonly Readonly<{ line: number }>[], line: number): number =>
  lines[line - 1]?.line === line ? line - 1 : lines.findIndex((one) => one.line === line);

function requested(state: LiveOrder, { returnId, lines }: Event<'ReturnRequested'>['data']): LiveOrder {
  if (state.returns.some((known) => known.returnId === returnId)) {
    throw new CorruptHistory(`ReturnRequested twice as ${returnId}`);
  }
  return { ...state, returns: [...state.returns, { returnId, lines, open: true }] };
}

function received(state: LiveOrder, { type, data }: Event<'ReturnReceived'>): LiveOrder {
  const { returnId, lines } = data;
  if (!state.returns.some((known) => known.open && known.returnId === returnId)) {
    throw new CorruptHistory(`${type} for ${returnId}, which is not open`);
  }
  if (totalOf(lines) !== data.totalMinor) throw new CorruptHistory(`${type} does not add up to its total`);
  const returns = state.returns.map((known) => (known.returnId === returnId ? { ...known, open: false } : known));
  return moved({ ...state, returns }, lines, 'returned');
}

function live(state: OrderState, event: OrderEvent, ...statuses: readonly LiveOrder['status'][]): LiveOrder {
  if (!('content' in state) || !statuses.includes(state.status)) {
    throw new CorruptHistory(`${event.type} on an order that is ${state.status}`);
  }
  return state;
}
