import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PaymentCommand } from '../../src/domain/payment/payment.commands.js';
import { payment, type PaymentState } from '../../src/domain/payment/payment.decider.js';
import type { PaymentEvent } from '../../src/domain/payment/payment.events.js';
import {
  authorizationStatus,
  capturedMinor,
  movedMinor,
  operationsOf,
  type ProvidedState,
} from '../../src/domain/payment/provided.state.js';
import {
  anyOutcome,
  anyRequest,
  authorize,
  AUTHORIZED,
  authorized,
  authRequested,
  capture,
  CAPTURED,
  captured,
  capturedWith,
  captureRequested,
  event,
  failed,
  gbp,
  HELD,
  initiated,
  refund,
  refunded,
  refundRequested,
  succeeded,
  tellAuthorization,
  tellCapture,
  tellDispute,
  tellRefund,
  tellVoid,
  voidRequested,
  voidRest,
} from './provided-payment.js';
import { fold, NOON, run, specify } from './specify.js';

const { given } = specify(payment);
const initiate = (minor: bigint, currency = 'GBP'): PaymentCommand => ({
  type: 'InitiatePayment',
  data: { paymentId: 'pay_1', orderId: 'ord_1', amount: { minor, currency }, ...HELD },
});
const settled = event('PaymentRecorded', { amount: gbp(1000n), method: 'card' });

describe('initiating', () => {
  test('is done once, for a positive amount of a currency', () => {
    given().when(initiate(1000n)).then(initiated);
    given(initiated).when(initiate(1000n)).thenRejected({ code: 'payment-already-recorded' });
    given().when(initiate(0n)).thenRejected({ code: 'amount-not-positive' });
    given()
      .when(initiate(2n ** 63n))
      .thenRejected({ code: 'amount-too-large' });
    given().when(initiate(1n, 'XAU')).thenRejected({ code: 'currency-unknown', currency: 'XAU' });
  });
  test('is not mixed with a payment that was settled elsewhere', () => {
    given(settled).when(authorize()).thenRejected({ code: 'payment-settled-elsewhere' });
    given(settled).when(tellDispute('opened')).thenRejected({ code: 'payment-settled-elsewhere' });
    given().when(authorize()).thenRejected({ code: 'payment-unknown' });
    given()
      .when(tellCapture(succeeded('ch_1')))
      .thenRejected({ code: 'payment-unknown' });
    given(initiated)
      .when({ type: 'RefundPayment', data: { paymentId: 'pay_1', refundId: 'f', amount: gbp(1n), reason: 'x' } })
      .thenRejected({ code: 'payment-with-provider' });
  });
});

describe('authorizing', () => {
  test('is asked for once at a time, and its answer counts once', () => {
    given(initiated).when(authorize()).then(authRequested());
    given(initiated, authRequested()).when(authorize()).then();
    given(initiated, authRequested())
      .when(authorize('a2'))
      .thenRejected({ code: 'operation-pending', operationId: 'a1' });
    given(initiated, authRequested())
      .when(tellAuthorization(succeeded('pi_1')))
      .then(authorized());
    given(...AUTHORIZED)
      .when(tellAuthorization(succeeded('pi_1')))
      .then();
    given(...AUTHORIZED)
      .when(authorize('a2'))
      .thenRejected({ code: 'payment-already-authorized' });
  });
  test('may be asked for again after it failed, expired or was voided, for what is not captured', () => {
    const declined = event('AuthorizationFailed', { operationId: 'a1', code: 'card_declined', reason: 'no' });
    const expired = event('AuthorizationExpired', { operationId: 'a1', reference: 'pi_1' });
    const part = [captureRequested('c1', 400n), captured('c1', 400n)];
    given(initiated, authRequested(), declined).when(authorize('a2')).then(authRequested('a2'));
    given(...AUTHORIZED, ...part, expired)
      .when(authorize('a2'))
      .then(authRequested('a2', 600n));
    given(...AUTHORIZED, voidRequested(), event('VoidSucceeded', { operationId: 'v1', reference: 'pi_1' }))
      .when(authorize('a2'))
      .then(authRequested('a2'));
  });
  test('that needs an action of the customer goes on from there, and is not taken back to it', () => {
    const needed = { status: 'requires-action', reference: 'pi_1', nextActionUrl: 'https://example.com/3ds' } as const;
    const { status: _, ...said } = needed;
    const asked = event('ActionRequired', { operationId: 'a1', ...said });
    given(initiated, authRequested()).when(tellAuthorization(needed)).then(asked);
    given(initiated, authRequested(), asked)
      .when(tellAuthorization(succeeded('pi_1')))
      .then(authorized());
    given(...AUTHORIZED)
      .when(tellAuthorization(needed))
      .then();
    given(initiated, authRequested(), asked)
      .when(capture('c1', 1n))
      .thenRejected({ code: 'payment-not-authorized', authorization: 'requires-action' });
  });
  test('an answer that nobody asked for is refused', () => {
    given(initiated)
      .when(tellAuthorization(succeeded('pi_1')))
      .thenRejected({ code: 'operation-unknown', operationId: 'a1' });
  });
});

