import { SortedMap } from '../sorted-map.js';
import { exponentOf } from '../currencies.js';
import { assertNever, CorruptHistory, no, yes, type Decider, type Decision } from '../decider.js';
import { MAX_MINOR, sameMoney, type Money } from '../money.js';
import type { OrderId } from '../order/order.events.js';
import type { PaymentCommand, PaymentRejection } from './payment.commands.js';
import type { PaymentEvent } from './payment.events.js';
import { fold, initiated } from './provided.fold.js';
import { outcome } from './provided.outcomes.js';
import { initiate, request } from './provided.requests.js';
import type { ProvidedState } from './provided.state.js';

/** Of a payment that was settled elsewhere: `remaining` = captured − Σ refunds, never below zero; `refunds` by refund id. */
export type PaymentState =
  | Readonly<{ status: 'none' }>
  | Readonly<{
      status: 'recorded';
      orderId: OrderId;
      captured: Money;
      remaining: Money;
      refunds: SortedMap<Readonly<{ amount: Money; reason: string }>>;
    }>
  | ProvidedState;

type Data<T extends PaymentCommand['type']> = Extract<PaymentCommand, { type: T }>['data'];
type Answer = Decision<PaymentEvent, PaymentRejection>;

function record({ paymentId, orderId, amount, method }: Data<'RecordPayment'>, state: PaymentState): Answer {
  if (state.status !== 'none') return no({ code: 'payment-already-recorded' });
  if (exponentOf(amount.currency) === undefined) return no({ code: 'currency-unknown', currency: amount.currency });
  if (amount.minor <= 0n) return no({ code: 'amount-not-positive' });
  if (amount.minor > MAX_MINOR) return no({ code: 'amount-too-large' });
  return yes({ type: 'PaymentRecorded', data: { paymentId, orderId, amount, method } });
}

/** The refund id is checked before the amount, so that a repeated refund succeeds even when nothing is left. */
function refund({ paymentId, refundId, amount, reason }: Data<'RefundPayment'>, state: PaymentState): Answer {
  if (state.status === 'none') return no({ code: 'payment-unknown' });
  if (state.status === 'provided') return no({ code: 'payment-with-provider' });
  const { orderId, remaining, refunds } = state;
  const earlier = refunds.get(refundId);
  if (earlier) {
    const same = sameMoney(earlier.amount, amount) && earlier.reason === reason;
    return same ? yes() : no({ code: 'refund-id-reused', refundId, recorded: earlier.amount, reason: earlier.reason });
  }
  if (amount.currency !== remaining.currency) return no({ code: 'currency-mismatch', expected: remaining.currency });
  if (amount.minor <= 0n) return no({ code: 'amount-not-positive' });
  if (amount.minor > remaining.minor) return no({ code: 'exceeds-captured', remaining });
  return yes({ type: 'PaymentRefunded', data: { paymentId, orderId, refundId, amount, reason } });
}

export const payment: Decider<PaymentCommand, PaymentState, PaymentEvent, PaymentRejection> = {
  initial: { status: 'none' },
  decide: (command, state) => {
    switch (command.type) {
      case 'RecordPayment':
        return record(command.data, state);
      case 'RefundPayment':
        return refund(command.data, state);
      case 'InitiatePayment':
        return state.status === 'none' ? initiate(command.data) : no({ code: 'payment-already-recorded' });
      case 'RequestAuthorization':
      case 'RequestCapture':
      case 'RequestVoid':
      case 'RequestRefund':
        return state.status === 'provided' ? request(command, state) : no(notProvided(state));
      case 'RecordAuthorization':
      case 'RecordCapture':
      case 'RecordVoid':
      case 'RecordRefund':
      case 'RecordDispute':
        return state.status === 'provided' ? outcome(command, state) : no(notProvided(state));
      default:
        return assertNever(command);
    }
  },
  evolve: (state, event) => {
    if (event.type === 'PaymentRecorded') return recorded(state, event.data);
    if (event.type === 'PaymentRefunded') return refunded(state, event.data);
    if (event.type === 'PaymentInitiated') {
      if (state.status !== 'none') throw new CorruptHistory('PaymentInitiated on a payment that is there');
      return initiated(event);
    }
    if (state.status !== 'provided') throw new CorruptHistory(`${event.type} before PaymentInitiated`);
    return fold(state, event);
  },
};

const notProvided = ({ status }: PaymentState): PaymentRejection => ({
  code: status === 'none' ? 'payment-unknown' : 'payment-settled-elsewhere',
});

type Facts<T extends PaymentEvent['type']> = Extract<PaymentEvent, { type: T }>['data'];

function recorded(state: PaymentState, { orderId, amount }: Facts<'PaymentRecorded'>): PaymentState {
  if (state.status !== 'none') throw new CorruptHistory('PaymentRecorded twice');
  if (amount.minor <= 0n) throw new CorruptHistory(`PaymentRecorded of ${amount.minor}`);
  return { status: 'recorded', orderId, captured: amount, remaining: amount, refunds: SortedMap.empty() };
}

function refunded(state: PaymentState, { refundId, amount, reason }: Facts<'PaymentRefunded'>): PaymentState {
  if (state.status !== 'recorded') throw new CorruptHistory('PaymentRefunded before PaymentRecorded');
  const { remaining, refunds } = state;
  if (refunds.get(refundId)) throw new CorruptHistory(`Refund ${refundId} twice`);
  if (amount.currency !== remaining.currency || amount.minor <= 0n || amount.minor > remaining.minor) {
    throw new CorruptHistory(`Refund ${refundId} of ${amount.minor} ${amount.currency}, ${remaining.minor} left`);
  }
  return {
    ...state,
    remaining: { minor: remaining.minor - amount.minor, currency: remaining.currency },
    refunds: refunds.with(refundId, { amount, reason }),
  };
}
