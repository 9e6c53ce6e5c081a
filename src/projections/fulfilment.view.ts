import type { Instant } from '../domain/fact.js';
import { AT_ONCE, dueAt, nextActions, waitsFor } from '../domain/fulfilment/next-actions.js';
import type { FulfilledOrder, FulfilmentState, Movement, ShelfHold } from '../domain/fulfilment/fulfilment.state.js';
import type { Currency } from '../domain/money.js';
import type { Condition, LineKind, RiskDecision } from '../domain/order/order.events.js';
import type { Demand } from '../domain/stock/demand.js';
import { paymentStanding, type FulfilmentPayment } from './fulfilment.payments.js';
import type { Document, ViewDefinition } from './projection.js';

export type FulfilmentLine = Readonly<{ line: number; kind: LineKind; sku: string; quantity: number }>;
/** Goods that one event of the order moved; `revision` is that event's, decimal. */
export type FulfilmentMovement = Readonly<{ revision: string; units: readonly Demand[] }>;

/**
 * The order as `FulfilledOrder` says, with what is asked when its risk is assessed. Amounts and revisions are decimal.
 * `correlationId` is that of the command that placed it: all that the process does carries it on.
 */
export type FulfilmentOrder = Readonly<{
  status: FulfilledOrder['status'];
  revision: string;
  location: string;
  paymentMethod?: string;
  customerId?: string;
  country?: string;
  channel?: string;
  placedAt: Instant;
  currency: Currency;
  dueMinor: string;
  returnedMinor: string;
  lines: readonly FulfilmentLine[];
  ordered: readonly Demand[];
  cancelled: readonly FulfilmentMovement[];
  shipped: readonly FulfilmentMovement[];
  returned: readonly Readonly<FulfilmentMovement & { condition: Condition }>[];
  risk?: RiskDecision;
  riskReasons?: readonly string[];
  review?: 'accept' | 'decline';
  rejection?: Readonly<{ code: string; reason: string }>;
  correlationId: string;
}>;

/**
 * What the process knows of one order: `_id` is the order's id. `order` is absent where the ledger does not fulfil it; then
 * only its payments are here. `holds` by SKU, `payments` by id.
 */
export type FulfilmentDocument = Document &
  Readonly<{ order?: FulfilmentOrder; holds: readonly ShelfHold[]; payments: readonly FulfilmentPayment[] }>;

/** What the process decides on; `undefined` for an order that the ledger does not fulfil. */
export function fulfilmentState({ _id, order, holds, payments }: FulfilmentDocument): FulfilmentState | undefined {
  if (!order) return undefined;
  const { status, location, paymentMethod, placedAt, currency, ordered, risk, review } = order;
  return {
    order: {
      orderId: _id,
      status,
      revision: BigInt(order.revision),
      location,
      ...(paymentMethod === undefined ? {} : { paymentMethod }),
      placedAt,
      currency,
      dueMinor: BigInt(order.dueMinor),
      returnedMinor: BigInt(order.returnedMinor),
      ordered,
      cancelled: order.cancelled.map(movement),
      shipped: order.shipped.map(movement),
      returned: order.returned.map((each) => ({ ...movement(each), condition: each.condition })),
      ...(risk === undefined ? {} : { risk }),
      ...(review === undefined ? {} : { review }),
    },
    holds,
    payments: payments.map(paymentStanding),
  };
}

/**
 * `working`: the process has something to do, or waits for the payment provider's answer. `waiting`: somebody else is to
 * act, or time has to go by before the provider is asked again. `ended`: nothing is open.
 */
export type FulfilmentProgress = 'working' | 'waiting' | 'ended';

export function fulfilmentProgress(document: FulfilmentDocument, at: Instant): FulfilmentProgress {
  const state = fulfilmentState(document);
  if (!state) return 'ended';
  if (nextActions(state, at).length > 0) return 'working';
  const whom = waitsFor(state);
  if (whom === 'provider') return 'working';
  return whom === undefined ? 'ended' : 'waiting';
}

const movement = ({ revision, units }: FulfilmentMovement): Movement => ({ revision: BigInt(revision), units });

export const fulfilmentView: ViewDefinition<FulfilmentDocument> = {
  name: 'fulfilment',
  version: 2,
  indexes: {
    /** [placedAt], where the process has something to do at once */
    immediate: {
      parts: ['text'],
      of: (document) => {
        const state = fulfilmentState(document);
        return state && dueAt(state) === AT_ONCE ? [state.order.placedAt] : undefined;
      },
    },
    /** [when the process has something to do], where it is not at once */
    due: {
      parts: ['text'],
      of: (document) => {
        const state = fulfilmentState(document);
        const at = state && dueAt(state);
        return at === undefined || at === AT_ONCE ? undefined : [at];
      },
    },
    /** [for whom it waits, placedAt], once there is nothing to do at once */
    waiting: {
      parts: ['text', 'text'],
      of: (document) => {
        const state = fulfilmentState(document);
        if (!state || dueAt(state) === AT_ONCE) return undefined;
        const whom = waitsFor(state);
        return whom === undefined ? undefined : [whom, state.order.placedAt];
      },
    },
  },
};
