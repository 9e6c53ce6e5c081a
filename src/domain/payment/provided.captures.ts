import { yes, type Decision } from '../decider.js';
import { sameMoney, type Money } from '../money.js';
import type { PaymentRejection } from './payment.commands.js';
import type { PaymentEvent } from './payment.events.js';
import { authorizationOf, capturedMinor, isVoiding, operationsOf, type ProvidedState } from './provided.state.js';

/**
 * What has been captured of one authorization, all together.
 * `operationId`  a name for what was captured there without us
 * `reference`    the provider's name of it; `authorizationReference` of the authorization
 * `amount`       of all its captures
 * `capturable`   what is left for another
 */
type SoFar = Readonly<{
  paymentId: string;
  operationId: string;
  reference: string;
  authorizationReference: string;
  amount: Money;
  capturable?: Money;
}>;
type Part = Readonly<{ operationId: string; amount: Money }>;

/**
 * A provider that does not tell the captures of an authorization apart says how much they are together. By what that is
 * more than we know of, a capture has succeeded that waits for just this, or all have that wait, or else one was made there
 * without us. The sum only grows, so what was overtaken on its way adds nothing.
 */
export function capturedSoFar(soFar: SoFar, state: ProvidedState): Decision<PaymentEvent, PaymentRejection> {
  const { paymentId, operationId, reference, authorizationReference, amount, capturable } = soFar;
  const missing = { ...amount, minor: amount.minor - capturedMinor(state, authorizationReference) };
  if (missing.minor <= 0n) return yes(...letGo(soFar, state));
  const waiting = waitingFor(missing, authorizationReference, state);
  const made = { operationId: state.operations.get(operationId) ? `${operationId}.${amount.minor}` : operationId };
  const parts: readonly Part[] = waiting.length > 0 ? waiting : [{ ...made, amount: missing }];
  const of = { paymentId, orderId: state.orderId, reference, authorizationReference };
  return yes(
    ...parts.map((part, index): PaymentEvent => {
      const isLast = index === parts.length - 1;
      const said = { ...of, operationId: part.operationId, amount: part.amount };
      return { type: 'CaptureSucceeded', data: { ...said, ...(isLast && capturable ? { capturable } : {}) } };
    }),
  );
}

/** The captures that make up this amount, oldest first: one, pending or given up, or all that are pending. */
function waitingFor(missing: Money, authorization: string, state: ProvidedState): readonly Part[] {
  const open = operationsOf(state, 'capture')
    .filter((each) => each.authorization === authorization && !each.told.includes('succeeded'))
    .reverse();
  const pending = open.filter(({ status }) => status === 'pending');
  const one = [...pending, ...open].find((each) => sameMoney(each.amount, missing));
  if (one) return [one];
  return pending.reduce((sum, each) => sum + each.amount.minor, 0n) === missing.minor ? pending : [];
}

/** What the captures left cannot be captured any more: it was let go of there, without our asking. */
function letGo({ paymentId, authorizationReference: reference, amount, capturable }: SoFar, state: ProvidedState) {
  const held = authorizationOf(state, reference);
  if (!held || held.ended !== undefined || capturable?.minor !== 0n || amount.minor >= held.amount.minor) return [];
  if (isVoiding(state, reference)) return []; // that is what its void will be told to have done
  const { operationId } = held;
  return [
    { type: 'AuthorizationExpired', data: { paymentId, orderId: state.orderId, operationId, reference } } as const,
  ];
}
