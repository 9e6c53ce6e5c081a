import { MAX_DOCUMENT_BYTES } from '../../application/ports/view-store.js';
import type { Document, Index, KeyPart, Stored, ViewDefinition } from '../../projections/projection.js';

/** A document taken apart for storing: `keys` holds its key per declared index, in the order of `Object.keys(indexes)`. */
export type EncodedDocument = Readonly<{
  id: string;
  asOf: bigint;
  json: string;
  keys: readonly (readonly KeyPart[] | undefined)[];
}>;

const MAX_ID_LENGTH = 1_024;
const MAX_DEPTH = 100;
const MAX_INTEGER = 2n ** 63n - 1n;
const MIN_INTEGER = -(2n ** 63n);

/** What every view store writes, so that all refuse the same. @throws RangeError naming the document and the field */
export function encodeDocument<D extends Document>(view: ViewDefinition<D>, document: Stored<D>): EncodedDocument {
  const { asOf, ...rest } = document;
  const id = document._id;
  const here = `${view.name}@${view.version} document ${JSON.stringify(id)}`;
  if (!isId(id)) throw new RangeError(`${here}: _id must be 1 to ${MAX_ID_LENGTH} well-formed characters`);
  if (typeof asOf !== 'bigint' || !isInteger64(asOf)) throw new RangeError(`${here}: asOf must be a 64-bit bigint`);
  const json = isSurelyJson(rest, 0) ? JSON.stringify(rest) : undefined;
  const offending = json === undefined || SUSPICIOUS.test(json) ? notJson(rest, 0) : undefined;
  if (json === undefined || offending !== undefined) throw new RangeError(`${here}: ${offending ?? 'is not JSON'}`);
  const keys = Object.entries(view.indexes).map(([name, index]) => {
    const key = index.of(document);
    if (key !== undefined && !isKey(index, key))
      throw new RangeError(`${here}: key of index ${name} is not of its parts`);
    return key;
  });
  const texts = keys.flatMap((key) => key?.filter((part) => typeof part === 'string') ?? []);
  if (isTooBig([json, ...texts])) {
    throw new RangeError(`${here}: more than ${MAX_DOCUMENT_BYTES} bytes of JSON and index keys`);
  }
  return { id, asOf, json, keys };
}

export function decodeDocument<D extends Document>(json: string, asOf: bigint): Stored<D> {
  const document = JSON.parse(json) as Stored<D>;
  return Object.assign(document, { asOf });
}

/** A whole key, or with `parts` its first parts. */
export function isKey<D extends Document>(
  index: Index<D>,
  key: readonly unknown[],
  parts = index.parts.length,
): boolean {
  return key.length === parts && key.every((part, n) => isKeyPart(index.parts[n], part));
}

export function isKeyPart(type: 'text' | 'integer' | undefined, part: unknown): part is KeyPart {
  if (type === 'text') return typeof part === 'string' && part.isWellFormed();
  return type === 'integer' && typeof part === 'bigint' && isInteger64(part);
}

export function isId(id: unknown): id is string {
  return typeof id === 'string' && id.length > 0 && id.length <= MAX_ID_LENGTH && id.isWellFormed();
}

const isInteger64 = (value: bigint): boolean => value >= MIN_INTEGER && value <= MAX_INTEGER;

/** Counts bytes of UTF-8 only where there are so many characters that it may matter. */
function isTooBig(texts: readonly string[]): boolean {
  let characters = 0;
  for (const text of texts) characters += text.length;
  if (characters * 3 <= MAX_DOCUMENT_BYTES) return false;
  return texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0) > MAX_DOCUMENT_BYTES;
}

/** What lone surrogates and NUL become in JSON text, and what few other texts hold. */
const SUSPICIOUS = /\\u(?:d[89a-f]|0000)/;

/** As `notJson`, but only yes or no, without looking at texts and field names: much faster, and the answer is nearly always yes. */
function isSurelyJson(value: unknown, depth: number): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true;
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || depth > MAX_DEPTH) return false;
  if (Array.isArray(value)) {
    for (let n = 0; n < value.length; n++) if (!isSurelyJson(value[n], depth + 1)) return false;
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const field in value) {
    const inner = (value as Record<string, unknown>)[field];
    if (inner !== undefined && !isSurelyJson(inner, depth + 1)) return false;
  }
  return true;
}

/** What is wrong with a value as JSON that comes back the same, with its path; `undefined` when nothing is. */
function notJson(value: unknown, depth: number): string | undefined {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? undefined : ' holds a lone surrogate';
    case 'number':
      return Number.isSafeInteger(value) ? undefined : ` is ${value}, not a safe integer; use a decimal string`;
    case 'boolean':
      return undefined;
    case 'object':
      if (value === null) return undefined;
      if (depth > MAX_DEPTH) return ` is nested deeper than ${MAX_DEPTH}`;
      return Array.isArray(value) ? notJsonArray(value, depth) : notJsonObject(value, depth);
    case 'bigint':
    case 'function':
    case 'symbol':
    case 'undefined':
    default:
      return ` is a ${typeof value}, not JSON`;
  }
}

function notJsonArray(values: readonly unknown[], depth: number): string | undefined {
  for (let n = 0; n < values.length; n++) {
    const offending = notJson(values[n], depth + 1);
    if (offending !== undefined) return `[${n}]${offending}`;
  }
  return undefined;
}

function notJsonObject(value: object, depth: number): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return ' is not a plain object';
  for (const [field, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    if (!field.isWellFormed() || field.includes('\0')) return `.${JSON.stringify(field)} is not a field name`;
    const offending = notJson(inner, depth + 1);
    if (offending !== undefined) return `.${field}${offending}`;
  }
  return undefined;
}