describe('capturing', () => {
  test('takes the last penny that is authorized, pending captures counted, and not one more', () => {
    const history = [...AUTHORIZED, captureRequested('c1', 400n)];
    given(...history)
      .when(capture('c2', 600n))
      .then(captureRequested('c2', 600n, 'no'));
    given(...history)
      .when(capture('c2', 601n))
      .thenRejected({ code: 'exceeds-authorized', remaining: gbp(600n) });
    given(...history, event('CaptureFailed', { operationId: 'c1', amount: gbp(400n), code: 'x', reason: 'x' }))
      .when(capture('c2', 1000n))
      .then(captureRequested('c2', 1000n));
  });
  test('needs an authorization that holds, a positive amount and its currency', () => {
    given(initiated).when(capture('c1', 1n)).thenRejected({ code: 'payment-not-authorized', authorization: 'none' });
    given(...AUTHORIZED, voidRequested())
      .when(capture('c1', 1n))
      .thenRejected({ code: 'payment-not-authorized', authorization: 'voiding' });
    given(...AUTHORIZED)
      .when(capture('c1', 0n))
      .thenRejected({ code: 'amount-not-positive' });
    given(...AUTHORIZED)
      .when({
        type: 'RequestCapture',
        data: { paymentId: 'pay_1', operationId: 'c1', amount: { minor: 1n, currency: 'EUR' } },
      })
      .thenRejected({ code: 'currency-mismatch', expected: 'GBP' });
  });
  test('of one id is asked for once; with other content it is refused', () => {
    given(...CAPTURED)
      .when(capture('c1', 1000n))
      .then();
    given(...CAPTURED)
      .when(capture('c1', 999n))
      .thenRejected({ code: 'operation-id-reused', operationId: 'c1' });
    given(...CAPTURED)
      .when(capture('a1', 1000n))
      .thenRejected({ code: 'operation-id-reused', operationId: 'a1' });
  });
  test('that the provider first refuses and then has made is money taken', () => {
    const history = [
      ...AUTHORIZED,
      captureRequested('c1', 1000n),
      event('CaptureFailed', { operationId: 'c1', amount: gbp(1000n), code: 'x', reason: 'x' }),
    ];
    given(...history)
      .when(tellCapture(succeeded('ch_c1')))
      .then(captured('c1', 1000n));
  });
  test('that failed after it had succeeded is written down as a contradiction, once, and changes no sum', () => {
    const { status: _, ...said } = failed;
    const contradicted = event('OutcomeContradicted', { operationId: 'c1', operation: 'capture', ...said });
    given(...CAPTURED)
      .when(tellCapture(failed))
      .then(contradicted);
    given(...CAPTURED, contradicted)
      .when(tellCapture(failed))
      .then();
    given(...CAPTURED, contradicted)
      .when(tellCapture(succeeded('ch_c1')))
      .then();
    given(...CAPTURED, contradicted)
      .when(refund('r1', 1000n))
      .then(refundRequested('r1', 1000n));
  });
  test('told by the provider’s own names is the capture that waits for it; made there without us, it counts as well', () => {
    const told = { ...succeeded('ch_c1'), amount: gbp(400n), authorizationReference: 'pi_1' };
    const waiting = [...AUTHORIZED, captureRequested('c1', 400n)];
    given(...waiting)
      .when(tellCapture(told, 'a1-webhook'))
      .then(captured('c1', 400n));
    given(...waiting, captured('c1', 400n))
      .when(tellCapture(told, 'a1-webhook'))
      .then();
    given(...AUTHORIZED)
      .when(tellCapture(told, 'ch_c1'))
      .then(captured('ch_c1', 400n, 'ch_c1'));
    given(...AUTHORIZED, captured('ch_c1', 400n, 'ch_c1'))
      .when(capture('c2', 601n))
      .thenRejected({ code: 'exceeds-authorized', remaining: gbp(600n) });
  });
});

