import { assertNever } from '../decider.js';
import type { AuthorizationOutcome, FailedOutcome, PaymentCommand } from '../payment/payment.commands.js';
import type { ProviderNews } from './provider-event.events.js';

/**
 * What news mean for the payment that they name; `undefined` where they do not say enough. A capture and a void that we
 * asked for carry the authorization's operation in their metadata, not their own, so they go by the provider's names, but
 * for a capture of which the provider says whose it is. Where it does not, it tells what all of them come to.
 */
export function commandOf(news: ProviderNews): PaymentCommand | undefined {
  const { what, reference, paymentId, operationId, authorizationReference, captureId, amount, capturable } = news;
  if (paymentId === undefined) return undefined;
  const moved = {
    status: 'succeeded',
    reference,
    ...(amount === undefined ? {} : { amount }),
    ...(authorizationReference === undefined ? {} : { authorizationReference }),
  } as const;
  switch (what) {
    case 'authorized':
    case 'action-required':
    case 'authorization-failed':
    case 'authorization-expired':
      return operationId === undefined ? undefined : authorization(news, paymentId, operationId);
    case 'captured': {
      const outcome = {
        ...moved,
        ...(captureId === undefined ? { isSum: true as const } : {}),
        ...(capturable && { capturable }),
      };
      return { type: 'RecordCapture', data: { paymentId, operationId: captureId ?? reference, outcome } };
    }
    case 'voided':
      return {
        type: 'RecordVoid',
        data: { paymentId, operationId: `${reference}.canceled`, outcome: { status: 'succeeded', reference } },
      };
    case 'refunded':
      return { type: 'RecordRefund', data: { paymentId, operationId: operationId ?? reference, outcome: moved } };
    case 'refund-failed':
      return {
        type: 'RecordRefund',
        data: { paymentId, operationId: operationId ?? reference, outcome: { ...failureOf(news), reference } },
      };
    case 'dispute-opened':
      return disputed(news, paymentId, 'opened');
    case 'dispute-won':
      return disputed(news, paymentId, 'won');
    case 'dispute-lost':
      return disputed(news, paymentId, 'lost');
    default:
      return assertNever(what);
  }
}

function authorization(news: ProviderNews, paymentId: string, operationId: string): PaymentCommand | undefined {
  const outcome = authorizationOutcome(news);
  return outcome && { type: 'RecordAuthorization', data: { paymentId, operationId, outcome } };
}

function authorizationOutcome(news: ProviderNews): AuthorizationOutcome | undefined {
  const { what, reference, expiresAt, declineCode, nextActionUrl } = news;
  if (what === 'authorized') {
    return { status: 'succeeded', reference, ...(expiresAt === undefined ? {} : { expiresAt }) };
  }
  if (what === 'authorization-expired') return { status: 'expired', reference };
  if (what === 'action-required') {
    return nextActionUrl === undefined ? undefined : { status: 'requires-action', reference, nextActionUrl };
  }
  return { ...failureOf(news), ...(declineCode === undefined ? {} : { declineCode }), reference };
}

const failureOf = ({ code = 'unknown', reason = 'No reason was given' }: ProviderNews): FailedOutcome => ({
  status: 'failed',
  code,
  reason,
});

function disputed(
  { reference, amount, reason }: ProviderNews,
  paymentId: string,
  status: 'opened' | 'won' | 'lost',
): PaymentCommand | undefined {
  if (amount === undefined) return undefined;
  return {
    type: 'RecordDispute',
    data: { paymentId, disputeId: reference, amount, reason: reason ?? 'unknown', status },
  };
}
