import type { AnyFact, Recorded } from '../../../domain/fact.js';
import type { Clock } from '../../../application/ports/clock.js';
import {
  CorruptEvent,
  STREAM_NAME,
  StoreUnavailable,
  type Appended,
  type EventStore,
  type ExpectedRevision,
  type LogBatch,
  type LogQuery,
  type NewEvent,
  type StreamName,
  type StreamQuery,
} from '../../../application/ports/event-store.js';
import { refuseBatchSize } from '../batch-size.js';
import type { EventCodec } from '../codec/event-codec.js';
import { ledgerCodec } from '../codec/ledger.codec.js';
import { encodeAppend } from '../encode-append.js';
import { Calls } from './calls.js';
import { parseEventStoreUrl } from './connection-string.js';
import { Connection } from './connection.js';
import { IDENTITY_STREAM, identityOf, identityQuery, identityRequest, refuseAnotherLog } from './log-identity.js';
import { LogPieces, PIECE_BYTES } from './log-pieces.js';
import { backwardRequest, streamRequest, subscriptionRequest } from './requests.js';
import { StreamAppends } from './stream-appends.js';
import { StreamReading } from './stream-reading.js';
import { isSystemEvent, positionOf, type StoredMessage, streamOf, typeOf } from './stored-event.js';

/**
 * `url`        `esdb://…` or `esdb+discover://…`, one node or several
 * `clock`      for `recordedAt`
 * `codec`      how events are stored; the ledger's own unless a test brings another
 * `readOnly`   this process never appends
 * `deadlineMs` how long a call may take, retries and finding a node included, and how long a read may be silent; 5,000
 *              unless the URL has a `defaultDeadline`
 */
export type EventStoreDbEventStoreOptions = Readonly<{
  url: string;
  clock: Clock;
  codec?: EventCodec;
  readOnly?: boolean;
  deadlineMs?: number;
}>;

const DEFAULT_DEADLINE_MS = 5_000;
const DEFAULT_BATCH = 1_000;
/** How many events `head` looks at together to pass over the server's own. */
const HEAD_EVENTS = 32;

/**
 * The log in EventStoreDB (KurrentDB). Positions are the server's commit positions. The server's own events (system
 * streams and types) are no part of the log; an event of another program stops a reader.
 */
export class EventStoreDbEventStore implements EventStore {
  readonly #connection: Connection;
  readonly #calls: Calls;
  readonly #appends: StreamAppends;
  readonly #codec: EventCodec;
  readonly #readOnly: boolean;
  readonly #deadlineMs: number;
  /** Of the log that this process opened. */
  #identity: string | undefined;
  readonly #closed = new AbortController();

  /**
   * @throws MalformedEventStoreUrl
   * @throws StoreUnavailable no leader answers within the deadline, or it does not let this user read and write the log;
   *   with `readOnly`, also when no ledger was ever opened there to write
   */
  static async open(options: EventStoreDbEventStoreOptions): Promise<EventStoreDbEventStore> {
    const settings = parseEventStoreUrl(options.url);
    const deadlineMs = options.deadlineMs ?? settings.numbers.defaultDeadline ?? DEFAULT_DEADLINE_MS;
    const store = new EventStoreDbEventStore(Connection.to(settings), options, deadlineMs);
    try {
      await Promise.all([store.head(), store.identity()]);
    } catch (cause) {
      await store.close();
      throw cause;
    }
    return store;
  }

  private constructor(connection: Connection, options: EventStoreDbEventStoreOptions, deadlineMs: number) {
    this.#connection = connection;
    this.#calls = new Calls(connection, deadlineMs, this.#closed.signal, (found) => this.#check(found));
    this.#appends = new StreamAppends(this.#calls, options.clock);
    this.#codec = options.codec ?? ledgerCodec;
    this.#readOnly = options.readOnly ?? false;
    this.#deadlineMs = deadlineMs;
  }

