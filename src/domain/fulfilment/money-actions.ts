import type { FulfilmentAction, MoneyAction } from './fulfilment.actions.js';
import type { FulfilmentState, PaymentStanding } from './fulfilment.state.js';

/** How often the process asks for the same, where the provider said no; then somebody has to look. */
const MAX_ATTEMPTS = 3;

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
 * Once anything has shipped, all that is due is taken: providers take from an authorization once, and let go of the rest.
 * An authorization that expired before is asked for again.
 */
export function captures(state: FulfilmentState): readonly MoneyAction[] {
  const { order, payments } = state;
  if (order.shipped.length === 0) return [];
  let missing = order.dueMinor - sum(state, ({ capturedMinor, capturingMinor }) => capturedMinor + capturingMinor);
  const actions: MoneyAction[] = [];
  for (const { paymentId, currency, heldMinor, asked, failed } of payments) {
    if (missing <= 0n || currency !== order.currency || heldMinor <= 0n || failed.capture >= MAX_ATTEMPTS) continue;
    const minor = heldMinor < missing ? heldMinor : missing;
    actions.push({ type: 'capture', paymentId, attempt: asked.capture + 1, amount: { minor, currency } });
    missing -= minor;
  }
  missing -= sum(state, hopedMinor);
  for (const { paymentId, currency, authorization, minor, asked } of payments) {
    if (missing <= 0n || currency !== order.currency || authorization !== 'expired') continue;
    if (asked.authorization >= MAX_ATTEMPTS) continue;
    actions.push({ type: 'authorize', paymentId, attempt: asked.authorization + 1 });
    missing -= minor;
  }
  return [...actions, ...surplus(state)];
}

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
  const { dueMinor, returnedMinor } = state.order;
  const byOthers = sum(state, ({ refundedByOthersMinor }) => refundedByOthersMinor);
  const forReturns = byOthers < returnedMinor ? byOthers : returnedMinor;
  let excess = sum(state, keptMinor) + forReturns - dueMinor;
  return state.payments.flatMap((payment) => {
    if (payment.currency !== state.order.currency) return [];
    const kept = keptMinor(payment);
    const asked = refund(payment, kept < excess ? kept : excess, 'Units of the order were cancelled');
    if (asked.length > 0) excess -= kept;
    return asked;
  });
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
  failed,
}: PaymentStanding): readonly MoneyAction[] {
  const isHeld = heldMinor > 0n || authorization === 'requires-action';
  if (!isHeld || pending || failed.void >= MAX_ATTEMPTS) return [];
  return [{ type: 'void', paymentId, attempt: asked.void + 1 }];
}

/** What a provider took. What was settled elsewhere is given back where it was settled. */
function refund(payment: PaymentStanding, minor: bigint, reason: string): readonly MoneyAction[] {
  const { paymentId, isProvided, currency, asked, failed } = payment;
  if (minor <= 0n || !isProvided || failed.refund >= MAX_ATTEMPTS) return [];
  return [{ type: 'refund', paymentId, attempt: asked.refund + 1, amount: { minor, currency }, reason }];
}

/** Whether money is missing that should have been taken, or is there that should not be. */
export function isMoneyOpen(state: FulfilmentState): boolean {
  const { order, payments } = state;
  if (order.status === 'cancelled' || order.status === 'rejected') {
    return payments.some((payment) => payment.heldMinor > 0n || keptMinor(payment) > 0n);
  }
  return order.shipped.length > 0 && sum(state, ({ capturedMinor }) => capturedMinor) < order.dueMinor;
}
