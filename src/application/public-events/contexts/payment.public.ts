import type { PaymentEvent } from '../../../domain/payment/payment.events.js';
import { pick, publish, type Publications } from '../publication.js';
import { object, text } from '../shape.js';
import { money, moneyOf, orderId } from './common.shapes.js';

type Event<Type extends PaymentEvent['type']> = Extract<PaymentEvent, { type: Type }>;

const paymentId = text('The payment.', 'pay_1');

/** Why money was given back is free text, and stays in the ledger. */
export const payment: Publications<PaymentEvent> = {
  PaymentRecorded: publish<Event<'PaymentRecorded'>>()(
    'ledger.payment.recorded.v1',
    'A payment that was settled elsewhere was recorded.',
    object({ paymentId, orderId, amount: money, method: text('How it was paid.', 'card') }),
    (data) => ({ ...pick(data, 'paymentId', 'orderId', 'method'), amount: moneyOf(data.amount) }),
  ),
  PaymentRefunded: publish<Event<'PaymentRefunded'>>()(
    'ledger.payment.refunded.v1',
    'All or part of a payment that was settled elsewhere was given back.',
    object({ paymentId, orderId, refundId: text('The refund.', 'rf_1'), amount: money }),
    (data) => ({ ...pick(data, 'paymentId', 'orderId', 'refundId'), amount: moneyOf(data.amount) }),
  ),
};
