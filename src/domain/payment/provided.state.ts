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
 * `isFinal`        of a capture that was asked for: whether what it leaves is to be let go of
 * `partOf`         of a refund over several authorizations: the operation of its first part
 * `ended`          of an authorization: what of it was not captured is no longer held
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
  isFinal?: 'yes' | 'no';
  partOf?: string;
  ended?: 'voided' | 'expired' | 'released';
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

/** The authorization of that reference. */
export const authorizationOf = (state: ProvidedState, reference: string): PaymentOperation | undefined =>
  operationsOf(state, 'authorization').find((each) => each.reference === reference);

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
      operation.ended === undefined &&
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

/** What is left to give back, in minor units: in all, and of each authorization, the most first. */
export type LeftToRefund = Readonly<{
  inAll: bigint;
  parts: readonly Readonly<{ authorization: string; minor: bigint }>[];
}>;

/** A provider gives back what it took under one authorization; disputes keep from us what may be of any. */
export function leftToRefund(state: ProvidedState): LeftToRefund {
  const captures = operationsOf(state, 'capture').flatMap(({ authorization }) => authorization ?? []);
  const parts = [...new Set(captures)]
    .map((authorization) => {
      const minor = capturedMinor(state, authorization) - movedMinor(state, 'refund', authorization);
      return { authorization, minor };
    })
    .filter(({ minor }) => minor > 0n)
    .sort((a, b) => (a.minor === b.minor ? 0 : a.minor > b.minor ? -1 : 1));
  const kept = capturedMinor(state) - movedMinor(state, 'refund') - disputedMinor(state);
  const sum = parts.reduce((total, { minor }) => total + minor, 0n);
  const inAll = kept < sum ? kept : sum;
  return { inAll: inAll > 0n ? inAll : 0n, parts };
}

/** What one refund can give back of one authorization, in minor units. */
export function leftOf({ inAll, parts }: LeftToRefund, authorization: string): bigint {
  const minor = parts.find((part) => part.authorization === authorization)?.minor ?? 0n;
  return minor < inAll ? minor : inAll;
}

/** Of the newest authorization. */
export function authorizationStatus(state: ProvidedState): AuthorizationStatus {
  const newest = operationsOf(state, 'authorization')[0];
  if (!newest) return 'none';
  if (newest.ended !== undefined) return newest.ended;
  if (newest.reference !== undefined && isVoiding(state, newest.reference)) return 'voiding';
  if (newest.status === 'succeeded') return 'authorized';
  return newest.status === 'reversed' ? 'failed' : newest.status;
}
