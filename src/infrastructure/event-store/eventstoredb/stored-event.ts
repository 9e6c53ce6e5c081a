import { randomUUID } from 'node:crypto';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type * as streams from '@eventstore/db-client/generated/streams_pb.js';
import type { Recorded } from '../../../domain/fact.js';
import {
  CorruptEvent,
  STREAM_NAME,
  UnknownEventType,
  type ExpectedRevision,
} from '../../../application/ports/event-store.js';
import { instant, integer, object, optional, ShapeMismatch, text } from '../codec/codec.js';
import type { EventCodec } from '../codec/event-codec.js';
import type { EncodedEvent } from '../encode-append.js';
import type { AppendRequest } from './append-call.js';
import { identifierOf } from './requests.js';

type ProposedMessage = streams.BatchAppendReq.ProposedMessage;
export type StoredMessage = streams.ReadResp.ReadEvent.RecordedEvent;

/**
 * The JSON beside an event's data. `$correlationId` and `$causationId` are the names that EventStoreDB's own tools know.
 * `id` is the event's id in the ledger; the one that EventStoreDB has is of one attempt to append it (docs/adr/0012).
 */
type StoredMetadata = Readonly<{
  id: string;
  schemaVersion: number;
  commandId: string;
  commandHash: string;
  $correlationId: string;
  $causationId: string;
  principal: string;
  reason?: string;
  occurredAt: string;
  recordedAt: string;
  traceparent?: string;
}>;

const storedMetadata = object<StoredMetadata>({
  id: text,
  schemaVersion: integer,
  commandId: text,
  commandHash: text,
  $correlationId: text,
  $causationId: text,
  principal: text,
  reason: optional(text),
  occurredAt: instant,
  recordedAt: instant,
  traceparent: optional(text),
});

const UTF8 = new TextEncoder();

export function appendRequest(
  stream: string,
  expected: ExpectedRevision,
  events: readonly EncodedEvent[],
  recordedAt: string,
): AppendRequest {
  const options = new streamsPb.BatchAppendReq.Options().setStreamIdentifier(identifierOf(stream));
  if (expected === 'no-stream') options.setNoStream(new sharedPb.Empty());
  else options.setStreamPosition(expected.toString());
  return { options, messages: events.map((event) => proposed(event, recordedAt)) };
}

function proposed({ id, type, stored, metadata }: EncodedEvent, recordedAt: string): ProposedMessage {
  const { correlationId: $correlationId, causationId: $causationId, ...rest } = metadata;
  const { schemaVersion, json } = stored;
  const beside: StoredMetadata = { id, schemaVersion, ...rest, $correlationId, $causationId, recordedAt };
  return proposedMessage(type, json).setCustomMetadata(UTF8.encode(JSON.stringify(beside)));
}

/** With an id of its own. */
export function proposedMessage(type: string, json: string): ProposedMessage {
  const message = new streamsPb.BatchAppendReq.ProposedMessage();
  message.setId(new sharedPb.UUID().setString(randomUUID()));
  message.getMetadataMap().set('type', type).set('content-type', 'application/json');
  return message.setData(UTF8.encode(json));
}

/** Of the server itself: statistics, metadata of streams, links, deletions. Never of the ledger. */
export const isSystemEvent = (stream: string, type: string): boolean => stream.startsWith('$') || type.startsWith('$');

export const typeOf = (message: StoredMessage): string => message.getMetadataMap().get('type') ?? '';
export const revisionOf = (message: StoredMessage): bigint => BigInt(message.getStreamRevision());
export const positionOf = (message: StoredMessage): bigint => BigInt(message.getCommitPosition());

export const streamOf = (message: StoredMessage): string => textOf(message.getStreamIdentifier()?.getStreamName_asU8());

export const dataTextOf = (message: StoredMessage): string => textOf(message.getData_asU8());

/** The ledger's id of an event; `undefined` if the event is not the ledger's. */
export function ledgerIdOf(message: StoredMessage): string | undefined {
  try {
    return storedMetadata.decode(JSON.parse(textOf(message.getCustomMetadata_asU8()))).id;
  } catch (cause) {
    if (cause instanceof ShapeMismatch || cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

/** @throws UnknownEventType of another program or build. @throws CorruptEvent */
export function recordedOf(message: StoredMessage, codec: EventCodec): Recorded {
  const type = typeOf(message);
  const stream = streamOf(message);
  const revision = revisionOf(message);
  if (!STREAM_NAME.test(stream)) throw new UnknownEventType(type, stream, revision);
  const json = dataTextOf(message);
  const { id, schemaVersion, $correlationId, $causationId, ...rest } = metadataOf(message, (cause) => {
    codec.decode(type, { schemaVersion: 1, json }, stream, revision); // an unknown type says more than its metadata
    return new CorruptEvent(stream, revision, `metadata: ${cause.message}`, { cause });
  });
  if (message.getCommitPosition() !== message.getPreparePosition()) {
    const detail = 'it was written in a transaction over TCP, and shares its position with others';
    throw new CorruptEvent(stream, revision, detail);
  }
  const data = codec.decode(type, { schemaVersion, json }, stream, revision);
  const metadata = { schemaVersion, ...rest, correlationId: $correlationId, causationId: $causationId };
  return { type, data, id, stream, revision, position: positionOf(message), metadata };
}

function metadataOf(message: StoredMessage, refused: (cause: Error) => Error): StoredMetadata {
  try {
    return storedMetadata.decode(JSON.parse(textOf(message.getCustomMetadata_asU8())));
  } catch (cause) {
    if (cause instanceof ShapeMismatch || cause instanceof SyntaxError) throw refused(cause);
    throw cause;
  }
}

function textOf(bytes: Uint8Array | undefined): string {
  return bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8') : '';
}
