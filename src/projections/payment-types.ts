import type { PaymentEvent } from '../domain/payment/payment.events.js';

/** What the views of orders and of payments fold: all that happens to a payment. */
export const paymentTypes = [
  'PaymentRecorded',
  'PaymentRefunded',
  'PaymentInitiated',
  'AuthorizationRequested',
  'AuthorizationSucceeded',
  'AuthorizationFailed',
  'ActionRequired',
  'AuthorizationExpired',
  'CaptureRequested',
  'CaptureSucceeded',
  'CaptureFailed',
  'VoidRequested',
  'VoidSucceeded',
  'VoidFailed',
  'RefundRequested',
  'RefundSucceeded',
  'RefundFailed',
  'RefundReversed',
  'OutcomeContradicted',
  'DisputeOpened',
  'DisputeWon',
  'DisputeLost',
] as const satisfies readonly PaymentEvent['type'][];
