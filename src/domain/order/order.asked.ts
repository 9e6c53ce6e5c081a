import type { Decision } from '../decider.js';
import { quantityFault } from '../quantity.js';
import type { Changes, Excess, OrderCommand, OrderRejection } from './order.commands.js';
import type { LineQuantity, OrderEvent } from './order.events.js';
import { indexOfLine, type LiveOrder, type OrderLineState, type OrderState } from './order.state.js';

/** What the parts of the order's decider have in common: the order they may act on, and what they were asked for. */

export type Data<T extends OrderCommand['type']> = Extract<OrderCommand, { type: T }>['data'];
export type Answer = Decision<OrderEvent, OrderRejection>;
export type Refused = Readonly<{ rejection: OrderRejection }>;

const REFUSALS = {
  none: 'order-unknown',
  draft: 'order-not-placed',
  discarded: 'draft-discarded',
  placed: 'order-not-confirmed',
  confirmed: 'order-already-confirmed',
  completed: 'order-completed',
  cancelled: 'order-cancelled',
  rejected: 'order-rejected',
} as const satisfies Record<OrderState['status'], string>;

/** The order, if it is in one of `statuses`; else why not. */
export function orderIn(state: OrderState, ...statuses: readonly LiveOrder['status'][]): LiveOrder | Refused {
  if ('content' in state && statuses.includes(state.status)) return state;
  return { rejection: { code: REFUSALS[state.status] } };
}

/** Sums what is asked per line, in line order. The first faulty entry is the answer. */
export function tally(
  asked: readonly LineQuantity[],
  { lines }: Pick<LiveOrder, 'lines'>,
): Readonly<{ lines: readonly LineQuantity[] }> | Refused {
  const sums = new Map<number, number>();
  for (const { line, quantity } of asked) {
    if (indexOfLine(lines, line) < 0) return { rejection: { code: 'line-unknown', line } };
    const fault = quantityFault(quantity);
    if (fault) return { rejection: { code: fault, line } };
    sums.set(line, (sums.get(line) ?? 0) + quantity);
  }
  const inOrder = [...sums].sort(([a], [b]) => a - b);
  return { lines: inOrder.map(([line, quantity]) => ({ line, quantity })) };
}

/** What is asked of the lines, if no line gives less than that; `left` says what a line still has. */
export function within(
  asked: readonly LineQuantity[] | undefined,
  order: LiveOrder,
  code: Excess,
  left: (line: OrderLineState) => number,
): Readonly<{ lines: readonly LineQuantity[] }> | Refused {
  if (asked === undefined) {
    const all = order.lines.map((line) => ({ line: line.line, quantity: left(line) }));
    return { lines: all.filter(({ quantity }) => quantity > 0) };
  }
  const summed = tally(asked, order);
  if ('rejection' in summed) return summed;
  for (const { line, quantity: requested } of summed.lines) {
    const remaining = left(order.lines[indexOfLine(order.lines, line)]!);
    if (requested > remaining) return { rejection: { code, line, remaining, requested } };
  }
  return summed;
}

/** The most lines of a draft, and the most that an order grows to when it is edited: as many as one request brings. */
export const MAX_ASKED_LINES = 1_000;

type Numbered = Readonly<{ line: number; quantity: number }>;

/**
 * The lines after `changes`, and which of them are other than before. The first fault is the answer. What has more than
 * `MAX_ASKED_LINES` already, an import for example, may be changed, but not grow.
 */
export function applied<K extends Numbered, N extends Readonly<{ quantity: number }>>(
  lines: readonly K[],
  nextLine: number,
  { setQuantities = [], removeLines = [], addLines = [] }: Changes<N>,
):
  Readonly<{ lines: readonly (K | (N & { line: number }))[]; set: readonly (K | (N & { line: number }))[] }> | Refused {
  const byLine = new Map<number, K | (N & { line: number })>(lines.map((line) => [line.line, line]));
  const set: (K | (N & { line: number }))[] = [];
  const named = new Set<number>();
  for (const { line } of [...setQuantities, ...removeLines]) {
    if (!byLine.has(line)) return { rejection: { code: 'line-unknown', line } };
    if (named.has(line)) return { rejection: { code: 'line-repeated', line } };
    named.add(line);
  }
  const put = (line: K | (N & { line: number })): void => {
    byLine.set(line.line, line);
    set.push(line);
  };
  for (const { line, quantity } of setQuantities) put({ ...byLine.get(line)!, quantity });
  for (const { line } of removeLines) byLine.delete(line);
  for (const [index, added] of addLines.entries()) put({ ...added, line: nextLine + index });
  if (addLines.length > 0 && byLine.size > MAX_ASKED_LINES) {
    return { rejection: { code: 'too-many-lines', allowed: MAX_ASKED_LINES } };
  }
  return { lines: [...byLine.values()], set };
}

export const isNothing = ({ setQuantities, removeLines, addLines, setAdjustments }: Changes<unknown>): boolean =>
  setAdjustments === undefined && !setQuantities?.length && !removeLines?.length && !addLines?.length;
