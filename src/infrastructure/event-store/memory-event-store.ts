import { randomUUID } from 'node:crypto';
import type { AnyFact, Recorded } from '../../domain/fact.js';
import type { Clock } from '../../application/ports/clock.js';
import {
  ConcurrencyConflict,
  type Appended,
  type ExpectedRevision,
  type NewEvent,
  type StreamName,
} from '../../application/ports/event-store.js';
import type { EventCodec } from './codec/event-codec.js';
import { ledgerCodec } from './codec/ledger.codec.js';
import { encodeAppend, type EncodedEvent } from './encode-append.js';
import { LogWatch } from './log-watch.js';
import { PieceEventStore, type LogPiece, type PieceReader, type StreamPiece } from './piece-event-store.js';

/** Data stays JSON text, so that every reader gets a copy of its own, through the codec. */
type Kept = EncodedEvent & Readonly<{ stream: string; revision: bigint; position: bigint; recordedAt: string }>;

/** What several `MemoryEventStore`s share, as processes share a file. Positions are 1n, 2n, 3n … */
export class MemoryLog {
  readonly identity = randomUUID();
  readonly events: Kept[] = [];
  readonly streams = new Map<string, Kept[]>();
  readonly watch = new LogWatch();
}

/** The log in memory, for tests of what stands on the port: its whole contract, but nothing outlives the process. */
export class MemoryEventStore extends PieceEventStore {
  protected override readonly reader: PieceReader;
  protected override readonly watch: LogWatch;
  readonly #clock: Clock;
  readonly #codec: EventCodec;
  readonly #log: MemoryLog;

  constructor(options: { clock?: Clock; codec?: EventCodec; log?: MemoryLog } = {}) {
    super();
    this.#clock = options.clock ?? { now: Date.now };
    this.#codec = options.codec ?? ledgerCodec;
    this.#log = options.log ?? new MemoryLog();
    this.watch = this.#log.watch;
    this.reader = new MemoryReader(this.#log, this.#codec);
  }

  append<E extends AnyFact>(
    stream: StreamName<E>,
    expected: ExpectedRevision,
    events: readonly NewEvent<E>[],
  ): Promise<Appended> {
    return new Promise((resolve) => {
      this.refuseClosed();
      const encoded = encodeAppend(this.#codec, stream, expected, events);
      resolve(this.#write(stream, expected, encoded));
    });
  }

  close(): Promise<void> {
    this.closed.abort();
    return Promise.resolve();
  }

  #write(stream: string, expected: ExpectedRevision, encoded: readonly EncodedEvent[]): Appended {
    const { events, streams } = this.#log;
    const history = streams.get(stream) ?? [];
    const first = expected === 'no-stream' ? 0 : Number(expected) + 1;
    if (first !== history.length) {
      const original = history.slice(first, first + encoded.length);
      const last = original.at(-1);
      const same = original.length === encoded.length && original.every(({ id }, index) => id === encoded[index]?.id);
      if (!last || !same) throw new ConcurrencyConflict(stream, expected);
      return { revision: last.revision, position: last.position, repeated: true };
    }
    const now = new Date(this.#clock.now()).toISOString();
    const newest = events.at(-1)?.recordedAt ?? now;
    const recordedAt = newest > now ? newest : now;
    for (const event of encoded) {
      const kept = {
        ...event,
        stream,
        recordedAt,
        revision: BigInt(history.length),
        position: BigInt(events.length + 1),
      };
      history.push(kept);
      events.push(kept);
    }
    streams.set(stream, history);
    this.watch.wake();
    return {
      revision: BigInt(history.length - 1),
      position: BigInt(events.length),
      positions: history.slice(-encoded.length).map(({ position }) => position),
      repeated: false,
    };
  }
}

class MemoryReader implements PieceReader {
  constructor(
    private readonly log_: MemoryLog,
    private readonly codec: EventCodec,
  ) {}

  head(): bigint | undefined {
    return this.log_.events.at(-1)?.position;
  }

  logIdentity(): string {
    return this.log_.identity;
  }

  log<E extends AnyFact>(after: bigint, types: readonly string[] | undefined, most: number): LogPiece<E> | undefined {
    const { events } = this.log_;
    const from = after < 0n ? 0 : Number(after); // position n is at index n - 1
    if (from >= events.length) return undefined;
    const wanted = types && new Set(types);
    const picked: Kept[] = [];
    let index = from;
    for (; index < events.length && picked.length < most; index++) {
      const event = events[index] as Kept;
      if (!wanted || wanted.has(event.type)) picked.push(event);
    }
    const { events: decoded, error } = this.#decoded<E>(picked);
    const upTo = error === undefined ? BigInt(index) : (decoded.at(-1)?.position ?? after);
    return { batch: { events: decoded, upTo }, error };
  }

  stream<E extends AnyFact>(
    name: string,
    from: bigint,
    direction: 'forward' | 'backward',
    most: number,
  ): StreamPiece<E> {
    const history = this.log_.streams.get(name) ?? [];
    const start = from < 0n ? -1 : Number(from);
    const picked =
      direction === 'forward'
        ? history.slice(Math.max(start, 0), Math.max(start, 0) + most)
        : history
            .slice(0, start + 1)
            .slice(-most)
            .reverse();
    return { ...this.#decoded<E>(picked), last: picked.at(-1)?.revision };
  }

  #decoded<E extends AnyFact>(kept: readonly Kept[]): { events: readonly Recorded<E>[]; error: Error | undefined } {
    const events: Recorded<E>[] = [];
    try {
      for (const event of kept) events.push(this.#recorded(event) as Recorded<E>);
    } catch (cause) {
      return { events, error: cause as Error };
    }
    return { events, error: undefined };
  }

  #recorded({ id, type, stored, metadata, stream, revision, position, recordedAt }: Kept): Recorded {
    const data = this.codec.decode(type, stored, stream, revision);
    const { schemaVersion } = stored;
    return { type, data, id, stream, revision, position, metadata: { ...metadata, schemaVersion, recordedAt } };
  }
}
