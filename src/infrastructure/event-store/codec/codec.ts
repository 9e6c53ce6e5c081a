import { isDay, isInstant } from '../../../domain/instant.js';

/**
 * Both ways between a value of the domain and the JSON it is stored as.
 * Both are strict: what is not of the shape, or is not part of it, throws `ShapeMismatch` and names the place.
 */
export interface Codec<T> {
  /** The value as plain JSON data (text, numbers, booleans, arrays, objects). The value itself is not changed. */
  encode(value: T): unknown;
  /** Takes over `json`, which was just parsed and belongs to nobody else: it may be changed and become the result. */
  decode(json: unknown): T;
}

/** A field that may be absent. `undefined` is written as absent; `null` is never read as absent. */
export type OptionalField<T> = Readonly<{ optional: Codec<T> }>;

/** One codec per field of `T`, optional where, and only where, the field is: a field left out does not compile. */
export type Fields<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? OptionalField<NonNullable<T[K]>> : Codec<T[K]>;
};

/** Not of the shape. `path` leads from the value outside to the place, `lines[3].minor`; empty is the value itself. */
export class ShapeMismatch extends Error {
  override readonly name = 'ShapeMismatch';
  constructor(
    readonly path: string,
    readonly problem: string,
  ) {
    super(path === '' ? problem : `${path}: ${problem}`);
  }

  /** The same, seen from one level further out. */
  under(step: string): ShapeMismatch {
    const separator = this.path === '' || this.path.startsWith('[') ? '' : '.';
    return new ShapeMismatch(`${step}${separator}${this.path}`, this.problem);
  }
}

/** Any text. */
export const text: Codec<string> = same((value) => typeof value === 'string', 'text');

/** A whole number that a double holds exactly. Anything that may grow beyond that is a `bigint`. */
export const integer: Codec<number> = same((value) => Number.isSafeInteger(value), 'a whole number below 2^53');

/** A mark that is there or, as an optional field, absent. */
export const isTrue: Codec<true> = same((value) => value === true, 'true');

/** `2010-12-01T08:26:00.000Z`, nothing else: text in this form sorts by time. */
export const instant: Codec<string> = same(isInstant, 'an instant like 2010-12-01T08:26:00.000Z');

/** `2010-12-01`. */
export const calendarDay: Codec<string> = same(isDay, 'a day like 2010-12-01');

/** One of a few words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): Codec<Word> {
  const known = new Set<unknown>(words);
  return same((value) => known.has(value), `one of ${words.join(', ')}`);
}

/** An integer of any size, stored as a decimal string, because JSON readers make doubles of numbers. */
export const bigint: Codec<bigint> = {
  encode(value) {
    if (typeof value !== 'bigint') throw expected('a bigint', value);
    return value.toString();
  },
  decode(json) {
    if (typeof json !== 'string' || !DECIMAL_INTEGER.test(json)) throw expected('an integer as a decimal string', json);
    return BigInt(json);
  },
};
const DECIMAL_INTEGER = /^(?:0|-?[1-9][0-9]*)$/;

export function optional<T>(codec: Codec<T>): OptionalField<T> {
  return { optional: codec };
}

/** Any number of elements of one shape. */
export function list<T>(element: Codec<T>): Codec<readonly T[]> {
  return {
    encode(value) {
      if (!Array.isArray(value)) throw expected('a list', value);
      const items = value as readonly T[];
      const encoded = new Array<unknown>(items.length);
      let index = 0;
      try {
        for (; index < items.length; index++) encoded[index] = element.encode(items[index] as T);
      } catch (cause) {
        throw within(`[${index}]`, cause);
      }
      return encoded;
    },
    decode(json) {
      if (!Array.isArray(json)) throw expected('a list', json);
      const items = json as unknown[];
      let index = 0;
      try {
        for (; index < items.length; index++) {
          const item = items[index];
          const decoded = element.decode(item);
          if (decoded !== item) items[index] = decoded;
        }
      } catch (cause) {
        throw within(`[${index}]`, cause);
      }
      return items as readonly T[];
    },
  };
}

/**
 * An object of exactly these fields. A field that is not among them is refused in both directions: a newer build may
 * have written it, and whoever passed over it would lose what it says without anybody noticing.
 */
export function object<T extends object>(fields: Fields<T>): Codec<T> {
  const names = Object.keys(fields);
  const codecs: Codec<unknown>[] = [];
  const mayBeAbsent: boolean[] = [];
  for (const field of Object.values<Codec<unknown> | OptionalField<unknown>>(fields)) {
    codecs.push('optional' in field ? field.optional : field);
    mayBeAbsent.push('optional' in field);
  }
  const known = new Set(names);
  const count = names.length;

  // The plain loop over indexes is what makes reading a million events quick; see bench/log.ts.
  return {
    encode(value) {
      const source = record(value);
      const encoded: Record<string, unknown> = {};
      let index = 0;
      try {
        for (; index < count; index++) {
          const field = source[names[index] as string];
          if (field !== undefined) encoded[names[index] as string] = (codecs[index] as Codec<unknown>).encode(field);
          else if (!mayBeAbsent[index]) throw new ShapeMismatch('', 'is missing');
        }
      } catch (cause) {
        throw within(names[index] as string, cause);
      }
      for (const name in source) {
        if (!known.has(name) && source[name] !== undefined) throw new ShapeMismatch(name, 'is not a known field');
      }
      return encoded;
    },
    decode(json) {
      const source = record(json);
      let found = 0;
      let index = 0;
      try {
        for (; index < count; index++) {
          const field = source[names[index] as string];
          if (field === undefined) {
            if (mayBeAbsent[index]) continue;
            throw new ShapeMismatch('', 'is missing');
          }
          found++;
          const decoded = (codecs[index] as Codec<unknown>).decode(field);
          if (decoded !== field) source[names[index] as string] = decoded;
        }
      } catch (cause) {
        throw within(names[index] as string, cause);
      }
      for (const _ in source) found--;
      if (found !== 0) throw unknownField(source, known);
      return source as T;
    },
  };
}

/** A value that is its own JSON. */
function same<T>(accepts: (value: unknown) => boolean, what: string): Codec<T> {
  const check = (value: unknown) => {
    if (!accepts(value)) throw expected(what, value);
    return value as T;
  };
  return { encode: check, decode: check };
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw expected('an object', value);
  return value as Record<string, unknown>;
}

function within(step: string, cause: unknown): unknown {
  return cause instanceof ShapeMismatch ? cause.under(step) : cause;
}

function unknownField(source: object, known: ReadonlySet<string>): ShapeMismatch {
  const name = Object.keys(source).find((candidate) => !known.has(candidate)) ?? '';
  return new ShapeMismatch(name, 'is not a known field');
}

function expected(what: string, value: unknown): ShapeMismatch {
  return new ShapeMismatch('', `expected ${what}, found ${shown(value)}`);
}

/** Enough of the value to recognise it, never a whole document. */
function shown(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'number') return String(value);
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`;
}
