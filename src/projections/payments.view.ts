import type { Instant } from '../domain/fact.js';
import type { Currency } from '../domain/money.js';
import type { OperationKind, ProviderName } from '../domain/payment/payment.events.js';
import type { Document, ViewDefinition } from './projection.js';

export type PaymentDocumentStatus =
  | 'initiated'
  | 'pending'
  | 'requires-action'
  | 'authorized'
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
 * `reason`  why it was asked for; `code` and `failure` why it failed
 */
export type PaymentDocumentOperation = Readonly<{
  operationId: string;
  kind: OperationKind;
  status: 'pending' | 'requires-action' | 'succeeded' | 'failed' | 'reversed' | 'voided' | 'expired';
  minor: string;
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

/** We asked for it, and the provider has not said its last word. */
const isOutstanding = ({ askedBy, status }: PaymentDocumentOperation): boolean =>
  askedBy !== undefined && (status === 'pending' || status === 'requires-action');

export const paymentsView: ViewDefinition<PaymentDocument> = {
  name: 'payments',
  version: 1,
  indexes: {
    /** [order id] */
    order: { parts: ['text'], of: ({ orderId }) => [orderId] },
    /** [initiatedAt], of payments of which something was asked that has no outcome yet */
    outstanding: {
      parts: ['text'],
      of: ({ operations, initiatedAt }) => (operations.some(isOutstanding) ? [initiatedAt] : undefined),
    },
    /** [status, initiatedAt] */
    status: { parts: ['text', 'text'], of: ({ status, initiatedAt }) => [status, initiatedAt] },
  },
};
