import { no, yes } from '../decider.js';
import { parseDecimal } from '../decimal.js';
import { exponentOf } from '../currencies.js';
import type { Instant } from '../fact.js';
import { quantityFault } from '../quantity.js';
import { applied, isNothing, MAX_ASKED_LINES, type Answer, type Data, type Refused } from './order.asked.js';
import type { OrderRejection } from './order.commands.js';
import { adjustmentFault } from './order.content.js';
import type { DraftLine } from './order.events.js';
import type { Draft, OrderState } from './order.state.js';

/** What may be said of a cart: what it holds is priced, and held against the catalog, only when it is placed. */

export function draft(data: Data<'DraftOrder'>, state: OrderState, at: Instant): Answer {
  if (state.status !== 'none') return no({ code: 'order-already-placed' });
  if (exponentOf(data.currency) === undefined) return no({ code: 'currency-unknown', currency: data.currency });
  if (data.lines.length > MAX_ASKED_LINES) return no({ code: 'too-many-lines', allowed: MAX_ASKED_LINES });
  const lines = data.lines.map((line, index) => ({ ...line, line: index + 1 }));
  const fault = linesFault(lines) ?? adjustmentFault(data.adjustments ?? []) ?? expiryFault(data.expiresAt, at);
  return fault ? no(fault) : yes({ type: 'OrderDrafted', data: { ...data, lines } });
}

export function change({ orderId, changes, ...rest }: Data<'ChangeDraft'>, state: OrderState, at: Instant): Answer {
  const cart = openDraft(state, at);
  if ('rejection' in cart) return no(cart.rejection);
  if (isNothing(changes) && Object.values(rest).every((value) => value === undefined)) {
    return no({ code: 'nothing-to-change' });
  }
  const after = applied(cart.lines, cart.nextLine, changes);
  if ('rejection' in after) return no(after.rejection);
  const { setAdjustments: adjustments, removeLines = [] } = changes;
  const fault = linesFault(after.set) ?? adjustmentFault(adjustments ?? []) ?? expiryFault(rest.expiresAt, at);
  if (fault) return no(fault);
  return yes({
    type: 'DraftChanged',
    data: {
      orderId,
      ...rest,
      ...(after.set.length === 0 ? {} : { set: after.set }),
      ...(removeLines.length === 0 ? {} : { removed: removeLines.map(({ line }) => line) }),
      ...(adjustments === undefined ? {} : { adjustments }),
    },
  });
}

export function discard({ orderId, reason }: Data<'DiscardDraft'>, state: OrderState): Answer {
  // An expired draft may still be discarded: it is tidied away.
  if (state.status !== 'draft') return no(notDraft(state.status));
  return yes({ type: 'DraftDiscarded', data: { orderId, ...(reason === undefined ? {} : { reason }) } });
}

/** The draft while it is one and has not expired at `at`; else why not. */
export function openDraft(state: OrderState, at: Instant): Draft | Refused {
  if (state.status !== 'draft') return { rejection: notDraft(state.status) };
  const { expiresAt } = state.draft;
  if (expiresAt !== undefined && expiresAt <= at) return { rejection: { code: 'draft-expired', expiresAt } };
  return state.draft;
}

function notDraft(status: Exclude<OrderState['status'], 'draft'>): OrderRejection {
  if (status === 'none') return { code: 'draft-unknown' };
  return { code: status === 'discarded' ? 'draft-discarded' : 'order-already-placed' };
}

const expiryFault = (expiresAt: Instant | undefined, at: Instant): OrderRejection | undefined =>
  expiresAt !== undefined && expiresAt <= at ? { code: 'draft-expiry-not-ahead' } : undefined;

/** `asked` are those that are new or changed. */
function linesFault(asked: readonly DraftLine[]): OrderRejection | undefined {
  for (const { line, quantity, unitPrice } of asked) {
    const fault = quantityFault(quantity);
    if (fault) return { code: fault, line };
    if (unitPrice === undefined) continue;
    const price = parseDecimal(unitPrice);
    if (price === undefined) return { code: 'price-malformed', line };
    if (price.startsWith('-')) return { code: 'price-negative', line };
  }
  return undefined;
}
