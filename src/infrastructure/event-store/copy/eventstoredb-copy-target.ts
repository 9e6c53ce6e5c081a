import {
  ConcurrencyConflict,
  type ExpectedRevision,
  type LogBatch,
  type LogQuery,
  MAX_APPEND_BYTES,
  MAX_APPEND_EVENTS,
} from '../../../application/ports/event-store.js';
import type { Clock } from '../../../application/ports/clock.js';
import type { Recorded } from '../../../domain/fact.js';
import { bytesOf, type EncodedEvent } from '../encode-append.js';
import { NEVER } from '../eventstoredb/arriving.js';
import { Calls } from '../eventstoredb/calls.js';
import { parseEventStoreUrl } from '../eventstoredb/connection-string.js';
import { Connection } from '../eventstoredb/connection.js';
import { EventStoreDbEventStore } from '../eventstoredb/eventstoredb-event-store.js';
import { appendRequests } from '../eventstoredb/stored-event.js';
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

const DEADLINE_MS = 10_000;

/**
 * The log in EventStoreDB as the target of a copy. One append after the other, because the server carries out what
 * arrives together in any order; each has the exact revision, so that nothing is ever there twice.
 */
export class EventStoreDbCopyTarget implements CopyTarget {
  /** @throws MalformedEventStoreUrl, StoreUnavailable */
  static async open(url: string, clock: Clock): Promise<EventStoreDbCopyTarget> {
    const store = await EventStoreDbEventStore.open({ url, clock, codec: verbatimCodec });
    const connection = Connection.to(parseEventStoreUrl(url));
    return new EventStoreDbCopyTarget(store, connection, new Calls(connection, DEADLINE_MS, NEVER));
  }

  private constructor(
    private readonly store: EventStoreDbEventStore,
    private readonly connection: Connection,
    private readonly calls: Calls,
  ) {}

  readAll(query?: LogQuery): AsyncIterable<LogBatch> {
    return this.store.readAll(query);
  }

  identity(): Promise<string> {
    return this.store.identity();
  }

  async restore(events: readonly Recorded[]): Promise<void> {
    for (const { stream, expected, recordedAt, events: encoded } of groupsOf(events)) {
      const requests = appendRequests(stream, expected, encoded, recordedAt);
      const answer = await this.calls.append(requests, performance.now() + DEADLINE_MS, stream);
      if (answer.hasWrongExpectedVersion()) throw new ConcurrencyConflict(stream, expected);
    }
  }

  async close(): Promise<void> {
    await this.connection.close();
    await this.store.close();
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