describe('capturing in parts', () => {
  const first = [...AUTHORIZED, captureRequested('c1', 400n, 'no')];
  const soFar = (minor: bigint, capturable: bigint) =>
    ({
      ...succeeded('ch_9'),
      amount: gbp(minor),
      isSum: true,
      capturable: gbp(capturable),
      authorizationReference: 'pi_1',
    }) as const;

  test('asks for the rest to stay held, unless it is the last; of what takes all there is nothing to say', () => {
    given(...AUTHORIZED)
      .when(capture('c1', 400n))
      .then(captureRequested('c1', 400n, 'no'));
    given(...AUTHORIZED)
      .when(capture('c1', 400n, 'yes'))
      .then(captureRequested('c1', 400n, 'yes'));
    given(...AUTHORIZED)
      .when(capture('c1', 1000n, 'yes'))
      .then(captureRequested('c1', 1000n));
    given(...first)
      .when(capture('c2', 100n, 'yes'))
      .thenRejected({ code: 'operation-pending', operationId: 'c1' });
  });
  test('of one id is the same again however the choice was left open, and another with the other choice', () => {
    for (const again of [undefined, 'no'] as const) {
      given(...first)
        .when(capture('c1', 400n, again))
        .then();
    }
    given(...first)
      .when(capture('c1', 400n, 'yes'))
      .thenRejected({ code: 'operation-id-reused', operationId: 'c1' });
    given(...CAPTURED)
      .when(capture('c1', 1000n, 'yes'))
      .then();
  });
  test('goes on while the provider says that something is left', () => {
    given(...first)
      .when(tellCapture({ ...succeeded('ch_c1'), capturable: gbp(600n) }))
      .then(capturedWith('c1', 400n, 600n));
    given(...first, capturedWith('c1', 400n, 600n))
      .when(capture('c2', 600n))
      .then(captureRequested('c2', 600n));
    given(...first, capturedWith('c1', 400n, 600n))
      .when(voidRest())
      .then(voidRequested());
  });
  test('ends when the provider says that it let go of the rest: that can be authorized again, not captured or voided', () => {
    const released = [...first, capturedWith('c1', 400n, 0n)];
    given(...released)
      .when(capture('c2', 1n))
      .thenRejected({ code: 'payment-not-authorized', authorization: 'released' });
    given(...released)
      .when(voidRest())
      .thenRejected({ code: 'nothing-to-void', authorization: 'released' });
    given(...released)
      .when(authorize('a2'))
      .then(authRequested('a2', 600n));
  });
  test('of all there is, nothing is left to be let go of', () => {
    const all = [...AUTHORIZED, captureRequested('c1', 1000n), capturedWith('c1', 1000n, 0n)];
    given(...all)
      .when(voidRest())
      .thenRejected({ code: 'nothing-to-void', authorization: 'authorized' });
    given(...all)
      .when(authorize('a2'))
      .thenRejected({ code: 'payment-already-authorized' });
  });

  test('told as a sum is the capture that makes it up, pending before given up', () => {
    const { status: _, ...said } = failed;
    const givenUp = event('CaptureFailed', { operationId: 'c1', amount: gbp(400n), ...said });
    const again = [...first, givenUp, captureRequested('c2', 400n, 'no')];
    const made = (operationId: string, minor = 400n) =>
      event('CaptureSucceeded', {
        operationId,
        amount: gbp(minor),
        reference: 'ch_9',
        authorizationReference: 'pi_1',
        capturable: gbp(600n),
      });
    given(...first)
      .when(tellCapture(soFar(400n, 600n), 'ch_9'))
      .then(made('c1'));
    given(...again)
      .when(tellCapture(soFar(400n, 600n), 'ch_9'))
      .then(made('c2'));
    given(...first, givenUp)
      .when(tellCapture(soFar(400n, 600n), 'ch_9'))
      .then(made('c1'));
    given(...AUTHORIZED)
      .when(tellCapture(soFar(400n, 600n), 'ch_9'))
      .then(made('ch_9'));
    given(...AUTHORIZED, made('ch_9', 100n))
      .when(tellCapture(soFar(500n, 600n), 'ch_9'))
      .then(made('ch_9.500'));
    given(...first, made('c1'))
      .when(tellCapture(soFar(400n, 600n), 'ch_9'))
      .then();
    given(...first)
      .when(tellCapture({ ...soFar(400n, 600n), amount: gbp(0n) }, 'ch_9'))
      .thenRejected({ code: 'amount-not-positive' });
  });
  test('told as a sum is the older of two that fit, or all that wait, the last of which says what is left', () => {
    const two = [...first, captureRequested('c2', 400n, 'no')];
    const made = (operationId: string, left?: bigint) =>
      event('CaptureSucceeded', {
        operationId,
        amount: gbp(400n),
        reference: 'ch_9',
        authorizationReference: 'pi_1',
        ...(left === undefined ? {} : { capturable: gbp(left) }),
      });
    given(...two)
      .when(tellCapture(soFar(400n, 600n), 'ch_9'))
      .then(made('c1', 600n));
    given(...two)
      .when(tellCapture(soFar(800n, 200n), 'ch_9'))
      .then(made('c1'), made('c2', 200n));
  });
  test('that the window of the authorization ends leaves nothing of the rest', () => {
    const part = [...first, capturedWith('c1', 400n, 600n)];
    const over = event('AuthorizationExpired', { operationId: 'a1', reference: 'pi_1' });
    given(...part)
      .when(tellCapture(soFar(400n, 0n), 'ch_9'))
      .then(over);
    given(...part, over)
      .when(tellCapture(soFar(400n, 0n), 'ch_9'))
      .then();
    given(...part, voidRequested()) // what lets go of it is under way, and will be told
      .when(tellCapture(soFar(400n, 0n), 'ch_9'))
      .then();
  });
  test('has let go of the rest once, however it is told of again', () => {
    const over = event('AuthorizationExpired', { operationId: 'a1', reference: 'pi_1' });
    const voided = event('VoidSucceeded', { operationId: 'v1', reference: 'pi_1' });
    for (const [ends, authorization] of [
      [[over, voided], 'expired'],
      [[voided, capturedWith('ch_9', 100n, 0n)], 'voided'],
    ] as const) {
      given(...first, capturedWith('c1', 400n, 600n), ...ends)
        .when(voidRest('v2'))
        .thenRejected({ code: 'nothing-to-void', authorization });
    }
  });
  test('comes to one end, by answers and by sums, in any order, repeated', () => {
    const asked = [...first, captureRequested('c2', 500n, 'yes')];
    const truth = [
      tellCapture({ ...succeeded('ch_9'), capturable: gbp(600n) }, 'c1'),
      tellCapture({ ...succeeded('ch_9'), capturable: gbp(0n) }, 'c2'),
      tellCapture(soFar(400n, 600n), 'ch_9'),
      tellCapture(soFar(900n, 0n), 'ch_9'),
    ];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...truth), { maxLength: 8 }),
        fc.shuffledSubarray(truth, { minLength: 4 }),
        (some, all) => {
          const state = [...some, ...all].reduce(
            (before, command) => {
              const decision = payment.decide(command, before, NOON);
              if (decision.outcome === 'rejected') throw new Error(decision.rejection.code);
              return fold(payment, decision.events, before);
            },
            fold(payment, asked),
          );
          const captures = operationsOf(provided(state), 'capture').toReversed();
          expect(captures.map(({ operationId, amount, status }) => [operationId, amount.minor, status])).toEqual([
            ['c1', 400n, 'succeeded'],
            ['c2', 500n, 'succeeded'],
          ]);
          expect(authorizationStatus(provided(state))).toBe('released');
        },
      ),
    );
  });
});

