import { assertNever } from '../decider.js';
import type { Instant } from '../fact.js';
import type { Sku } from '../product/product.events.js';
import type { FulfilmentAction, FulfilmentRejection } from './fulfilment.actions.js';
import {
  deadlineOf,
  leftOf,
  reservedUntil,
  unitsOf,
  type FulfilledOrder,
  type FulfilmentState,
  type Movement,
  type ShelfHold,
} from './fulfilment.state.js';
import {
  captures,
  isMoneyGone,
  isMoneyLeft,
  isMoneyMissing,
  lettingGo,
  payingFor,
  refundsOfExcess,
} from './money-actions.js';

/**
 * What is to be done now for an order: reserve → assess the risk → authorize → commit and confirm → ship → capture; and
 * for one that is dead, let go of all that it holds. Actions that come together do not depend on each other. None: the
 * process waits for somebody else (`waitsFor`), or for the time to come (`dueAt`).
 */
export const nextActions = (state: FulfilmentState, at: Instant): readonly FulfilmentAction[] =>
  planned(state, at).filter((action) => (notBeforeOf(action) ?? at) <= at);

/** With those that are to be done later, if nothing changes. */
function planned(state: FulfilmentState, at: Instant): readonly FulfilmentAction[] {
  const { order } = state;
  switch (order.status) {
    case 'placed':
      return towardsConfirmation(state, at);
    case 'confirmed':
    case 'completed':
      return [...movingGoods(state), ...captures(state), ...refundsOfExcess(state)];
    case 'cancelled':
    case 'rejected':
      return [...releases(state, at), ...lettingGo(state)];
    default:
      return assertNever(order.status);
  }
}

const notBeforeOf = (action: FulfilmentAction): Instant | undefined =>
  'notBefore' in action ? action.notBefore : undefined;

function towardsConfirmation(state: FulfilmentState, at: Instant): readonly FulfilmentAction[] {
  const { order, holds } = state;
  const deadline = deadlineOf(state);
  if (at >= deadline) {
    return [rejection('fulfilment-timed-out', `It was not confirmed until ${deadline}: ${missingFor(state)}`)];
  }
  if (order.risk === 'decline') return [rejection('risk-declined', 'The assessment of its risk declined it')];
  if (order.review === 'decline') return [rejection('risk-declined', 'Who reviewed it declined it')];
  const unreserved = unreservedOf(state);
  if (unreserved.length > 0) {
    const expiresAt = reservedUntil(state, at);
    return unreserved.map(({ sku, quantity }) => ({ type: 'reserve', sku, quantity, expiresAt }) as const);
  }
  const stock = [...extensions(holds, deadline), ...cancellations(state)];
  if (stock.length > 0) return stock;
  const lost = wanted(order).find(({ sku, quantity }) =>
    holds.some((hold) => hold.sku === sku && leftOf(hold) < quantity),
  );
  if (lost) return [rejection('insufficient-stock', `Units of ${lost.sku} that were reserved for it were released`)];
  if (order.risk === undefined) return [{ type: 'assess-risk' }];
  if (order.risk === 'review' && order.review === undefined) return [];
  const paying = payingFor(state);
  if (paying !== 'paid') return paying;
  const uncommitted = holds.filter((hold) => !hold.committed && leftOf(hold) > 0);
  if (uncommitted.length > 0) return uncommitted.map(({ sku }) => ({ type: 'commit', sku }) as const);
  return [{ type: 'confirm' }];
}

export const rejection = (code: FulfilmentRejection, reason: string): FulfilmentAction => ({
  type: 'reject',
  code,
  reason,
});

/** What the order still wants of each SKU. */
const wanted = ({ ordered, cancelled }: FulfilledOrder) =>
  ordered
    .map(({ sku, quantity }) => ({ sku, quantity: quantity - total(cancelled, sku) }))
    .filter(({ quantity }) => quantity > 0);

const unreservedOf = ({ order, holds }: FulfilmentState) =>
  wanted(order).filter(({ sku }) => !holds.some((hold) => hold.sku === sku));

const total = (movements: readonly Movement[], sku: Sku): number =>
  movements.reduce((sum, { units }) => sum + unitsOf(units, sku), 0);

/** An order under review keeps its goods for as long as that may take. */
const extensions = (holds: readonly ShelfHold[], expiresAt: Instant): readonly FulfilmentAction[] =>
  holds
    .filter((hold) => !hold.committed && hold.expiresAt < expiresAt && leftOf(hold) > 0)
    .map(({ sku }) => ({ type: 'extend', sku, expiresAt }) as const);

/** Units leave and come back on the shelf as they do in the order; those that were cancelled are free again. */
const movingGoods = (state: FulfilmentState): readonly FulfilmentAction[] => [
  ...cancellations(state),
  ...shipments(state),
  ...comingBack(state),
];

function shipments({ order, holds }: FulfilmentState): readonly FulfilmentAction[] {
  return holds.flatMap((hold) =>
    beyond(order.shipped, hold.sku, hold.shipped).map((due) => ({ type: 'ship', ...due }) as const),
  );
}

