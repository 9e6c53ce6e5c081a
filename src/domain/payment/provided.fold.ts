import { assertNever, CorruptHistory } from '../decider.js';
import type { Money } from '../money.js';
import { SortedMap } from '../sorted-map.js';
import type { DisputeStatus } from './payment.commands.js';
import type { OperationKind, ProvidedPaymentEvent } from './payment.events.js';
import {
  authorizationOf,
  capturedMinor,
  leftOf,
  leftToCapture,
  leftToRefund,
  type PaymentOperation,
  type ProvidedState,
  type Told,
} from './provided.state.js';

type Event<T extends ProvidedPaymentEvent['type']> = Extract<ProvidedPaymentEvent, { type: T }>;

export const initiated = ({ data }: Event<'PaymentInitiated'>): ProvidedState => {
  positive(data.amount, 'PaymentInitiated');
  const { orderId, amount, method, provider } = data;
  return {
    status: 'provided',
    orderId,
    amount,
    method,
    provider,
    operations: SortedMap.empty(),
    disputes: SortedMap.empty(),
  };
};

/** The payment after one more fact. What was asked for stays within the bounds; what the provider says is a fact. */
export function fold(state: ProvidedState, event: Exclude<ProvidedPaymentEvent, Event<'PaymentInitiated'>>) {
  switch (event.type) {
    case 'AuthorizationRequested':
      return asked(state, 'authorization', event.data);
    case 'CaptureRequested': {
      const { amount, authorizationReference } = event.data;
      const authorization = authorizationOf(state, authorizationReference);
      if (!authorization || amount.minor > leftToCapture(state, authorization)) throw beyond(event);
      return asked(state, 'capture', event.data);
    }
    case 'RefundRequested':
      if (event.data.amount.minor > leftOf(leftToRefund(state), event.data.authorizationReference)) throw beyond(event);
      return asked(state, 'refund', event.data);
    case 'VoidRequested':
      return asked(state, 'void', { ...event.data, amount: { minor: 0n, currency: state.amount.currency } });
    case 'AuthorizationSucceeded':
      return told(state, event, 'succeeded', { status: 'succeeded', reference: event.data.reference });
    case 'AuthorizationFailed':
      return told(state, event, 'failed', { status: 'failed' });
    case 'ActionRequired':
      return told(state, event, 'requires-action', { status: 'requires-action', reference: event.data.reference });
    case 'AuthorizationExpired':
      return told(state, event, 'expired', { ended: 'expired' });
    case 'CaptureSucceeded':
      return released(told(withOperation(state, 'capture', event.data), event, 'succeeded', succeeded(event)), event);
    case 'RefundSucceeded':
      return told(withOperation(state, 'refund', event.data), event, 'succeeded', succeeded(event));
    case 'RefundFailed': {
      const { reference } = event.data;
      return told(state, event, 'failed', { status: 'failed', ...(reference === undefined ? {} : { reference }) });
    }
    case 'CaptureFailed':
    case 'VoidFailed':
      return told(state, event, 'failed', { status: 'failed' });
    case 'RefundReversed':
      return told(state, event, 'failed', { status: 'reversed' });
    case 'OutcomeContradicted':
      return told(state, event, 'failed', {});
    case 'VoidSucceeded':
      return voided(state, event);
    case 'DisputeOpened':
      return disputed(state, event, 'opened');
    case 'DisputeWon':
      return disputed(state, event, 'won');
    case 'DisputeLost':
      return disputed(state, event, 'lost');
    default:
      return assertNever(event);
  }
}

const succeeded = ({ data }: Event<'CaptureSucceeded' | 'RefundSucceeded'>) =>
  ({ status: 'succeeded', reference: data.reference }) as const;

type Asked = Readonly<{
  operationId: string;
  amount: Money;
  authorizationReference?: string;
  reason?: string;
  isFinal?: 'yes' | 'no';
  partOf?: string;
}>;

