import type { Money } from '../../../domain/money.js';
import type { PaymentEvent } from '../../../domain/payment/payment.events.js';
import { pick, publish, withhold, type Publications } from '../publication.js';
import { instant, object, optional, text } from '../shape.js';
import { money, moneyOf, orderId } from './common.shapes.js';

type Event<Type extends PaymentEvent['type']> = Extract<PaymentEvent, { type: Type }>;

const about = { paymentId: text('The payment.', 'pay_1'), orderId };
const operation = { ...about, operationId: text('What was asked of the provider; counts once per payment.', 'op_1') };
const operationWithAmount = object({ ...operation, amount: money });
const code = text('Why, as a word for programs.', 'card_declined');
const dispute = object({ ...about, disputeId: text('The dispute.', 'dp_1'), amount: money });

type Operation = { paymentId: string; orderId: string; operationId: string };
const operationOf = (data: Operation) => pick(data, 'paymentId', 'orderId', 'operationId');
const withAmount = (data: Operation & { amount: Money }) => ({ ...operationOf(data), amount: moneyOf(data.amount) });
const withAmountAndCode = (data: Operation & { amount: Money; code: string }) => ({
  ...withAmount(data),
  code: data.code,
});
const disputeOf = (data: Event<'DisputeOpened' | 'DisputeWon' | 'DisputeLost'>['data']) => ({
  ...pick(data, 'paymentId', 'orderId', 'disputeId'),
  amount: moneyOf(data.amount),
});

const REQUEST = withhold('What is asked of a provider is told by its outcome.');

/** Left out everywhere: what people wrote as a reason, and the provider's own names, tokens and addresses. */
export const payment: Publications<PaymentEvent> = {
  PaymentRecorded: publish<Event<'PaymentRecorded'>>()(
    'ledger.payment.recorded.v1',
    'A payment that was settled elsewhere was recorded.',
    object({ ...about, amount: money, method: text('How it was paid.', 'card') }),
    (data) => ({ ...pick(data, 'paymentId', 'orderId', 'method'), amount: moneyOf(data.amount) }),
  ),
  PaymentRefunded: publish<Event<'PaymentRefunded'>>()(
    'ledger.payment.refunded.v1',
    'All or part of a payment that was settled elsewhere was given back.',
    object({ ...about, refundId: text('The refund.', 'rf_1'), amount: money }),
    (data) => ({ ...pick(data, 'paymentId', 'orderId', 'refundId'), amount: moneyOf(data.amount) }),
  ),
  PaymentInitiated: publish<Event<'PaymentInitiated'>>()(
    'ledger.payment.initiated.v1',
    'A payment begins that a provider carries out.',
    object({ ...about, amount: money }),
    (data) => ({ ...pick(data, 'paymentId', 'orderId'), amount: moneyOf(data.amount) }),
  ),
  AuthorizationRequested: REQUEST,
  AuthorizationSucceeded: publish<Event<'AuthorizationSucceeded'>>()(
    'ledger.payment.authorization-succeeded.v1',
    'The provider holds the amount for the shop.',
    object({ ...operation, amount: money, expiresAt: optional(instant('When the hold lapses.')) }),
    (data) => ({ ...withAmount(data), ...pick(data, 'expiresAt') }),
  ),
  AuthorizationFailed: publish<Event<'AuthorizationFailed'>>()(
    'ledger.payment.authorization-failed.v1',
    'The provider does not hold the amount.',
    object({ ...operation, code, declineCode: optional(text('Why a bank declined.', 'insufficient_funds')) }),
    (data) => ({ ...operationOf(data), ...pick(data, 'code', 'declineCode') }),
  ),
  ActionRequired: publish<Event<'ActionRequired'>>()(
    'ledger.payment.action-required.v1',
    'The payer has to do something first; where, the payment itself says.',
    object(operation),
    operationOf,
  ),
  AuthorizationExpired: publish<Event<'AuthorizationExpired'>>()(
    'ledger.payment.authorization-expired.v1',
    'The provider no longer holds the amount.',
    object(operation),
    operationOf,
  ),
  CaptureRequested: REQUEST,
  CaptureSucceeded: publish<Event<'CaptureSucceeded'>>()(
    'ledger.payment.capture-succeeded.v1',
    'All or part of what was authorized was taken.',
    operationWithAmount,
    withAmount,
  ),
  CaptureFailed: publish<Event<'CaptureFailed'>>()(
    'ledger.payment.capture-failed.v1',
    'Nothing was taken.',
    object({ ...operation, amount: money, code }),
    withAmountAndCode,
  ),
  VoidRequested: REQUEST,
  VoidSucceeded: publish<Event<'VoidSucceeded'>>()(
    'ledger.payment.void-succeeded.v1',
    'What was authorized and not taken was let go.',
    object(operation),
    operationOf,
  ),
  VoidFailed: publish<Event<'VoidFailed'>>()(
    'ledger.payment.void-failed.v1',
    'What was authorized was not let go.',
    object({ ...operation, code }),
    (data) => ({ ...operationOf(data), code: data.code }),
  ),
  RefundRequested: REQUEST,
  RefundSucceeded: publish<Event<'RefundSucceeded'>>()(
    'ledger.payment.refund-succeeded.v1',
    'All or part of what was taken was given back.',
    operationWithAmount,
    withAmount,
  ),
  RefundFailed: publish<Event<'RefundFailed'>>()(
    'ledger.payment.refund-failed.v1',
    'Nothing was given back.',
    object({ ...operation, amount: money, code }),
    withAmountAndCode,
  ),
  RefundReversed: publish<Event<'RefundReversed'>>()(
    'ledger.payment.refund-reversed.v1',
    'What was given back came back: the payer’s bank did not take it.',
    object({ ...operation, amount: money, code }),
    withAmountAndCode,
  ),
  OutcomeContradicted: withhold('Two answers of a provider that exclude each other are for the shop to look into.'),
  DisputeOpened: publish<Event<'DisputeOpened'>>()(
    'ledger.payment.dispute-opened.v1',
    'The payer’s bank took money back while it is disputed.',
    dispute,
    disputeOf,
  ),
  DisputeWon: publish<Event<'DisputeWon'>>()(
    'ledger.payment.dispute-won.v1',
    'The shop has the disputed money again.',
    dispute,
    disputeOf,
  ),
  DisputeLost: publish<Event<'DisputeLost'>>()(
    'ledger.payment.dispute-lost.v1',
    'The disputed money stays with the payer.',
    dispute,
    disputeOf,
  ),
};
