import type { Document, KeyPart, Stored, ViewDefinition } from '../../projections/projection.js';

/**
 * How far a view has come.
 * `position`  the newest log position that is in it, or was looked at and passed over
 * `log`       whose positions these are: `EventStore.identity`
 */
export type Checkpoint = Readonly<{ position: bigint; log: string; committedAt: string }>;

/** The right to write as one follower. `epoch` grows with every new holder and fences off the ones before. */
export type Lease = Readonly<{ follower: string; holder: string; epoch: bigint; expiresAt: string }>;

/**
 * A walk along one index: documents whose key begins with `prefix`, optionally with the next part between `from`
 * (inclusive) and `to` (exclusive), sorted by key, then `_id`, all in `direction`.
 * `after` is a cursor from an earlier page of the same walk.
 */
export type ViewQuery = Readonly<{
  index: string;
  prefix?: readonly KeyPart[];
  from?: KeyPart;
  to?: KeyPart;
  direction?: 'ascending' | 'descending';
  /** 1 to 1,000 documents. */
  limit: number;
  after?: Cursor;
}>;
/** Where a page ended: the last document's key and id. Callers that hand it out make it opaque. */
export type Cursor = Readonly<{ key: readonly KeyPart[]; id: string }>;
/** `next` is absent on the last page. */
export type Page<D extends Document> = Readonly<{ documents: readonly Stored<D>[]; next?: Cursor }>;

/**
 * Documents and the checkpoint that covers them.
 * `after`  the checkpoint that whoever made the batch has committed before, and goes on from; absent when there was none
 */
export type ViewBatch<D extends Document> = Readonly<{
  documents: readonly Stored<D>[];
  checkpoint: bigint;
  after?: bigint;
}>;

/**
 * Read models: documents in one collection per view and version, versions side by side.
 * Documents are JSON (see `Json`); text, integers and positions survive exactly.
 *
 * Limits, the same for every engine, refused with a `RangeError` (the caller's defect; nothing was written):
 * an `_id` has 1 to 1,024 characters; text is well-formed Unicode; numbers are safe integers; a document is at most
 * `MAX_DOCUMENT_BYTES` of UTF-8 JSON, the texts of its index keys counted in; an index has 1 to 8 parts.
 * A view without a collection reads as an empty one, without a checkpoint.
 */
export interface ViewStore {
  /**
   * Makes the view's collection and indexes, to be filled from `log`, where they are missing. Safe to call at every start,
   * by several at once.
   * @param log `EventStore.identity`
   * @throws ViewMismatch     the collection exists with other indexes: the view's `version` should have been raised
   * @throws ViewOfAnotherLog the collection was made for another log
   */
  prepare<D extends Document>(view: ViewDefinition<D>, log: string): Promise<void>;

  get<D extends Document>(view: ViewDefinition<D>, id: string): Promise<Stored<D> | undefined>;
  /** In no particular order; ids without a document are left out. */
  getMany<D extends Document>(view: ViewDefinition<D>, ids: readonly string[]): Promise<readonly Stored<D>[]>;
  /** @throws InvalidQuery */
  find<D extends Document>(view: ViewDefinition<D>, query: ViewQuery): Promise<Page<D>>;

  /** `undefined` before the first commit. */
  checkpoint(view: ViewDefinition): Promise<Checkpoint | undefined>;
  /**
   * Writes documents (whole, by `_id`) and then the checkpoint. A document whose stored `asOf` is the same or newer
   * stays as it is, and a checkpoint never goes back. After a crash in between, repeating the batch ends in the same state.
   * @throws LeaseLost      the lease was released, another holder has taken over, or the view was dropped; nothing, or
   *                        nothing that the holder since has not written itself, is written
   * @throws ViewWentBack   the stored checkpoint is older than `after`: the store was put back to an earlier state, a backup
   *                        for example, and documents written since are gone. Begin again from the stored checkpoint
   * @throws ViewStoreUnavailable the outcome is unknown; reading the checkpoint tells
   */
  commit<D extends Document>(view: ViewDefinition<D>, batch: ViewBatch<D>, lease: Lease): Promise<void>;

  /** Versions of a view that have a collection, ascending. */
  versions(name: string): Promise<readonly number[]>;
  /** Removes one version with its checkpoint and lease. Does nothing where there is none. */
  drop(name: string, version: number): Promise<void>;

  /**
   * Takes the lease if it is free, expired or already the holder's; `undefined` while another holds it.
   * A new holder gets an epoch higher than any before, also when the view was dropped since; a holder that renews keeps
   * its own. `follower` is `<view>@<version>`.
   */
  acquireLease(follower: string, holder: string, ttlMs: number): Promise<Lease | undefined>;
  /** Frees it for the next at once. Does nothing when it is not (any more) the holder's. */
  releaseLease(lease: Lease): Promise<void>;
  /** Who holds it now; `undefined` when nobody does, or the lease has expired. */
  lease(follower: string): Promise<Lease | undefined>;

  close(): Promise<void>;
}

/** Injection token of the `ViewStore`. */
export const VIEW_STORE = Symbol('ViewStore');

/** `<name>@<version>`: the collection of a view, and the name of the follower that fills it. */
export const collectionOf = (view: Pick<ViewDefinition, 'name' | 'version'>): string => `${view.name}@${view.version}`;

export const MAX_DOCUMENT_BYTES = 4_194_304;

/** The query does not fit the view: no such index, a bound or a cursor of another shape, a limit out of range. */
export class InvalidQuery extends RangeError {
  override readonly name = 'InvalidQuery';
}
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}
export class ViewWentBack extends Error {
  override readonly name = 'ViewWentBack';
  constructor(collection: string, after: bigint, stored: bigint | undefined) {
    const now = stored === undefined ? 'has no checkpoint' : `is at ${stored}`;
    super(`${collection} ${now}, and had been committed up to ${after}: it was put back to an earlier state`);
  }
}
/** The view is folded from another log than this: its positions, and what is in it, are of that one. */
export class ViewOfAnotherLog extends Error {
  override readonly name = 'ViewOfAnotherLog';
  /** @param keeps what the follower of this name keeps: nothing, where its effect is outside */
  constructor(view: NamedView, keeps: 'documents' | 'nothing' = 'documents') {
    super(`${collectionOf(view)} was made from another log. ${remedyForLog(view, keeps)}`);
  }
}
type NamedView = Pick<ViewDefinition, 'name' | 'version'>;
/** What to do where a follower has been at work on another log than this. A view is made anew; what was done outside is not. */
export function remedyForLog(view: NamedView, keeps: 'documents' | 'nothing'): string {
  const anew =
    keeps === 'documents'
      ? `make the view anew from this one: npm run ledger -- rebuild ${view.name}`
      : `let it begin with this one, from its first event: npm run ledger -- drop ${collectionOf(view)}`;
  return `Stop the ledger, then put the right log back, or ${anew}`;
}
export class ViewMismatch extends Error {
  override readonly name = 'ViewMismatch';
}
/** The store did not answer, is full, locked or closed. */
export class ViewStoreUnavailable extends Error {
  override readonly name = 'ViewStoreUnavailable';
}
