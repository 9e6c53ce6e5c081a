import type { AnyFact } from '../../../domain/fact.js';
import {
  CorruptEvent,
  InvalidAppend,
  MAX_TYPE_CHARACTERS,
  UnknownEventType,
} from '../../../application/ports/event-store.js';
import { object, ShapeMismatch, type Codec, type Fields } from './codec.js';

/** Lifts stored data by one schema version: JSON as the older build wrote it → JSON as the next version has it. */
export type Upcaster = (json: unknown) => unknown;

/** The fields of every event type of `E`: a type or a field left out does not compile. */
export type EventShapes<E extends AnyFact> = {
  readonly [Type in E['type']]: Fields<Extract<E, { type: Type }>['data']>;
};

/**
 * Per event type, what lifts its older versions: the first entry from version 1 to 2, and so on. The current version is
 * one more than there are entries, so that it cannot be raised without saying what becomes of the older ones.
 * A new optional field is a new version too (its upcaster returns the JSON as it is): an older build then stops at it
 * instead of folding the event without it.
 */
export type Upcasters<E extends AnyFact> = { readonly [Type in E['type']]?: readonly Upcaster[] };

/** An event's data as it is stored. */
export type StoredData = Readonly<{ schemaVersion: number; json: string }>;

/** Between events and the JSON text that a log stores: the only place where one becomes the other. */
export interface EventCodec {
  /** @throws InvalidAppend a type that is not registered, or data that is not of its shape */
  encode(event: AnyFact): StoredData;
  /**
   * Data in the newest schema version this build knows.
   * @throws UnknownEventType the type, or this version of it (then named `Type@version`), is from another build
   * @throws CorruptEvent     not JSON, or not of the type's shape
   */
  decode(type: string, stored: StoredData, stream: string, revision: bigint): object;
}

export function eventCodec<E extends AnyFact>(shapes: EventShapes<E>, upcasters: Upcasters<E> = {}): EventCodec {
  const registry = new Map<string, { data: Codec<object>; upcasters: readonly Upcaster[]; version: number }>();
  for (const type of Object.keys(shapes) as E['type'][]) {
    if (type.length > MAX_TYPE_CHARACTERS)
      throw new Error(`Event type ${type} has more than ${MAX_TYPE_CHARACTERS} characters`);
    const lifts = upcasters[type] ?? [];
    registry.set(type, { data: object<object>(shapes[type]), upcasters: lifts, version: lifts.length + 1 });
  }
  return {
    encode({ type, data }) {
      const shape = registry.get(type);
      if (!shape) throw new InvalidAppend(`Event type ${type} is not registered`);
      try {
        return { schemaVersion: shape.version, json: JSON.stringify(shape.data.encode(data)) };
      } catch (cause) {
        if (!(cause instanceof ShapeMismatch)) throw cause;
        throw new InvalidAppend(`${type} is not of its shape: ${cause.message}`, { cause });
      }
    },
    decode(type, { schemaVersion, json }, stream, revision) {
      const shape = registry.get(type);
      if (!shape) throw new UnknownEventType(type, stream, revision);
      if (schemaVersion > shape.version) throw new UnknownEventType(`${type}@${schemaVersion}`, stream, revision);
      if (!(schemaVersion >= 1)) throw new CorruptEvent(stream, revision, `schema version ${schemaVersion}`);
      try {
        let stored: unknown = JSON.parse(json);
        for (let version = schemaVersion; version < shape.version; version++) {
          stored = (shape.upcasters[version - 1] as Upcaster)(stored);
        }
        return shape.data.decode(stored);
      } catch (cause) {
        const detail = cause instanceof Error ? cause.message : String(cause);
        throw new CorruptEvent(stream, revision, `${type}: ${detail}`, { cause });
      }
    },
  };
}