describe('voiding', () => {
  const done = event('VoidSucceeded', { operationId: 'v1', reference: 'pi_1' });
  test('lets go of what is held, once', () => {
    given(...AUTHORIZED)
      .when(voidRest())
      .then(voidRequested());
    given(...AUTHORIZED, voidRequested())
      .when(voidRest('v2'))
      .thenRejected({ code: 'operation-pending', operationId: 'v1' });
    given(...AUTHORIZED, voidRequested())
      .when(tellVoid(succeeded('pi_1')))
      .then(done);
    given(...AUTHORIZED, voidRequested(), done)
      .when(tellVoid(succeeded('pi_1')))
      .then();
    given(...AUTHORIZED, voidRequested(), done)
      .when(voidRest('v2'))
      .thenRejected({ code: 'nothing-to-void', authorization: 'voided' });
  });
  test('waits for what is pending, and leaves alone what was captured', () => {
    given(initiated, authRequested()).when(voidRest()).thenRejected({ code: 'operation-pending', operationId: 'a1' });
    given(...AUTHORIZED, captureRequested('c1', 1n))
      .when(voidRest())
      .thenRejected({ code: 'operation-pending', operationId: 'c1' });
    given(...CAPTURED)
      .when(voidRest())
      .thenRejected({ code: 'nothing-to-void', authorization: 'authorized' });
  });
  test('at the provider, without us, is a void as well; a capture after it is refused', () => {
    const external = event('VoidSucceeded', { operationId: 'pi_1.canceled', reference: 'pi_1' });
    given(...AUTHORIZED)
      .when(tellVoid(succeeded('pi_1'), 'pi_1.canceled'))
      .then(external);
    given(...AUTHORIZED, external)
      .when(tellVoid(succeeded('pi_1'), 'again'))
      .then();
    given(...AUTHORIZED, external)
      .when(capture('c1', 1n))
      .thenRejected({ code: 'payment-not-authorized', authorization: 'voided' });
  });
});

