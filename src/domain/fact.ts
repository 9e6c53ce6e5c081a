/**
 * A fact: something that happened and is stored for ever. `type` is its stored name (past tense, never renamed).
 * When it happened is not part of `data`: every stored event carries `occurredAt` in its metadata (docs/adr/0002).
 */
export type Fact<Type extends string, Data extends object> = Readonly<{ type: Type; data: Readonly<Data> }>;
/** Any fact at all, for code that does not care which. */
export type AnyFact = Fact<string, object>;

/** RFC 3339 in UTC with milliseconds, as `Date.prototype.toISOString` writes it: `2010-12-01T08:26:00.000Z`. */
export type Instant = string;
/** A calendar day as a shop writes it on a document, without a zone: `2010-12-01`. */
export type CalendarDay = string;

/**
 * What a stored event carries besides its fact.
 * `commandHash`  SHA-256 of the canonical command, base64url without padding
 * `occurredAt`   when it happened in the business (for an import: years ago)
 * `recordedAt`   the append's clock, set by the log; how far it never goes back is said where the log's port is
 */
export type Metadata = Readonly<{
  schemaVersion: number;
  commandId: string;
  commandHash: string;
  correlationId: string;
  causationId: string;
  principal: string;
  reason?: string;
  occurredAt: Instant;
  recordedAt: Instant;
  traceparent?: string;
}>;

/**
 * A fact as the log gives it back.
 * `id`        UUIDv5 of stream, command id and index, lower case
 * `stream`    its stream, `category-id`
 * `revision`  0n, 1n, 2n … in its stream
 * `position`  grows over the whole log, with gaps; differs between engines
 */
export type Recorded<E extends AnyFact = AnyFact> = E &
  Readonly<{ id: string; stream: string; revision: bigint; position: bigint; metadata: Metadata }>;
