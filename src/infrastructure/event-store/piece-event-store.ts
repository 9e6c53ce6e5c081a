import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AnyFact, Recorded } from '../../domain/fact.js';
import {
  StoreUnavailable,
  type Appended,
  type EventStore,
  type ExpectedRevision,
  type LogBatch,
  type LogQuery,
  type NewEvent,
  type StreamName,
  type StreamQuery,
} from '../../application/ports/event-store.js';
import { refuseBatchSize } from './batch-size.js';
import type { LogWatch } from './log-watch.js';

/** A piece of the log. With an `error`, it ends before the event that could not be read. */
export type LogPiece<E extends AnyFact = AnyFact> = Readonly<{ batch: LogBatch<E>; error: Error | undefined }>;
/** A piece of a stream, and the last revision looked at; `undefined` when there was nothing. */
export type StreamPiece<E extends AnyFact = AnyFact> = Readonly<{
  events: readonly Recorded<E>[];
  last: bigint | undefined;
  error: Error | undefined;
}>;

/** A log that is read in pieces, each at once. */
export interface PieceReader {
  /** Position of the newest event; `undefined` when there is none. */
  head(): bigint | undefined;
  /** See `EventStore.identity`. */
  logIdentity(): string;
  /** What comes after position `after`, at most `most` events of `types`; `undefined` when that is the head. */
  log<E extends AnyFact>(after: bigint, types: readonly string[] | undefined, most: number): LogPiece<E> | undefined;
  /** At most `most` events of a stream from revision `from` on, inclusive. */
  stream<E extends AnyFact>(
    name: string,
    from: bigint,
    direction: 'forward' | 'backward',
    most: number,
  ): StreamPiece<E>;
}

const DEFAULT_BATCH = 1_000;

/** The reading half of an event store whose log lies in reach of the calling thread: a piece per turn of the event loop. */
export abstract class PieceEventStore implements EventStore {
  protected abstract readonly reader: PieceReader;
  protected abstract readonly watch: LogWatch;
  /** Aborted when the store is closed. */
  protected readonly closed = new AbortController();

  abstract append<E extends AnyFact>(
    stream: StreamName<E>,
    expected: ExpectedRevision,
    events: readonly NewEvent<E>[],
  ): Promise<Appended>;
  abstract close(): Promise<void>;

  async *readStream<E extends AnyFact>(
    stream: StreamName<E>,
    { from, direction = 'forward', limit = Infinity, batchSize = DEFAULT_BATCH, signal }: StreamQuery = {},
  ): AsyncGenerator<readonly Recorded<E>[]> {
    refuseBatchSize(batchSize);
    let next = from ?? (direction === 'forward' ? 0n : BigInt(Number.MAX_SAFE_INTEGER));
    for (let left = limit; left > 0 && !signal?.aborted; await nextTurn()) {
      this.refuseClosed();
      const { events, last, error } = this.reader.stream<E>(stream, next, direction, Math.min(left, batchSize));
      if (events.length > 0) yield events;
      if (error !== undefined) throw error;
      if (last === undefined) return;
      left -= events.length;
      next = direction === 'forward' ? last + 1n : last - 1n;
    }
  }

  async *readAll<E extends AnyFact>({ signal, ...query }: LogQuery = {}): AsyncGenerator<LogBatch<E>> {
    const next = this.#walk<E>(query);
    for (let piece = next(); piece && !signal?.aborted; piece = next()) {
      yield* delivered(piece);
      await nextTurn();
    }
  }

  async *subscribe<E extends AnyFact>({
    signal,
    ...query
  }: LogQuery & { readonly signal: AbortSignal }): AsyncGenerator<LogBatch<E>> {
    const next = this.#walk<E>(query);
    const stop = AbortSignal.any([signal, this.closed.signal]);
    while (!signal.aborted) {
      const { signs } = this.watch;
      const piece = next();
      if (piece) {
        yield* delivered(piece);
        await nextTurn();
      } else {
        await this.watch.changed(signs, stop);
      }
    }
  }

  head(): Promise<bigint | undefined> {
    return new Promise((resolve) => {
      this.refuseClosed();
      resolve(this.reader.head());
    });
  }

  identity(): Promise<string> {
    return new Promise((resolve) => {
      this.refuseClosed();
      resolve(this.reader.logIdentity());
    });
  }

  /** The pieces of the log after `after`, one per call; `undefined` when there is nothing new. */
  #walk<E extends AnyFact>({ after = 0n, types, batchSize = DEFAULT_BATCH }: Omit<LogQuery, 'signal'>) {
    refuseBatchSize(batchSize);
    let at = after;
    return (): LogPiece<E> | undefined => {
      this.refuseClosed();
      const piece = this.reader.log<E>(at, types, batchSize);
      if (piece) at = piece.batch.upTo;
      return piece;
    };
  }

  protected refuseClosed(): void {
    if (this.closed.signal.aborted) throw new StoreUnavailable('The log is closed');
  }
}

function* delivered<E extends AnyFact>({ batch, error }: LogPiece<E>): Generator<LogBatch<E>> {
  if (batch.events.length > 0 || error === undefined) yield batch;
  if (error !== undefined) throw error;
}
