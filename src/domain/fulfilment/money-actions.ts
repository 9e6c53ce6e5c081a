import type { FulfilmentAction, MoneyAction } from './fulfilment.actions.js';
import type { FulfilmentState, PaymentStanding } from './fulfilment.state.js';
import { nextTry } from './retries.js';

/** How often the process authorizes a payment whose authorizations expire; then somebody has to look. */
const MAX_AUTHORIZATIONS = 3;

/** Of the payments in the order's currency. */
const sum = ({ order, payments }: FulfilmentState, amount: (payment: PaymentStanding) => bigint): bigint =>
  payments
    .filter(({ currency }) => currency === order.currency)
    .reduce((minor, payment) => minor + amount(payment), 0n);

/** What is there for the order: held, or taken and not given back. */
const securedMinor = (payment: PaymentStanding): bigint =>
  payment.heldMinor + payment.capturingMinor + keptMinor(payment);
const keptMinor = ({ capturedMinor, refundedMinor, refundingMinor, disputedMinor }: PaymentStanding): bigint =>
  capturedMinor - refundedMinor - refundingMinor - disputedMinor;
/** What an authorization that has no outcome yet may bring. */
const hopedMinor = ({ authorization, minor, capturedMinor }: PaymentStanding): bigint =>
  authorization === 'pending' || authorization === 'requires-action' ? minor - capturedMinor : 0n;

/**
 * What is to be done so that the money is there: `paid` if it is. Payments that the client began are authorized, as many
 * as are needed. An order that says its payment method is paid by it, once: when that fails, the order is rejected. Of
 * one that says none, the client may begin another payment until the deadline.
 */
export function payingFor(state: FulfilmentState): 'paid' | readonly FulfilmentAction[] {
  const { order, payments } = state;
  let missing = order.dueMinor - sum(state, securedMinor);
  if (missing <= 0n) return 'paid';
  missing -= sum(state, hopedMinor);
  const actions: MoneyAction[] = [];
  for (const { paymentId, isProvided, currency, minor, authorization } of payments) {
    const fits = isProvided && currency === order.currency && authorization === 'none';
    if (missing <= 0n || !fits) continue;
    actions.push({ type: 'authorize', paymentId, attempt: 1 });
    missing -= minor;
  }
  if (missing <= 0n || order.paymentMethod === undefined) return actions;
  if (!payments.some(({ isOurs }) => isOurs)) {
    return [
      ...actions,
      { type: 'initiate-payment', amount: { minor: missing, currency: order.currency }, method: order.paymentMethod },
    ];
  }
  if (actions.length > 0 || sum(state, hopedMinor) > 0n) return actions;
  return [{ type: 'reject', code: 'payment-failed', reason: 'The payment was declined, or is no longer held' }];
}

/**
 * Once anything has shipped, all that is due is taken, in a last capture of each authorization: most can be captured only
 * once, and what is not due is to be let go of. While a capture is under way, nobody knows what it leaves. An authorization
 * that expired before is asked for again.
 */
export function captures(state: FulfilmentState): readonly MoneyAction[] {
  const { order, payments } = state;
  if (order.shipped.length === 0) return [];
  let missing = order.dueMinor - sum(state, ({ capturedMinor, capturingMinor }) => capturedMinor + capturingMinor);
  const actions: MoneyAction[] = [];
  for (const { paymentId, currency, heldMinor, capturingMinor, asked, refused } of payments) {
    const next = nextTry(refused.capture);
    if (missing <= 0n || currency !== order.currency || heldMinor <= 0n || capturingMinor > 0n || !next) continue;
    const minor = heldMinor < missing ? heldMinor : missing;
    actions.push({ type: 'capture', paymentId, attempt: asked.capture + 1, amount: { minor, currency }, ...next });
    missing -= minor;
  }
  missing -= sum(state, hopedMinor);
  for (const payment of payments) {
    if (missing <= 0n || payment.currency !== order.currency || !isAuthorizedAgain(payment)) continue;
    actions.push({ type: 'authorize', paymentId: payment.paymentId, attempt: payment.asked.authorization + 1 });
    missing -= payment.minor;
  }
  return [...actions, ...surplus(state)];
}

