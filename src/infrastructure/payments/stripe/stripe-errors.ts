import { isBrokenCircuitError, TaskCancelledError } from 'cockatiel';
import Stripe from 'stripe';
import {
  ProviderRefused,
  type ProviderRequest,
  type Told,
  type Unknown,
} from '../../../application/ports/payment-provider.js';
import { declined } from './stripe-objects.js';

const {
  StripeAPIError,
  StripeAuthenticationError,
  StripeCardError,
  StripeConnectionError,
  StripeError,
  StripeIdempotencyError,
  StripePermissionError,
  StripeRateLimitError,
} = Stripe.errors;

/**
 * Stripe did not answer, or is not well, or is at it (409, of which the SDK makes a StripeAPIError):
 * docs.stripe.com/api/errors. Asking again under the same key is safe.
 */
export const isTransient = (error: unknown): boolean =>
  error instanceof StripeConnectionError ||
  error instanceof StripeAPIError ||
  error instanceof StripeRateLimitError ||
  isTimeout(error);

/**
 * What a failed call means for the operation. Stripe's own errors are not handed on as causes: they hold the request.
 * @throws ProviderRefused Stripe does not serve us; or the error itself, where it is none of Stripe's
 */
export function outcomeOfError(operation: ProviderRequest['operation'], error: unknown): Told | Unknown {
  if (isTransient(error) || isBrokenCircuitError(error)) return { status: 'unknown', reason: reasonOf(error) };
  if (!(error instanceof StripeError) || refusesUs(error)) throw refusal(error);
  const { code, decline_code, message } = error;
  const failure = { status: 'failed', ...declined({ code: code ?? error.rawType ?? 'unknown', message }) } as const;
  if (operation !== 'authorization') return { status: 'told', operation, outcome: failure };
  const intent = error instanceof StripeCardError ? error.payment_intent?.id : undefined;
  return {
    status: 'told',
    operation,
    outcome: {
      ...failure,
      ...(decline_code ? { declineCode: decline_code } : {}),
      ...(intent ? { reference: intent } : {}),
    },
  };
}

/** For a log: no key, no request. @throws as `outcomeOfError` */
export function reasonOf(error: unknown): string {
  if (isBrokenCircuitError(error)) return 'Stripe has not answered for a while; nothing was sent.';
  if (isTimeout(error)) return 'Stripe did not answer in time.';
  if (!(error instanceof StripeError) || refusesUs(error)) throw refusal(error);
  return `Stripe answered ${error.statusCode ?? 'nothing'} (${error.type}).`;
}

/** cockatiel 3.2.1's own `isTaskCancelledError` looks for the mark of another error. */
const isTimeout = (error: unknown): boolean => error instanceof TaskCancelledError;

const refusesUs = (error: unknown): boolean =>
  error instanceof StripeAuthenticationError ||
  error instanceof StripePermissionError ||
  error instanceof StripeIdempotencyError;

function refusal(error: unknown): unknown {
  if (!(error instanceof StripeError)) return error;
  const about =
    error instanceof StripeIdempotencyError ? 'the key was used for another request' : 'look at STRIPE_SECRET_KEY';
  return new ProviderRefused(
    `Stripe refuses to serve us (${error.type}, request ${error.requestId ?? 'unknown'}): ${about}`,
  );
}
