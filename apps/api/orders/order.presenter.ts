import type { EditPreview } from '../../../src/application/order/edit-order.js';
import type {
  OrderDocument,
  OrderDocumentAdjustment,
  OrderPayment,
  OrderReturn,
} from '../../../src/projections/orders.view.js';
import type { DraftBody } from './draft.dto.js';
import type { OrderBody, OrderReturnBody, OrderSummaryBody } from './order-answers.dto.js';
import type { AdjustmentBody, EditPreviewBody } from './order-content.dto.js';
import type { OrderPaymentBody } from './order-payment-answers.dto.js';

/** An order as a list shows it. Only of one that was placed. */
export function presentOrderSummary(document: OrderDocument): OrderSummaryBody {
  const { currency = '', placedAt = '', documentDay } = document;
  return {
    object: 'order',
    id: document.orderId,
    status: document.life,
    fulfilment: document.fulfilment,
    payment: document.payment,
    returned: document.returned,
    ...partiesOf(document),
    total: { minor: document.totalMinor, currency },
    lineCount: document.lines.length,
    placedAt,
    documentDay: documentDay ?? placedAt.slice(0, 10),
    revision: document.revision ?? '',
  };
}

/** An order with all that is known of it. Only of one that was placed. */
export function presentOrder(document: OrderDocument): OrderBody {
  const { currency = '', cancelReason, rejection } = document;
  const money = (minor: string) => ({ minor, currency });
  return {
    ...presentOrderSummary(document),
    ...(cancelReason === undefined ? {} : { cancelReason }),
    ...(rejection === undefined ? {} : { rejection: { ...rejection } }),
    lines: document.lines.map(({ minor, ...line }) => ({ ...line, amount: money(minor) })),
    adjustments: document.adjustments.map((adjustment) => presentAdjustment(adjustment, currency)),
    cancelled: money(document.cancelledMinor),
    paid: money(document.paidMinor),
    refunded: money(document.refundedMinor),
    credited: money(document.creditedMinor),
    cancellations: document.cancellations.map(({ lines, minor, ...cancellation }) => ({
      ...cancellation,
      lines: [...lines],
      amount: money(minor),
    })),
    returns: document.returns.map((one) => presentReturn(one, currency)),
    payments: document.payments.map(presentPayment),
    creditNotes: document.creditNotes.map(({ creditNoteId, occurredAt, minor, currency: noteCurrency }) => ({
      creditNoteId,
      amount: { minor, currency: noteCurrency },
      occurredAt,
    })),
    timeline: document.timeline.map((entry) => ({ ...entry })),
  };
}

/** What was asked for. Only of an order that was drafted. */
export function presentDraft(document: OrderDocument): DraftBody {
  const { life, draft = { draftedAt: '', lines: [], adjustments: [] }, currency = '', revision = '' } = document;
  return {
    object: 'draft',
    id: document.orderId,
    status: life === 'draft' || life === 'discarded' ? life : 'placed',
    ...partiesOf(document),
    currency,
    ...draft,
    lines: draft.lines.map((line) => ({ ...line })),
    adjustments: draft.adjustments.map((adjustment) => ({ ...adjustment })),
    revision,
  };
}

export function presentPreview(id: string, { revision, edited }: EditPreview): EditPreviewBody {
  const { currency, lines, adjustments = [], totalMinor, before } = edited;
  const money = (minor: bigint) => ({ minor: minor.toString(), currency });
  return {
    object: 'order-edit-preview',
    id,
    lines: lines.map(({ line, kind, sku, quantity, unitPrice, minor }) => {
      return { line, kind, sku, quantity, unitPrice, amount: money(minor) };
    }),
    adjustments: adjustments.map(({ minor, allocations, ...adjustment }) => ({
      ...adjustment,
      amount: money(minor),
      allocations: allocations.map((share) => ({ line: share.line, amount: money(share.minor) })),
    })),
    total: money(totalMinor),
    totalBefore: money(before.totalMinor),
    difference: money(totalMinor - before.totalMinor),
    revision: revision.toString(),
  };
}

const partiesOf = ({ customerId, country, channel }: OrderDocument) => ({
  ...(customerId === undefined ? {} : { customerId }),
  ...(country === undefined ? {} : { country }),
  ...(channel === undefined ? {} : { channel }),
});

function presentAdjustment(adjustment: OrderDocumentAdjustment, currency: string): AdjustmentBody {
  const { minor, allocations, ...rest } = adjustment;
  return {
    ...rest,
    amount: { minor, currency },
    allocations: allocations.map((share) => ({ line: share.line, amount: { minor: share.minor, currency } })),
  };
}

function presentReturn({ lines, received, minor, ...rest }: OrderReturn, currency: string): OrderReturnBody {
  return {
    ...rest,
    lines: [...lines],
    ...(received === undefined
      ? {}
      : { received: received.map((line) => ({ ...unpriced(line), amount: { minor: line.minor, currency } })) }),
    ...(minor === undefined ? {} : { amount: { minor, currency } }),
  };
}

const unpriced = <T extends { minor: string }>({ minor: _, ...rest }: T): Omit<T, 'minor'> => rest;

function presentPayment(payment: OrderPayment): OrderPaymentBody {
  const { currency, minor, paidMinor, refundedMinor, recordedAt: _, failure, ...rest } = payment;
  const money = (amount: string) => ({ minor: amount, currency });
  return {
    ...rest,
    ...(failure === undefined ? {} : { failure: { ...failure } }),
    amount: money(minor),
    paid: money(paidMinor),
    refunded: money(refundedMinor),
    refunds: rest.refunds.map((refund) => ({ ...unpriced(refund), amount: money(refund.minor) })),
    disputes: [...rest.disputes],
  };
}
