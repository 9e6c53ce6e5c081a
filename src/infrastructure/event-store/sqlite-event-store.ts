import type { AnyFact } from '../../domain/fact.js';
import type { Clock } from '../../application/ports/clock.js';
import {
  ConcurrencyConflict,
  StoreUnavailable,
  type Appended,
  type ExpectedRevision,
  type NewEvent,
  type StreamName,
} from '../../application/ports/event-store.js';
import { ledgerCodec } from './codec/ledger.codec.js';
import type { EventCodec } from './codec/event-codec.js';
import { encodeAppend } from './encode-append.js';
import { PieceEventStore } from './piece-event-store.js';
import { rowOf } from './sqlite-rows.js';
import { SqliteReader } from './sqlite-reader.js';
import { prepareLogFile } from './sqlite-schema.js';
import { translated, unavailable } from './sqlite-errors.js';
import { LogWatch } from './log-watch.js';
import { SqliteWriter } from './sqlite-writer.js';

/**
 * `file`          the log; made when it is missing, its folder has to exist. Several processes may open it at once
 * `clock`         for `recordedAt`
 * `codec`         how events are stored; the ledger's own unless a test brings another
 * `readOnly`      this process never appends, and never makes the file
 * `busyTimeoutMs` how long an append, or opening, waits for another process that holds the file; 5,000
 * `maxBytes`      the most that the file may grow to; an append beyond it fails as on a full disk
 */
export type SqliteEventStoreOptions = Readonly<{
  file: string;
  clock: Clock;
  codec?: EventCodec;
  readOnly?: boolean;
  busyTimeoutMs?: number;
  maxBytes?: number;
}>;

/**
 * The embedded log: one SQLite file in WAL mode, `synchronous=FULL`. Reads happen in the calling thread on a connection
 * that cannot write, a batch per turn of the event loop; appends in a thread of their own (see `SqliteWriter`).
 * A file that is deleted, moved or replaced while it is open is neither read nor written any more.
 * Positions are 1, 2, 3 … in the order of commits, so whoever has read up to a position has missed nothing before it.
 */
export class SqliteEventStore extends PieceEventStore {
  readonly #file: string;
  readonly #codec: EventCodec;
  readonly #readOnly: boolean;
  protected override readonly reader: SqliteReader;
  readonly #writer: SqliteWriter;
  protected override readonly watch: LogWatch;

  /**
   * @throws IncompatibleLog  another program's file, or a newer format; it was not touched
   * @throws StoreUnavailable locked for too long, or not readable; with `readOnly`, also when it is missing
   */
  static async open(options: SqliteEventStoreOptions): Promise<SqliteEventStore> {
    const busyTimeoutMs = options.busyTimeoutMs ?? 5_000;
    await prepareLogFile(options.file, !options.readOnly, busyTimeoutMs);
    try {
      return new SqliteEventStore(options, busyTimeoutMs);
    } catch (cause) {
      throw translated(cause, `Cannot open the log at ${options.file}`);
    }
  }

  private constructor(
    { file, clock, codec = ledgerCodec, readOnly = false, maxBytes }: SqliteEventStoreOptions,
    busyTimeoutMs: number,
  ) {
    super();
    this.#file = file;
    this.#codec = codec;
    this.#readOnly = readOnly;
    this.reader = new SqliteReader(file, codec);
    this.#writer = new SqliteWriter({ file, identity: this.reader.identity, busyTimeoutMs, maxBytes }, () =>
      clock.now(),
    );
    this.watch = new LogWatch(() => this.reader.dataVersion());
  }

  async append<E extends AnyFact>(
    stream: StreamName<E>,
    expected: ExpectedRevision,
    events: readonly NewEvent<E>[],
  ): Promise<Appended> {
    this.refuseClosed();
    if (this.#readOnly) throw new StoreUnavailable(`The log at ${this.#file} was opened for reading only`);
    const rows = encodeAppend(this.#codec, stream, expected, events).map(rowOf);
    const outcome = await this.#writer.append([stream, expected === 'no-stream' ? -1 : Number(expected), rows]);
    switch (outcome.kind) {
      case 'conflict':
        throw new ConcurrencyConflict(stream, expected);
      case 'failed':
        this.reader.refuseMoved(); // says what to do about it
        throw unavailable(`Append to ${stream} failed`, outcome.message, outcome.errcode);
      case 'written':
        this.watch.wake();
        return { ...lastOf(outcome), positions: positionsUpTo(outcome.position, rows.length), repeated: false };
      case 'repeated':
        return { ...lastOf(outcome), repeated: true };
    }
  }

  async close(): Promise<void> {
    if (this.closed.signal.aborted) return;
    this.closed.abort();
    await this.#writer.drained();
    this.reader.close(); // before the writer, whose connection is then the last one and checks the WAL in
    await this.#writer.close();
  }
}

const lastOf = ({ revision, position }: { revision: number; position: number }) => ({
  revision: BigInt(revision),
  position: BigInt(position),
});

/** One append's events stand next to each other in the log. */
const positionsUpTo = (last: number, count: number): readonly bigint[] =>
  Array.from({ length: count }, (_, index) => BigInt(last - count + 1 + index));
