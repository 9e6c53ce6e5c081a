import {
  InvalidQuery,
  ViewMismatch,
  ViewOfAnotherLog,
  ViewWentBack,
  collectionOf,
  type ViewBatch,
  type ViewQuery,
} from '../../application/ports/view-store.js';
import type { Document, Index, KeyPart, ViewDefinition } from '../../projections/projection.js';
import { isId, isKey, isKeyPart } from './stored-document.js';

const VIEW_NAME = /^[a-z][a-z0-9-]{0,62}$/;
const INDEX_NAME = /^[a-z][A-Za-z0-9]{0,62}$/;
const MAX_INDEX_PARTS = 8;
const MAX_LIMIT = 1_000;

/** What is compared when a collection exists already: index names and the types of their parts. */
export type IndexShapes = Readonly<Record<string, readonly ('text' | 'integer')[]>>;

export function shapesOf<D extends Document>(view: ViewDefinition<D>): IndexShapes {
  return Object.fromEntries(
    Object.entries(view.indexes)
      .map(([name, { parts }]) => [name, [...parts]] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** What is stored of a collection. `log` is the identity of the log that it was made for. */
export type StoredView = Readonly<{ indexes: string; log: string }>;

/** @throws ViewMismatch, ViewOfAnotherLog */
export function checkSameView<D extends Document>(view: ViewDefinition<D>, found: StoredView, log: string): void {
  checkSameShapes(view, found.indexes);
  if (found.log !== log) throw new ViewOfAnotherLog(view);
}

export function checkSameShapes<D extends Document>(view: ViewDefinition<D>, found: string): void {
  const declared = JSON.stringify(shapesOf(view));
  if (found === declared) return;
  const hint = 'a view whose indexes change needs a higher version';
  throw new ViewMismatch(`${collectionOf(view)} was made with indexes ${found}, not ${declared}; ${hint}`);
}

/** @throws RangeError the definition is outside what every engine takes */
export function checkDefinition<D extends Document>(view: ViewDefinition<D>): void {
  checkCollection(view.name, view.version);
  const seen = new Set<string>();
  for (const [name, { parts }] of Object.entries(view.indexes)) {
    if (!INDEX_NAME.test(name)) throw new RangeError(`${view.name}: ${JSON.stringify(name)} is not an index name`);
    if (seen.has(name.toLowerCase())) throw new RangeError(`${view.name}: two indexes are called ${name}`);
    seen.add(name.toLowerCase());
    if (parts.length < 1 || parts.length > MAX_INDEX_PARTS) {
      throw new RangeError(`${view.name}: index ${name} must have 1 to ${MAX_INDEX_PARTS} parts`);
    }
  }
}

export function checkCollection(name: string, version: number): void {
  if (!VIEW_NAME.test(name)) throw new RangeError(`${JSON.stringify(name)} is not a view name`);
  if (!Number.isSafeInteger(version) || version < 1) throw new RangeError(`${name}: ${version} is not a version`);
}

/** @throws ViewWentBack the stored checkpoint is older than the one that the batch goes on from */
export function checkContinues(
  collection: string,
  { after }: Pick<ViewBatch<Document>, 'after'>,
  stored: bigint | undefined,
): void {
  if (after !== undefined && (stored === undefined || stored < after))
    throw new ViewWentBack(collection, after, stored);
}

/** Text by its UTF-8 bytes (which is code point order), integers by value. */
export function compareKeyParts(a: KeyPart, b: KeyPart): number {
  if (typeof a === 'string' && typeof b === 'string')
    return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a === b ? 0 : a < b ? -1 : 1;
}

/** The index that `query` walks. @throws InvalidQuery */
export function checkQuery<D extends Document>(view: ViewDefinition<D>, query: ViewQuery): Index<D> {
  const { prefix = [], from, to, limit, after } = query;
  const index = Object.hasOwn(view.indexes, query.index) ? view.indexes[query.index] : undefined;
  const fail = (reason: string): never => {
    throw new InvalidQuery(`${view.name} by ${query.index}: ${reason}`);
  };
  if (!index) return fail('there is no such index');
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) return fail(`limit must be 1 to ${MAX_LIMIT}`);
  if (prefix.length > index.parts.length || !isKey(index, prefix, prefix.length))
    return fail('prefix is not of its parts');
  const next = index.parts[prefix.length];
  if (from !== undefined && !isKeyPart(next, from)) return fail('from is not of the part after the prefix');
  if (to !== undefined && !isKeyPart(next, to)) return fail('to is not of the part after the prefix');
  if (after && !(isId(after.id) && isKey(index, after.key) && prefix.every((part, n) => part === after.key[n]))) {
    return fail('the cursor is not of this walk');
  }
  const reached = after?.key[prefix.length];
  if (reached !== undefined) {
    const outside =
      query.direction === 'descending'
        ? to !== undefined && compareKeyParts(reached, to) >= 0
        : from !== undefined && compareKeyParts(reached, from) < 0;
    if (outside) return fail('the cursor is not of this walk');
  }
  return index;
}
