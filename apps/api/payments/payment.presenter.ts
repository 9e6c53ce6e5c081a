import type { PaymentDocument } from '../../../src/projections/payments.view.js';
import type { PaymentBody } from './payment.dto.js';

export function presentPayment(document: PaymentDocument): PaymentBody {
  const { paymentId, orderId, provider, method, currency, status, initiatedAt, changedAt, revision } = document;
  const money = (minor: string) => ({ minor, currency });
  return {
    object: 'payment',
    paymentId,
    orderId,
    ...(provider === undefined ? {} : { provider }),
    method,
    amount: money(document.minor),
    status,
    captured: money(document.capturedMinor),
    refunded: money(document.refundedMinor),
    pending: money(document.pendingMinor),
    disputed: money(document.disputedMinor),
    operations: document.operations.map((operation) => ({ ...operation })),
    disputes: document.disputes.map((dispute) => ({ ...dispute })),
    initiatedAt,
    changedAt,
    revision,
  };
}
