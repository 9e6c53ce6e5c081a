import { assertNever } from '../../domain/decider.js';
import type { Came } from '../../domain/fulfilment/assume.js';
import type { FulfilmentAction, MoneyAction } from '../../domain/fulfilment/fulfilment.actions.js';
import { FULFILMENT, fulfilmentReservation, type FulfilledOrder } from '../../domain/fulfilment/fulfilment.state.js';
import type { OrderCommand } from '../../domain/order/order.commands.js';
import type { PaymentCommand } from '../../domain/payment/payment.commands.js';
import type { ProviderName } from '../../domain/payment/payment.events.js';
import { stock } from '../../domain/stock/stock.decider.js';
import { stockStream } from '../../domain/streams.js';
import type { FulfilmentDocument, FulfilmentOrder } from '../../projections/fulfilment.view.js';
import type { CommandContext } from '../command-context.js';
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

const RISK_DEADLINE_MS = 10_000;

type Of<T extends FulfilmentAction['type']> = Extract<FulfilmentAction, { type: T }>;
type PaymentAction = Exclude<MoneyAction, { type: 'initiate-payment' }>;

/** Turns each action on one order into one command, with an id that follows from the order's facts. */
export class OrderActions {
  constructor(
    private readonly options: FulfilOptions,
    private readonly document: FulfilmentDocument,
    private readonly facts: FulfilmentOrder,
  ) {}

  /**
   * `order` as it is known: where it has changed since, what is to be written about it is refused.
   * @throws RiskUnavailable, and all that `StreamWriter.execute` throws
   */
  async carryOut(action: FulfilmentAction, order: FulfilledOrder): Promise<Came> {
    const { orderId, location } = order;
    const reservation = { location, reservationId: fulfilmentReservation(orderId) };
    switch (action.type) {
      case 'reserve':
        return this.#reserve(action, order);
      case 'extend': {
        const { sku, expiresAt } = action;
        return this.#onShelf(
          { type: 'ExtendReservation', data: { sku, ...reservation, expiresAt } },
          `extend:${expiresAt}`,
        );
      }
      case 'commit':
        return this.#onShelf({ type: 'CommitReservation', data: { sku: action.sku, ...reservation } }, 'commit');
      case 'ship': {
        const { sku, quantity } = action;
        const data = { sku, ...reservation, quantity, reference: orderId };
        return this.#onShelf({ type: 'ShipStock', data }, `ship:${action.revision}`);
      }
      case 'take-back': {
        const { sku, quantity, condition } = action;
        const data = { sku, location, quantity, condition, reference: reservation.reservationId };
        return this.#onShelf({ type: 'ReturnStock', data }, `take-back:${action.revision}:${condition}`);
      }
      case 'release': {
        const { sku, quantity } = action;
        const reason = quantity === undefined ? 'The order is off' : 'Units of the order were cancelled';
        const data = { sku, ...reservation, reason, ...(quantity === undefined ? {} : { quantity }) };
        return this.#onShelf({ type: 'ReleaseReservation', data }, `release:${action.revision ?? 'all'}`);
      }
      case 'assess-risk': {
        const { decision, reasons } = await this.#assessed(order);
        const data = { orderId, decision, assessor: this.options.risk.name, reasons };
        return { ...(await this.#onOrder({ type: 'AssessRisk', data }, 'assess-risk', order)), risk: decision };
      }
      case 'confirm':
        return this.#onOrder({ type: 'ConfirmOrder', data: { orderId, allocated: true } }, 'confirm', order);
      case 'reject': {
        const { code, reason } = action;
        return this.#onOrder({ type: 'RejectOrder', data: { orderId, code, reason } }, `reject:${code}`, order);
      }
      case 'initiate-payment': {
        const paymentId = paymentIdFor(`${FULFILMENT}:${orderId}`);
        const { amount, method } = action;
        const data = { paymentId, orderId, amount, method, provider: this.options.provider };
        await this.#onPayment({ type: 'InitiatePayment', data }, 'initiate');
        return { paymentId };
      }
      case 'authorize':
      case 'capture':
      case 'void':
      case 'refund': {
        const name = `${action.type}:${action.attempt}`;
        return this.#onPayment(paymentRequest(action, `ful_${action.type}_${action.attempt}`), name);
      }
      default:
        return assertNever(action);
    }
  }

  /**
   * Until when is no part of what is asked: it depends on when the process came to it, and the first time counts. Whoever
   * asks again is told until when it was then.
   */
  async #reserve({ sku, quantity, expiresAt }: Of<'reserve'>, { orderId, location }: FulfilledOrder): Promise<Came> {
    const reservationId = fulfilmentReservation(orderId);
    const asked = {
      type: 'ReserveStock',
      data: { sku, location, reservationId, quantity, reference: orderId },
    } as const;
    const command = { ...asked, data: { ...asked.data, expiresAt } };
    const { writer } = this.options;
    const { replayed } = await runStock(writer, command, this.#context(`${orderId}:reserve:${quantity}`), { asked });
    if (!replayed) return {};
    const { state } = await writer.current(stock, stockStream(sku, location), 0);
    const made = state.reserved.get(reservationId);
    return made ? { expiresAt: made.expiresAt } : {};
  }

  async #onShelf(command: StockCommand, name: string): Promise<Came> {
    await runStock(this.options.writer, command, this.#context(`${this.document._id}:${name}`));
    return {};
  }

  async #onPayment(command: PaymentCommand, name: string): Promise<Came> {
    await runPayment(this.options.writer, command, this.#context(name));
    return {};
  }

  async #onOrder(command: OrderCommand, name: string, { revision: expectedRevision }: FulfilledOrder): Promise<Came> {
    const context = { ...this.#context(`${name}:${expectedRevision}`), expectedRevision };
    const { revision } = await runOrder(this.options.writer, command, context);
    return revision === undefined ? {} : { revision };
  }

  #context(name: string): CommandContext {
    return {
      commandId: `${FULFILMENT}:${name}`,
      principal: FULFILMENT,
      occurredAt: new Date(this.options.clock.now()).toISOString(),
      correlationId: this.facts.correlationId,
    };
  }

