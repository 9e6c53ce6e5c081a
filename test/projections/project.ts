import type { Recorded } from '../../src/domain/fact.js';
import type { LedgerEvent } from '../../src/domain/ledger.events.js';
import type { Document, Projection } from '../../src/projections/projection.js';
import { recorded, type Told } from './recorded.js';

/**
 * Folds events one by one, as the follower would with a batch of one: each document is stored as JSON in between, and
 * frozen while it is folded, so that a fold that changes what it was given, or keeps what JSON cannot, fails here.
 */
export function fold<D extends Document>(
  projection: Projection<D>,
  events: readonly Recorded<LedgerEvent>[],
): ReadonlyMap<string, D> {
  const stored = new Map<string, string>();
  for (const event of events.filter(({ type }) => projection.types.includes(type))) {
    for (const change of projection.changes(frozen(event))) {
      const text = stored.get(change.id);
      const before = text === undefined ? undefined : frozen(JSON.parse(text) as D);
      stored.set(change.id, JSON.stringify(projection.apply(before, frozen(change))));
    }
  }
  return new Map([...stored].map(([id, text]) => [id, JSON.parse(text) as D]));
}

/** Given these facts, in this order: the documents by id. */
export const given = <D extends Document>(projection: Projection<D>, ...told: readonly (Told | LedgerEvent)[]) =>
  fold(projection, recorded(told.map((each) => ('event' in each ? each : { event: each }))));

export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const each of Object.values(value)) frozen(each);
  }
  return value;
}
