import type { Fact, Instant } from '../fact.js';
import type { Money } from '../money.js';
import type { OrderId } from '../order/order.events.js';

export type PaymentId = string;
/** Who holds the money: the embedded sandbox, or Stripe. */
export type ProviderName = 'sandbox' | 'stripe';
export type OperationKind = 'authorization' | 'capture' | 'void' | 'refund';

type About = { paymentId: PaymentId; orderId: OrderId };
/** `operationId` names one thing that was asked of the provider; it counts once per payment. */
type Operation = About & { operationId: string };

/** A payment that was settled elsewhere, and its refunds: nothing is asked of a provider. */
export type SettledPaymentEvent =
  | Fact<'PaymentRecorded', { paymentId: PaymentId; orderId: OrderId; amount: Money; method: string }>
  | Fact<
      'PaymentRefunded',
      { paymentId: PaymentId; orderId: OrderId; refundId: string; amount: Money; reason: string }
    >;

/**
 * What is asked of the provider. Durable before it is asked; the event's id is the provider's idempotency key.
 * `isFinal`  of a capture that leaves something: `yes`, the rest is to be let go of; `no`, it is to stay held for another
 *            capture, where the provider can do that. Absent: as the provider does by itself
 * `partOf`   of a refund that reaches over several authorizations: the operation of its first part, which has none
 */
export type PaymentRequestEvent =
  | Fact<'AuthorizationRequested', Operation & { amount: Money; method: string; provider: ProviderName }>
  | Fact<
      'CaptureRequested',
      Operation & { amount: Money; authorizationReference: string; provider: ProviderName; isFinal?: 'yes' | 'no' }
    >
  | Fact<'VoidRequested', Operation & { authorizationReference: string; provider: ProviderName; reason?: string }>
  | Fact<
      'RefundRequested',
      Operation & {
        amount: Money;
        authorizationReference: string;
        provider: ProviderName;
        reason: string;
        partOf?: string;
      }
    >;

/**
 * What became of it. `reference` is the provider's own name of the authorization, capture or refund.
 * `OutcomeContradicted`: the provider had said that it succeeded, and now says that it failed. No sum changes by it:
 * somebody has to look. For a refund the money is back, so there it is `RefundReversed`, which changes the sum.
 * `RefundFailed` with a `reference`: the provider had made it, and that is its last word on it.
 * An outcome with an `operationId` that was never requested happened at the provider without us (its dashboard).
 * `capturable`: what the authorization still holds for another capture, as the provider says. Zero: whatever this capture
 * left of it has been let go of. Absent: the provider did not say, and the rest is held.
 */
export type PaymentOutcomeEvent =
  | Fact<'AuthorizationSucceeded', Operation & { reference: string; amount: Money; expiresAt?: Instant }>
  | Fact<'AuthorizationFailed', Operation & { code: string; declineCode?: string; reason: string; reference?: string }>
  | Fact<'ActionRequired', Operation & { reference: string; nextActionUrl: string }>
  | Fact<'AuthorizationExpired', Operation & { reference?: string }>
  | Fact<
      'CaptureSucceeded',
      Operation & { reference: string; amount: Money; authorizationReference: string; capturable?: Money }
    >
  | Fact<'CaptureFailed', Operation & { amount: Money; code: string; reason: string }>
  | Fact<'VoidSucceeded', Operation & { reference: string }>
  | Fact<'VoidFailed', Operation & { code: string; reason: string }>
  | Fact<
      'RefundSucceeded',
      Operation & { reference: string; amount: Money; reason: string; authorizationReference: string }
    >
  | Fact<'RefundFailed', Operation & { amount: Money; code: string; reason: string; reference?: string }>
  | Fact<'RefundReversed', Operation & { amount: Money; code: string; reason: string; reference: string }>
  | Fact<'OutcomeContradicted', Operation & { operation: OperationKind; code: string; reason: string }>;

/** A customer's bank takes the money back while it is disputed, and keeps it when the dispute is lost. */
export type DisputeEvent =
  | Fact<'DisputeOpened', About & { disputeId: string; amount: Money; reason: string }>
  | Fact<'DisputeWon', About & { disputeId: string; amount: Money }>
  | Fact<'DisputeLost', About & { disputeId: string; amount: Money }>;

/** A payment that a provider carries out for us. */
export type ProvidedPaymentEvent =
  | Fact<'PaymentInitiated', About & { amount: Money; method: string; provider: ProviderName }>
  | PaymentRequestEvent
  | PaymentOutcomeEvent
  | DisputeEvent;

/**
 * Facts on one `payment-{paymentId}` stream, oldest first. A stream begins with `PaymentRecorded` or `PaymentInitiated`.
 * `method` is the provider's token of a payment method (`pm_card_visa`), never a card's number.
 * Units:  amounts are positive, in minor units of one currency; `capturable` may be zero.
 * Change: names are stored for ever. Add an optional field with an upcaster, or a new type; never rename.
 */
export type PaymentEvent = SettledPaymentEvent | ProvidedPaymentEvent;
