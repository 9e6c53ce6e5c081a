import { StoreUnavailable, type EventStore } from '../../src/application/ports/event-store.js';
import { runStock, type StockCommand } from '../../src/application/stock/run-stock.handler.js';
import { receiveTransfer } from '../../src/application/stock/receive-transfer.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import type { AnyFact, Recorded } from '../../src/domain/fact.js';
import { stockStream } from '../../src/domain/streams.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { newHolder } from '../../src/infrastructure/follower/follower.js';
import { rebuild } from '../../src/infrastructure/follower/rebuild.js';
import { MemoryViewStore } from '../../src/infrastructure/view-store/memory-view-store.js';
import type { Projection } from '../../src/projections/projection.js';

export const NOON = Date.parse('2026-03-01T12:00:00.000Z');
/** Of NOON, and `minutes`. */
export const past = (minutes: number): string => new Date(NOON + minutes * 60_000).toISOString();
export const RUNNING = new AbortController().signal;

/** A log, views that move when a test says so, and a clock that stands still until it is set. */
export class Shop {
  nowMs = NOON;
  readonly clock = { now: () => this.nowMs };
  readonly log = new MemoryEventStore({ clock: this.clock });
  readonly views = new MemoryViewStore(this.clock);
  readonly writer = new StreamWriter(this.log);
  #commands = 0;

  send(command: StockCommand | Parameters<typeof receiveTransfer>[1], commandId = `test-${++this.#commands}`) {
    const context = { commandId, principal: 'clerk', occurredAt: new Date(this.nowMs).toISOString() };
    return command.type === 'ReceiveTransfer'
      ? receiveTransfer(this.writer, command, context)
      : runStock(this.writer, command, context);
  }

  async project(...projections: readonly Projection[]): Promise<void> {
    for (const projection of projections) {
      await rebuild({ projection, log: this.log, views: this.views, holder: newHolder() });
    }
  }

  async types(sku: string, location: string): Promise<readonly AnyFact['type'][]> {
    return (await this.#events(sku, location)).map(({ type }) => type);
  }

  /** What was written last on a shelf that is there. */
  async last(sku: string, location: string): Promise<Recorded> {
    return (await this.#events(sku, location)).at(-1)!;
  }

  async #events(sku: string, location: string): Promise<readonly Recorded[]> {
    const found: Recorded[] = [];
    for await (const batch of this.log.readStream(stockStream(sku, location))) found.push(...batch);
    return found;
  }
}

/** The same log, with another `append`. */
export const withAppend = (log: EventStore, append: EventStore['append']): EventStore =>
  new Proxy(log, {
    get: (target, name) =>
      name === 'append' ? append : (Reflect.get(target, name) as (...given: unknown[]) => unknown).bind(target),
  });

/** A log that writes, and whose writer never hears of it. */
export const dyingAfterAppend = (log: EventStore): EventStore =>
  withAppend(log, async (...given) => {
    await log.append(...given);
    throw new StoreUnavailable('The process ended here');
  });
