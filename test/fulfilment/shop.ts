import type { Clock } from '../../src/application/ports/clock.js';
import type { RiskAssessor } from '../../src/application/ports/risk-assessor.js';
import { runOrder } from '../../src/application/order/run-order.handler.js';
import { runPayment } from '../../src/application/payment/run-payment.js';
import { fulfilOrder } from '../../src/application/processes/fulfil-order.js';
import { runStock } from '../../src/application/stock/run-stock.handler.js';
import type { CommandContext } from '../../src/application/command-context.js';
import { Rejected } from '../../src/application/errors.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import type { Recorded } from '../../src/domain/fact.js';
import { fulfilmentReservation } from '../../src/domain/fulfilment/fulfilment.state.js';
import type { LedgerEvent } from '../../src/domain/ledger.events.js';
import { order, type OrderState } from '../../src/domain/order/order.decider.js';
import type { OrderCommand } from '../../src/domain/order/order.commands.js';
import type { RiskDecision } from '../../src/domain/order/order.events.js';
import type { PaymentCommand } from '../../src/domain/payment/payment.commands.js';
import { payment, type PaymentState } from '../../src/domain/payment/payment.decider.js';
import { stock } from '../../src/domain/stock/stock.decider.js';
import type { StockState } from '../../src/domain/stock/stock.state.js';
import { orderStream, paymentStream, stockStream } from '../../src/domain/streams.js';
import { MemoryEventStore, MemoryLog } from '../../src/infrastructure/event-store/memory-event-store.js';
import { fulfilment } from '../../src/projections/fulfilment.projection.js';
import { fulfilmentView, type FulfilmentDocument } from '../../src/projections/fulfilment.view.js';

export const START = Date.parse('2026-01-05T09:00:00.000Z');
export const MINUTE = 60_000;
export const LOCATION = 'main';
export const SKUS = ['CUP', 'TEA'] as const;
export const IN_STOCK = 6;
/** How far the clocks of two processes are apart, in milliseconds. */
export const SKEW_MS = 7;

/** The process died: before it wrote, or before it heard that it had written. */
export class Died extends Error {
  override readonly name = 'Died';
}

/** A writer of a process that dies at its `nth` command, 0 for the first; never, where that is `undefined`. */
class MortalWriter extends StreamWriter {
  #left: number;

  constructor(
    store: MemoryEventStore,
    nth: number | undefined,
    private readonly hasWritten: boolean,
  ) {
    super(store);
    this.#left = nth ?? Number.POSITIVE_INFINITY;
  }

  override async execute(...[decider, stream, command, context, options]: Parameters<StreamWriter['execute']>) {
    const isLast = this.#left-- <= 0;
    if (isLast && !this.hasWritten) throw new Died();
    const receipt = await super.execute(decider, stream, command, context, options);
    if (isLast) throw new Died();
    return receipt;
  }
}

