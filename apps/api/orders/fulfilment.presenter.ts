import type { Instant } from '../../../src/domain/fact.js';
import { deadlineOf } from '../../../src/domain/fulfilment/fulfilment.state.js';
import { retryAt, waitsFor } from '../../../src/domain/fulfilment/next-actions.js';
import {
  fulfilmentProgress,
  fulfilmentState,
  type FulfilmentDocument,
} from '../../../src/projections/fulfilment.view.js';
import type { FulfilmentBody } from './fulfilment.dto.js';

/** `undefined` for an order that the ledger does not fulfil. */
export function presentFulfilment(document: FulfilmentDocument, at: Instant): FulfilmentBody | undefined {
  const state = fulfilmentState(document);
  const { _id: orderId, order, holds, payments } = document;
  if (!state || !order) return undefined;
  const [whom, retry] = [waitsFor(state), retryAt(state)];
  const { status, location, currency, dueMinor, risk, riskReasons = [], review, rejection, revision } = order;
  return {
    object: 'fulfilment',
    orderId,
    status,
    progress: fulfilmentProgress(document, at),
    ...(whom === undefined ? {} : { waitsFor: whom }),
    ...(status === 'placed' ? { deadline: deadlineOf(state) } : {}),
    ...(retry === undefined ? {} : { retryAt: retry }),
    location,
    due: { minor: dueMinor, currency },
    ...(risk && { risk: { decision: risk, reasons: [...riskReasons], ...(review && { review }) } }),
    ...(rejection && { rejection: { ...rejection } }),
    reservations: holds.map(({ returned: _, reservedUntil: __, ...hold }) => hold),
    payments: state.payments.map((payment, index) => {
      const money = (minor: bigint) => ({ minor: minor.toString(), currency: payment.currency });
      const asking = payments[index]?.document.operations.find(({ status }) => status === 'requires-action');
      return {
        paymentId: payment.paymentId,
        authorization: payment.authorization,
        held: money(payment.heldMinor),
        captured: money(payment.capturedMinor),
        refunded: money(payment.refundedMinor),
        ...(asking?.nextActionUrl === undefined ? {} : { nextActionUrl: asking.nextActionUrl }),
      };
    }),
    revision,
  };
}