/** A reservation that was made after a cancellation has left those units out already. */
function cancellations({ order, holds }: FulfilmentState): readonly FulfilmentAction[] {
  return holds.flatMap((hold) => {
    const leftOut = unitsOf(order.ordered, hold.sku) - hold.reserved;
    return beyond(order.cancelled, hold.sku, leftOut + hold.released).map(
      (due) => ({ type: 'release', ...due }) as const,
    );
  });
}

function comingBack({ order, holds }: FulfilmentState): readonly FulfilmentAction[] {
  return holds.flatMap((hold) =>
    (['sellable', 'damaged'] as const).flatMap((condition) => {
      const returned = order.returned.filter((each) => each.condition === condition);
      const due = beyond(returned, hold.sku, hold.returned[condition]);
      return due.map((each) => ({ type: 'take-back', ...each, condition }) as const);
    }),
  );
}

/** The movements of a SKU, oldest first, that come after the first `done` units: each is done whole, under its own name. */
function beyond(movements: readonly Movement[], sku: Sku, done: number) {
  let sum = 0;
  return movements.flatMap(({ revision, units }) => {
    const quantity = unitsOf(units, sku);
    sum += quantity;
    return quantity > 0 && sum > done ? [{ sku, revision, quantity }] : [];
  });
}

/** A reservation that was not committed is free by itself once it has expired. */
const releases = ({ holds }: FulfilmentState, at: Instant): readonly FulfilmentAction[] =>
  holds
    .filter((hold) => leftOf(hold) > 0 && (hold.committed || hold.expiresAt > at))
    .map(({ sku }) => ({ type: 'release', sku }) as const);

/** Whatever any clock says. */
export const AT_ONCE = 'at-once';

/** When something is to be done: an `Instant`, or `AT_ONCE`; `undefined` while it is for others to go on. */
export function dueAt(state: FulfilmentState): string | undefined {
  const { order } = state;
  const due = planned(state, order.placedAt).map((action) => notBeforeOf(action) ?? AT_ONCE);
  if (due.includes(AT_ONCE)) return AT_ONCE;
  return (order.status === 'placed' ? [...due, deadlineOf(state)] : due).toSorted()[0];
}

/** When the provider is next asked again for what it has refused; `undefined` where it has refused nothing, or too often. */
export const retryAt = (state: FulfilmentState): Instant | undefined =>
  planned(state, state.order.placedAt)
    .flatMap((action) => notBeforeOf(action) ?? [])
    .toSorted()[0];

/**
 * For whom the process waits when there is nothing to do.
 * `review`    somebody has to accept or decline the order
 * `payment`   the client has to begin a payment, or another
 * `customer`  the customer has to act with the payment provider (3-D Secure)
 * `provider`  an answer of the payment provider
 * `shipment`  whoever ships
 * `retry`     nobody: the provider has refused, and is asked again (`retryAt`)
 * `attention` the provider has refused again and again, what is due was let go of before it shipped, or what was settled
 *             elsewhere is to be given back there
 */
export const WAITS_FOR = ['review', 'payment', 'customer', 'provider', 'shipment', 'retry', 'attention'] as const;
export type WaitsFor = (typeof WAITS_FOR)[number];

export function waitsFor(state: FulfilmentState): WaitsFor | undefined {
  const { order } = state;
  if (order.status === 'placed') return confirmationWaitsFor(state);
  if (isPending(state)) return 'provider';
  const retry = retryAt(state) === undefined ? undefined : 'retry';
  // Nobody is asked to ship more before what has shipped is paid for.
  if (isMoneyMissing(state)) return isAsked(state) ? 'customer' : (retry ?? 'attention');
  if (order.status === 'confirmed' && !isShipped(order)) return isMoneyGone(state) ? 'attention' : 'shipment';
  return retry ?? (isMoneyLeft(state) ? 'attention' : undefined);
}

function confirmationWaitsFor(state: FulfilmentState): keyof typeof MISSING {
  const { risk, review } = state.order;
  if (isPending(state)) return 'provider';
  if (risk === 'review' && review === undefined) return 'review';
  return isAsked(state) ? 'customer' : 'payment';
}

const isPending = ({ payments }: FulfilmentState): boolean => payments.some(({ pending }) => pending);
const isAsked = ({ payments }: FulfilmentState): boolean =>
  payments.some(({ authorization }) => authorization === 'requires-action');

const isShipped = (order: FulfilledOrder): boolean =>
  order.shipped.length > 0 && wanted(order).every(({ sku, quantity }) => total(order.shipped, sku) >= quantity);

const MISSING = {
  review: 'nobody reviewed it',
  payment: 'it was not paid',
  customer: 'the customer did not confirm the payment',
  provider: 'the payment provider did not answer',
} as const satisfies Partial<Record<WaitsFor, string>>;

/** What an order was not confirmed for: the first that is missing, in the order of `towardsConfirmation`. */
function missingFor(state: FulfilmentState): string {
  if (unreservedOf(state).length > 0) {
    return state.holds.length === 0 ? 'its fulfilment had not begun' : 'not all of it had been reserved';
  }
  if (state.order.risk === undefined) return 'its risk had not been assessed';
  const whom = confirmationWaitsFor(state);
  return whom !== 'review' && payingFor(state) === 'paid' ? 'only its confirmation was missing' : MISSING[whom];
}
