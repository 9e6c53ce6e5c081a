import type { Recorded } from '../../../domain/fact.js';
import { CorruptEvent } from '../../../application/ports/event-store.js';
import type { EventCodec } from '../codec/event-codec.js';
import { recordedOf, revisionOf, type StoredMessage } from './stored-event.js';

/**
 * One read of one stream. EventStoreDB passes over events that `$maxCount`, `$maxAge`, `$tb` or a scavenge took away; a
 * ledger that lost some has to stop, so every revision is looked for.
 */
export class StreamReading {
  /** Where the server is to begin. */
  readonly start: bigint | 'end';
  /** The event that could not be read, or is missing; all before it is in a batch. */
  error: Error | undefined;
  events: Recorded[] = [];
  bytes = 0;
  /** The next revision; unknown before the first event of a read backwards. */
  #next: bigint | undefined;
  #left: number;

  constructor(
    private readonly stream: string,
    private readonly from: bigint | undefined,
    private readonly direction: 'forward' | 'backward',
    limit: number,
    private readonly codec: EventCodec,
  ) {
    this.#left = limit;
    if (direction === 'forward') this.#next = from === undefined || from < 0n ? 0n : from;
    this.start = this.#next ?? from ?? 'end';
  }

  /** There is nothing there, whatever the stream holds. */
  get isPastEnd(): boolean {
    return this.direction === 'backward' ? this.start !== 'end' && this.start < 0n : (this.#next ?? 0n) >= 2n ** 63n;
  }

  take(message: StoredMessage): void {
    const revision = revisionOf(message);
    if (this.#next !== undefined && revision !== this.#next) return this.#missing(this.#next);
    try {
      this.events.push(recordedOf(message, this.codec));
    } catch (cause) {
      this.error = cause as Error;
      return;
    }
    this.bytes += message.getData_asU8().length;
    this.#left--;
    this.#next = this.direction === 'forward' ? revision + 1n : revision - 1n;
  }

  /** What was read since the last time. */
  batch(): readonly Recorded[] {
    const { events } = this;
    this.events = [];
    this.bytes = 0;
    return events;
  }

  /** At the end. @throws CorruptEvent, UnknownEventType what ended it early */
  refuseGaps(): void {
    // A stream that is there has an event 0.
    if (this.direction === 'forward' && this.#next === 0n && !this.error) this.#missing(0n);
    if (this.direction === 'backward' && this.#left > 0 && !this.error && this.#next !== -1n) {
      this.#missing(this.#next ?? this.from ?? 0n);
    }
    if (this.error) throw this.error;
  }

  #missing(revision: bigint): void {
    const detail = 'it is missing: the stream was cut in EventStoreDB ($maxCount, $maxAge, $tb or a scavenge)';
    this.error = new CorruptEvent(this.stream, revision, detail);
  }
}
