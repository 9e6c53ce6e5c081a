import type { Metadata, Recorded } from '../../domain/fact.js';
import type { EventCodec } from './codec/event-codec.js';
import type { EncodedEvent } from './encode-append.js';
import { instantText } from './instant-text.js';
import type { EventRow } from './sqlite-writer.protocol.js';

/** What `more` holds: metadata that most events do not have. */
type More = { correlationId?: string; causationId?: string; reason?: string; traceparent?: string };

/** The columns of a `StoredRow`, in its order. `events` is `e`, `streams` is `s`. */
export const ROW_COLUMNS = `e.position, e.revision, e.type, e.schema_version, e.occurred_at, e.recorded_at, e.id,
  e.command_id, e.command_hash, e.principal, e.more, e.data, s.name`;

export type StoredRow = readonly [
  position: number,
  revision: number,
  type: number,
  schemaVersion: number,
  occurredAt: number,
  recordedAt: number,
  id: string,
  commandId: string,
  commandHash: string,
  principal: string,
  more: string | null,
  data: string,
  stream: string,
];

export function rowOf({ id, type, stored, metadata }: EncodedEvent): EventRow {
  const { commandId, commandHash, correlationId, causationId, principal, reason, traceparent, occurredAt } = metadata;
  const more: More = {};
  if (correlationId !== commandId) more.correlationId = correlationId;
  if (causationId !== commandId) more.causationId = causationId;
  if (reason !== undefined) more.reason = reason;
  if (traceparent !== undefined) more.traceparent = traceparent;
  const rest = Object.keys(more).length === 0 ? null : JSON.stringify(more);
  const { schemaVersion, json } = stored;
  return [id, type, schemaVersion, Date.parse(occurredAt), commandId, commandHash, principal, rest, json];
}

/** @throws UnknownEventType, CorruptEvent */
export function recordedOf(row: StoredRow, type: string, codec: EventCodec): Recorded {
  const stream = row[12];
  const revision = BigInt(row[1]);
  const data = codec.decode(type, { schemaVersion: row[3], json: row[11] }, stream, revision);
  return { type, data, id: row[6], stream, revision, position: BigInt(row[0]), metadata: metadataOf(row) };
}

const occurredAt = instantText();
const recordedAt = instantText();

function metadataOf(row: StoredRow): Metadata {
  const commandId = row[7];
  const metadata = {
    schemaVersion: row[3],
    commandId,
    commandHash: row[8],
    correlationId: commandId,
    causationId: commandId,
    principal: row[9],
    occurredAt: occurredAt(row[4]),
    recordedAt: recordedAt(row[5]),
  };
  return row[10] === null ? metadata : { ...metadata, ...(JSON.parse(row[10]) as More) };
}
