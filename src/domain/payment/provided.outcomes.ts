import { assertNever, no, yes, type Decision } from '../decider.js';
import { sameMoney, type Money } from '../money.js';
import type {
  FailedOutcome,
  MovementOutcome,
  PaymentCommand,
  PaymentOutcome,
  PaymentRejection,
} from './payment.commands.js';
import type { OperationKind, PaymentEvent } from './payment.events.js';
import { capturedSoFar } from './provided.captures.js';
import { amountFault } from './provided.requests.js';
import { operationsOf, type PaymentOperation, type ProvidedState } from './provided.state.js';

type Data<T extends PaymentCommand['type']> = Extract<PaymentCommand, { type: T }>['data'];
type Answer = Decision<PaymentEvent, PaymentRejection>;
type Succeeded = Extract<MovementOutcome, { status: 'succeeded' }>;
/** Whose outcome it is, as every event says it. */
type Subject = Readonly<{ paymentId: string; orderId: string; operationId: string }>;

/**
 * Writes down what the provider says became of an operation. Each kind of outcome counts once per operation, so what
 * comes again, however late, changes nothing; one that contradicts an earlier one is a fact of its own. Money that moved
 * at the provider without our asking is written down as well.
 */
export function outcome(command: PaymentOutcome, state: ProvidedState): Answer {
  switch (command.type) {
    case 'RecordAuthorization':
      return authorized(command.data, state);
    case 'RecordCapture':
      return captured(command.data, state);
    case 'RecordRefund':
      return moved('refund', command.data, state);
    case 'RecordVoid':
      return voided(command.data, state);
    case 'RecordDispute':
      return disputed(command.data, state);
    default:
      return assertNever(command);
  }
}

function authorized({ paymentId, operationId, outcome }: Data<'RecordAuthorization'>, state: ProvidedState): Answer {
  const known = state.operations.get(operationId);
  if (!known) return no({ code: 'operation-unknown', operationId });
  if (known.kind !== 'authorization') return no({ code: 'operation-id-reused', operationId });
  if (known.told.includes(outcome.status)) return yes();
  const of = { paymentId, orderId: state.orderId, operationId };
  switch (outcome.status) {
    case 'succeeded': {
      const { status: _, ...said } = outcome;
      return yes({ type: 'AuthorizationSucceeded', data: { ...of, amount: known.amount, ...said } });
    }
    case 'failed': {
      if (known.status === 'succeeded') return contradicted(of, 'authorization', outcome);
      const { status: _, ...said } = outcome;
      return yes({ type: 'AuthorizationFailed', data: { ...of, ...said } });
    }
    case 'requires-action': {
      // A step on the way, which what came after it has overtaken.
      if (known.status !== 'pending' || known.ended !== undefined) return yes();
      const { status: _, ...said } = outcome;
      return yes({ type: 'ActionRequired', data: { ...of, ...said } });
    }
    case 'expired': {
      if (known.ended !== undefined) return yes();
      const { status: _, ...said } = outcome;
      return yes({ type: 'AuthorizationExpired', data: { ...of, ...said } });
    }
    default:
      return assertNever(outcome);
  }
}

function captured(data: Data<'RecordCapture'>, state: ProvidedState): Answer {
  const { outcome, operationId } = data;
  if (outcome.status === 'failed' || outcome.isSum === undefined) return moved('capture', data, state);
  const { amount, authorizationReference } = outcome;
  if (!amount || authorizationReference === undefined) return no({ code: 'operation-unknown', operationId });
  const rejection = fault(amount, state);
  return rejection ? no(rejection) : capturedSoFar({ ...data, ...outcome, amount, authorizationReference }, state);
}

function moved(
  kind: 'capture' | 'refund',
  data: Data<'RecordCapture'> & Pick<Data<'RecordRefund'>, 'reason'>,
  state: ProvidedState,
): Answer {
  const { paymentId, outcome } = data;
  const known = meant(kind, data, state);
  if (!known) return withoutUs(kind, data, state);
  const of = { paymentId, orderId: state.orderId, operationId: known.operationId };
  if (known.kind !== kind) return no({ code: 'operation-id-reused', operationId: known.operationId });
  if (known.told.includes(outcome.status)) return yes();
  const { amount, reference, authorization: authorizationReference = '' } = known;
  if (outcome.status === 'succeeded') {
    // What a provider says of a refund that it made ends with its failure: a success is older, and was held up.
    if (kind === 'refund' && known.status === 'failed' && reference === outcome.reference) return yes();
    const said = { ...of, amount, reference: outcome.reference, authorizationReference };
    if (kind === 'capture') return yes({ type: 'CaptureSucceeded', data: { ...said, ...capturableOf(outcome) } });
    return yes({ type: 'RefundSucceeded', data: { ...said, reason: known.reason ?? '' } });
  }
  const { code, reason } = outcome;
  if (known.status !== 'succeeded') {
    if (kind === 'capture') return yes({ type: 'CaptureFailed', data: { ...of, amount, code, reason } });
    const made = outcome.reference === undefined ? {} : { reference: outcome.reference };
    return yes({ type: 'RefundFailed', data: { ...of, amount, code, reason, ...made } });
  }
  if (kind === 'capture') return contradicted(of, 'capture', outcome);
  return yes({ type: 'RefundReversed', data: { ...of, amount, code, reason, reference: reference ?? '' } });
}

