import type { NewEvent } from '../../src/application/ports/event-store.js';
import type { Recorded } from '../../src/domain/fact.js';
import type { CopySource } from '../../src/infrastructure/event-store/copy/copy-log.js';
import { verbatimCodec } from '../../src/infrastructure/event-store/copy/verbatim-codec.js';
import { MemoryEventStore, MemoryLog } from '../../src/infrastructure/event-store/memory-event-store.js';
import { confirmed } from '../event-store/log-file.js';

/** A log to copy from: written by `source`, read by `from` as a copy reads it. */
export class SmallLog {
  #nowMs = Date.UTC(2026, 0, 1);
  readonly log = new MemoryLog();
  readonly source = new MemoryEventStore({ log: this.log, clock: { now: () => this.#nowMs } });
  readonly from = new MemoryEventStore({ log: this.log, codec: verbatimCodec });
  readonly #heads = new Map<string, bigint>();

  /** Six events a round, to three streams in turn, one, two and three together, as a ledger's are. */
  async fill(rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      this.#nowMs += 1_000;
      for (const [index, stream] of ['order-a', 'order-b', 'stock-c'].entries()) {
        const events = Array.from({ length: index + 1 }, (_, n) => confirmed(`${round} “${n}” \u2028`));
        const { revision } = await this.source.append(stream, this.#heads.get(stream) ?? 'no-stream', events);
        this.#heads.set(stream, revision);
      }
    }
  }
}

/** An event with all the metadata that there can be. */
export const explained = (): NewEvent => ({
  ...confirmed('x'),
  metadata: {
    ...confirmed('x').metadata,
    correlationId: 'other',
    causationId: 'cause',
    reason: 'a reason',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  },
});

/** All events of a log but their positions, which every engine gives itself. */
export async function contentOf(store: CopySource): Promise<readonly Omit<Recorded, 'position'>[]> {
  return (await eventsOf(store)).map(({ position: _, ...event }) => event);
}

export async function eventsOf(store: CopySource): Promise<readonly Recorded[]> {
  const events: Recorded[] = [];
  for await (const batch of store.readAll()) events.push(...batch.events);
  return events;
}
