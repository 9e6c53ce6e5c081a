import type { Recorded } from '../../domain/fact.js';
import type { PaymentCommand } from '../../domain/payment/payment.commands.js';
import type { PaymentRequestEvent } from '../../domain/payment/payment.events.js';
import { assertNever } from '../../domain/decider.js';
import type { Receipt } from '../command-context.js';
import { commandHash } from '../command-hash.js';
import type { Clock } from '../ports/clock.js';
import {
  KEY_LIFETIME_MS,
  type Absent,
  type PaymentProvider,
  type ProviderRequest,
  type Told,
  type Unknown,
} from '../ports/payment-provider.js';
import type { StreamWriter } from '../stream-writer.js';
import { runPayment } from './run-payment.js';

/**
 * `recorded`  the outcome is in the log (or was already)
 * `pending`   it is not known, or not the last word: ask again later. `reason` is for a log
 */
export type Performed =
  Readonly<{ status: 'recorded'; receipt: Receipt }> | Readonly<{ status: 'pending'; reason: string }>;

export type PerformOptions = Readonly<{ writer: StreamWriter; provider: PaymentProvider; clock: Clock }>;

/** The last hour of a key's life is left to calls that are under way: within it, nothing is asked for any more. */
const ASK_WITHIN_MS = KEY_LIFETIME_MS - 60 * 60 * 1_000;

/**
 * Carries out one thing that was asked of the provider, and writes down what became of it. `request` is durable; its id
 * is the key under which the provider does it once. So this may be called at any time, as often as wanted, by two
 * processes at once, and may be killed at any line: whoever calls it next ends in the same state.
 *
 * What is not known after the call is looked up, never asked for under another key. Once the provider may have forgotten
 * the key it is only looked up; what it then has nothing of was never done, and fails as `request-expired`.
 * @param reference the provider's name of what came of it, once that is in the log without being the last word: asked
 *                  again, a provider would repeat its first answer, so this is only looked up
 * @throws ProviderRefused, RangeError (the provider is another than the request's), and all that `StreamWriter.execute` throws
 */
export async function performOperation(
  { writer, provider, clock }: PerformOptions,
  request: Recorded<PaymentRequestEvent>,
  reference?: string,
): Promise<Performed> {
  if (provider.name !== request.data.provider) {
    throw new RangeError(`${request.stream} is with ${request.data.provider}, not with ${provider.name}`);
  }
  const asked = providerRequest(request);
  const ageMs = clock.now() - Date.parse(request.metadata.recordedAt);
  const isAsked = reference === undefined && ageMs < ASK_WITHIN_MS;
  let answer: Told | Unknown | Absent = isAsked
    ? await provider.perform(asked)
    : await provider.lookup(asked, reference);
  if (answer.status === 'unknown' && isAsked) {
    const { reason } = answer;
    answer = await provider.lookup(asked);
    if (answer.status !== 'told') return { status: 'pending', reason };
  }
  if (answer.status === 'unknown') return { status: 'pending', reason: answer.reason };
  if (answer.status === 'absent' && (ageMs < KEY_LIFETIME_MS || reference !== undefined)) {
    return { status: 'pending', reason: 'The provider has nothing of it, but a call may still be under way.' };
  }
  const told: Told = answer.status === 'absent' ? neverDone(asked) : answer;
  const command = outcomeCommand(told, request.data);
  const receipt = await runPayment(writer, command, {
    // Of the outcome, too: two who were told differently have both something to say.
    commandId: `outcome/${request.id}/${commandHash(command)}`,
    principal: `provider:${provider.name}`,
    occurredAt: new Date(clock.now()).toISOString(),
    correlationId: request.metadata.correlationId,
    causationId: request.id,
  });
  return told.outcome.status === 'requires-action'
    ? { status: 'pending', reason: 'The customer has to act.' }
    : { status: 'recorded', receipt };
}

function providerRequest({ id: key, ...request }: Recorded<PaymentRequestEvent>): ProviderRequest {
  const { paymentId, orderId, operationId } = request.data;
  const whose = { key, paymentId, orderId, operationId };
  switch (request.type) {
    case 'AuthorizationRequested': {
      const { amount, method } = request.data;
      return { ...whose, operation: 'authorization', amount, method };
    }
    case 'CaptureRequested': {
      const { amount, authorizationReference, isFinal } = request.data;
      return { ...whose, operation: 'capture', amount, authorizationReference, ...(isFinal && { isFinal }) };
    }
    case 'VoidRequested': {
      const { authorizationReference } = request.data;
      return { ...whose, operation: 'void', authorizationReference };
    }
    case 'RefundRequested': {
      const { amount, authorizationReference, reason } = request.data;
      return { ...whose, operation: 'refund', amount, authorizationReference, reason };
    }
    default:
      return assertNever(request);
  }
}

function outcomeCommand(
  { operation, outcome }: Told,
  { paymentId, operationId }: Readonly<{ paymentId: string; operationId: string }>,
): PaymentCommand {
  const of = { paymentId, operationId };
  switch (operation) {
    case 'authorization':
      return { type: 'RecordAuthorization', data: { ...of, outcome } };
    case 'capture':
      return { type: 'RecordCapture', data: { ...of, outcome } };
    case 'refund':
      return { type: 'RecordRefund', data: { ...of, outcome } };
    case 'void':
      return { type: 'RecordVoid', data: { ...of, outcome } };
    default:
      return assertNever(operation);
  }
}

const neverDone = ({ operation }: ProviderRequest): Told => ({
  status: 'told',
  operation,
  outcome: {
    status: 'failed',
    code: 'request-expired',
    reason: 'The provider had nothing of it when its idempotency key ran out, so it was never done.',
  },
});
