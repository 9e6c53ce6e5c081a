import type { Recorded } from '../../domain/fact.js';
import { publicationOf } from './registry.js';

/**
 * A CloudEvent 1.0.2 in the JSON format, structured mode (github.com/cloudevents/spec, v1.0.2). Extensions are those of
 * its documented extensions where there is one (sequence, partitionkey, recordedtime, traceparent).
 * `id`              the event's id in the log; with `source` it names the event for ever
 * `source`          `/ledger/<identity of the log>`: whose positions and events these are
 * `subject`, `partitionkey`  its stream: within one, events come in order
 * `time`            when it happened in the business, which for an import is years ago
 * `recordedtime`    when the log recorded it
 * `sequence`        revision in its stream as 20 digits, so that text sorts as numbers do
 * `position`        in the log, decimal: as `Last-Event-ID`, `after`, and `Ledger-Position` have it; not for sorting
 * `causationid`     what caused it: the id of a command, or of an event
 */
export type CloudEvent = Readonly<{
  specversion: '1.0';
  id: string;
  source: string;
  type: string;
  subject: string;
  time: string;
  datacontenttype: 'application/json';
  dataschema: string;
  sequence: string;
  partitionkey: string;
  position: string;
  recordedtime: string;
  correlationid: string;
  causationid: string;
  traceparent?: string;
  data: object;
}>;

/** The media type of one event in structured mode. */
export const CLOUD_EVENT_JSON = 'application/cloudevents+json';

/** @param identity of the log: `EventStore.identity` */
export const sourceOf = (identity: string): string => `/ledger/${identity}`;

/** The `$id` of a type's JSON Schema, which the AsyncAPI document holds: a name, not an address. */
export const dataSchemaOf = (type: string): string => `urn:commerce-ledger:event:${type}`;

/** The public form of a private event; `undefined` where its type is withheld. */
export function toCloudEvent(event: Recorded, source: string): CloudEvent | undefined {
  const publication = publicationOf(event.type);
  if (!publication) return undefined;
  const { occurredAt, recordedAt, correlationId, causationId, traceparent } = event.metadata;
  return {
    specversion: '1.0',
    id: event.id,
    source,
    type: publication.type,
    subject: event.stream,
    time: occurredAt,
    datacontenttype: 'application/json',
    dataschema: dataSchemaOf(publication.type),
    sequence: event.revision.toString().padStart(20, '0'),
    partitionkey: event.stream,
    position: event.position.toString(),
    recordedtime: recordedAt,
    correlationid: correlationId,
    causationid: causationId,
    ...(traceparent !== undefined && { traceparent }),
    data: publication.map(event.data),
  };
}
