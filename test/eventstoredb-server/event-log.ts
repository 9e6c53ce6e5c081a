/** An event as it is proposed by a client, or as the server writes its own. */
export type Proposed = Readonly<{
  id: string;
  type: string;
  contentType: string;
  data: Uint8Array;
  metadata: Uint8Array;
}>;

/** `commit` and `prepare` differ only for events of a transaction over the old TCP protocol. `created` in 100 ns since 1970. */
export type Stored = Proposed &
  Readonly<{ stream: string; revision: number; commit: number; prepare: number; created: string }>;

/** `-1` is "no stream". */
export type Expected = number | 'any' | 'stream-exists';

export type WriteResult =
  | Readonly<{ kind: 'success'; revision: number; position: number; written: boolean }>
  | Readonly<{ kind: 'wrong-expected-version'; current: number }>
  | Readonly<{ kind: 'stream-deleted' }>
  | Readonly<{ kind: 'too-large'; limit: number }>;

export type LogOptions = Readonly<{
  /** The most bytes of one append: 1 MiB up to 25.0, 256 MiB from 25.1. */
  maxAppendBytes?: number;
  /** What counts: data alone up to 24.10.3; also metadata and the type (two bytes a character) from 24.10.4. */
  countsMetadata?: boolean;
}>;

type Stream = { events: Stored[]; first: number; softDeleted: boolean; tombstoned: boolean; maxCount: number };

/** `$tb` of a stream that was deleted softly: long.MaxValue, which JSON readers round up. */
const SOFT_DELETED = Number('9223372036854775807');
const UTF8 = new TextEncoder();

/** What the server stores, and its rules for writing. All of it in memory; it outlives the servers that serve it. */
export class EventLog {
  readonly events: Stored[] = [];
  readonly #streams = new Map<string, Stream>();
  readonly #readers = new Set<() => void>();
  readonly #maxAppendBytes: number;
  readonly #countsMetadata: boolean;
  #next = 1_024;

  constructor({ maxAppendBytes = 1024 * 1024, countsMetadata = true }: LogOptions = {}) {
    this.#maxAppendBytes = maxAppendBytes;
    this.#countsMetadata = countsMetadata;
  }