/** Orders, two shelves and a bank around the process, on a log in memory, under a clock that the test turns. */
export class Shop {
  nowMs = START;
  readonly clock: Clock = { now: () => this.nowMs };
  readonly #log = new MemoryLog();
  readonly store = new MemoryEventStore({ log: this.#log, clock: this.clock });
  readonly #writer = new StreamWriter(this.store);
  readonly documents = new Map<string, FulfilmentDocument>();
  readonly orderIds: string[] = [];
  #seen: bigint | undefined;
  #commands = 0;

  constructor(private readonly riskOf: (orderId: string) => RiskDecision) {}

  async open(): Promise<void> {
    for (const sku of SKUS) {
      const data = { sku, location: LOCATION, quantity: IN_STOCK };
      await runStock(this.#writer, { type: 'ReceiveStock', data }, this.context());
    }
  }

  context(principal = 'local'): CommandContext {
    const occurredAt = new Date(this.nowMs).toISOString();
    return { commandId: `c${this.#commands++}`, principal, occurredAt };
  }

  /** What a client asks for. `false`: refused. */
  async order(command: OrderCommand): Promise<boolean> {
    return this.#asked(() => runOrder(this.#writer, command, this.context()));
  }

  async payment(command: PaymentCommand, principal = 'local'): Promise<boolean> {
    return this.#asked(() => runPayment(this.#writer, command, this.context(principal)));
  }

  async place(orderId: string, quantities: readonly number[], paymentMethod: string | undefined): Promise<void> {
    const lines = quantities.flatMap((quantity, index) =>
      quantity > 0 ? [{ kind: 'goods' as const, sku: SKUS[index]!, quantity, unitPrice: '2.5' }] : [],
    );
    const terms = { fulfilFrom: LOCATION, ...(paymentMethod === undefined ? {} : { paymentMethod }) };
    await this.order({ type: 'PlaceOrder', data: { orderId, currency: 'GBP', lines, ...terms } });
    this.orderIds.push(orderId);
  }

  /** What was written after `after`. */
  async events(after?: bigint): Promise<readonly Recorded<LedgerEvent>[]> {
    const all: Recorded<LedgerEvent>[] = [];
    for await (const { events } of this.store.readAll(after === undefined ? {} : { after })) {
      all.push(...(events as readonly Recorded<LedgerEvent>[]));
    }
    return all;
  }

  /** The view takes in the next `count` events. */
  async catchUp(count = Number.POSITIVE_INFINITY): Promise<void> {
    for (const event of (await this.events(this.#seen)).slice(0, count)) {
      this.#seen = event.position;
      if (!fulfilment.types.includes(event.type as (typeof fulfilment.types)[number])) continue;
      for (const change of fulfilment.changes(event as Parameters<typeof fulfilment.changes>[0])) {
        this.documents.set(change.id, fulfilment.apply(this.documents.get(change.id), change));
      }
    }
  }

  /** One sweep over what is due by the view, by so many processes at once, of which the first may die. Each has its clock. */
  async fulfil(options: { processes?: number; diesAt?: number; hasWritten?: boolean } = {}): Promise<number> {
    const { processes = 1, diesAt, hasWritten = false } = options;
    const now = new Date(this.nowMs).toISOString();
    const due = [...this.documents.values()].filter((document) => {
      const [at] = fulfilmentView.indexes['due']!.of(document) ?? [];
      return fulfilmentView.indexes['immediate']!.of(document) !== undefined || (at !== undefined && at <= now);
    });
    const sweep = async (writer: StreamWriter, index: number): Promise<number> => {
      let done = 0;
      const clock = { now: () => this.nowMs + SKEW_MS * index };
      try {
        for (const document of due) done += (await fulfilOrder({ ...this.#options(), clock, writer }, document)).done;
      } catch (error) {
        if (!(error instanceof Died)) throw error;
      }
      return done;
    };
    const writers = Array.from({ length: processes }, (_, index) =>
      index === 0 ? new MortalWriter(this.store, diesAt, hasWritten) : new StreamWriter(this.store),
    );
    const done = await Promise.all(writers.map(sweep));
    return done.reduce((sum, each) => sum + each, 0);
  }

  #options() {
    const risk: RiskAssessor = {
      name: 'test@1',
      assess: ({ orderId }) => Promise.resolve({ decision: this.riskOf(orderId), reasons: [] }),
    };
    return { risk, provider: 'sandbox' } as const;
  }

  /** Somebody lets go of an order's reservation by hand. */
  async release(sku: string, orderId: string): Promise<boolean> {
    const data = { sku, location: LOCATION, reservationId: fulfilmentReservation(orderId) };
    return this.#asked(() => runStock(this.#writer, { type: 'ReleaseReservation', data }, this.context()));
  }

  /** As the sweep over reservations does: says which have expired. */
  async expireReservations(): Promise<void> {
    for (const sku of SKUS) {
      for (const orderId of this.orderIds) {
        const data = { sku, location: LOCATION, reservationId: fulfilmentReservation(orderId) };
        await this.#asked(() => runStock(this.#writer, { type: 'ExpireReservation', data }, this.context()));
      }
    }
  }

  async orderState(orderId: string): Promise<OrderState> {
    return (await this.#writer.current(order, orderStream(orderId), 0)).state;
  }
  async shelf(sku: string): Promise<StockState> {
    return (await this.#writer.current(stock, stockStream(sku, LOCATION), 0)).state;
  }
  async paymentState(paymentId: string): Promise<PaymentState> {
    return (await this.#writer.current(payment, paymentStream(paymentId), 0)).state;
  }

  async #asked(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (error instanceof Rejected) return false;
      throw error;
    }
  }
}
