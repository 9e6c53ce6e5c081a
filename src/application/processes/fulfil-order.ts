import { assertNever } from '../../domain/decider.js';
import { afterRefusal } from '../../domain/fulfilment/after-refusal.js';
import { assume, type Came } from '../../domain/fulfilment/assume.js';
import type { FulfilmentAction, MoneyAction } from '../../domain/fulfilment/fulfilment.actions.js';
import { FULFILMENT, fulfilmentReservation, type FulfilmentState } from '../../domain/fulfilment/fulfilment.state.js';
import { nextActions } from '../../domain/fulfilment/next-actions.js';
import type { OrderCommand } from '../../domain/order/order.commands.js';
import type { PaymentCommand } from '../../domain/payment/payment.commands.js';
import type { ProviderName } from '../../domain/payment/payment.events.js';
import { fulfilmentState, type FulfilmentDocument, type FulfilmentOrder } from '../../projections/fulfilment.view.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { CommandIdReused, Rejected, RevisionMismatch } from '../errors.js';
import { paymentIdFor } from '../ids.js';
import { runOrder } from '../order/run-order.handler.js';
import { pause } from '../pause.js';
import { runPayment } from '../payment/run-payment.js';
import type { Clock } from '../ports/clock.js';
import { RiskUnavailable, type RiskAssessor, type RiskSubject } from '../ports/risk-assessor.js';
import { runStock, type StockCommand } from '../stock/run-stock.handler.js';
import type { StreamWriter } from '../stream-writer.js';

/**
 * `provider`        carries out the payments that the process begins
 * `riskDeadlineMs`  how long an assessment of risk may take before it is asked for again
 */
export type FulfilOptions = Readonly<{
  writer: StreamWriter;
  risk: RiskAssessor;
  provider: ProviderName;
  clock: Clock;
  riskDeadlineMs?: number;
}>;

/**
 * `done`   how many actions were accepted
 * `stale`  codes of refusals that say that the document is older than the log: it is on its way, or else something is wrong
 */
export type Fulfilled = Readonly<{ done: number; stale: readonly string[] }>;

type Outcome =
  | Readonly<{ action: FulfilmentAction; came: Came }>
  | Readonly<{ action: FulfilmentAction; refused: string; isFinal: boolean }>;

/** More rounds than any order takes before it has to wait. */
const MAX_ROUNDS = 32;
const RISK_DEADLINE_MS = 10_000;

/**
 * Does what is to be done for one order, and goes on until it has to wait. Each action is one command with an id that
 * follows from the order's facts. So this may be called at any time, as often as wanted, by two processes at once, with an
 * old document, and may be killed at any line: whatever was done is not done again.
 * @throws RiskUnavailable, and all that `StreamWriter.execute` throws except refusals
 */
export async function fulfilOrder(options: FulfilOptions, document: FulfilmentDocument): Promise<Fulfilled> {
  const { order } = document;
  let state = fulfilmentState(document);
  if (!order || !state) return { done: 0, stale: [] };
  let done = 0;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const actions: readonly FulfilmentAction[] = nextActions(state, new Date(options.clock.now()).toISOString());
    if (actions.length === 0) return { done, stale: [] };
    const from: FulfilmentState = state;
    const outcomes = await Promise.all(actions.map((action) => attempt(options, action, from, order, document)));
    const stale: string[] = [];
    let refusal: FulfilmentAction | undefined;
    for (const outcome of outcomes) {
      if ('came' in outcome) {
        state = assume(state, outcome.action, outcome.came);
        done++;
        continue;
      }
      const next = outcome.isFinal ? afterRefusal(outcome.action, outcome.refused) : undefined;
      if (next) refusal ??= next;
      else stale.push(outcome.refused);
    }
    if (refusal) {
      const outcome = await attempt(options, refusal, state, order, document);
      if ('came' in outcome) {
        state = assume(state, refusal, outcome.came);
        done++;
      } else stale.push(outcome.refused);
    }
    if (stale.length > 0) return { done, stale };
  }
  throw new Error(`The fulfilment of ${document._id} does not come to rest`);
}

async function attempt(
  options: FulfilOptions,
  action: FulfilmentAction,
  state: FulfilmentState,
  order: FulfilmentOrder,
  document: FulfilmentDocument,
): Promise<Outcome> {
  try {
    return { action, came: await carryOut(options, action, state, order, document) };
  } catch (error) {
    if (error instanceof Rejected) return { action, refused: error.rejection.code, isFinal: true };
    if (error instanceof RevisionMismatch) return { action, refused: 'revision-mismatch', isFinal: false };
    if (error instanceof CommandIdReused) return { action, refused: 'command-id-reused', isFinal: false };
    throw error;
  }
}