  /** Rule W1 to W6 of README.md. */
  append(name: string, expected: Expected, proposed: readonly Proposed[]): WriteResult {
    if (this.#bytes(proposed) > this.#maxAppendBytes) return { kind: 'too-large', limit: this.#maxAppendBytes };
    const stream = this.#streams.get(name);
    const head = (stream?.events.length ?? 0) - 1;
    const wrong = { kind: 'wrong-expected-version', current: head } as const;
    if (stream?.tombstoned) return { kind: 'stream-deleted' };
    if (expected === 'stream-exists') {
      if (stream?.softDeleted) return { kind: 'stream-deleted' };
      if (head < 0) return wrong;
    }
    if (expected === 'any' || expected === 'stream-exists') {
      const first = stream?.events.findIndex(({ id }) => id === proposed[0]?.id) ?? -1;
      const original = first < 0 ? undefined : this.#original(stream, first, proposed);
      return original ?? this.#write(name, proposed);
    }
    if (expected > head) return wrong;
    if (expected === head) return this.#write(name, proposed);
    const original = this.#original(stream, expected + 1, proposed);
    if (original) return original;
    const firstIsOther = stream?.events[expected + 1]?.id !== proposed[0]?.id;
    return expected === -1 && stream?.softDeleted && firstIsOther ? this.#write(name, proposed) : wrong;
  }

  /** A transaction over the old TCP protocol: one commit position, as many prepare positions as events. */
  appendTcpTransaction(name: string, proposed: readonly Proposed[]): void {
    const prepares = proposed.map(() => (this.#next += 100));
    const commit = (this.#next += 100);
    for (const [index, event] of proposed.entries()) this.#store(name, event, commit, prepares[index] as number);
    this.#wake();
  }

  /** Rule D1: says that `$tb` is the end. `undefined` when there is nothing to delete. */
  softDelete(name: string): number | undefined {
    const stream = this.#streams.get(name);
    if (!stream || stream.softDeleted) return undefined;
    const json = `{"$tb":9223372036854775807}`;
    this.append(`$$${name}`, 'any', [systemEvent('$metadata', json)]);
    return this.#next;
  }

  /** Rule D2: for ever. */
  tombstone(name: string): number {
    const stream = this.#streamOf(name);
    this.#store(name, systemEvent('$streamDeleted', '{}'), (this.#next += 100), this.#next);
    stream.tombstoned = true;
    this.#wake();
    return this.#next;
  }

  /** What readers of a stream see (rule R1 to R3): revisions from `first` to `head`. */
  visible(
    name: string,
  ): 'not-found' | 'deleted' | Readonly<{ events: readonly Stored[]; first: number; head: number }> {
    const stream = this.#streams.get(name);
    if (stream?.tombstoned) return 'deleted';
    if (!stream || stream.softDeleted) return 'not-found';
    const head = stream.events.length - 1;
    return { events: stream.events, first: Math.max(stream.first, head + 1 - stream.maxCount), head };
  }

  /** Index in `events` of the first with a position after (or at, or after) `commit`/`prepare`. */
  indexAfter(commit: number, prepare: number, inclusive = false): number {
    let low = 0;
    let high = this.events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const event = this.events[middle] as Stored;
      const order = event.commit - commit || event.prepare - prepare;
      if (order < 0 || (order === 0 && !inclusive)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Calls `wake` after every write, until the function that it gives is called. */
  onWrite(wake: () => void): () => void {
    this.#readers.add(wake);
    return () => void this.#readers.delete(wake);
  }

  #original(stream: Stream | undefined, first: number, proposed: readonly Proposed[]): WriteResult | undefined {
    const there = proposed.map((_, index) => stream?.events[first + index]);
    const last = there.at(-1);
    if (!last || there.some((event, index) => event?.id !== proposed[index]?.id)) return undefined;
    return { kind: 'success', revision: last.revision, position: last.commit, written: false };
  }

  #write(name: string, proposed: readonly Proposed[]): WriteResult {
    const stream = this.#streamOf(name);
    if (stream.softDeleted) {
      stream.softDeleted = false;
      stream.first = stream.events.length;
    }
    for (const event of proposed) {
      this.#next += 96 + event.data.length + event.metadata.length;
      this.#store(name, event, this.#next, this.#next);
    }
    if (name.startsWith('$$')) this.#applyMetadata(name.slice(2), proposed);
    this.#wake();
    return { kind: 'success', revision: stream.events.length - 1, position: this.#next, written: true };
  }

  #store(name: string, event: Proposed, commit: number, prepare: number): void {
    const { events } = this.#streamOf(name);
    const created = `${Date.now()}0000`;
    const stored: Stored = { ...event, stream: name, revision: events.length, commit, prepare, created };
    events.push(stored);
    this.events.push(stored);
  }

  #applyMetadata(name: string, proposed: readonly Proposed[]): void {
    const last = proposed.at(-1);
    if (last?.type !== '$metadata') return;
    const { $tb = 0, $maxCount = Infinity } = JSON.parse(new TextDecoder().decode(last.data)) as {
      $tb?: number;
      $maxCount?: number;
    };
    const stream = this.#streamOf(name);
    stream.softDeleted = $tb === SOFT_DELETED;
    stream.first = $tb;
    stream.maxCount = $maxCount;
  }

  #streamOf(name: string): Stream {
    let stream = this.#streams.get(name);
    if (!stream) {
      stream = { events: [], first: 0, softDeleted: false, tombstoned: false, maxCount: Infinity };
      this.#streams.set(name, stream);
    }
    return stream;
  }

  #bytes(proposed: readonly Proposed[]): number {
    let bytes = 0;
    for (const { type, data, metadata } of proposed) {
      bytes += data.length + (this.#countsMetadata ? metadata.length + 2 * type.length : 0);
    }
    return bytes;
  }

  #wake(): void {
    for (const wake of this.#readers) wake();
  }
}

/** An event as the server writes it for itself: `$metadata`, `$statsCollected`, a link. */
export function systemEvent(type: string, json: string): Proposed {
  const id = crypto.randomUUID();
  return { id, type, contentType: 'application/json', data: UTF8.encode(json), metadata: new Uint8Array() };
}
