import { describe, expect, test } from '@jest/globals';
import { CorruptHistory } from '../../src/domain/decider.js';
import type { PaymentEvent } from '../../src/domain/payment/payment.events.js';
import { payments } from '../../src/projections/payments.projection.js';
import type { PaymentDocument } from '../../src/projections/payments.view.js';
import {
  AUTHORIZED,
  authRequested,
  CAPTURED,
  captured,
  capturedWith,
  captureRequested,
  event,
  gbp,
  initiated,
  refunded,
  refundRequested,
  voidRequested,
} from '../domain/provided-payment.js';
import { given } from './project.js';
import { NOON, paid, refundedPayment } from './recorded.js';

const one = (...history: readonly PaymentEvent[]): PaymentDocument => [...given(payments, ...history).values()][0]!;
const because = { code: 'card_declined', reason: 'no' };
const expired = event('AuthorizationExpired', { operationId: 'a1' });
const voided = event('VoidSucceeded', { operationId: 'v1', reference: 'pi_1' });
const disputed = event('DisputeOpened', { disputeId: 'dp_1', amount: gbp(100n), reason: 'fraudulent' });

test('shows what was asked, by whom, and what became of it', () => {
  expect(one(...CAPTURED, refundRequested('r1', 400n))).toEqual({
    _id: 'pay_1',
    paymentId: 'pay_1',
    orderId: 'ord_1',
    provider: 'sandbox',
    method: 'pm_card_visa',
    currency: 'GBP',
    minor: '1000',
    status: 'captured',
    capturedMinor: '1000',
    refundedMinor: '0',
    pendingMinor: '400',
    disputedMinor: '0',
    operations: [
      {
        operationId: 'a1',
        kind: 'authorization',
        status: 'succeeded',
        minor: '1000',
        askedBy: 'clerk',
        reference: 'pi_1',
        changedAt: NOON,
      },
      {
        operationId: 'c1',
        kind: 'capture',
        status: 'succeeded',
        minor: '1000',
        askedBy: 'clerk',
        reference: 'ch_c1',
        authorizationReference: 'pi_1',
        changedAt: NOON,
      },
      {
        operationId: 'r1',
        kind: 'refund',
        status: 'pending',
        minor: '400',
        askedBy: 'clerk',
        reason: 'broken',
        authorizationReference: 'pi_1',
        changedAt: NOON,
      },
    ],
    disputes: [],
    initiatedAt: NOON,
    changedAt: NOON,
    revision: '5',
  });
});

describe('the status', () => {
  test.each<[PaymentDocument['status'], readonly PaymentEvent[]]>([
    ['initiated', [initiated]],
    ['pending', [initiated, authRequested()]],
    [
      'requires-action',
      [
        initiated,
        authRequested(),
        event('ActionRequired', { operationId: 'a1', reference: 'pi_1', nextActionUrl: 'https://x' }),
      ],
    ],
    ['failed', [initiated, authRequested(), event('AuthorizationFailed', { operationId: 'a1', ...because })]],
    ['authorized', AUTHORIZED],
    ['expired', [...AUTHORIZED, expired]],
    ['authorized', [...AUTHORIZED, voidRequested()]],
    ['authorized', [...AUTHORIZED, voidRequested(), event('VoidFailed', { operationId: 'v1', ...because })]],
    ['voided', [...AUTHORIZED, voidRequested(), voided]],
    ['voided', [...AUTHORIZED, event('VoidSucceeded', { operationId: 'elsewhere', reference: 'pi_1' })]],
    ['authorized', [...AUTHORIZED, captureRequested('c1', 400n)]],
    ['partially-captured', [...AUTHORIZED, captureRequested('c1', 400n), captured('c1', 400n)]],
    ['partially-captured', [...AUTHORIZED, captured('ch_9', 400n, 'ch_9'), expired]],
    ['partially-captured', [...AUTHORIZED, captureRequested('c1', 400n), capturedWith('c1', 400n, 0n)]],
    ['captured', CAPTURED],
    ['captured', [...CAPTURED, event('OutcomeContradicted', { operationId: 'c1', operation: 'capture', ...because })]],
    ['partially-refunded', [...CAPTURED, refundRequested('r1', 400n), refunded('r1', 400n)]],
    ['refunded', [...CAPTURED, refundRequested('r1', 1000n), refunded('r1', 1000n)]],
    [
      'captured',
      [
        ...CAPTURED,
        refundRequested('r1', 9n),
        event('RefundFailed', { operationId: 'r1', amount: gbp(9n), ...because }),
      ],
    ],
    [
      'captured',
      [
        ...CAPTURED,
        refundRequested('r1', 9n),
        refunded('r1', 9n),
        event('RefundReversed', { operationId: 'r1', amount: gbp(9n), reference: 're_r1', ...because }),
      ],
    ],
    ['disputed', [...CAPTURED, disputed]],
    ['disputed', [...CAPTURED, disputed, event('DisputeLost', { disputeId: 'dp_1', amount: gbp(100n) })]],
    ['captured', [...CAPTURED, disputed, event('DisputeWon', { disputeId: 'dp_1', amount: gbp(100n) })]],
    ['captured', [paid(1000n)]],
    ['partially-refunded', [paid(1000n), refundedPayment(400n)]],
  ])('is %s', (status, history) => {
    expect(one(...history).status).toBe(status);
  });
});

