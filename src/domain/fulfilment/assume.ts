import { assertNever } from '../decider.js';
import type { Instant } from '../fact.js';
import type { Money } from '../money.js';
import type { RiskDecision } from '../order/order.events.js';
import type { PaymentId } from '../payment/payment.events.js';
import type { FulfilmentAction } from './fulfilment.actions.js';
import {
  newHold,
  type FulfilmentState,
  type FulfilledOrder,
  type PaymentStanding,
  type Refusals,
  type ShelfHold,
  type Tries,
} from './fulfilment.state.js';

/**
 * What an accepted action came to, where that is more than what was asked.
 * `revision`   of the order's stream, of what was written there
 * `risk`       what the assessment said
 * `paymentId`  of the payment that was begun
 * `expiresAt`  of a reservation that had been made before, and until then
 */
export type Came = Readonly<{ revision?: bigint; risk?: RiskDecision; paymentId?: PaymentId; expiresAt?: Instant }>;

/**
 * The state after an action that was accepted: as the fold of the events that it wrote will have it. So the process goes on
 * at once, and need not see its own events come back first.
 */
export function assume(state: FulfilmentState, action: FulfilmentAction, came: Came): FulfilmentState {
  switch (action.type) {
    case 'reserve': {
      const { expiresAt = action.expiresAt } = came;
      return { ...state, holds: [...state.holds, newHold(action.sku, action.quantity, expiresAt)] };
    }
    case 'extend':
      return withHold(state, action.sku, () => ({ expiresAt: action.expiresAt }));
    case 'commit':
      return withHold(state, action.sku, () => ({ committed: true }));
    case 'ship':
      return withHold(state, action.sku, ({ shipped }) => ({ shipped: shipped + action.quantity }));
    case 'release':
      return withHold(state, action.sku, ({ reserved, released, shipped }) => ({
        released: action.quantity === undefined ? reserved - shipped : released + action.quantity,
      }));
    case 'take-back':
      return withHold(state, action.sku, ({ returned }) => ({
        returned: { ...returned, [action.condition]: returned[action.condition] + action.quantity },
      }));
    case 'assess-risk':
      return withOrder(state, came, came.risk === undefined ? {} : { risk: came.risk });
    case 'confirm':
      return withOrder(state, came, { status: 'confirmed' });
    case 'reject':
      return withOrder(state, came, { status: 'rejected' });
    case 'initiate-payment':
      return came.paymentId === undefined
        ? state
        : { ...state, payments: [...state.payments, begun(came.paymentId, action.amount)] };
    case 'authorize':
      return asked(state, action.paymentId, 'authorization', () => ({ authorization: 'pending' }));
    case 'capture':
      return asked(state, action.paymentId, 'capture', ({ heldMinor, capturingMinor }) => ({
        heldMinor: heldMinor - action.amount.minor,
        capturingMinor: capturingMinor + action.amount.minor,
      }));
    case 'void':
      return asked(state, action.paymentId, 'void', () => ({ heldMinor: 0n }));
    case 'refund':
      return asked(state, action.paymentId, 'refund', ({ refundingMinor }) => ({
        refundingMinor: refundingMinor + action.amount.minor,
      }));
    default:
      return assertNever(action);
  }
}

const withOrder = (state: FulfilmentState, { revision }: Came, change: Partial<FulfilledOrder>): FulfilmentState => ({
  ...state,
  order: { ...state.order, ...change, revision: revision ?? state.order.revision },
});

const withHold = (
  state: FulfilmentState,
  sku: string,
  change: (hold: ShelfHold) => Partial<ShelfHold>,
): FulfilmentState => ({
  ...state,
  holds: state.holds.map((hold) => (hold.sku === sku ? { ...hold, ...change(hold) } : hold)),
});

const asked = (
  state: FulfilmentState,
  paymentId: PaymentId,
  kind: keyof Tries,
  change: (payment: PaymentStanding) => Partial<PaymentStanding>,
): FulfilmentState => ({
  ...state,
  payments: state.payments.map((payment) =>
    payment.paymentId === paymentId
      ? { ...payment, ...change(payment), pending: true, asked: { ...payment.asked, [kind]: payment.asked[kind] + 1 } }
      : payment,
  ),
});

const NONE: Tries = { authorization: 0, capture: 0, void: 0, refund: 0 };
const NEVER: Refusals = { capture: [], void: [], refund: [] };

const begun = (paymentId: PaymentId, { minor, currency }: Money): PaymentStanding => ({
  paymentId,
  isOurs: true,
  isProvided: true,
  currency,
  minor,
  authorization: 'none',
  heldMinor: 0n,
  capturedMinor: 0n,
  capturingMinor: 0n,
  refundedMinor: 0n,
  refundingMinor: 0n,
  refundedByOthersMinor: 0n,
  disputedMinor: 0n,
  pending: false,
  asked: NONE,
  refused: NEVER,
});
