import type { ViewQuery } from '../../../application/ports/view-store.js';
import type { Document, KeyPart, ViewDefinition } from '../../../projections/projection.js';
import { keyPath } from './bson-document.js';

type Condition = Readonly<Record<string, unknown>>;

/**
 * Fields and name of the index `name`. It ends in `_id`, so that it gives a page in order without sorting. Text compares
 * as bytes of UTF-8, the simple collation. Only documents with a key are in it.
 */
export function indexSpecs<D extends Document>(view: ViewDefinition<D>) {
  return Object.entries(view.indexes).map(([name, { parts }]) => ({
    name,
    key: Object.fromEntries([...parts.map((_, part) => [keyPath(name, part), 1] as const), ['_id', 1] as const]),
    partialFilterExpression: { [keyPath(name, 0)]: { $exists: true } },
  }));
}

/** What `query` walks, sorted; every branch of the filter is one range of the index. */
export function findFilter({ index, prefix = [], from, to, direction, after }: ViewQuery, parts: number) {
  const sign = direction === 'descending' ? (-1 as const) : (1 as const);
  const path = (part: number) => keyPath(index, part);
  const same = Object.fromEntries(prefix.map((value, part) => [path(part), value]));
  const bounds = { ...(from !== undefined && { $gte: from }), ...(to !== undefined && { $lt: to }) };
  const start = {
    ...(prefix.length === 0 && { [path(0)]: { $exists: true } }),
    ...same,
    ...(Object.keys(bounds).length > 0 && { [path(prefix.length)]: bounds }),
  };
  const sort = Object.fromEntries([
    ...Array.from({ length: parts }, (_, n) => [path(n), sign] as const),
    ['_id', sign],
  ]);
  if (!after) return { filter: start as Condition, sort };
  const beyond = sign === 1 ? '$gt' : '$lt';
  const limits = (part: number) => (part === prefix.length && part < parts ? bounds : {});
  const branches: Condition[] = [];
  for (let last = prefix.length; last <= parts; last++) {
    const equal = after.key.slice(0, last).map((value, part) => [path(part), { $eq: value, ...limits(part) }] as const);
    const [field, value]: [string, KeyPart | undefined] =
      last === parts ? ['_id', after.id] : [path(last), after.key[last]];
    branches.push({ ...Object.fromEntries(equal), [field]: { ...limits(last), [beyond]: value } }); // within `to`, as checked
  }
  return { filter: { $or: branches } as Condition, sort };
}
