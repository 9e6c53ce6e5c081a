import fc from 'fast-check';
import type { Money } from '../../src/domain/money.js';
import type {
  AuthorizationOutcome,
  DisputeStatus,
  MovementOutcome,
  PaymentCommand,
  VoidOutcome,
} from '../../src/domain/payment/payment.commands.js';
import type { PaymentEvent } from '../../src/domain/payment/payment.events.js';

export const gbp = (minor: bigint): Money => ({ minor, currency: 'GBP' });
export const ABOUT = { paymentId: 'pay_1', orderId: 'ord_1' } as const;
const PAYMENT = { paymentId: 'pay_1' } as const;

type Of<T extends PaymentEvent['type']> = Extract<PaymentEvent, { type: T }>;
/** An event of the payment; whatever is not said is as a first authorization of 1,000 pence has it. */
export function event<T extends PaymentEvent['type']>(
  type: T,
  data: Omit<Of<T>['data'], keyof typeof ABOUT>,
): PaymentEvent {
  return { type, data: { ...ABOUT, ...data } } as unknown as PaymentEvent;
}

export const HELD = { method: 'pm_card_visa', provider: 'sandbox' } as const;
export const initiated = event('PaymentInitiated', { amount: gbp(1000n), ...HELD });
export const authRequested = (operationId = 'a1', minor = 1000n): PaymentEvent =>
  event('AuthorizationRequested', { operationId, amount: gbp(minor), ...HELD });
export const authorized = (operationId = 'a1', reference = 'pi_1', minor = 1000n): PaymentEvent =>
  event('AuthorizationSucceeded', { operationId, reference, amount: gbp(minor) });
/** `isFinal`: `all` of one that takes all that is left. */
export const captureRequested = (
  operationId: string,
  minor: bigint,
  isFinal: 'all' | 'yes' | 'no' = 'all',
  authorizationReference = 'pi_1',
): PaymentEvent =>
  event('CaptureRequested', {
    operationId,
    amount: gbp(minor),
    authorizationReference,
    provider: 'sandbox',
    ...(isFinal === 'all' ? {} : { isFinal }),
  });
export const captured = (operationId: string, minor: bigint, reference = `ch_${operationId}`): PaymentEvent =>
  event('CaptureSucceeded', { operationId, amount: gbp(minor), reference, authorizationReference: 'pi_1' });
/** After which so much can still be captured. */
export const capturedWith = (operationId: string, minor: bigint, capturable: bigint, of = 'pi_1'): PaymentEvent =>
  event('CaptureSucceeded', {
    operationId,
    amount: gbp(minor),
    reference: `ch_${operationId}`,
    authorizationReference: of,
    capturable: gbp(capturable),
  });
export const refundRequested = (operationId: string, minor: bigint, reason = 'broken'): PaymentEvent =>
  event('RefundRequested', {
    operationId,
    amount: gbp(minor),
    reason,
    authorizationReference: 'pi_1',
    provider: 'sandbox',
  });
export const refunded = (operationId: string, minor: bigint, reason = 'broken'): PaymentEvent =>
  event('RefundSucceeded', {
    operationId,
    amount: gbp(minor),
    reason,
    reference: `re_${operationId}`,
    authorizationReference: 'pi_1',
  });
export const voidRequested = (operationId = 'v1'): PaymentEvent =>
  event('VoidRequested', { operationId, authorizationReference: 'pi_1', provider: 'sandbox' });

/** Authorized for 1,000 pence, and so much of it captured in one. */
export const AUTHORIZED = [initiated, authRequested(), authorized()] as const;
export const CAPTURED = [...AUTHORIZED, captureRequested('c1', 1000n), captured('c1', 1000n)] as const;