  async append<E extends AnyFact>(
    stream: StreamName<E>,
    expected: ExpectedRevision,
    events: readonly NewEvent<E>[],
  ): Promise<Appended> {
    this.#calls.refuseClosed();
    if (this.#readOnly) throw new StoreUnavailable('The log was opened for reading only');
    const encoded = encodeAppend(this.#codec, stream, expected, events);
    return this.#appends.append(stream, expected, encoded, performance.now() + this.#deadlineMs);
  }

  async *readStream<E extends AnyFact>(
    stream: StreamName<E>,
    { from, direction = 'forward', limit = Infinity, batchSize = DEFAULT_BATCH, signal }: StreamQuery = {},
  ): AsyncGenerator<readonly Recorded<E>[]> {
    refuseBatchSize(batchSize);
    this.#calls.refuseClosed();
    if (!STREAM_NAME.test(stream) || limit < 1 || signal?.aborted) return;
    const reading = new StreamReading(stream, from, direction, limit, this.#codec);
    if (reading.isPastEnd) return;
    const what = `Reading ${stream} failed`;
    const request = streamRequest(stream, reading.start, direction, limit);
    for await (const messages of this.#calls.messages(request, what, signal, stream)) {
      for (const message of messages) {
        if (message.hasStreamNotFound()) return this.#refuseDeleted(stream);
        const recorded = message.getEvent()?.getEvent();
        if (recorded) reading.take(recorded);
        if (reading.events.length >= batchSize || reading.bytes >= PIECE_BYTES) yield reading.batch() as Recorded<E>[];
        if (reading.error) break;
      }
      if (reading.error) break;
    }
    if (signal?.aborted) return;
    if (reading.events.length > 0) yield reading.batch() as Recorded<E>[];
    if (signal?.aborted) return;
    reading.refuseGaps();
  }

  async *readAll<E extends AnyFact>({ after, types, batchSize, signal }: LogQuery = {}): AsyncGenerator<LogBatch<E>> {
    refuseBatchSize(batchSize ?? DEFAULT_BATCH);
    if (signal?.aborted) return this.#calls.refuseClosed();
    const head = await this.head();
    if (head === undefined || (after !== undefined && after >= head)) return;
    const pieces = new LogPieces<E>(this.#codec, { after, until: head, types, batchSize: batchSize ?? DEFAULT_BATCH });
    const request = subscriptionRequest(after ?? 'start', types);
    for await (const messages of this.#calls.messages(request, 'Reading the log failed', signal)) {
      for (const message of messages) {
        pieces.take(message);
        for (let batch = pieces.full(); batch; batch = pieces.full()) yield batch;
        if (pieces.isDone) break;
      }
      if (pieces.isDone) break;
    }
    if (signal?.aborted) return;
    const rest = pieces.rest();
    if (rest) yield rest;
    if (signal?.aborted) return;
    if (pieces.error) throw pieces.error;
    if (!pieces.isDone) throw new StoreUnavailable(`EventStoreDB ended a read of the log before position ${head}`);
  }

  async *subscribe<E extends AnyFact>({
    after,
    ...query
  }: LogQuery & { readonly signal: AbortSignal }): AsyncGenerator<LogBatch<E>> {
    const { signal, types, batchSize = DEFAULT_BATCH } = query;
    let at = after;
    for await (const batch of this.readAll<E>({ ...query, ...(after !== undefined && { after }) })) {
      at = batch.upTo;
      yield batch;
    }
    if (signal.aborted) return;
    // Live, all events come and are picked from here: the server would say too seldom how far it is with those between.
    const pieces = new LogPieces<E>(this.#codec, { after: at, until: undefined, types, batchSize });
    const request = subscriptionRequest(at ?? 'start', undefined);
    for await (const messages of this.#calls.messages(request, 'The subscription was dropped', signal)) {
      for (const message of messages) {
        pieces.take(message);
        for (let batch = pieces.full(); batch; batch = pieces.full()) yield batch;
        if (pieces.error) break;
      }
      const rest = signal.aborted ? undefined : pieces.rest();
      if (rest) yield rest;
      if (signal.aborted) return;
      if (pieces.error) throw pieces.error;
    }
  }

  async head(): Promise<bigint | undefined> {
    this.#calls.refuseClosed();
    let before: bigint | 'end' = 'end';
    for (;;) {
      const found = await this.#calls.all(
        backwardRequest(before, before === 'end' ? 1 : HEAD_EVENTS),
        'Reading the head failed',
      );
      const newest = found.find((event) => !isSystemEvent(streamOf(event), typeOf(event)));
      if (newest) return positionOf(newest);
      const last = found.at(-1);
      if (!last) return undefined;
      before = positionOf(last);
    }
  }

  /** Read anew each time: the server may come back with another log. */
  async identity(): Promise<string> {
    this.#calls.refuseClosed();
    const identity = await this.#storedIdentity();
    this.#identity ??= identity;
    return identity;
  }

  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    await this.#appends.settled();
    await this.#connection.close();
  }

  /** Made by whoever opens the log first to write; of several at once, the first. */
  async #storedIdentity(): Promise<string> {
    const what = 'Reading the identity of the log failed';
    let [first] = await this.#calls.all(identityQuery(), what);
    if (!first && this.#identity !== undefined) refuseAnotherLog(this.#identity, first);
    if (!first && !this.#readOnly) {
      await this.#calls.append(identityRequest(), performance.now() + this.#deadlineMs, IDENTITY_STREAM);
      [first] = await this.#calls.all(identityQuery(), what);
    }
    if (!first) throw new StoreUnavailable('No ledger has been made in this EventStoreDB yet');
    const identity = identityOf(first);
    if (identity === undefined) throw new CorruptEvent(IDENTITY_STREAM, 0n, 'it does not say the identity of the log');
    return identity;
  }

  /** Before appends go to a server that this process was not connected to until now. */
  #check(found: StoredMessage | undefined): void {
    if (this.#identity !== undefined) refuseAnotherLog(this.#identity, found); // or it is still being opened
  }

  /** Nobody knows from a missing stream whether it was deleted; from its metadata one does. */
  async #refuseDeleted(stream: string): Promise<void> {
    const what = `Reading ${stream} failed`;
    const [newest] = await this.#calls.all(streamRequest(`$$${stream}`, 'end', 'backward', 1), what);
    if (newest) throw new CorruptEvent(stream, 0n, 'the stream was deleted in EventStoreDB');
  }
}