const isAuthorizedAgain = ({ authorization, asked }: PaymentStanding): boolean =>
  authorization === 'expired' && asked.authorization < MAX_AUTHORIZATIONS;

/** Authorizations of which nothing was taken, nor will be: all that is due has been taken from others. */
function surplus(state: FulfilmentState): readonly MoneyAction[] {
  if (sum(state, ({ capturedMinor }) => capturedMinor) < state.order.dueMinor) return [];
  return state.payments.filter(({ capturedMinor }) => capturedMinor === 0n).flatMap(voids);
}

/**
 * What was taken for units that were cancelled afterwards goes back. Returns are refunded by others: what they have given
 * back for those is no part of it.
 */
export function refundsOfExcess(state: FulfilmentState): readonly MoneyAction[] {
  let excess = excessMinor(state);
  return state.payments.flatMap((payment) => {
    if (payment.currency !== state.order.currency) return [];
    const kept = keptMinor(payment);
    const asked = refund(payment, kept < excess ? kept : excess, 'Units of the order were cancelled');
    if (asked.length > 0) excess -= kept;
    return asked;
  });
}

function excessMinor(state: FulfilmentState): bigint {
  const { dueMinor, returnedMinor } = state.order;
  const byOthers = sum(state, ({ refundedByOthersMinor }) => refundedByOthersMinor);
  const forReturns = byOthers < returnedMinor ? byOthers : returnedMinor;
  return sum(state, keptMinor) + forReturns - dueMinor;
}

/** A dead order holds no money: what is held is let go of, what was taken goes back, whenever it came. */
export function lettingGo({ order, payments }: FulfilmentState): readonly MoneyAction[] {
  const why = order.status === 'cancelled' ? 'The order was cancelled' : 'The order was rejected';
  return payments.flatMap((payment) => [...voids(payment), ...refund(payment, keptMinor(payment), why)]);
}

/** Nobody can tell what is held while an answer is outstanding. */
function voids({
  paymentId,
  authorization,
  heldMinor,
  pending,
  asked,
  refused,
}: PaymentStanding): readonly MoneyAction[] {
  const isHeld = heldMinor > 0n || authorization === 'requires-action';
  const next = nextTry(refused.void);
  if (!isHeld || pending || !next) return [];
  return [{ type: 'void', paymentId, attempt: asked.void + 1, ...next }];
}

/** What a provider took. What was settled elsewhere is given back where it was settled. */
function refund(payment: PaymentStanding, minor: bigint, reason: string): readonly MoneyAction[] {
  const { paymentId, isProvided, currency, asked, refused } = payment;
  const next = nextTry(refused.refund);
  if (minor <= 0n || !isProvided || !next) return [];
  return [{ type: 'refund', paymentId, attempt: asked.refund + 1, amount: { minor, currency }, reason, ...next }];
}

/** Whether goods have shipped whose money has not been taken. */
export const isMoneyMissing = (state: FulfilmentState): boolean =>
  state.order.shipped.length > 0 && sum(state, ({ capturedMinor }) => capturedMinor) < state.order.dueMinor;

/** Whether what is due was let go of: it is neither held nor taken, nor asked for when the order ships. */
export function isMoneyGone(state: FulfilmentState): boolean {
  const there = sum(state, (payment) => {
    const { heldMinor, capturingMinor, capturedMinor, minor } = payment;
    const held = isAuthorizedAgain(payment) ? minor - capturedMinor : heldMinor + capturingMinor;
    return capturedMinor + held + hopedMinor(payment);
  });
  return there < state.order.dueMinor;
}

/** Whether money is there that should not be: of a dead order any, of a live one what was taken and is not due. */
export function isMoneyLeft(state: FulfilmentState): boolean {
  const { order, payments } = state;
  if (order.status !== 'cancelled' && order.status !== 'rejected') return excessMinor(state) > 0n;
  return payments.some((payment) => payment.heldMinor > 0n || keptMinor(payment) > 0n);
}
