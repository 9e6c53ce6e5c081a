import type { Told, Unknown } from '../../../application/ports/payment-provider.js';
import type { AuthorizationOutcome } from '../../../domain/payment/payment.commands.js';
import { idOf, newsOfIntent, newsOfRefund, type Intent, type Refund } from './stripe-objects.js';

/** A charge, where it was asked for together with its intent: until when the card's issuer holds the money. */
type Charge = Readonly<{
  payment_method_details?: Readonly<{ card?: Readonly<{ capture_before?: number }> | null }> | null;
}>;

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

function heldUntil({ latest_charge: charge }: Intent): string | undefined {
  const details = typeof charge === 'object' ? (charge as Charge | null)?.payment_method_details : undefined;
  const seconds = details?.card?.capture_before;
  return seconds === undefined ? undefined : new Date(seconds * 1_000).toISOString();
}

export function captureTold(intent: Intent): Told | Unknown {
  if (intent.status !== 'succeeded') return underWay(intent.status);
  const reference = idOf(intent.latest_charge) ?? intent.id;
  return { status: 'told', operation: 'capture', outcome: { status: 'succeeded', reference } };
}

export const voidTold = ({ id: reference, status }: Intent): Told | Unknown =>
  status === 'canceled'
    ? { status: 'told', operation: 'void', outcome: { status: 'succeeded', reference } }
    : underWay(status);

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