function voided({ paymentId, operationId, outcome }: Data<'RecordVoid'>, state: ProvidedState): Answer {
  const known =
    state.operations.get(operationId) ??
    (outcome.status === 'succeeded'
      ? operationsOf(state, 'void').find((operation) => operation.authorization === outcome.reference)
      : undefined);
  const of = { paymentId, orderId: state.orderId, operationId: known?.operationId ?? operationId };
  if (known && known.kind !== 'void') return no({ code: 'operation-id-reused', operationId });
  if (known?.told.includes(outcome.status)) return yes();
  if (outcome.status === 'succeeded') {
    const { reference } = outcome;
    const isOurs = known ?? operationsOf(state, 'authorization').find((operation) => operation.reference === reference);
    return isOurs
      ? yes({ type: 'VoidSucceeded', data: { ...of, reference } })
      : no({ code: 'operation-unknown', operationId });
  }
  if (!known) return no({ code: 'operation-unknown', operationId });
  if (known.status === 'succeeded') return contradicted(of, 'void', outcome);
  const { code, reason } = outcome;
  return yes({ type: 'VoidFailed', data: { ...of, code, reason } });
}

/** A dispute that we hear of by its end was opened before. */
function disputed(data: Data<'RecordDispute'>, state: ProvidedState): Answer {
  const { paymentId, disputeId, amount, reason, status } = data;
  const of = { paymentId, orderId: state.orderId, disputeId };
  const known = state.disputes.get(disputeId);
  if (known?.told.includes(status)) return yes();
  const rejection = known ? undefined : fault(amount, state);
  if (rejection) return no(rejection);
  const opened: readonly PaymentEvent[] = known ? [] : [{ type: 'DisputeOpened', data: { ...of, amount, reason } }];
  switch (status) {
    case 'opened':
      return yes(...opened);
    case 'won':
      return yes<PaymentEvent>(...opened, { type: 'DisputeWon', data: { ...of, amount: known?.amount ?? amount } });
    case 'lost':
      return yes<PaymentEvent>(...opened, { type: 'DisputeLost', data: { ...of, amount: known?.amount ?? amount } });
    default:
      return assertNever(status);
  }
}

/**
 * The operation that an outcome is about. Who tells us may know only the provider's names of things: then it is the one
 * of that reference, or else the one that waits for just this, or that was given up.
 */
function meant(
  kind: 'capture' | 'refund',
  { operationId, outcome }: Data<'RecordCapture'>,
  state: ProvidedState,
): PaymentOperation | undefined {
  const known = state.operations.get(operationId);
  if (known || outcome.status === 'failed') return known;
  const { reference, amount, authorizationReference } = outcome;
  const all = operationsOf(state, kind);
  const waiting = all.filter(
    (each) =>
      !each.told.includes('succeeded') &&
      each.authorization === authorizationReference &&
      amount !== undefined &&
      sameMoney(each.amount, amount),
  );
  return (
    all.find((each) => each.reference === reference) ?? waiting.find(({ status }) => status === 'pending') ?? waiting[0]
  );
}

/** It happened at the provider, and nobody asked for it here. */
function withoutUs(
  kind: 'capture' | 'refund',
  { paymentId, operationId, outcome, reason }: Data<'RecordCapture'> & Pick<Data<'RecordRefund'>, 'reason'>,
  state: ProvidedState,
): Answer {
  if (outcome.status === 'failed') return no({ code: 'operation-unknown', operationId });
  const { reference, amount, authorizationReference } = outcome;
  if (!amount || authorizationReference === undefined) return no({ code: 'operation-unknown', operationId });
  const rejection = fault(amount, state);
  if (rejection) return no(rejection);
  const said = { paymentId, orderId: state.orderId, operationId, reference, amount, authorizationReference };
  return kind === 'capture'
    ? yes({ type: 'CaptureSucceeded', data: { ...said, ...capturableOf(outcome) } })
    : yes({ type: 'RefundSucceeded', data: { ...said, reason: reason ?? 'made at the provider' } });
}

const capturableOf = ({ capturable }: Succeeded) => (capturable === undefined ? {} : { capturable });

const fault = (amount: Money, state: ProvidedState): PaymentRejection | undefined =>
  amount.currency === state.amount.currency
    ? amountFault(amount)
    : { code: 'currency-mismatch', expected: state.amount.currency };

const contradicted = (of: Subject, operation: OperationKind, { code, reason }: FailedOutcome): Answer =>
  yes({ type: 'OutcomeContradicted', data: { ...of, operation, code, reason } });
