import type { Asked } from '../decider.js';
import type { Instant } from '../fact.js';
import type { Money } from '../money.js';
import type { OrderId } from '../order/order.events.js';
import type { PaymentId, ProviderName } from './payment.events.js';

/** The provider said no, or says that it did not do it. `code` is the provider's word; `reason` is for people. */
export type FailedOutcome = Readonly<{ status: 'failed'; code: string; reason: string }>;
export type AuthorizationOutcome = Readonly<
  | { status: 'succeeded'; reference: string; expiresAt?: Instant }
  | (FailedOutcome & { declineCode?: string; reference?: string })
  | { status: 'requires-action'; reference: string; nextActionUrl: string }
  | { status: 'expired'; reference?: string }
>;
/**
 * Money that was taken or given back.
 * `amount`, `authorizationReference`  what the provider says; needed where we may not have asked for it ourselves
 * `isSum`      `amount` is all that has been captured of the authorization so far, this capture included
 * `capturable` what is left for another capture of it: `CaptureSucceeded`
 * `reference`  of a failure: the refund was made and then failed, where without one it was never made
 */
export type MovementOutcome = Readonly<
  | {
      status: 'succeeded';
      reference: string;
      amount?: Money;
      isSum?: true;
      capturable?: Money;
      authorizationReference?: string;
    }
  | (FailedOutcome & { reference?: string })
>;
/** `reference` is the authorization's. */
export type VoidOutcome = Readonly<{ status: 'succeeded'; reference: string } | FailedOutcome>;
export type DisputeStatus = 'opened' | 'won' | 'lost';

type Operation = { paymentId: PaymentId; operationId: string };

/**
 * `RecordPayment` writes down a payment that was settled elsewhere; `RefundPayment` gives back all or part of it.
 * `Request…` asks the provider for something, `Record…` writes down what it answered or told later: any time, in any
 * order, any number of times.
 */
export type PaymentCommand =
  | Asked<'RecordPayment', { paymentId: PaymentId; orderId: OrderId; amount: Money; method: string }>
  | Asked<'RefundPayment', { paymentId: PaymentId; refundId: string; amount: Money; reason: string }>
  | Asked<
      'InitiatePayment',
      { paymentId: PaymentId; orderId: OrderId; amount: Money; method: string; provider: ProviderName }
    >
  | PaymentRequest
  | PaymentOutcome;

export type PaymentRequest =
  | Asked<'RequestAuthorization', Operation>
  | Asked<'RequestCapture', Operation & { amount: Money; isFinal?: 'yes' | 'no' }>
  | Asked<'RequestVoid', Operation & { reason?: string }>
  | Asked<'RequestRefund', Operation & { amount: Money; reason: string }>;

export type PaymentOutcome =
  | Asked<'RecordAuthorization', Operation & { outcome: AuthorizationOutcome }>
  | Asked<'RecordCapture', Operation & { outcome: MovementOutcome }>
  | Asked<'RecordVoid', Operation & { outcome: VoidOutcome }>
  | Asked<'RecordRefund', Operation & { outcome: MovementOutcome; reason?: string }>
  | Asked<
      'RecordDispute',
      { paymentId: PaymentId; disputeId: string; amount: Money; reason: string; status: DisputeStatus }
    >;

/**
 * Where the newest authorization stands, for whoever is told that something cannot be done now. `released`: the provider
 * has let go of what a capture left of it.
 */
export type AuthorizationStatus =
  'none' | 'pending' | 'requires-action' | 'authorized' | 'failed' | 'released' | 'expired' | 'voiding' | 'voided';

/**
 * A refund id and an operation id count once per payment: asked again with the same content it is accepted without a new
 * event, whatever came after it. `due` is what its order comes to, paid or not. `remaining` is what is left to take or to
 * give back, pending amounts counted in.
 */
export type PaymentRejection = Readonly<
  | { code: 'payment-unknown' | 'payment-already-recorded' | 'amount-not-positive' | 'amount-too-large' }
  | { code: 'currency-unknown'; currency: string }
  | { code: 'currency-mismatch'; expected: string }
  | { code: 'exceeds-due'; due: Money }
  | { code: 'refund-id-reused'; refundId: string; recorded: Money; reason: string }
  | { code: 'exceeds-captured' | 'exceeds-authorized'; remaining: Money }
  | { code: 'payment-settled-elsewhere' | 'payment-with-provider' | 'payment-already-authorized' }
  | { code: 'operation-id-reused' | 'operation-unknown' | 'operation-pending'; operationId: string }
  | { code: 'payment-not-authorized' | 'nothing-to-void'; authorization: AuthorizationStatus }
>;