  /** @throws RiskUnavailable also when it does not answer in time: other orders must not wait for it */
  async #assessed(order: FulfilledOrder) {
    const { risk, riskDeadlineMs = RISK_DEADLINE_MS } = this.options;
    const answered = new AbortController();
    try {
      const answer = await Promise.race([risk.assess(this.#subject(order)), pause(riskDeadlineMs, answered.signal)]);
      if (answer) return answer;
      throw new RiskUnavailable(`${risk.name} did not answer within ${riskDeadlineMs} ms`);
    } finally {
      answered.abort();
    }
  }

  #subject({ orderId, currency, dueMinor, ordered, placedAt }: FulfilledOrder): RiskSubject {
    const { customerId, country, channel } = this.facts;
    const operations = this.document.payments.flatMap(({ document }) => document.operations);
    return {
      orderId,
      ...(customerId === undefined ? {} : { customerId }),
      ...(country === undefined ? {} : { country }),
      ...(channel === undefined ? {} : { channel }),
      currency,
      totalMinor: dueMinor,
      units: ordered,
      declinedPayments: operations.filter(({ kind, status }) => kind === 'authorization' && status === 'failed').length,
      placedAt,
    };
  }
}

function paymentRequest(action: PaymentAction, operationId: string): PaymentCommand {
  const { paymentId } = action;
  switch (action.type) {
    case 'authorize':
      return { type: 'RequestAuthorization', data: { paymentId, operationId } };
    case 'capture':
      return { type: 'RequestCapture', data: { paymentId, operationId, amount: action.amount, isFinal: 'yes' } };
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
