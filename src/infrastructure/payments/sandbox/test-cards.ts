/** What a test payment method makes the sandbox do; what is absent goes well. */
export type TestCard = Readonly<{
  decline?: Readonly<{ code: string; declineCode?: string; reason: string }>;
  /** The customer has to do something before the money is held. */
  requiresAction?: true;
  /** The money is captured, and then disputed for this reason. */
  disputed?: string;
  /** A refund is pending first and succeeds afterwards; or succeeds first, and the money comes back. */
  refund?: 'pending' | 'fails';
  /** What a capture leaves is let go of, whatever was asked: not every card can be captured in parts. */
  isCapturedOnce?: true;
  /** The sandbox's own: answers get lost on the way, never get there, or every notice comes twice. */
  fault?: Fault;
}>;
export type Fault = 'late' | 'absent' | 'double';

const declined = (declineCode: string, reason: string, code = 'card_declined'): TestCard => ({
  decline: { code, declineCode, reason },
});
const SUCCEEDS: TestCard = {};

/**
 * Stripe's test payment methods, and what they do there: docs.stripe.com/testing (cards by brand, declined payments,
 * disputes, refunds, authentication); codes of docs.stripe.com/declines/codes. `pm_sandbox_…` are this sandbox's own.
 */
const CARDS: Readonly<Record<string, TestCard>> = {
  pm_card_visa: SUCCEEDS,
  pm_card_visa_debit: SUCCEEDS,
  pm_card_mastercard: SUCCEEDS,
  pm_card_mastercard_debit: SUCCEEDS,
  pm_card_mastercard_prepaid: SUCCEEDS,
  pm_card_amex: SUCCEEDS,
  pm_card_discover: SUCCEEDS,
  pm_card_diners: SUCCEEDS,
  pm_card_jcb: SUCCEEDS,
  pm_card_unionpay: SUCCEEDS,
  pm_card_visa_chargeDeclined: declined('generic_decline', 'Your card was declined.'),
  pm_card_visa_chargeDeclinedInsufficientFunds: declined('insufficient_funds', 'Your card has insufficient funds.'),
  pm_card_visa_chargeDeclinedLostCard: declined('lost_card', 'Your card was declined.'),
  pm_card_visa_chargeDeclinedStolenCard: declined('stolen_card', 'Your card was declined.'),
  pm_card_visa_chargeDeclinedVelocityLimitExceeded: declined(
    'card_velocity_exceeded',
    'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
  ),
  pm_card_radarBlock: declined('fraudulent', 'Your card was declined.'),
  pm_card_chargeDeclinedExpiredCard: { decline: { code: 'expired_card', reason: 'Your card has expired.' } },
  pm_card_chargeDeclinedIncorrectCvc: {
    decline: { code: 'incorrect_cvc', reason: "Your card's security code is incorrect." },
  },
  pm_card_chargeDeclinedProcessingError: {
    decline: {
      code: 'processing_error',
      reason: 'An error occurred while processing your card. Try again in a little bit.',
    },
  },
  pm_card_authenticationRequired: { requiresAction: true },
  pm_card_threeDSecureRequired: { requiresAction: true },
  pm_card_threeDSecure2Required: { requiresAction: true },
  pm_card_createDispute: { disputed: 'fraudulent' },
  pm_card_createDisputeProductNotReceived: { disputed: 'product_not_received' },
  pm_card_pendingRefund: { refund: 'pending' },
  pm_card_refundFail: { refund: 'fails' },
  pm_sandbox_captured_once: { isCapturedOnce: true },
  pm_sandbox_late: { fault: 'late' },
  pm_sandbox_absent: { fault: 'absent' },
  pm_sandbox_double: { fault: 'double' },
};

export const testCard = (method: string): TestCard | undefined =>
  Object.hasOwn(CARDS, method) ? CARDS[method] : undefined;