describe('refunding', () => {
  const reversed = event('RefundReversed', {
    operationId: 'r1',
    amount: gbp(1000n),
    code: 'card_declined',
    reason: 'The card was declined',
    reference: 're_r1',
  });
  test('gives back the last penny that was captured, pending refunds counted, and not one more', () => {
    const history = [...CAPTURED, refundRequested('r1', 400n)];
    given(...history)
      .when(refund('r2', 600n))
      .then(refundRequested('r2', 600n));
    given(...history)
      .when(refund('r2', 601n))
      .thenRejected({ code: 'exceeds-captured', remaining: gbp(600n) });
  });
  test('does not count on money whose capture is not known to have succeeded', () => {
    given(...AUTHORIZED, captureRequested('c1', 1000n))
      .when(refund('r1', 1n))
      .thenRejected({ code: 'exceeds-captured', remaining: gbp(0n) });
  });
  test('that came back can be made again', () => {
    const history = [...CAPTURED, refundRequested('r1', 1000n), refunded('r1', 1000n)];
    given(...history)
      .when(refund('r2', 1n))
      .thenRejected({ code: 'exceeds-captured', remaining: gbp(0n) });
    given(...history)
      .when(tellRefund(failed))
      .then(reversed);
    given(...history, reversed)
      .when(tellRefund(failed))
      .then();
    given(...history, reversed)
      .when(tellRefund(succeeded('re_r1')))
      .then();
    given(...history, reversed)
      .when(refund('r2', 1000n))
      .then(refundRequested('r2', 1000n));
  });
  test('that was made and then failed gave nothing back, whichever of the two is heard of first', () => {
    const [made, thenFailed] = [succeeded('re_r1'), { ...failed, reference: 're_r1' }];
    for (const told of [
      [made, thenFailed],
      [thenFailed, made],
      [thenFailed, made, thenFailed, made],
    ]) {
      const commands = told.map((outcome) => tellRefund(outcome));
      const history = [...CAPTURED, refundRequested('r1', 1000n)];
      const state = commands.reduce(
        (before, command) => {
          const decision = payment.decide(command, before, NOON);
          return decision.outcome === 'accepted' ? fold(payment, decision.events, before) : before;
        },
        fold(payment, history),
      );
      expect(movedMinor(provided(state), 'refund')).toBe(0n);
    }
  });
  test('that was never made, and then has been, is money that went back', () => {
    const history = [...CAPTURED, refundRequested('r1', 400n)];
    const state = fold(payment, history);
    const decision = payment.decide(tellRefund(failed), state, NOON);
    const events = decision.outcome === 'accepted' ? decision.events : [];
    given(...history, ...events)
      .when(tellRefund(succeeded('re_r1')))
      .then(refunded('r1', 400n));
  });
  test('over what was taken under two authorizations is asked for of each, the most first, and bounded by both', () => {
    const late = event('AuthorizationSucceeded', { operationId: 'a2', reference: 'pi_2', amount: gbp(600n) });
    const twice = [
      ...AUTHORIZED,
      captureRequested('c1', 400n, 'no'),
      capturedWith('c1', 400n, 0n),
      authRequested('a2', 600n),
      late,
      captureRequested('c2', 600n, 'all', 'pi_2'),
      capturedWith('c2', 600n, 0n, 'pi_2'),
    ];
    const part = (operationId: string, minor: bigint, authorizationReference: string, partOf?: string) =>
      event('RefundRequested', {
        operationId,
        amount: gbp(minor),
        reason: 'broken',
        authorizationReference,
        provider: 'sandbox',
        ...(partOf === undefined ? {} : { partOf }),
      });
    const both = [part('r1', 600n, 'pi_2'), part('r1.2', 200n, 'pi_1', 'r1')];
    given(...twice)
      .when(refund('r1', 600n))
      .then(part('r1', 600n, 'pi_2'));
    given(...twice)
      .when(refund('r1', 800n))
      .then(...both);
    given(...twice, ...both)
      .when(refund('r1', 800n))
      .then();
    given(...twice, ...both)
      .when(refund('r1', 600n))
      .thenRejected({ code: 'operation-id-reused', operationId: 'r1' });
    given(...twice, ...both)
      .when(refund('r1.2', 200n))
      .thenRejected({ code: 'operation-id-reused', operationId: 'r1.2' });
    given(...twice, ...both)
      .when(refund('r2', 201n))
      .thenRejected({ code: 'exceeds-captured', remaining: gbp(200n) });
    given(...twice, part('r1', 500n, 'pi_2')) // of which 100 are left there, and all 400 of the other
      .when(refund('r2', 500n))
      .then(part('r2', 400n, 'pi_1'), part('r2.2', 100n, 'pi_2', 'r2'));
    given(...twice, part('r1.2', 1n, 'pi_1'))
      .when(refund('r1', 900n))
      .thenRejected({ code: 'operation-id-reused', operationId: 'r1.2' });
    given(...twice, part('r1', 401n, 'pi_1')).thenCorrupt(/more than is left/);
    const disputed = event('DisputeOpened', { disputeId: 'dp_1', amount: gbp(500n), reason: 'fraudulent' });
    given(...twice, disputed, part('r1', 501n, 'pi_2')).thenCorrupt(/more than is left/);
    given(...twice, disputed)
      .when(refund('r1', 501n))
      .thenRejected({ code: 'exceeds-captured', remaining: gbp(500n) });
  });
  test('made at the provider without us is money that went back', () => {
    const told = { ...succeeded('re_9'), amount: gbp(300n), authorizationReference: 'pi_1' };
    const external = event('RefundSucceeded', {
      operationId: 're_9',
      reference: 're_9',
      amount: gbp(300n),
      authorizationReference: 'pi_1',
      reason: 'made at the provider',
    });
    given(...CAPTURED)
      .when(tellRefund(told, 're_9'))
      .then(external);
    given(...CAPTURED, external)
      .when(tellRefund(told, 're_9'))
      .then();
    given(...CAPTURED, external)
      .when(refund('r1', 701n))
      .thenRejected({ code: 'exceeds-captured', remaining: gbp(700n) });
  });
});

