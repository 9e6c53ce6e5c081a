import type { AnyFact, Recorded } from '../domain/fact.js';

/** What a document may hold: JSON, where a number is always a safe integer. Exact big figures are decimal strings. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [field: string]: Json | undefined };
/** A document of a view. `asOf` is the log position of the newest event folded in, kept by the follower, not the fold. */
export type Document = Readonly<{ _id: string }>;
/** A document as stored and queried. */
export type Stored<D extends Document> = D & Readonly<{ asOf: bigint }>;

/** One part of an index key. Text sorts by its UTF-8 bytes, integers (64 bits, signed) by value. */
export type KeyPart = string | bigint;
/**
 * An index that a view declares. `parts` are the types of its key's parts, most significant first; `of` gives a
 * document's key, or `undefined` to leave the document out. Within one key, documents sort by `_id`.
 */
export type Index<D extends Document> = Readonly<{
  parts: readonly ('text' | 'integer')[];
  of(document: D): readonly KeyPart[] | undefined;
}>;

/** The shape of a view, all that a view store needs to know of it. Collections are named `<name>@<version>`. */
export interface ViewDefinition<D extends Document = Document> {
  /** The checkpoint's key, so it keeps its name; for a new shape raise `version`, and it is rebuilt beside the old one. */
  readonly name: string;
  readonly version: number;
  readonly indexes: Readonly<Record<string, Index<D>>>;
}

/**
 * A read model as a pure fold, in two steps: an event becomes changes, each to one document by `id`; a change is
 * folded into that document. The follower folds a batch per document, skips what `asOf` says is already in, and
 * commits documents and checkpoint together; so neither function needs to know of a second delivery.
 * Both throw `CorruptHistory` at a fact that cannot be explained; the follower then stops at it.
 * Events of different streams may arrive in either order: `apply` must not depend on it.
 */
export interface Projection<
  D extends Document = Document,
  C extends Readonly<{ id: string }> = Readonly<{ id: string }>,
  E extends AnyFact = AnyFact,
> extends ViewDefinition<D> {
  /** The event types it folds; the log sends it no others. */
  readonly types: readonly E['type'][];
  changes(event: Recorded<E>): readonly C[];
  apply(document: D | undefined, change: C): D;
}
