import type { ProviderNews } from '../../../domain/provider-event/provider-event.events.js';
import { moneyOf } from './stripe-money.js';

/*
 * What we read of Stripe's objects: docs.stripe.com/api/payment_intents/object, …/refunds/object, …/disputes/object.
 * Words that may grow (a status, a reason) are plain text: one that this build does not know means nothing to it.
 */
type Reference = string | Readonly<{ id: string }> | null | undefined;
type OurMetadata = Readonly<Record<string, string>> | null | undefined;
type PaymentError = Readonly<{ code?: string; decline_code?: string; message?: string }> | null;

export type Intent = Readonly<{
  id: string;
  status: string;
  amount: number;
  amount_received?: number;
  amount_capturable?: number;
  currency: string;
  metadata?: OurMetadata;
  latest_charge?: Reference;
  last_payment_error?: PaymentError;
  next_action?: Readonly<{ redirect_to_url?: Readonly<{ url?: string | null }> | null }> | null;
  cancellation_reason?: string | null;
}>;
export type Refund = Readonly<{
  id: string;
  status: string | null;
  amount: number;
  currency: string;
  metadata?: OurMetadata;
  payment_intent?: Reference;
  failure_reason?: string;
}>;
export type Dispute = Readonly<{
  id: string;
  status: string;
  amount: number;
  currency: string;
  reason: string;
  payment_intent?: Reference;
}>;

export const idOf = (reference: Reference): string | undefined =>
  typeof reference === 'string' ? reference : reference?.id;

/** `undefined` while it is under way, or where this build does not know its status. */
export function newsOfIntent(intent: Intent): ProviderNews | undefined {
  const { id, status } = intent;
  const whose = whoseIs(intent.metadata);
  switch (status) {
    case 'requires_capture':
      return intent.amount_received ? newsOfCaptures(intent) : { what: 'authorized', reference: id, ...whose };
    case 'requires_action': {
      const nextActionUrl = intent.next_action?.redirect_to_url?.url;
      return nextActionUrl ? { what: 'action-required', reference: id, ...whose, nextActionUrl } : undefined;
    }
    case 'requires_payment_method':
      return intent.last_payment_error
        ? { what: 'authorization-failed', reference: id, ...whose, ...declined(intent.last_payment_error) }
        : undefined;
    case 'succeeded':
      return newsOfCaptures(intent);
    case 'canceled':
      // Stripe cancels by itself what was not captured in time: docs.stripe.com/api/payment_intents/object.
      return intent.cancellation_reason === 'expired' || intent.cancellation_reason === 'automatic'
        ? { what: 'authorization-expired', reference: id, ...whose }
        : { what: 'voided', reference: id, ...whose };
    default:
      return undefined;
  }
}

/** An intent does not tell its captures apart, and they share a charge: it says what they come to. */
function newsOfCaptures(intent: Intent): ProviderNews {
  const { id, amount, amount_received = amount, currency, latest_charge } = intent;
  return {
    what: 'captured',
    reference: idOf(latest_charge) ?? id,
    ...whoseIs(intent.metadata),
    authorizationReference: id,
    amount: moneyOf(amount_received, currency),
    ...capturableOf(intent),
  };
}

/** What another capture could take. */
export const capturableOf = ({ amount_capturable: capturable, currency }: Intent) =>
  capturable === undefined ? {} : { capturable: moneyOf(capturable, currency) };

export function newsOfRefund(refund: Refund): ProviderNews | undefined {
  const { id: reference, status } = refund;
  const authorizationReference = idOf(refund.payment_intent);
  const of = {
    reference,
    ...whoseIs(refund.metadata),
    ...(authorizationReference === undefined ? {} : { authorizationReference }),
    amount: moneyOf(refund.amount, refund.currency),
  };
  if (status === 'succeeded') return { what: 'refunded', ...of };
  if (status !== 'failed' && status !== 'canceled') return undefined;
  return { what: 'refund-failed', ...of, code: refund.failure_reason ?? status, reason: `The refund is ${status}.` };
}

/** An inquiry (`warning_…`) is not yet a dispute: no money is taken back. */
export function newsOfDispute(dispute: Dispute): ProviderNews | undefined {
  const authorizationReference = idOf(dispute.payment_intent);
  const of = {
    reference: dispute.id,
    ...(authorizationReference === undefined ? {} : { authorizationReference }),
    amount: moneyOf(dispute.amount, dispute.currency),
    reason: dispute.reason,
  };
  switch (dispute.status) {
    case 'needs_response':
    case 'under_review':
      return { what: 'dispute-opened', ...of };
    case 'won':
      return { what: 'dispute-won', ...of };
    case 'lost':
      return { what: 'dispute-lost', ...of };
    default:
      return undefined;
  }
}

/** As we wrote it when we made the object; Stripe gives metadata back as it took it. */
export function whoseIs(metadata: OurMetadata): Readonly<{ paymentId?: string; operationId?: string }> {
  const { paymentId, operationId } = metadata ?? {};
  return { ...(paymentId ? { paymentId } : {}), ...(operationId ? { operationId } : {}) };
}

/** Why, in Stripe's words, which name no card and no customer. */
export const declined = ({ code, decline_code, message }: NonNullable<PaymentError>) => ({
  code: code ?? 'unknown',
  ...(decline_code ? { declineCode: decline_code } : {}),
  reason: message ?? 'The payment was refused.',
});
