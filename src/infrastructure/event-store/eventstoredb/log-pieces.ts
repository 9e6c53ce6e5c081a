import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { AnyFact, Recorded } from '../../../domain/fact.js';
import type { LogBatch } from '../../../application/ports/event-store.js';
import type { EventCodec } from '../codec/event-codec.js';
import { isSystemEvent, positionOf, recordedOf, streamOf, typeOf, type StoredMessage } from './stored-event.js';

/** So that huge events fit into memory, a batch ends early once its data is this long. */
export const PIECE_BYTES = 4 * 1024 * 1024;

/**
 * Makes batches of a subscription's messages, in their order: whatever `upTo` a batch has, the events before it are in it
 * or were in one before.
 * `until`  a position that was the head before the subscription began: it is done there. Without it, it never is
 * `types`  those that pass; whether or not the server has looked at that already
 */
export class LogPieces<E extends AnyFact> {
  /** The event that could not be read; all before it is in a batch. */
  error: Error | undefined;
  isDone = false;
  #events: Recorded<E>[] = [];
  #bytes = 0;
  #isDue = false;
  #upTo: bigint | undefined;
  #given: bigint | undefined;
  readonly #types: ReadonlySet<string> | undefined;
  readonly #until: bigint | undefined;
  readonly #batchSize: number;

  constructor(
    private readonly codec: EventCodec,
    query: Readonly<{
      after: bigint | undefined;
      until: bigint | undefined;
      types: readonly string[] | undefined;
      batchSize: number;
    }>,
  ) {
    this.#types = query.types && new Set(query.types);
    this.#given = query.after;
    this.#until = query.until;
    this.#batchSize = query.batchSize;
  }

  take(message: ReadResp): void {
    if (this.isDone || this.error) return;
    const event = message.getEvent()?.getEvent();
    if (event) return this.#takeEvent(event);
    if (this.#until === undefined) return; // live, every event that counts is seen
    const checkpoint = message.getCheckpoint();
    if (checkpoint) {
      const position = BigInt(checkpoint.getCommitPosition());
      if (position >= this.#until) return this.#done();
      this.#upTo = position;
      this.#isDue = this.#types !== undefined; // much may have been passed over: whoever follows is told how far it is
    } else if (message.hasCaughtUp()) {
      this.#done();
    }
  }

  #takeEvent(event: StoredMessage): void {
    const position = positionOf(event);
    if (this.#until !== undefined && position > this.#until) return this.#done();
    const type = typeOf(event);
    if (isSystemEvent(streamOf(event), type)) return; // not of the log: never an `upTo` that `head` does not know
    if (!this.#types || this.#types.has(type)) {
      try {
        this.#events.push(recordedOf(event, this.codec) as Recorded<E>);
      } catch (cause) {
        this.error = cause as Error;
        this.isDone = true;
        return;
      }
      this.#bytes += event.getData_asU8().length;
    }
    this.#upTo = position;
    if (position === this.#until) this.#done();
  }

  /** A batch that is not to grow any more. */
  full(): LogBatch<E> | undefined {
    const isFull = this.#events.length >= this.#batchSize || this.#bytes >= PIECE_BYTES;
    return isFull || this.#isDue ? this.rest() : undefined;
  }

  /** What is there, if it is anything new. */
  rest(): LogBatch<E> | undefined {
    const upTo = this.#upTo;
    if (upTo === undefined || (this.#given !== undefined && upTo <= this.#given)) return undefined;
    const batch = { events: this.#events, upTo };
    this.#events = [];
    this.#bytes = 0;
    this.#isDue = false;
    this.#given = upTo;
    return batch;
  }

  #done(): void {
    this.isDone = true;
    this.#upTo = this.#until;
  }
}
