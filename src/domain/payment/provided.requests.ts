import { exponentOf } from '../currencies.js';
import { assertNever, no, yes, type Decision } from '../decider.js';
import { MAX_MINOR, sameMoney, type Money } from '../money.js';
import type { PaymentCommand, PaymentRejection, PaymentRequest } from './payment.commands.js';
import type { PaymentEvent } from './payment.events.js';
import {
  authorizationStatus,
  leftToCapture,
  leftToRefund,
  liveAuthorization,
  movedMinor,
  operationsOf,
  pendingOf,
  type PaymentOperation,
  type ProvidedState,
} from './provided.state.js';

type Data<T extends PaymentCommand['type']> = Extract<PaymentCommand, { type: T }>['data'];
type Answer = Decision<PaymentEvent, PaymentRejection>;

export function initiate(data: Data<'InitiatePayment'>): Answer {
  const rejection = amountFault(data.amount);
  return rejection ? no(rejection) : yes({ type: 'PaymentInitiated', data });
}

/** What is wrong with an amount, whatever the payment. */
export function amountFault({ minor, currency }: Money): PaymentRejection | undefined {
  if (exponentOf(currency) === undefined) return { code: 'currency-unknown', currency };
  if (minor <= 0n) return { code: 'amount-not-positive' };
  return minor > MAX_MINOR ? { code: 'amount-too-large' } : undefined;
}

/** The operation id is checked before the state, so that a repeated request succeeds whatever came after it. */
export function request(command: PaymentRequest, state: ProvidedState): Answer {
  const earlier = state.operations.get(command.data.operationId);
  if (earlier) {
    const { operationId } = command.data;
    return isSame(command, earlier, state) ? yes() : no({ code: 'operation-id-reused', operationId });
  }
  switch (command.type) {
    case 'RequestAuthorization':
      return authorize(command.data, state);
    case 'RequestCapture':
      return capture(command.data, state);
    case 'RequestVoid':
      return release(command.data, state);
    case 'RequestRefund':
      return refund(command.data, state);
    default:
      return assertNever(command);
  }
}

function isSame(command: PaymentRequest, earlier: PaymentOperation, state: ProvidedState): boolean {
  const { kind, amount, reason } = earlier;
  switch (command.type) {
    case 'RequestAuthorization':
      return kind === 'authorization';
    case 'RequestCapture':
      return (
        kind === 'capture' &&
        sameMoney(amount, command.data.amount) &&
        isSameChoice(command.data.isFinal, earlier.isFinal)
      );
    case 'RequestVoid':
      return kind === 'void' && reason === command.data.reason;
    case 'RequestRefund':
      return (
        kind === 'refund' &&
        earlier.partOf === undefined &&
        sameMoney(wholeOf(earlier, state), command.data.amount) &&
        reason === command.data.reason
      );
    default:
      return assertNever(command);
  }
}

/** Of a capture that takes all there is, nothing is kept of the choice. */
const isSameChoice = (asked: 'yes' | 'no' | undefined, kept: 'yes' | 'no' | undefined): boolean =>
  asked === undefined || kept === undefined || asked === kept;

/** What was asked to be given back, over all authorizations that it took. */
const wholeOf = ({ operationId, amount }: PaymentOperation, state: ProvidedState): Money =>
  operationsOf(state, 'refund')
    .filter(({ partOf }) => partOf === operationId)
    .reduce((sum, part) => ({ ...sum, minor: sum.minor + part.amount.minor }), amount);

/** For what has not been captured yet: once what is held has been let go of, or never was, it may be asked for again. */
function authorize({ paymentId, operationId }: Data<'RequestAuthorization'>, state: ProvidedState): Answer {
  const { orderId, method, provider } = state;
  const open = operationsOf(state, 'authorization').find(
    ({ status, ended }) => ended === undefined && (status === 'pending' || status === 'requires-action'),
  );
  if (open) return no({ code: 'operation-pending', operationId: open.operationId });
  const minor = state.amount.minor - movedMinor(state, 'capture');
  if (minor <= 0n || liveAuthorization(state)) return no({ code: 'payment-already-authorized' });
  const amount = { minor, currency: state.amount.currency };
  return yes({ type: 'AuthorizationRequested', data: { paymentId, orderId, operationId, amount, method, provider } });
}

