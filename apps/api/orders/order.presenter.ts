import type { OrderDocument } from '../../../src/projections/orders.view.js';
import type { OrderBody, OrderSummaryBody } from './order.dto.js';

/** An order as a list shows it. Not for an `unplaced` one. */
export function presentOrderSummary(document: OrderDocument): OrderSummaryBody {
  const { customerId, country, channel, currency = '', placedAt = '', documentDay } = document;
  return {
    object: 'order',
    id: document.orderId,
    status: document.life,
    fulfilment: document.fulfilment,
    payment: document.payment,
    returned: document.returned,
    ...(customerId === undefined ? {} : { customerId }),
    ...(country === undefined ? {} : { country }),
    ...(channel === undefined ? {} : { channel }),
    total: { minor: document.totalMinor, currency },
    lineCount: document.lines.length,
    placedAt,
    documentDay: documentDay ?? placedAt.slice(0, 10),
    revision: document.revision ?? '',
  };
}

/** An order with all that is known of it. Not for an `unplaced` one. */
export function presentOrder(document: OrderDocument): OrderBody {
  const { currency = '', cancelReason } = document;
  const money = (minor: string) => ({ minor, currency });
  return {
    ...presentOrderSummary(document),
    ...(cancelReason === undefined ? {} : { cancelReason }),
    lines: document.lines.map(({ minor, ...line }) => ({ ...line, amount: money(minor) })),
    paid: money(document.paidMinor),
    refunded: money(document.refundedMinor),
    credited: money(document.creditedMinor),
    payments: document.payments.map(({ paymentId, method, occurredAt, refunds, ...payment }) => ({
      paymentId,
      method,
      amount: { minor: payment.minor, currency: payment.currency },
      occurredAt,
      refunds: refunds.map(({ minor, ...refund }) => ({ ...refund, amount: { minor, currency: payment.currency } })),
    })),
    creditNotes: document.creditNotes.map(({ creditNoteId, occurredAt, minor, currency: noteCurrency }) => ({
      creditNoteId,
      amount: { minor, currency: noteCurrency },
      occurredAt,
    })),
    timeline: document.timeline.map((entry) => ({ ...entry })),
  };
}
