import { SortedMap } from '../sorted-map.js';
import type { Money } from '../money.js';
import type { OrderId } from '../order/order.events.js';
import type { AuthorizationStatus, DisputeStatus } from './payment.commands.js';
import type { OperationKind, ProviderName } from './payment.events.js';

/**
 * One thing that was asked of the provider, or that happened there without us.
 * `ordinal`        counts a payment's operations from 0, as they came
 * `amount`         zero for a void
 * `authorization`  the provider's reference of the authorization that it is about; an authorization has its `reference`
 * `told`           every kind of outcome that has been recorded: each counts once
 * `released`       of an authorization: what of it was not captured is no longer held
 */
export type PaymentOperation = Readonly<{
  kind: OperationKind;
  operationId: string;
  ordinal: number;
  amount: Money;
  status: 'pending' | 'requires-action' | 'succeeded' | 'failed' | 'reversed';
  told: readonly Told[];
  authorization?: string;
  reference?: string;
  reason?: string;
  released?: 'voided' | 'expired';
}>;
export type Told = 'succeeded' | 'failed' | 'requires-action' | 'expired';

export type Dispute = Readonly<{ amount: Money; status: DisputeStatus; told: readonly DisputeStatus[] }>;

/** A payment that a provider carries out. `amount` is what is to be taken in all. */
export type ProvidedState = Readonly<{
  status: 'provided';
  orderId: OrderId;
  amount: Money;
  method: string;
  provider: ProviderName;
  operations: SortedMap<PaymentOperation>;
  disputes: SortedMap<Dispute>;
}>;

export const operationsOf = (state: ProvidedState, kind: OperationKind): readonly PaymentOperation[] =>
  [...state.operations.entries()]
    .map(([, operation]) => operation)
    .filter((operation) => operation.kind === kind)
    .sort((a, b) => b.ordinal - a.ordinal);

const isPending = ({ status }: PaymentOperation): boolean => status === 'pending';
/** It has happened, or may have. */
const mayCount = ({ status }: PaymentOperation): boolean => status === 'pending' || status === 'succeeded';

/** The operation of that kind whose outcome is not known, the newest first. */
export const pendingOf = (state: ProvidedState, kind: OperationKind): PaymentOperation | undefined =>
  operationsOf(state, kind).find(isPending);

/** Minor units that were captured or refunded, or may have been: pending ones count. Of one authorization, or of all. */
export const movedMinor = (state: ProvidedState, kind: 'capture' | 'refund', authorization?: string): bigint =>
  operationsOf(state, kind)
    .filter((operation) => mayCount(operation))
    .filter((operation) => authorization === undefined || operation.authorization === authorization)
    .reduce((sum, { amount }) => sum + amount.minor, 0n);

/** Minor units that the provider says were captured: there to be given back. */
export const capturedMinor = (state: ProvidedState, authorization?: string): bigint =>
  operationsOf(state, 'capture')
    .filter(({ status }) => status === 'succeeded')
    .filter((operation) => authorization === undefined || operation.authorization === authorization)
    .reduce((sum, { amount }) => sum + amount.minor, 0n);

/** Minor units that disputes keep from us: those that are open, and those that were lost. */
export const disputedMinor = ({ disputes }: ProvidedState): bigint =>
  [...disputes.entries()].reduce((sum, [, { amount, status }]) => (status === 'won' ? sum : sum + amount.minor), 0n);

/** The newest authorization that holds money, and is not about to let go of it. */
export const liveAuthorization = (state: ProvidedState): (PaymentOperation & { reference: string }) | undefined =>
  operationsOf(state, 'authorization').find(
    (operation): operation is PaymentOperation & { reference: string } =>
      operation.status === 'succeeded' &&
      operation.released === undefined &&
      operation.reference !== undefined &&
      !isVoiding(state, operation.reference),
  );

export const isVoiding = (state: ProvidedState, reference: string): boolean =>
  operationsOf(state, 'void').some((operation) => isPending(operation) && operation.authorization === reference);

/** What is left to take of an authorization, and of the payment as a whole. */
export function leftToCapture(state: ProvidedState, { amount, reference }: PaymentOperation): bigint {
  const ofAuthorization = amount.minor - movedMinor(state, 'capture', reference);
  const ofPayment = state.amount.minor - movedMinor(state, 'capture');
  return ofAuthorization < ofPayment ? ofAuthorization : ofPayment;
}

/** What is left to give back in one refund, and of which authorization: a refund cannot reach over two. */
export function leftToRefund(state: ProvidedState): Readonly<{ minor: bigint; authorization?: string }> {
  const inAll = capturedMinor(state) - movedMinor(state, 'refund') - disputedMinor(state);
  let most: Readonly<{ minor: bigint; authorization?: string }> = { minor: 0n };
  for (const authorization of new Set(operationsOf(state, 'capture').map((capture) => capture.authorization))) {
    if (authorization === undefined) continue;
    const minor = capturedMinor(state, authorization) - movedMinor(state, 'refund', authorization);
    if (minor > most.minor) most = { minor, authorization };
  }
  return most.minor <= inAll ? most : { ...most, minor: inAll > 0n ? inAll : 0n };
}

/** Of the newest authorization. */
export function authorizationStatus(state: ProvidedState): AuthorizationStatus {
  const newest = operationsOf(state, 'authorization')[0];
  if (!newest) return 'none';
  if (newest.released !== undefined) return newest.released;
  if (newest.reference !== undefined && isVoiding(state, newest.reference)) return 'voiding';
  if (newest.status === 'succeeded') return 'authorized';
  return newest.status === 'reversed' ? 'failed' : newest.status;
}
