import type { Told, Unknown } from '../../../application/ports/payment-provider.js';
import type { AuthorizationOutcome } from '../../../domain/payment/payment.commands.js';
import { capturableOf, idOf, newsOfIntent, newsOfRefund, type Intent, type Refund } from './stripe-objects.js';

/**
 * A card's charge, where it was asked for together with its intent: until when the issuer holds the money, and whether it
 * can be captured in parts, if that was asked for.
 */
type Card = Readonly<{ capture_before?: number; multicapture?: Readonly<{ status: string }> }>;
type Charge = Readonly<{ payment_method_details?: Readonly<{ card?: Card | null }> | null }>;

export function authorizationTold(intent: Intent): Told | Unknown {
  const outcome = authorizationOutcome(intent);
  return outcome ? { status: 'told', operation: 'authorization', outcome } : underWay(intent.status);
}

function authorizationOutcome(intent: Intent): AuthorizationOutcome | undefined {
  const news = newsOfIntent(intent);
  const reference = intent.id;
  if (news?.what === 'authorized' || news?.what === 'captured') {
    const expiresAt = heldUntil(intent);
    return { status: 'succeeded', reference, ...(expiresAt === undefined ? {} : { expiresAt }) };
  }
  if (news?.what === 'authorization-expired' || news?.what === 'voided') return { status: 'expired', reference };
  if (news?.nextActionUrl !== undefined) {
    return { status: 'requires-action', reference, nextActionUrl: news.nextActionUrl };
  }
  if (news?.what !== 'authorization-failed') return undefined;
  const { code = 'unknown', reason = 'The payment was refused.', declineCode } = news;
  return { status: 'failed', code, reason, reference, ...(declineCode === undefined ? {} : { declineCode }) };
}

function heldUntil(intent: Intent): string | undefined {
  const seconds = cardOf(intent)?.capture_before;
  return seconds === undefined ? undefined : new Date(seconds * 1_000).toISOString();
}

/** The intent with its `latest_charge`. */
export const isCapturedInParts = (intent: Intent): boolean => cardOf(intent)?.multicapture?.status === 'available';

const cardOf = ({ latest_charge: charge }: Intent): Card | null | undefined =>
  typeof charge === 'object' ? (charge as Charge | null)?.payment_method_details?.card : undefined;

/** Of an intent with this capture done: while something is left to capture, its status is as before. */
export function captureTold(intent: Intent): Told | Unknown {
  if (intent.status !== 'succeeded' && !isCapturedInPart(intent)) return underWay(intent.status);
  const reference = idOf(intent.latest_charge) ?? intent.id;
  return { status: 'told', operation: 'capture', outcome: { status: 'succeeded', reference, ...capturableOf(intent) } };
}

export const isCapturedInPart = ({ status, amount_received: received = 0 }: Intent): boolean =>
  status === 'requires_capture' && received > 0;

/** Nothing is held that was not taken: it was canceled, or what its captures left was let go of. */
export const isLetGo = ({ status, amount, amount_received: received = amount }: Intent): boolean =>
  status === 'canceled' || (status === 'succeeded' && received < amount);

export const voidTold = (intent: Intent): Told | Unknown =>
  isLetGo(intent)
    ? { status: 'told', operation: 'void', outcome: { status: 'succeeded', reference: intent.id } }
    : underWay(intent.status);

export function refundTold(refund: Refund): Told | Unknown {
  const news = newsOfRefund(refund);
  if (!news) return underWay(refund.status);
  const { what, reference, code = 'unknown', reason = 'The refund failed.' } = news;
  const outcome =
    what === 'refunded'
      ? ({ status: 'succeeded', reference } as const)
      : ({ status: 'failed', code, reason, reference } as const);
  return { status: 'told', operation: 'refund', outcome };
}

const underWay = (status: string | null): Unknown => ({ status: 'unknown', reason: `At Stripe, it is ${status}.` });
