import type { ProviderRequest } from '../../../application/ports/payment-provider.js';
import type { Money } from '../../../domain/money.js';
import type { AuthorizationOutcome, FailedOutcome } from '../../../domain/payment/payment.commands.js';
import type { ProviderNews } from '../../../domain/provider-event/provider-event.events.js';
import { testCard } from './test-cards.js';

/**
 * An authorization as the bank keeps it. `captured` and `refunded` are minor units, as decimal text. While its status is
 * `held`, what is not captured can be; once it is `captured`, nothing more.
 */
export type Intent = Readonly<{
  id: string;
  paymentId: string;
  operationId: string;
  minor: string;
  currency: string;
  method: string;
  status: 'requires-action' | 'held' | 'captured' | 'declined' | 'canceled';
  captured: string;
  refunded: string;
  expiresAt: string;
}>;

/** What the bank does: its answer, the authorization as it is from then on, and what it has to tell afterwards. */
export type Done = Readonly<{ answer: Answer; intent?: Intent; news: readonly ProviderNews[] }>;
/** `pending`: it will have succeeded when it is looked up. */
export type Answer = Readonly<
  | {
      outcome:
        AuthorizationOutcome | Readonly<{ status: 'succeeded'; reference: string; capturable?: Money }> | FailedOutcome;
    }
  | { pending: Readonly<{ status: 'succeeded'; reference: string }> }
>;

/** Card authorizations are held for seven days: docs.stripe.com/payments/place-a-hold-on-a-payment-method. */
const HELD_FOR_MS = 7 * 24 * 60 * 60 * 1_000;

/** `pagesUrl`  where the pages of the bank are, which a customer is sent to; `/v1/sandbox` and the like is put behind it */
export type Circumstances = Readonly<{ nowMs: number; pagesUrl: string }>;

/** Where a customer does what an authorization requires of them. */
export const authenticationPath = (reference: string): string => `/v1/sandbox/authentications/${reference}`;

/** Decides one request as Stripe would in test mode. A pure function; the id of what it makes comes from the key. */
export function decide(request: ProviderRequest, intent: Intent | undefined, at: Circumstances): Done {
  if (request.operation === 'authorization') return authorize(request, at);
  if (!intent) return refused('resource_missing', `No such payment intent: ${request.authorizationReference}`);
  switch (request.operation) {
    case 'capture':
      return capture(request, intent, at.nowMs);
    case 'void':
      return cancel(intent);
    case 'refund':
      return refund(request, intent);
  }
}

type RequestOf<O extends ProviderRequest['operation']> = Extract<ProviderRequest, { operation: O }>;

export const idOf = (prefix: string, key: string): string => `${prefix}_sandbox_${key.replaceAll('-', '')}`;

function authorize(request: RequestOf<'authorization'>, { nowMs, pagesUrl }: Circumstances): Done {
  const { key, paymentId, operationId, amount, method } = request;
  const card = testCard(method);
  if (!card) return refused('resource_missing', `No such payment method: ${method}`);
  const id = idOf('pi', key);
  const expiresAt = new Date(nowMs + HELD_FOR_MS).toISOString();
  const of = { paymentId, operationId, minor: amount.minor.toString(), currency: amount.currency, method };
  const intent = { id, ...of, captured: '0', refunded: '0', expiresAt };
  const told = { reference: id, paymentId, operationId };
  if (card.decline) {
    const outcome = { status: 'failed', ...card.decline, reference: id } as const;
    const news: ProviderNews = { what: 'authorization-failed', ...told, ...card.decline };
    return { answer: { outcome }, intent: { ...intent, status: 'declined' }, news: [news] };
  }
  if (card.requiresAction) {
    const nextActionUrl = pagesUrl + authenticationPath(id);
    const outcome = { status: 'requires-action', reference: id, nextActionUrl } as const;
    const news: ProviderNews = { what: 'action-required', ...told, nextActionUrl };
    return { answer: { outcome }, intent: { ...intent, status: 'requires-action' }, news: [news] };
  }
  return held({ ...intent, status: 'held' });
}

/** The customer has done what was required of them: authenticated, or not. */
export function complete(intent: Intent, well: boolean): Done {
  if (intent.status !== 'requires-action') return refused('payment_intent_unexpected_state', `It is ${intent.status}.`);
  if (well) return held({ ...intent, status: 'held' });
  const { id, paymentId, operationId } = intent;
  const because = { code: 'payment_intent_authentication_failure', reason: 'The customer did not authenticate.' };
  const news: ProviderNews = { what: 'authorization-failed', reference: id, paymentId, operationId, ...because };
  const outcome = { status: 'failed', ...because, reference: id } as const;
  return { answer: { outcome }, intent: { ...intent, status: 'declined' }, news: [news] };
}