describe('an authorization', () => {
  const part = [...AUTHORIZED, captureRequested('c1', 400n, 'no')];
  const released = [...part, capturedWith('c1', 400n, 0n)];
  test.each<[PaymentDocument['operations'][number]['status'], string, readonly PaymentEvent[]]>([
    ['succeeded', 'holds what a capture left', [...part, capturedWith('c1', 400n, 600n)]],
    ['succeeded', 'holds it where the provider did not say', [...part, captured('c1', 400n)]],
    ['released', 'holds nothing once the provider says so', released],
    [
      'released',
      'stays so when it is told to let go',
      [...released, event('VoidSucceeded', { operationId: 'v', reference: 'pi_1' })],
    ],
    ['succeeded', 'that was taken whole had nothing to let go of', [...AUTHORIZED, capturedWith('ch_1', 1000n, 0n)]],
    [
      'released',
      'counts its own captures alone',
      [...part, capturedWith('ch_2', 600n, 0n, 'pi_0'), capturedWith('c1', 400n, 0n)],
    ],
  ])('is %s: it %s', (status, _, history) => {
    expect(one(...history).operations[0]).toMatchObject({ kind: 'authorization', status });
  });
});

test('a part of a refund, and every capture, say what they belong to', () => {
  const asked = event('RefundRequested', {
    operationId: 'r1.2',
    amount: gbp(1n),
    reason: 'broken',
    authorizationReference: 'pi_1',
    provider: 'sandbox',
    partOf: 'r1',
  });
  const [, capture, refund] = one(...CAPTURED, asked).operations;
  expect(capture).toMatchObject({ authorizationReference: 'pi_1' });
  expect(refund).toMatchObject({ authorizationReference: 'pi_1', partOf: 'r1' });
});

test('says why something failed, and marks what contradicts itself', () => {
  const contradicted = event('OutcomeContradicted', { operationId: 'c1', operation: 'capture', ...because });
  expect(one(...CAPTURED, contradicted).operations[1]).toMatchObject({
    status: 'succeeded',
    contradicted: true,
    code: 'card_declined',
    failure: 'no',
  });
});

test('what happened at the provider without us has nobody who asked', () => {
  const operation = one(...AUTHORIZED, captured('ch_9', 400n, 'ch_9')).operations[1];
  expect(operation).toMatchObject({ kind: 'capture', minor: '400', status: 'succeeded' });
  expect(operation).not.toHaveProperty('askedBy');
});

test('stops at a history that cannot be', () => {
  expect(() => one(authRequested())).toThrow(CorruptHistory);
  expect(() => one(...CAPTURED, event('DisputeWon', { disputeId: 'dp_1', amount: gbp(1n) }))).toThrow(CorruptHistory);
});
