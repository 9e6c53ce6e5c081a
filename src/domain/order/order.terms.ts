import { no, yes } from '../decider.js';
import type { Instant } from '../fact.js';
import type { Currency } from '../money.js';
import { priceLine, priceLines, type Priced, type PricingRejection } from '../pricing.js';
import { applied, isNothing, orderIn, within, type Answer, type Data, type Refused } from './order.asked.js';
import type { RequestedLine } from './order.commands.js';
import { adjust, partOf } from './order.content.js';
import { openDraft } from './order.drafts.js';
import type { Amounts, OrderLine } from './order.events.js';
import { fulfilled, standing, type LiveOrder, type OrderState } from './order.state.js';

/** What is sold, and what of that is taken back before it ships. */

export function place(data: Data<'PlaceOrder'>, state: OrderState, at: Instant): Answer {
  if (state.status !== 'none') {
    const draft = openDraft(state, at);
    if ('rejection' in draft) return no(draft.rejection);
  }
  if (data.lines.length === 0) return no({ code: 'order-empty' });
  const priced = priceLines(data.lines, data.currency);
  if ('rejection' in priced) return no(priced.rejection);
  const { adjustments: asked = [], ...order } = data;
  const amounts = adjust(priced.lines, asked, data.currency);
  if ('rejection' in amounts) return no(amounts.rejection);
  return yes({ type: 'OrderPlaced', data: { ...order, ...amounts } });
}

export function confirm({ orderId, allocated }: Data<'ConfirmOrder'>, state: OrderState): Answer {
  const order = orderIn(state, 'placed', 'confirmed', 'completed');
  if ('rejection' in order) return no(order.rejection);
  if (order.status !== 'placed') return yes();
  if (order.content.fulfilFrom !== undefined && !allocated) return no({ code: 'order-in-fulfilment' });
  return yes({ type: 'OrderConfirmed', data: { orderId, ...fulfilled(order) } });
}

export function cancel({ reason }: Data<'CancelOrder'>, state: OrderState): Answer {
  const order = unshipped(state);
  if ('rejection' in order) return no(order.rejection);
  return yes({ type: 'OrderCancelled', data: { ...order.content, ...standing(order), reason } });
}

export function reject({ code, reason }: Data<'RejectOrder'>, state: OrderState): Answer {
  const order = orderIn(state, 'placed');
  if ('rejection' in order) return no(order.rejection);
  return yes({ type: 'OrderRejected', data: { ...order.content, ...standing(order), code, reason } });
}

export function cancelLines({ lines: asked, reason }: Data<'CancelLines'>, state: OrderState): Answer {
  const order = orderIn(state, 'placed', 'confirmed');
  if ('rejection' in order) return no(order.rejection);
  const named = within(asked, order, 'exceeds-unshipped', (line) => line.ordered - line.cancelled - line.shipped);
  if ('rejection' in named) return no(named.rejection);
  const units = named.lines.reduce((sum, { quantity }) => sum + quantity, 0);
  if (units === 0) return no({ code: 'nothing-to-cancel' });
  const left = order.lines.reduce((sum, line) => sum + line.ordered - line.cancelled, 0);
  if (units === left) return no({ code: 'order-would-be-empty' });
  const part = partOf(order.content, rangesOf(order, named.lines));
  return yes({ type: 'OrderLinesCancelled', data: { ...order.content, ...part, reason } });
}

export function edit({ orderId, changes, reason }: Data<'EditOrder'>, state: OrderState): Answer {
  const order = unshipped(state);
  if ('rejection' in order) return no(order.rejection);
  if (order.content.fulfilFrom !== undefined) return no({ code: 'order-in-fulfilment' });
  if (isNothing(changes)) return no({ code: 'nothing-to-change' });
  const before = standing(order);
  const changed = applied<OrderLine, RequestedLine>(before.lines, order.nextLine, changes);
  if ('rejection' in changed) return no(changed.rejection);
  if (changed.lines.length === 0) return no({ code: 'order-would-be-empty' });
  const { currency } = order.content;
  const lines = priced(changed.lines, currency);
  if ('rejection' in lines) return no(lines.rejection);
  // A discount of which all has been given back with cancelled units is no discount any more.
  const kept = before.adjustments?.filter(({ kind, minor }) => kind !== 'discount' || minor !== 0n);
  const asked = changes.setAdjustments ?? kept?.map(({ allocations: _, ...adjustment }) => adjustment) ?? [];
  const amounts = adjust(lines, asked, currency);
  if ('rejection' in amounts) return no(amounts.rejection);
  const { adjustments: _, ...content } = order.content;
  return yes({ type: 'OrderEdited', data: { ...content, orderId, ...amounts, before, reason } });
}

/** An order that may be taken back or made another: nothing of it has shipped. */
function unshipped(state: OrderState): LiveOrder | Refused {
  const order = orderIn(state, 'placed', 'confirmed');
  if ('rejection' in order || order.lines.every(({ shipped }) => shipped === 0)) return order;
  return { rejection: { code: 'order-already-shipped' } };
}

/** Lines under the numbers that they have. The first fault is the answer. */
function priced(
  asked: readonly (RequestedLine & Readonly<{ line: number }>)[],
  currency: Currency,
): Amounts['lines'] | Readonly<{ rejection: PricingRejection }> {
  const lines: Priced<RequestedLine>[] = [];
  for (const one of asked) {
    const line = priceLine(one, one.line, currency);
    if ('rejection' in line) return line;
    lines.push(line);
  }
  return lines;
}

/**
 * The units of `named` lines, as numbers of units given back: cancelled or returned, in whatever order that happens.
 * Shape: a line may be named several times; each takes the units after the one before.
 */
export function rangesOf(
  { lines }: Pick<LiveOrder, 'lines'>,
  named: readonly Readonly<{ line: number; quantity: number }>[],
): readonly Readonly<{ line: number; from: number; to: number }>[] {
  const given = new Map(lines.map(({ line, cancelled, returned }) => [line, cancelled + returned]));
  return named.map(({ line, quantity }) => {
    const from = given.get(line) ?? 0;
    given.set(line, from + quantity);
    return { line, from, to: from + quantity };
  });
}
