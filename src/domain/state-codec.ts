import { SortedMap } from './sorted-map.js';

/**
 * A state as plain JSON data and back, in pieces, so that nobody has to wait while all of a large one is written or read.
 * `load([...save(state)])` decides and evolves as `state` does.
 * `version`  to be raised with every change of what is saved, and of what `evolve` makes of the same events: a state that
 *            another version saved is never loaded
 */
export interface StateCodec<S> {
  readonly version: number;
  save(state: S): Iterable<unknown>;
  /** @throws TypeError not what `save` gave for a state of these fields */
  load(pieces: readonly unknown[]): S;
}

/** What a state that is saved may hold: figures, texts, and maps of plain data. */
type Saved = number | string | boolean;
type Savable<S> = { readonly [K in keyof S]: S[K] extends Saved | SortedMap<infer _> ? S[K] : never };
type First = readonly [fields: Readonly<Record<string, unknown>>, maps: readonly string[]];
type Entries = readonly (readonly [key: string, value: unknown])[];

/** As many entries of a map as make a piece of a few hundred kilobytes at most. */
const ENTRIES_PER_PIECE = 1_000;

/**
 * Saves all fields of a state: first one piece with those that are no maps and the names of those that are, then each map
 * in pieces of its entries.
 * @param initial has every field, and each map's weights
 */
export function stateCodec<S extends Savable<S>>(version: number, initial: S): StateCodec<S> {
  const maps = new Map<string, SortedMap<unknown>>();
  const others: string[] = [];
  for (const [name, value] of Object.entries<unknown>(initial)) {
    if (value instanceof SortedMap) maps.set(name, value);
    else others.push(name);
  }
  return {
    version,
    *save(state) {
      const fields = state as Readonly<Record<string, unknown>>;
      yield [Object.fromEntries(others.map((name) => [name, fields[name]])), [...maps.keys()]];
      for (const name of maps.keys()) {
        for (const entries of inPieces((fields[name] as SortedMap<unknown>).entries())) yield [name, entries];
      }
    },
    load(pieces) {
      const [[fields, names], ...parts] = pieces as [First, ...(readonly [string, Entries])[]];
      const found = new Map([...maps.keys()].map((name): [string, Entries[number][]] => [name, []]));
      if (Object.keys(fields).join() !== others.join() || names.join() !== [...maps.keys()].join()) {
        throw new TypeError('A saved state has other fields');
      }
      for (const [name, entries] of parts) {
        const all = found.get(name);
        if (!all) throw new TypeError(`A saved state has a field ${name}`);
        for (const entry of entries) all.push(entry);
      }
      const filled = [...maps].map(([name, empty]) => [name, empty.filled(found.get(name) ?? [])] as const);
      return { ...fields, ...Object.fromEntries(filled) } as S;
    },
  };
}

function* inPieces(entries: Iterable<Entries[number]>): Iterable<Entries> {
  let piece: Entries[number][] = [];
  for (const entry of entries) {
    piece.push(entry);
    if (piece.length < ENTRIES_PER_PIECE) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}