describe('a dispute', () => {
  const opened = event('DisputeOpened', { disputeId: 'dp_1', amount: gbp(1000n), reason: 'fraudulent' });
  const lost = event('DisputeLost', { disputeId: 'dp_1', amount: gbp(1000n) });
  const won = event('DisputeWon', { disputeId: 'dp_1', amount: gbp(1000n) });
  test('keeps its money from being refunded too, until it is won', () => {
    given(...CAPTURED)
      .when(tellDispute('opened'))
      .then(opened);
    given(...CAPTURED, opened)
      .when(refund('r1', 1n))
      .thenRejected({ code: 'exceeds-captured', remaining: gbp(0n) });
    given(...CAPTURED, opened, lost)
      .when(refund('r1', 1n))
      .thenRejected({ code: 'exceeds-captured', remaining: gbp(0n) });
    given(...CAPTURED, opened, won)
      .when(refund('r1', 1000n))
      .then(refundRequested('r1', 1000n));
  });
  test('over a part keeps that part beside what was refunded', () => {
    const history = [...CAPTURED, refundRequested('r1', 300n), refunded('r1', 300n)];
    const partly = event('DisputeOpened', { disputeId: 'dp_1', amount: gbp(500n), reason: 'fraudulent' });
    given(...history, partly)
      .when(refund('r2', 200n))
      .then(refundRequested('r2', 200n));
    given(...history, partly)
      .when(refund('r2', 201n))
      .thenRejected({ code: 'exceeds-captured', remaining: gbp(200n) });
  });
  test('heard of by its end was opened before; what comes late or twice changes nothing', () => {
    given(...CAPTURED)
      .when(tellDispute('lost'))
      .then(opened, lost);
    given(...CAPTURED, opened, lost)
      .when(tellDispute('opened'))
      .then();
    given(...CAPTURED, opened, lost)
      .when(tellDispute('lost'))
      .then();
  });
});

