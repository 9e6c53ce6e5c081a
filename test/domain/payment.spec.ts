import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Money } from '../../src/domain/money.js';
import type { PaymentCommand } from '../../src/domain/payment/payment.commands.js';
import { payment } from '../../src/domain/payment/payment.decider.js';
import type { PaymentEvent } from '../../src/domain/payment/payment.events.js';
import { NOON, run, specify } from './specify.js';

const { given } = specify(payment);

const gbp = (minor: bigint): Money => ({ minor, currency: 'GBP' });
const eur = (minor: bigint): Money => ({ minor, currency: 'EUR' });
const about = { paymentId: 'pay_1', orderId: 'ord_1' };
const settled = (amount: Money) => ({ ...about, amount, method: 'card' });
const givenBack = (refundId: string, amount: Money, reason: string) => ({
  paymentId: 'pay_1',
  refundId,
  amount,
  reason,
});

const record = (amount: Money): PaymentCommand => ({ type: 'RecordPayment', data: settled(amount) });
const refund = (refundId: string, amount: Money, reason = 'damaged'): PaymentCommand => ({
  type: 'RefundPayment',
  data: givenBack(refundId, amount, reason),
});
const recorded = (amount: Money): PaymentEvent => ({ type: 'PaymentRecorded', data: settled(amount) });
const refunded = (refundId: string, amount: Money, reason = 'damaged'): PaymentEvent => ({
  type: 'PaymentRefunded',
  data: { ...givenBack(refundId, amount, reason), orderId: 'ord_1' },
});

describe('recording a payment', () => {
  test('writes it down as it was settled', () => {
    given()
      .when(record(gbp(1000n)))
      .then(recorded(gbp(1000n)));
  });
  test('is done once', () => {
    given(recorded(gbp(1000n)))
      .when(record(gbp(1000n)))
      .thenRejected({ code: 'payment-already-recorded' });
  });
  test('needs a positive amount of money that the ledger can hold', () => {
    given()
      .when(record(gbp(0n)))
      .thenRejected({ code: 'amount-not-positive' });
    given()
      .when(record(gbp(-1n)))
      .thenRejected({ code: 'amount-not-positive' });
    given()
      .when(record({ minor: 1n, currency: 'XAU' }))
      .thenRejected({ code: 'currency-unknown', currency: 'XAU' });
    given()
      .when(record(gbp(2n ** 63n - 1n)))
      .then(recorded(gbp(2n ** 63n - 1n)));
    given()
      .when(record(gbp(2n ** 63n)))
      .thenRejected({ code: 'amount-too-large' });
  });
});

describe('refunding a payment', () => {
  const history = [recorded(gbp(1000n)), refunded('f1', gbp(400n))];
  test('gives back the last penny, and not one more', () => {
    given(...history)
      .when(refund('f2', gbp(600n)))
      .then(refunded('f2', gbp(600n)));
    given(...history)
      .when(refund('f2', gbp(601n)))
      .thenRejected({ code: 'exceeds-captured', remaining: gbp(600n) });
  });
  test('counts a refund id once, also when nothing is left', () => {
    given(...history)
      .when(refund('f1', gbp(400n)))
      .then();
    given(...history, refunded('f2', gbp(600n)))
      .when(refund('f1', gbp(400n)))
      .then();
  });
  test('refuses a known refund id with other content', () => {
    const reused = { code: 'refund-id-reused', refundId: 'f1', recorded: gbp(400n), reason: 'damaged' } as const;
    given(...history)
      .when(refund('f1', gbp(401n)))
      .thenRejected(reused);
    given(...history)
      .when(refund('f1', eur(400n)))
      .thenRejected(reused);
    given(...history)
      .when(refund('f1', gbp(400n), 'late'))
      .thenRejected(reused);
  });
  test('needs a payment, its currency and a positive amount', () => {
    given()
      .when(refund('f1', gbp(1n)))
      .thenRejected({ code: 'payment-unknown' });
    given(...history)
      .when(refund('f2', eur(1n)))
      .thenRejected({ code: 'currency-mismatch', expected: 'GBP' });
    given(...history)
      .when(refund('f2', gbp(0n)))
      .thenRejected({ code: 'amount-not-positive' });
    given(...history)
      .when(refund('f2', gbp(-5n)))
      .thenRejected({ code: 'amount-not-positive' });
  });
});

test('a history that no command wrote stops the fold', () => {
  given(refunded('f1', gbp(1n))).thenCorrupt(/before PaymentRecorded/);
  given(recorded(gbp(1n)), recorded(gbp(1n))).thenCorrupt(/PaymentRecorded twice/);
  given(recorded(gbp(0n))).thenCorrupt(/PaymentRecorded of 0/);
  given(recorded(gbp(5n)), refunded('f1', gbp(6n))).thenCorrupt(/f1 of 6 GBP, 5 left/);
  given(recorded(gbp(5n)), refunded('f1', eur(5n))).thenCorrupt(/f1 of 5 EUR/);
  given(recorded(gbp(5n)), refunded('f1', gbp(-5n))).thenCorrupt(/f1 of -5 GBP/);
  given(recorded(gbp(5n)), refunded('f1', gbp(1n)), refunded('f1', gbp(1n))).thenCorrupt(/Refund f1 twice/);
});

test('no run of commands gives back more than was captured, and every accepted refund repeats as a no-op', () => {
  const anyMoney = fc.record({
    minor: fc.oneof({ arbitrary: fc.bigInt(1n, 500n), weight: 5 }, fc.bigInt(-(2n ** 70n), 2n ** 70n)),
    currency: fc.oneof({ arbitrary: fc.constant('GBP'), weight: 5 }, fc.constantFrom('EUR', 'XAU')),
  });
  const anyRefund = fc.record({
    id: fc.constantFrom('f1', 'f2', 'f3', 'f4', 'f5'),
    amount: anyMoney,
    reason: fc.constantFrom('damaged', 'late'),
  });
  const anyCommand = fc.oneof(anyMoney.map(record), {
    arbitrary: anyRefund.map(({ id, amount, reason }) => refund(id, amount, reason)),
    weight: 5,
  });
  fc.assert(
    fc.property(fc.array(anyCommand, { maxLength: 25 }), (commands) => {
      let captured = 0n;
      const refunds = new Map<string, bigint>();
      const steps = run(
        payment,
        commands.map((command) => ({ command, at: NOON })),
      );
      for (const { command, decision, events, after } of steps) {
        for (const { type, data } of events) {
          if (type === 'PaymentRecorded') captured += data.amount.minor;
          else if (type === 'PaymentRefunded') {
            expect(refunds.has(data.refundId)).toBe(false);
            refunds.set(data.refundId, data.amount.minor);
          }
        }
        const back = [...refunds.values()].reduce((a, b) => a + b, 0n);
        expect(back <= captured).toBe(true);
        if (after.status === 'recorded') {
          expect(after.captured.minor).toBe(captured);
          expect(after.remaining.minor).toBe(captured - back);
        }
        if (command.type === 'RefundPayment' && decision.outcome === 'accepted') {
          expect(payment.decide(command, after, NOON)).toEqual({ outcome: 'accepted', events: [] });
        }
      }
    }),
    { numRuns: 300 },
  );
});
