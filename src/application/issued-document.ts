import type { AnyFact, Instant } from '../domain/fact.js';
import type { Stored } from '../projections/projection.js';
import type { EventStore, StreamName } from './ports/event-store.js';
import { PositionUnknown, type Answer, type Freshness } from './views/view-reader.js';

/**
 * A document that one event wrote and nothing changes afterwards: a credit note, a posting. `_id` is its stream.
 * `revision` is decimal: the `ETag`.
 */
export type IssuedDocument<E extends AnyFact> = Stored<
  Readonly<{
    _id: string;
    data: E['data'];
    occurredAt: Instant;
    recordedAt: Instant;
    principal: string;
    reason?: string;
    revision: string;
  }>
>;

/**
 * Reads such a document where it was written, so that nothing has to be waited for and it is never behind; `undefined`
 * while there is none.
 * @throws PositionUnknown  `minPosition` is past the log's end
 * @throws StoreUnavailable
 */
export async function readIssued<E extends AnyFact>(
  log: Pick<EventStore, 'head' | 'readStream'>,
  stream: StreamName<E>,
  { minPosition }: Freshness,
): Promise<Answer<IssuedDocument<E> | undefined>> {
  const position = await log.head();
  if (minPosition !== undefined && (position === undefined || position < minPosition)) {
    throw new PositionUnknown(minPosition, position);
  }
  let value: IssuedDocument<E> | undefined;
  for await (const events of log.readStream<E>(stream, { limit: 1 })) {
    for (const { data, position: asOf, revision, metadata } of events) {
      const { occurredAt, recordedAt, principal, reason } = metadata;
      const issued = { _id: stream, asOf, data, occurredAt, recordedAt, principal, revision: revision.toString() };
      value = reason === undefined ? issued : { ...issued, reason };
    }
  }
  return position === undefined ? { value } : { value, position, lag: 0n };
}