function held(intent: Intent): Done {
  const { id, paymentId, operationId, expiresAt } = intent;
  const news: ProviderNews = { what: 'authorized', reference: id, paymentId, operationId, expiresAt };
  return { answer: { outcome: { status: 'succeeded', reference: id, expiresAt } }, intent, news: [news] };
}

/**
 * What a capture leaves stays held for another, unless it is the last, or the card is one of those that are captured once:
 * docs.stripe.com/payments/multicapture.
 */
function capture({ key, operationId, amount, isFinal }: RequestOf<'capture'>, intent: Intent, nowMs: number): Done {
  if (intent.status !== 'held') return refused('payment_intent_unexpected_state', `It is ${intent.status}.`);
  if (Date.parse(intent.expiresAt) <= nowMs) {
    return expired(intent);
  }
  const captured = BigInt(intent.captured) + amount.minor;
  if (captured > BigInt(intent.minor)) return refused('amount_too_large', 'More than is left of the authorization.');
  const reference = idOf('ch', key);
  const of = { paymentId: intent.paymentId, authorizationReference: intent.id, amount };
  const card = testCard(intent.method);
  const isLast = isFinal === 'yes' || card?.isCapturedOnce === true || captured === BigInt(intent.minor);
  const capturable = { minor: isLast ? 0n : BigInt(intent.minor) - captured, currency: amount.currency };
  const news: ProviderNews[] = [{ what: 'captured', reference, captureId: operationId, ...of, capturable }];
  const dispute = card?.disputed;
  if (dispute !== undefined) news.push({ what: 'dispute-opened', reference: idOf('dp', key), ...of, reason: dispute });
  const answer = { outcome: { status: 'succeeded', reference, capturable } } as const;
  return { answer, intent: { ...intent, status: isLast ? 'captured' : 'held', captured: captured.toString() }, news };
}

/** What was not captured in time is let go of. The bank says so when it is asked: nothing wakes it before. */
function expired(intent: Intent): Done {
  const { answer } = refused('charge_expired_for_capture', 'The authorization has expired.');
  const { id, paymentId, operationId } = intent;
  const news: ProviderNews = { what: 'authorization-expired', reference: id, paymentId, operationId };
  return {
    answer,
    intent: { ...intent, status: BigInt(intent.captured) > 0n ? 'captured' : 'canceled' },
    news: [news],
  };
}

function cancel(intent: Intent): Done {
  const { id, paymentId, status, captured, minor } = intent;
  const isHeld = status === 'requires-action' || (status === 'held' && BigInt(captured) < BigInt(minor));
  if (!isHeld) return refused('payment_intent_unexpected_state', `It is ${status}, ${captured} of ${minor} captured.`);
  const news: ProviderNews = { what: 'voided', reference: id, paymentId };
  const answer = { outcome: { status: 'succeeded', reference: id } } as const;
  return { answer, intent: { ...intent, status: 'canceled' }, news: [news] };
}

function refund({ key, operationId, amount }: RequestOf<'refund'>, intent: Intent): Done {
  const card = testCard(intent.method);
  const refunded = BigInt(intent.refunded) + amount.minor;
  if (card?.disputed !== undefined) return refused('charge_disputed', 'The charge has been disputed.');
  if (refunded > BigInt(intent.captured)) return refused('amount_too_large', 'More than is left of what was captured.');
  const reference = idOf('re', key);
  const of = { reference, paymentId: intent.paymentId, operationId, authorizationReference: intent.id, amount };
  const news: ProviderNews[] = [{ what: 'refunded', ...of }];
  const succeeded = { status: 'succeeded', reference } as const;
  if (card?.refund === 'fails') {
    news.push({ what: 'refund-failed', ...of, code: 'expired_or_canceled_card', reason: 'The card was canceled.' });
    return { answer: { outcome: succeeded }, intent, news };
  }
  const answer = card?.refund === 'pending' ? { pending: succeeded } : { outcome: succeeded };
  return { answer, intent: { ...intent, refunded: refunded.toString() }, news };
}

const refused = (code: string, reason: string): Done => ({
  answer: { outcome: { status: 'failed', code, reason } },
  news: [],
});
