import {
  ConcurrencyConflict,
  type ExpectedRevision,
  type LogBatch,
  type LogQuery,
  MAX_APPEND_BYTES,
  MAX_APPEND_EVENTS,
  StoreUnavailable,
} from '../../../application/ports/event-store.js';
import type { Clock } from '../../../application/ports/clock.js';
import type { Recorded } from '../../../domain/fact.js';
import { bytesOf, type EncodedEvent } from '../encode-append.js';
import type { AppendRequest } from '../eventstoredb/append-call.js';
import { NEVER } from '../eventstoredb/arriving.js';
import { Calls } from '../eventstoredb/calls.js';
import { parseEventStoreUrl } from '../eventstoredb/connection-string.js';
import { Connection } from '../eventstoredb/connection.js';
import { refuseAnotherLog } from '../eventstoredb/log-identity.js';
import { EventStoreDbEventStore } from '../eventstoredb/eventstoredb-event-store.js';
import { appendRequest } from '../eventstoredb/stored-event.js';
import type { CopyTarget } from './copy-log.js';
import { storedData, verbatimCodec } from './verbatim-codec.js';

/** Of one append: events that stand next to each other, in one stream, and were recorded at the same time. */
type Group = {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly recordedAt: string;
  readonly events: EncodedEvent[];
  bytes: number;
};

type Append = Readonly<{ stream: string; expected: ExpectedRevision; request: AppendRequest }>;

const DEADLINE_MS = 10_000;
/** How many appends are sent before the first of them is answered, at most. */
const AT_ONCE = 256;

/**
 * The log in EventStoreDB as the target of a copy. The appends are sent without waiting for the answers, on one call, for
 * the server carries out those of a call in their order; what it did with them when the call failed is found out one by
 * one. Each has the exact revision, so that nothing is ever there twice. The user has to be one of `$admins`: whose rights
 * the server has to look up for each stream, his appends may overtake each other.
 */
export class EventStoreDbCopyTarget implements CopyTarget {
  /**
   * @param deadlineMs how long an append may take
   * @throws MalformedEventStoreUrl, StoreUnavailable
   */
  static async open(url: string, clock: Clock, deadlineMs = DEADLINE_MS): Promise<EventStoreDbCopyTarget> {
    const store = await EventStoreDbEventStore.open({ url, clock, codec: verbatimCodec });
    const identity = await store.identity();
    const connection = Connection.to(parseEventStoreUrl(url));
    const calls = new Calls(connection, deadlineMs, NEVER, (found) => refuseAnotherLog(identity, found));
    return new EventStoreDbCopyTarget(store, connection, calls, deadlineMs);
  }

  private constructor(
    private readonly store: EventStoreDbEventStore,
    private readonly connection: Connection,
    private readonly calls: Calls,
    private readonly deadlineMs: number,
  ) {}

  readAll(query?: LogQuery): AsyncIterable<LogBatch> {
    return this.store.readAll(query);
  }

  identity(): Promise<string> {
    return this.store.identity();
  }

  async restore(events: readonly Recorded[]): Promise<void> {
    const appends = groupsOf(events).map(({ stream, expected, recordedAt, events }) => ({
      stream,
      expected,
      request: appendRequest(stream, expected, events, recordedAt),
    }));
    const written = await this.#together(appends);
    for (const { stream, expected, request } of appends.slice(written)) {
      const answer = await this.calls.append(request, performance.now() + this.deadlineMs, stream);
      if (answer === 'conflict') throw new ConcurrencyConflict(stream, expected);
    }
  }

  async close(): Promise<void> {
    await this.connection.close();
    await this.store.close();
  }

  /** Resolves with how many of the first are written for certain, once no more of them is under way. */
  async #together(appends: readonly Append[]): Promise<number> {
    const call = await this.calls.appendCall(performance.now() + this.deadlineMs, 'Copying to EventStoreDB failed');
    const outcomes: Promise<'written' | 'conflict' | 'unknown'>[] = [];
    let isOver = false;
    for (const { request } of appends) {
      await outcomes.at(-AT_ONCE);
      if (isOver) break;
      const outcome = call.append(request, this.deadlineMs).then(
        (answer) => (answer === 'conflict' ? answer : 'written'),
        () => 'unknown' as const,
      );
      outcomes.push(outcome);
      void outcome.then((each) => (isOver ||= each !== 'written'));
    }
    const settled = await Promise.all(outcomes);
    const [first = settled.length] = settled.flatMap((outcome, index) => (outcome === 'written' ? [] : [index]));
    const append = appends[first];
    if (append && settled[first] === 'conflict') throw new ConcurrencyConflict(append.stream, append.expected);
    if (settled.includes('written', first)) {
      const detail = 'EventStoreDB wrote later appends than one that it did not answer or refused for now';
      throw new StoreUnavailable(`${detail}. Copy again: it goes on, or says which event is not in its place`);
    }
    return first;
  }
}

function groupsOf(events: readonly Recorded[]): readonly Group[] {
  const groups: Group[] = [];
  for (const { id, stream, revision, type, data, metadata } of events) {
    const { recordedAt, schemaVersion: _, ...rest } = metadata;
    const encoded = { id, type, stored: storedData(data), metadata: rest };
    const bytes = bytesOf(encoded);
    const last = groups.at(-1);
    if (last?.stream === stream && last.recordedAt === recordedAt && hasRoom(last, bytes)) {
      last.events.push(encoded);
      last.bytes += bytes;
    } else {
      const expected = revision === 0n ? 'no-stream' : revision - 1n;
      groups.push({ stream, expected, recordedAt, events: [encoded], bytes });
    }
  }
  return groups;
}

const hasRoom = (group: Group, bytes: number): boolean =>
  group.events.length < MAX_APPEND_EVENTS && group.bytes + bytes <= MAX_APPEND_BYTES;
