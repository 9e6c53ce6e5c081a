import type { AnyFact } from '../../domain/fact.js';
import { isInstant } from '../../domain/instant.js';
import {
  EVENT_FRAME_BYTES,
  InvalidAppend,
  MAX_APPEND_BYTES,
  MAX_APPEND_EVENTS,
  STREAM_NAME,
  type ExpectedRevision,
  type NewEvent,
} from '../../application/ports/event-store.js';
import type { EventCodec, StoredData } from './codec/event-codec.js';

/** An event ready to be stored by any engine: checked against the port's limits, its data as JSON text. */
export type EncodedEvent = Readonly<{
  id: string;
  type: string;
  stored: StoredData;
  metadata: NewEvent['metadata'];
}>;

/** @throws InvalidAppend the append is outside the port's limits, or an event is not of its registered shape */
export function encodeAppend(
  codec: EventCodec,
  stream: string,
  expected: ExpectedRevision,
  events: readonly NewEvent<AnyFact>[],
): readonly EncodedEvent[] {
  if (!STREAM_NAME.test(stream)) throw new InvalidAppend(`Stream name ${JSON.stringify(stream)} is not category-id`);
  if (expected !== 'no-stream' && !(typeof expected === 'bigint' && expected >= 0n)) {
    throw new InvalidAppend(`Expected revision ${String(expected)} is neither no-stream nor 0n or more`);
  }
  if (events.length < 1 || events.length > MAX_APPEND_EVENTS) {
    throw new InvalidAppend(`An append holds 1 to ${MAX_APPEND_EVENTS} events, not ${events.length}`);
  }
  const encoded = events.map((event) => encodeEvent(codec, event));
  if (encoded.length > 1 && new Set(encoded.map(({ id }) => id)).size < encoded.length) {
    throw new InvalidAppend('Two events of one append have the same id');
  }
  refuseOversized(encoded);
  return encoded;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function encodeEvent(codec: EventCodec, { id, event, metadata }: NewEvent<AnyFact>): EncodedEvent {
  if (!UUID.test(id)) throw new InvalidAppend(`Event id ${JSON.stringify(id)} is not a lower-case UUID`);
  const { commandId, commandHash, correlationId, causationId, principal, reason = '', traceparent = '' } = metadata;
  const texts = [commandId, commandHash, correlationId, causationId, principal, reason, traceparent];
  for (const text of texts) {
    if (typeof text !== 'string' || !text.isWellFormed()) {
      throw new InvalidAppend(`Metadata of event ${id} holds something else than well-formed text`);
    }
  }
  if (!isInstant(metadata.occurredAt)) {
    throw new InvalidAppend(`occurredAt of event ${id} is not an instant like 2010-12-01T08:26:00.000Z`);
  }
  const stored = codec.encode(event);
  return { id, type: event.type, stored, metadata };
}

/** The most bytes that one UTF-16 unit takes in JSON as UTF-8: a control character, `\u001f`. */
const BYTES_PER_UNIT = 6;
/** More than the metadata's keys, punctuation, instants and numbers take. */
const METADATA_FRAME_UNITS = 400;

function refuseOversized(events: readonly EncodedEvent[]): void {
  let units = 0;
  for (const { stored, metadata } of events) units += METADATA_FRAME_UNITS + stored.json.length + unitsOf(metadata);
  if (units * BYTES_PER_UNIT <= MAX_APPEND_BYTES) return; // nearly always: no need to count exactly
  let bytes = 0;
  for (const event of events) bytes += bytesOf(event);
  if (bytes > MAX_APPEND_BYTES) {
    const what = events.length === 1 ? `Event ${events[0]?.id} takes` : `${events.length} events take`;
    throw new InvalidAppend(`${what} ${bytes} bytes, more than the ${MAX_APPEND_BYTES} that an append may have`);
  }
}

function unitsOf(metadata: EncodedEvent['metadata']): number {
  const { commandId, commandHash, correlationId, causationId, principal, reason = '', traceparent = '' } = metadata;
  const texts = [commandId, commandHash, correlationId, causationId, principal, reason, traceparent];
  return texts.reduce((units, text) => units + text.length, 0);
}

/** What an event counts with towards `MAX_APPEND_BYTES`. */
export function bytesOf({ stored: { schemaVersion, json }, metadata }: EncodedEvent): number {
  const whole = JSON.stringify({ schemaVersion, ...metadata, recordedAt: metadata.occurredAt });
  return EVENT_FRAME_BYTES + Buffer.byteLength(json) + Buffer.byteLength(whole);
}