export const authorize = (operationId = 'a1'): PaymentCommand => ({
  type: 'RequestAuthorization',
  data: { ...PAYMENT, operationId },
});
export const capture = (operationId: string, minor: bigint, isFinal?: 'yes' | 'no'): PaymentCommand => ({
  type: 'RequestCapture',
  data: { ...PAYMENT, operationId, amount: gbp(minor), ...(isFinal && { isFinal }) },
});
export const voidRest = (operationId = 'v1'): PaymentCommand => ({
  type: 'RequestVoid',
  data: { ...PAYMENT, operationId },
});
export const refund = (operationId: string, minor: bigint, reason = 'broken'): PaymentCommand => ({
  type: 'RequestRefund',
  data: { ...PAYMENT, operationId, amount: gbp(minor), reason },
});
export const tellAuthorization = (outcome: AuthorizationOutcome, operationId = 'a1'): PaymentCommand => ({
  type: 'RecordAuthorization',
  data: { ...PAYMENT, operationId, outcome },
});
export const tellCapture = (outcome: MovementOutcome, operationId = 'c1'): PaymentCommand => ({
  type: 'RecordCapture',
  data: { ...PAYMENT, operationId, outcome },
});
export const tellRefund = (outcome: MovementOutcome, operationId = 'r1'): PaymentCommand => ({
  type: 'RecordRefund',
  data: { ...PAYMENT, operationId, outcome },
});
export const tellVoid = (outcome: VoidOutcome, operationId = 'v1'): PaymentCommand => ({
  type: 'RecordVoid',
  data: { ...PAYMENT, operationId, outcome },
});
export const tellDispute = (status: DisputeStatus, minor = 1000n): PaymentCommand => ({
  type: 'RecordDispute',
  data: { ...PAYMENT, disputeId: 'dp_1', amount: gbp(minor), reason: 'fraudulent', status },
});

export const succeeded = (reference: string) => ({ status: 'succeeded', reference }) as const;
export const failed = { status: 'failed', code: 'card_declined', reason: 'The card was declined' } as const;

const ids = (prefix: string) => fc.constantFrom(`${prefix}1`, `${prefix}2`, `${prefix}3`);
const minors = fc.oneof({ arbitrary: fc.bigInt(1n, 1200n), weight: 4 }, fc.constantFrom(0n, -1n, 2n ** 70n));

export const anyRequest: fc.Arbitrary<PaymentCommand> = fc.oneof(
  ids('a').map(authorize),
  fc.tuple(ids('c'), minors).map(([id, minor]) => capture(id, minor)),
  ids('v').map(voidRest),
  fc.tuple(ids('r'), minors).map(([id, minor]) => refund(id, minor)),
);

/** What a provider may tell of our own operations, right or wrong, in any order. */
export const anyOutcome: fc.Arbitrary<PaymentCommand> = fc.oneof(
  fc.tuple(ids('a'), fc.constantFrom('succeeded', 'failed', 'requires-action', 'expired')).map(([id, status]) => {
    if (status === 'failed') return tellAuthorization(failed, id);
    if (status === 'succeeded') return tellAuthorization(succeeded(`pi_${id}`), id);
    if (status === 'expired') return tellAuthorization({ status: 'expired', reference: `pi_${id}` }, id);
    const nextActionUrl = 'https://example.com/3ds';
    return tellAuthorization({ status: 'requires-action', reference: `pi_${id}`, nextActionUrl }, id);
  }),
  fc.tuple(ids('c'), fc.boolean()).map(([id, well]) => tellCapture(well ? succeeded(`ch_${id}`) : failed, id)),
  fc.tuple(ids('r'), fc.boolean()).map(([id, well]) => tellRefund(well ? succeeded(`re_${id}`) : failed, id)),
  fc.tuple(ids('v'), ids('a'), fc.boolean()).map(([v, a, well]) => tellVoid(well ? succeeded(`pi_${a}`) : failed, v)),
  fc.constantFrom<DisputeStatus>('opened', 'won', 'lost').map((status) => tellDispute(status, 300n)),
);