test('a history that no command wrote stops the fold', () => {
  given(authRequested()).thenCorrupt(/before PaymentInitiated/);
  given(initiated, initiated).thenCorrupt(/PaymentInitiated on a payment that is there/);
  given(initiated, settled).thenCorrupt(/PaymentRecorded twice/);
  given(initiated, authRequested(), authRequested()).thenCorrupt(/Operation a1 twice/);
  given(initiated, authorized()).thenCorrupt(/a1, which nobody asked for/);
  given(...AUTHORIZED, authorized()).thenCorrupt(/a1 twice/);
  given(...AUTHORIZED, captureRequested('c1', 1001n)).thenCorrupt(/more than is left/);
  given(...AUTHORIZED, captureRequested('c1', 1n, 'all', 'pi_other')).thenCorrupt(/more than is left/);
  given(...CAPTURED, refundRequested('r1', 1001n)).thenCorrupt(/more than is left/);
  given(...CAPTURED, event('DisputeWon', { disputeId: 'dp_1', amount: gbp(1n) })).thenCorrupt(/out of turn/);
});

const anyCommands = (...of: fc.Arbitrary<PaymentCommand>[]) => fc.array(fc.oneof(...of), { maxLength: 40 });
/** Authorized, as far as `begun` says with a capture asked for and told; from there on, anything. */
const BEGUN = [
  initiate(1000n),
  authorize('a1'),
  tellAuthorization(succeeded('pi_a1'), 'a1'),
  capture('c1', 500n),
  tellCapture(succeeded('ch_c1'), 'c1'),
  refund('r1', 200n),
];
const anyBeginning = fc.nat({ max: BEGUN.length - 1 }).map((more) => BEGUN.slice(0, more + 1));
const stepsOf = (begun: readonly PaymentCommand[], commands: readonly PaymentCommand[]) =>
  run(
    payment,
    [...begun, ...commands].map((command) => ({ command, at: NOON })),
  );
const provided = (state: PaymentState): ProvidedState => {
  if (state.status !== 'provided') throw new Error(`The payment is ${state.status}`);
  return state;
};

