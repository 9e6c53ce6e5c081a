import type { Instant } from '../domain/fact.js';
import type { Currency } from '../domain/money.js';
import type { OperationKind, ProviderName } from '../domain/payment/payment.events.js';
import type { Document, ViewDefinition } from './projection.js';

export type PaymentDocumentStatus =
  | 'initiated'
  | 'pending'
  | 'requires-action'
  | 'authorized'
  | 'released'
  | 'partially-captured'
  | 'captured'
  | 'partially-refunded'
  | 'refunded'
  | 'disputed'
  | 'voided'
  | 'expired'
  | 'failed';

/**
 * What was asked of the provider, or happened there without us (then nobody is in `askedBy`). Oldest first.
 * `minor`   in minor units, decimal; of a void, 0
 * `status`  of an authorization, what became of what was not captured: `released` says that a capture has let go of it
 * `authorizationReference`  of a capture, a refund and a void: the authorization that it is about
 * `partOf`  of a refund over several authorizations: the operation of its first part
 * `reason`  why it was asked for; `code` and `failure` why it failed
 */
export type PaymentDocumentOperation = Readonly<{
  operationId: string;
  kind: OperationKind;
  status: 'pending' | 'requires-action' | 'succeeded' | 'failed' | 'reversed' | 'released' | 'voided' | 'expired';
  minor: string;
  authorizationReference?: string;
  partOf?: string;
  askedBy?: string;
  reason?: string;
  reference?: string;
  nextActionUrl?: string;
  expiresAt?: Instant;
  code?: string;
  declineCode?: string;
  failure?: string;
  contradicted?: true;
  changedAt: Instant;
}>;
export type PaymentDocumentDispute = Readonly<{
  disputeId: string;
  minor: string;
  reason: string;
  status: 'opened' | 'won' | 'lost';
}>;

/**
 * One payment: `_id` is its id. Units: minor units of `currency`, decimal.
 * `provider`       absent for a payment that was settled elsewhere
 * `capturedMinor`, `refundedMinor`  what is known to have succeeded; `pendingMinor` captures and refunds under way
 * `disputedMinor`  of disputes that are open or lost
 * `revision`       of the newest event on the stream, decimal: the `ETag`
 */
export type PaymentDocument = Document &
  Readonly<{
    paymentId: string;
    orderId: string;
    provider?: ProviderName;
    method: string;
    currency: Currency;
    minor: string;
    status: PaymentDocumentStatus;
    capturedMinor: string;
    refundedMinor: string;
    pendingMinor: string;
    disputedMinor: string;
    operations: readonly PaymentDocumentOperation[];
    disputes: readonly PaymentDocumentDispute[];
    initiatedAt: Instant;
    changedAt: Instant;
    revision: string;
  }>;

/** We asked for it, and do not know what became of it. */
const isPending = ({ askedBy, status }: PaymentDocumentOperation): boolean =>
  askedBy !== undefined && status === 'pending';
const isForCustomer = ({ askedBy, status }: PaymentDocumentOperation): boolean =>
  askedBy !== undefined && status === 'requires-action';

/** Since when there is nothing to ask the provider for before the customer has acted. */
export const actingSince = ({ operations }: PaymentDocument): Instant | undefined =>
  operations.some(isPending) ? undefined : operations.findLast(isForCustomer)?.changedAt;

export const paymentsView: ViewDefinition<PaymentDocument> = {
  name: 'payments',
  version: 2,
  indexes: {
    /** [order id] */
    order: { parts: ['text'], of: ({ orderId }) => [orderId] },
    /** [initiatedAt], of payments of which something was asked that has no outcome yet, not even that the customer is to act */
    outstanding: {
      parts: ['text'],
      of: ({ operations, initiatedAt }) => (operations.some(isPending) ? [initiatedAt] : undefined),
    },
    /** [since when the customer is to act], of payments that are not `outstanding` */
    acting: {
      parts: ['text'],
      of: (document) => {
        const since = actingSince(document);
        return since === undefined ? undefined : [since];
      },
    },
    /** [status, initiatedAt] */
    status: { parts: ['text', 'text'], of: ({ status, initiatedAt }) => [status, initiatedAt] },
  },
};