function asked(state: ProvidedState, kind: OperationKind, { operationId, amount, ...rest }: Asked): ProvidedState {
  if (state.operations.get(operationId)) throw new CorruptHistory(`Operation ${operationId} twice`);
  if (kind !== 'void') positive(amount, `Request of ${kind} ${operationId}`);
  if (amount.currency !== state.amount.currency)
    throw new CorruptHistory(`${kind} ${operationId} in ${amount.currency}`);
  const { authorizationReference, reason, isFinal, partOf } = rest;
  const operation: PaymentOperation = {
    kind,
    operationId,
    ordinal: state.operations.size,
    amount,
    status: 'pending',
    told: [],
    ...(authorizationReference === undefined ? {} : { authorization: authorizationReference }),
    ...(reason === undefined ? {} : { reason }),
    ...(isFinal === undefined ? {} : { isFinal }),
    ...(partOf === undefined ? {} : { partOf }),
  };
  return { ...state, operations: state.operations.with(operationId, operation) };
}

/** What happened at the provider without us is an operation from then on. */
const withOperation = (state: ProvidedState, kind: OperationKind, data: Asked): ProvidedState =>
  state.operations.get(data.operationId) ? state : asked(state, kind, data);

function told(
  state: ProvidedState,
  { type, data: { operationId } }: Readonly<{ type: string; data: Readonly<{ operationId: string }> }>,
  what: Told,
  change: Partial<PaymentOperation>,
): ProvidedState {
  const known = state.operations.get(operationId);
  if (!known) throw new CorruptHistory(`${type} of ${operationId}, which nobody asked for`);
  if (known.told.includes(what)) throw new CorruptHistory(`${type} of ${operationId} twice`);
  const operation = { ...known, ...change, told: [...known.told, what] };
  return { ...state, operations: state.operations.with(operationId, operation) };
}

function voided(state: ProvidedState, event: Event<'VoidSucceeded'>): ProvidedState {
  const { operationId, reference } = event.data;
  const nothing = { minor: 0n, currency: state.amount.currency };
  const known = withOperation(state, 'void', { operationId, amount: nothing, authorizationReference: reference });
  const after = told(known, event, 'succeeded', { status: 'succeeded', reference });
  return ended(after, reference, 'voided');
}

/** What the capture left is no longer held, if the provider says so; of one that took the last of it, nothing was left. */
function released(after: ProvidedState, { data }: Event<'CaptureSucceeded'>): ProvidedState {
  const { authorizationReference, capturable } = data;
  const authorization = authorizationOf(after, authorizationReference);
  const isRest = authorization && capturedMinor(after, authorizationReference) < authorization.amount.minor;
  return isRest && capturable?.minor === 0n ? ended(after, authorizationReference, 'released') : after;
}

function ended(state: ProvidedState, reference: string, how: NonNullable<PaymentOperation['ended']>): ProvidedState {
  const held = authorizationOf(state, reference);
  if (!held || held.ended !== undefined) return state;
  return { ...state, operations: state.operations.with(held.operationId, { ...held, ended: how }) };
}

function disputed(
  state: ProvidedState,
  { type, data: { disputeId, amount } }: Event<'DisputeOpened' | 'DisputeWon' | 'DisputeLost'>,
  status: DisputeStatus,
): ProvidedState {
  const known = state.disputes.get(disputeId);
  if ((status === 'opened') !== (known === undefined)) throw new CorruptHistory(`${type} of ${disputeId} out of turn`);
  positive(amount, type);
  const told = [...(known?.told ?? []), status];
  return { ...state, disputes: state.disputes.with(disputeId, { amount, status, told }) };
}

function positive({ minor }: Money, what: string): void {
  if (minor <= 0n) throw new CorruptHistory(`${what} of ${minor}`);
}

const beyond = ({ type, data }: Event<'CaptureRequested' | 'RefundRequested'>): CorruptHistory =>
  new CorruptHistory(`${type} ${data.operationId} of ${data.amount.minor}, which is more than is left`);