/** What it leaves stays held for another, unless it is to be the last. While one is pending, nobody knows what it leaves. */
function capture({ paymentId, operationId, amount, isFinal }: Data<'RequestCapture'>, state: ProvidedState): Answer {
  const { orderId, provider } = state;
  const authorization = liveAuthorization(state);
  if (!authorization) return no({ code: 'payment-not-authorized', authorization: authorizationStatus(state) });
  const pending = pendingOf(state, 'capture');
  if (pending && isFinal === 'yes') return no({ code: 'operation-pending', operationId: pending.operationId });
  const remaining = { minor: leftToCapture(state, authorization), currency: state.amount.currency };
  const rejection = beyond(amount, remaining, 'exceeds-authorized');
  if (rejection) return no(rejection);
  const { reference: authorizationReference } = authorization;
  const leaves = pending !== undefined || amount.minor < remaining.minor;
  return yes({
    type: 'CaptureRequested',
    data: {
      paymentId,
      orderId,
      operationId,
      amount,
      authorizationReference,
      provider,
      ...(leaves ? { isFinal: isFinal ?? 'no' } : {}),
    },
  });
}

/** Lets go of what is held and not taken. While a capture may still happen, nobody knows what that is. */
function release({ paymentId, operationId, reason }: Data<'RequestVoid'>, state: ProvidedState): Answer {
  const { orderId, provider } = state;
  const pending = pendingOf(state, 'authorization') ?? pendingOf(state, 'capture') ?? pendingOf(state, 'void');
  if (pending) return no({ code: 'operation-pending', operationId: pending.operationId });
  const held = operationsOf(state, 'authorization').find(
    (operation): operation is PaymentOperation & { reference: string } =>
      operation.ended === undefined &&
      operation.reference !== undefined &&
      (operation.status === 'requires-action' ||
        (operation.status === 'succeeded' &&
          operation.amount.minor > movedMinor(state, 'capture', operation.reference))),
  );
  if (!held) return no({ code: 'nothing-to-void', authorization: authorizationStatus(state) });
  const because = reason === undefined ? {} : { reason };
  return yes({
    type: 'VoidRequested',
    data: { paymentId, orderId, operationId, authorizationReference: held.reference, provider, ...because },
  });
}

/** In one request where one authorization has it all, else in one for each that it takes, the most first. */
function refund({ paymentId, operationId, amount, reason }: Data<'RequestRefund'>, state: ProvidedState): Answer {
  const { orderId, provider } = state;
  const { inAll, parts } = leftToRefund(state);
  const rejection = beyond(amount, { minor: inAll, currency: state.amount.currency }, 'exceeds-captured');
  if (rejection) return no(rejection);
  const requests: PaymentEvent[] = [];
  let missing = amount.minor;
  for (const { authorization: authorizationReference, minor } of parts) {
    if (missing <= 0n) break;
    const part = { minor: minor < missing ? minor : missing, currency: amount.currency };
    const of = { paymentId, orderId, amount: part, authorizationReference, provider, reason };
    const id = requests.length === 0 ? operationId : `${operationId}.${requests.length + 1}`;
    if (state.operations.get(id)) return no({ code: 'operation-id-reused', operationId: id });
    const data = { ...of, operationId: id, ...(requests.length === 0 ? {} : { partOf: operationId }) };
    requests.push({ type: 'RefundRequested', data });
    missing -= part.minor;
  }
  return yes(...requests);
}

function beyond(
  amount: Money,
  remaining: Money,
  code: 'exceeds-authorized' | 'exceeds-captured',
): PaymentRejection | undefined {
  if (amount.currency !== remaining.currency) return { code: 'currency-mismatch', expected: remaining.currency };
  if (amount.minor <= 0n) return { code: 'amount-not-positive' };
  return amount.minor > remaining.minor ? { code, remaining } : undefined;
}