test('whatever is asked and told, no accepted request goes beyond what is authorized or captured, pending counted', () => {
  fc.assert(
    fc.property(anyBeginning, anyCommands(anyRequest, anyOutcome), (begun, commands) => {
      const amounts = new Map<string, Readonly<{ kind: 'capture' | 'refund'; minor: bigint; status: string }>>();
      const sum = (kind: 'capture' | 'refund', ...statuses: readonly string[]) =>
        [...amounts.values()].reduce(
          (all, each) => (each.kind === kind && statuses.includes(each.status) ? all + each.minor : all),
          0n,
        );
      for (const { type, data } of stepsOf(begun, commands).flatMap(({ events }) => events)) {
        const [, capture, refund, what] =
          /^(?:(Capture)|(Refund))(Requested|Succeeded|Failed|Reversed)$/.exec(type) ?? [];
        if (what === undefined || !('operationId' in data) || !('amount' in data)) continue;
        const kind = capture ? 'capture' : 'refund';
        amounts.set(data.operationId, { kind, minor: data.amount.minor, status: what });
        if (what !== 'Requested') continue;
        if (capture) expect(sum('capture', 'Requested', 'Succeeded') <= 1000n).toBe(true);
        if (refund) expect(sum('refund', 'Requested', 'Succeeded') <= sum('capture', 'Succeeded')).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test('whatever was told before, telling it again, at once or at the end, writes nothing', () => {
  fc.assert(
    fc.property(anyBeginning, anyCommands(anyRequest, anyOutcome), (begun, commands) => {
      const steps = stepsOf(begun, commands);
      const last = steps.at(-1)!.after;
      for (const { command, decision, after } of steps) {
        if (decision.outcome !== 'accepted' || command.type === 'InitiatePayment') continue;
        for (const state of [after, last]) {
          expect(payment.decide(command, state, NOON)).toEqual({ outcome: 'accepted', events: [] });
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('each operation counts its amount once, however often and in whatever order its outcomes come', () => {
  fc.assert(
    fc.property(anyBeginning, anyCommands(anyRequest, anyOutcome), (begun, commands) => {
      const steps = stepsOf(begun, commands);
      const events = steps.flatMap((step) => step.events);
      const state = provided(steps.at(-1)!.after);
      const total = (type: PaymentEvent['type']) =>
        events.reduce((sum, { type: t, data }) => (t === type && 'amount' in data ? sum + data.amount.minor : sum), 0n);
      expect(capturedMinor(state)).toBe(total('CaptureSucceeded'));
      const refundsMade = operationsOf(state, 'refund').filter(({ status }) => status === 'succeeded');
      expect(refundsMade.reduce((sum, { amount }) => sum + amount.minor, 0n)).toBe(
        total('RefundSucceeded') - total('RefundReversed'),
      );
    }),
    { numRuns: 500 },
  );
});

test('outcomes of one truth end in one state, in any order, repeated, and with some of them lost on the way', () => {
  const asked = [...AUTHORIZED, captureRequested('c1', 400n), captureRequested('c2', 600n)];
  const truth = [
    tellCapture({ ...succeeded('ch_c1'), amount: gbp(400n), authorizationReference: 'pi_1' }),
    tellCapture({ ...succeeded('ch_c1'), amount: gbp(400n), authorizationReference: 'pi_1' }, 'from a webhook'),
    tellCapture(failed, 'c2'),
    tellAuthorization({ status: 'requires-action', reference: 'pi_1', nextActionUrl: 'https://example.com/3ds' }),
    tellDispute('opened', 100n),
    tellDispute('lost', 100n),
  ];
  const sums = (state: PaymentState) => [
    capturedMinor(provided(state)),
    movedMinor(provided(state), 'capture'),
    operationsOf(provided(state), 'capture').map(({ operationId, status }) => [operationId, status]),
    provided(state).disputes.get('dp_1')?.amount,
  ];
  const tell = (commands: readonly PaymentCommand[], from: PaymentState) =>
    commands.reduce((state, command) => {
      const decision = payment.decide(command, state, NOON);
      if (decision.outcome === 'rejected') throw new Error(decision.rejection.code);
      return fold(payment, decision.events, state);
    }, from);
  const expected = sums(tell(truth, fold(payment, asked)));
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...truth), { maxLength: 12 }),
      fc.shuffledSubarray(truth, { minLength: 6 }),
      (some, all) => {
        expect(sums(tell([...some, ...all], fold(payment, asked)))).toEqual(expected);
      },
    ),
    { numRuns: 300 },
  );
});
