import { Long } from 'mongodb';
import type { Document, KeyPart, Stored } from '../../../projections/projection.js';
import type { EncodedDocument } from '../stored-document.js';

/**
 * A document in its collection, its fields beside these:
 * `asOf`   a 64-bit integer
 * `_keys`  its key of each index that has one, by index name and `p0`, `p1`, …
 * `_json`  in place of its fields, where BSON or a server would not keep them as they are: the document's JSON
 * Numbers are 32- or 64-bit integers, never doubles. The driver gives 64-bit ones back as numbers where those are safe.
 */
export type BsonDocument = Readonly<{ _id: string; asOf: Stored64; _keys?: BsonKeys; _json?: string }>;
type BsonKeys = Readonly<Record<string, Readonly<Record<string, string | Stored64>>>>;
type Stored64 = bigint | number | Long;

/** The path of one part of an index key. Index names are letters and digits only. */
export const keyPath = (index: string, part: number): string => `_keys.${index}.${partOf(part)}`;
const partOf = (part: number): string => `p${part}`;

/** `keys` of `encoded` are those of the indexes `names`. */
export function toBson<D extends Document>(
  document: Stored<D>,
  { id, asOf, json, keys }: EncodedDocument,
  names: readonly string[],
): BsonDocument {
  const fields = json.length > MAX_NATIVE_JSON ? undefined : nativeFields(document);
  const _keys: Record<string, Record<string, KeyPart>> = {};
  keys.forEach((key, n) => {
    if (key) _keys[names[n] ?? ''] = Object.fromEntries(key.map((part, at) => [partOf(at), part]));
  });
  return { _id: id, asOf, ...(fields ?? { _json: json }), _keys };
}

export function fromBson<D extends Document>({ _id, asOf, _keys, _json, ...fields }: BsonDocument): Stored<D> {
  const document: unknown = _json === undefined ? { _id, ...fields } : JSON.parse(_json);
  return Object.assign(document as Stored<D>, { asOf: bigintOf(asOf) });
}

/** The key that was stored of an index with so many parts. */
export function keyOf({ _keys }: BsonDocument, index: string, parts: number): readonly KeyPart[] {
  return Array.from({ length: parts }, (_, part) => {
    const stored = _keys?.[index]?.[partOf(part)] ?? '';
    return typeof stored === 'string' ? stored : bigintOf(stored);
  });
}

const bigintOf = (value: Stored64): bigint => (value instanceof Long ? value.toBigInt() : BigInt(value));

/**
 * In characters. BSON names the elements of an array by their numbers, so `[0,0,…]` is up to 6.5 times as big in BSON as in
 * JSON; a server takes 16 MiB, and the keys may have 4 of them.
 * https://www.mongodb.com/docs/manual/reference/limits/#bson-documents
 */
const MAX_NATIVE_JSON = 1_048_576;
/** A server takes 100 levels: https://www.mongodb.com/docs/manual/reference/limits/#mongodb-limit-Nested-Depth-for-BSON-Documents */
const MAX_NATIVE_DEPTH = 90;
/** Names that a server takes for operators and paths, or refuses, and those that the driver takes for its own types. */
const NOT_NATIVE = /^$|^\$|\.|^__proto__$|^_bsontype$/;
const OURS = new Set(['_keys', '_json']);

/** What a value becomes that cannot be kept natively. `undefined` would be a field left out. */
const NOT_KEPT = Symbol('not kept natively');

function nativeFields({ _id, asOf: _, ...fields }: Stored<Document>): object | undefined {
  if (Object.keys(fields).some((name) => OURS.has(name))) return undefined;
  const native = nativeObject(fields, 1);
  return native === NOT_KEPT ? undefined : native;
}

/** @param value JSON, as `encodeDocument` has checked */
function nativeValue(value: unknown, depth: number): unknown {
  if (typeof value === 'number') return (value | 0) === value ? value | 0 : BigInt(value); // `| 0` also makes 0 of -0
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_NATIVE_DEPTH) return NOT_KEPT;
  return Array.isArray(value) ? nativeArray(value, depth) : nativeObject(value, depth);
}

function nativeArray(values: readonly unknown[], depth: number): unknown {
  const native: unknown[] = [];
  for (const value of values) {
    const kept = nativeValue(value, depth + 1);
    if (kept === NOT_KEPT) return NOT_KEPT;
    native.push(kept);
  }
  return native;
}

function nativeObject(value: object, depth: number): object | typeof NOT_KEPT {
  const native: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    if (NOT_NATIVE.test(name)) return NOT_KEPT;
    const kept = nativeValue(inner, depth + 1);
    if (kept === NOT_KEPT) return NOT_KEPT;
    native[name] = kept;
  }
  return native;
}
