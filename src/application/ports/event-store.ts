import type { AnyFact, Metadata, Recorded } from '../../domain/fact.js';

/** `category-id`. The type parameter says which facts its events are; it is gone at run time. */
export type StreamName<E extends AnyFact = AnyFact> = string & { readonly __facts?: E };
/** There is no "any", on purpose. */
export type ExpectedRevision = 'no-stream' | bigint;

/** A fact to append. `id` is fixed by the caller, so that a repeated append is recognised. */
export type NewEvent<E extends AnyFact = AnyFact> = Readonly<{
  id: string;
  event: E;
  metadata: Omit<Metadata, 'recordedAt' | 'schemaVersion'>;
}>;

/**
 * Where an append landed.
 * `revision`, `position`  of its last event
 * `positions`             of all its events, where the engine knows them without reading: EventStoreDB tells the last only
 * `repeated`              the same events were already there, and nothing was written now
 */
export type Appended = Readonly<{
  revision: bigint;
  position: bigint;
  positions?: readonly bigint[];
  repeated: boolean;
}>;

/**
 * A piece of the log in order. Everything up to and including position `upTo` has been looked at: `events` are those of
 * it that pass the filter (possibly none). Resume after `upTo`.
 */
export type LogBatch<E extends AnyFact = AnyFact> = Readonly<{ events: readonly Recorded<E>[]; upTo: bigint }>;

export type LogQuery = Readonly<{
  /** Exclusive; absent means from the beginning. Only positions that this log gave. */
  after?: bigint;
  /** Only events of these types; absent means all. */
  types?: readonly string[];
  /** The most events in one batch. */
  batchSize?: number;
  signal?: AbortSignal;
}>;

export type StreamQuery = Readonly<{
  /** Revision to begin with, inclusive. Forward from 0n, backward from the newest, when absent. */
  from?: bigint;
  direction?: 'forward' | 'backward';
  /** The most events in all. */
  limit?: number;
  batchSize?: number;
  signal?: AbortSignal;
}>;

/**
 * The append-only log. Revisions count 0n, 1n, 2n … in a stream; positions grow over the whole log and may have gaps.
 *
 * Limits, the same for every engine and refused with `InvalidAppend`:
 * stream names match `STREAM_NAME`; an append holds 1 to `MAX_APPEND_EVENTS` events, each of a registered type and of its
 * shape; it takes at most `MAX_APPEND_BYTES`, where each event counts with `EVENT_FRAME_BYTES` and the UTF-8 JSON of its
 * data and of its whole `Metadata`; ids are lower-case UUIDs and differ within an append; `occurredAt` is an `Instant`;
 * the metadata's texts are well-formed Unicode.
 *
 * `recordedAt` is the append's clock. The embedded log has one writer at a time and never lets it go back; in EventStoreDB
 * each process has its clock, so that it never goes back among the appends of one process alone. What came first is told
 * by positions.
 *
 * When a query's `signal` aborts, reading ends without an error.
 */
export interface EventStore {
  /**
   * Writes all of `events` or none, durable before it resolves.
   *
   * Repeating: when `events` stand already at exactly the revisions that this call would have given them (same ids in
   * the same order from `expected` + 1), it resolves with the original outcome and `repeated: true`. Anything else
   * but `expected` at the head of the stream is a conflict.
   *
   * @throws ConcurrencyConflict the stream is not at `expected`; nothing was written
   * @throws StoreUnavailable    the outcome is unknown; repeat the same append with the same ids. Nothing is written to
   *   another log than the one that was opened
   * @throws InvalidAppend       outside the limits above; nothing was written
   * @throws CorruptEvent        somebody deleted the stream, or part of it, with an engine's own tools
   */
  append<E extends AnyFact>(
    stream: StreamName<E>,
    expected: ExpectedRevision,
    events: readonly NewEvent<E>[],
  ): Promise<Appended>;

  /**
   * Batches of one stream, never an empty one. An unknown stream yields nothing, and so does reading past its end.
   * @throws UnknownEventType, CorruptEvent the reader stops there; what was before it has been yielded. An event that is
   *   missing, because somebody deleted it with an engine's own tools, is a `CorruptEvent`
   * @throws StoreUnavailable
   */
  readStream<E extends AnyFact>(stream: StreamName<E>, query?: StreamQuery): AsyncIterable<readonly Recorded<E>[]>;

  /** The log up to its head as found on the way, in batches; ends there. Last batch may hold no events, only `upTo`. */
  readAll<E extends AnyFact>(query?: LogQuery): AsyncIterable<LogBatch<E>>;

  /**
   * As `readAll`, then stays: yields what is appended from then on, by this process or another, within 50 ms, until
   * `signal` aborts (it then ends without an error) or the store drops it (it then ends, or throws `StoreUnavailable`).
   * A batch without events says that the log went on with nothing for this filter. No gap, nothing twice.
   */
  subscribe<E extends AnyFact>(query: LogQuery & { readonly signal: AbortSignal }): AsyncIterable<LogBatch<E>>;

  /**
   * Position of the newest event of the whole log, read anew from the store; `undefined` when it is empty. No batch has an
   * `upTo` beyond it, and whoever follows a log at rest gets there.
   */
  head(): Promise<bigint | undefined>;

  /**
   * Names this log among all logs, for ever and for every process: what holds positions (a view's checkpoint) keeps it
   * beside them, because in another log, a copy included, the same positions are other events. A random UUID that was
   * stored with the log when it was made.
   * @throws StoreUnavailable
   */
  identity(): Promise<string>;

  /** Waits for appends under way, then lets go of everything. Later calls throw `StoreUnavailable`. */
  close(): Promise<void>;
}

/** `category-id`: a lower-case category without a dash, then 1 to 200 printable ASCII characters without blanks. */
export const STREAM_NAME = /^[a-z][a-z0-9]{0,31}-[\x21-\x7e]{1,200}$/;
/** What EventStoreDB takes at once as it is installed (`MaxAppendSize`), up to release 25.0. */
export const MAX_APPEND_BYTES = 1_048_576;
/** What an event takes besides its JSON: its id again, its type (at most `MAX_TYPE_CHARACTERS`), the engine's own names. */
export const EVENT_FRAME_BYTES = 128;
export const MAX_TYPE_CHARACTERS = 40;
export const MAX_APPEND_EVENTS = 2_000;

/** Injection token of the `EventStore`. */
export const EVENT_STORE = Symbol('EventStore');

export class ConcurrencyConflict extends Error {
  override readonly name = 'ConcurrencyConflict';
  constructor(
    readonly stream: string,
    readonly expected: ExpectedRevision,
    options?: ErrorOptions,
  ) {
    super(`Stream ${stream} is not at ${expected === 'no-stream' ? 'no-stream' : `revision ${expected}`}`, options);
  }
}

/** The store did not answer, is full, locked or closed. For an append the outcome is unknown. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** The caller's append is outside what any engine takes. */
export class InvalidAppend extends Error {
  override readonly name = 'InvalidAppend';
}

/** A stored event whose type this build does not know: run the build that wrote it, or a newer one. */
export class UnknownEventType extends Error {
  override readonly name = 'UnknownEventType';
  constructor(
    readonly type: string,
    readonly stream: string,
    readonly revision: bigint,
  ) {
    super(`Unknown event type ${type} in ${stream} at revision ${revision}`);
  }
}

/** A stored event that is not of its type's shape. */
export class CorruptEvent extends Error {
  override readonly name = 'CorruptEvent';
  constructor(
    readonly stream: string,
    readonly revision: bigint,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(`Corrupt event in ${stream} at revision ${revision}: ${detail}`, options);
  }
}