async function carryOut(
  options: FulfilOptions,
  action: FulfilmentAction,
  state: FulfilmentState,
  facts: FulfilmentOrder,
  document: FulfilmentDocument,
): Promise<Came> {
  const { writer, risk, provider } = options;
  const { orderId, location, revision } = state.order;
  const context = (name: string): CommandContext => ({
    commandId: `${FULFILMENT}:${name}`,
    principal: FULFILMENT,
    occurredAt: new Date(options.clock.now()).toISOString(),
    correlationId: facts.correlationId,
  });
  /** Decided on the order as it is known: if it has changed since, it is decided again. */
  const onOrder = async (command: OrderCommand, name: string): Promise<Came> =>
    revisionOf(await runOrder(writer, command, { ...context(`${name}:${revision}`), expectedRevision: revision }));
  const onShelf = async (command: StockCommand, name: string): Promise<Came> => {
    await runStock(writer, command, context(`${orderId}:${name}`));
    return {};
  };
  const onPayment = async (command: PaymentCommand, name: string): Promise<Came> => {
    await runPayment(writer, command, context(name));
    return {};
  };
  const reservationId = fulfilmentReservation(orderId);
  switch (action.type) {
    case 'reserve': {
      const { sku, quantity, expiresAt } = action;
      const data = { sku, location, reservationId, quantity, expiresAt, reference: orderId };
      return onShelf({ type: 'ReserveStock', data }, `reserve:${quantity}`);
    }
    case 'extend': {
      const { sku, expiresAt } = action;
      const data = { sku, location, reservationId, expiresAt };
      return onShelf({ type: 'ExtendReservation', data }, `extend:${expiresAt}`);
    }
    case 'commit':
      return onShelf({ type: 'CommitReservation', data: { sku: action.sku, location, reservationId } }, 'commit');
    case 'ship': {
      const { sku, quantity } = action;
      const data = { sku, location, reservationId, quantity, reference: orderId };
      return onShelf({ type: 'ShipStock', data }, `ship:${action.revision}`);
    }
    case 'take-back': {
      const { sku, quantity, condition } = action;
      const data = { sku, location, quantity, condition, reference: reservationId };
      return onShelf({ type: 'ReturnStock', data }, `take-back:${action.revision}:${condition}`);
    }
    case 'release': {
      const { sku, quantity } = action;
      const reason = quantity === undefined ? 'The order is off' : 'Units of the order were cancelled';
      const data = { sku, location, reservationId, reason, ...(quantity === undefined ? {} : { quantity }) };
      return onShelf({ type: 'ReleaseReservation', data }, `release:${action.revision ?? 'all'}`);
    }
    case 'assess-risk': {
      const { decision, reasons } = await assessed(options, subjectOf(state, facts, document));
      const data = { orderId, decision, assessor: risk.name, reasons };
      return { ...(await onOrder({ type: 'AssessRisk', data }, 'assess-risk')), risk: decision };
    }
    case 'confirm':
      return onOrder({ type: 'ConfirmOrder', data: { orderId, allocated: true } }, 'confirm');
    case 'reject': {
      const { code, reason } = action;
      return onOrder({ type: 'RejectOrder', data: { orderId, code, reason } }, `reject:${code}`);
    }
    case 'initiate-payment': {
      const paymentId = paymentIdFor(`${FULFILMENT}:${orderId}`);
      const { amount, method } = action;
      const data = { paymentId, orderId, amount, method, provider };
      await onPayment({ type: 'InitiatePayment', data }, 'initiate');
      return { paymentId };
    }
    case 'authorize':
    case 'capture':
    case 'void':
    case 'refund': {
      const name = `${action.type}:${action.attempt}`;
      return onPayment(paymentRequest(action, `ful_${action.type}_${action.attempt}`), name);
    }
    default:
      return assertNever(action);
  }
}

/** @throws RiskUnavailable also when it does not answer in time: other orders must not wait for it */
async function assessed({ risk, riskDeadlineMs = RISK_DEADLINE_MS }: FulfilOptions, subject: RiskSubject) {
  const answered = new AbortController();
  try {
    const answer = await Promise.race([risk.assess(subject), pause(riskDeadlineMs, answered.signal)]);
    if (answer) return answer;
    throw new RiskUnavailable(`${risk.name} did not answer within ${riskDeadlineMs} ms`);
  } finally {
    answered.abort();
  }
}

type PaymentAction = Exclude<MoneyAction, { type: 'initiate-payment' }>;

function paymentRequest(action: PaymentAction, operationId: string): PaymentCommand {
  const { paymentId } = action;
  switch (action.type) {
    case 'authorize':
      return { type: 'RequestAuthorization', data: { paymentId, operationId } };
    case 'capture':
      return { type: 'RequestCapture', data: { paymentId, operationId, amount: action.amount } };
    case 'void':
      return { type: 'RequestVoid', data: { paymentId, operationId, reason: 'The order does not need it' } };
    case 'refund': {
      const { amount, reason } = action;
      return { type: 'RequestRefund', data: { paymentId, operationId, amount, reason } };
    }
    default:
      return assertNever(action);
  }
}

const revisionOf = ({ revision }: Receipt): Came => (revision === undefined ? {} : { revision });

function subjectOf({ order }: FulfilmentState, facts: FulfilmentOrder, { payments }: FulfilmentDocument): RiskSubject {
  const { customerId, country, channel } = facts;
  const operations = payments.flatMap(({ document }) => document.operations);
  return {
    orderId: order.orderId,
    ...(customerId === undefined ? {} : { customerId }),
    ...(country === undefined ? {} : { country }),
    ...(channel === undefined ? {} : { channel }),
    currency: order.currency,
    totalMinor: order.dueMinor,
    units: order.ordered,
    declinedPayments: operations.filter(({ kind, status }) => kind === 'authorization' && status === 'failed').length,
    placedAt: order.placedAt,
  };
}
