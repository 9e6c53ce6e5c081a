import type { ViewStore } from '../../application/ports/view-store.js';
import type { Recorded } from '../../domain/fact.js';
import type { Document, Projection, Stored } from '../../projections/projection.js';
import { haltAt, type Halt } from './halt.js';

type Change = Readonly<{ id: string }>;

/** A document on its way. `asOf` is absent while it does not exist; `next` is what the event at hand makes of it. */
type Entry = { document: Document | undefined; asOf: bigint | undefined; changed: boolean; next: Document | undefined };

/**
 * Folds events into documents in memory, reading each document once. Holds what it has folded since `settled()`, and
 * keeps the documents used last, so that a busy one is not read again for every batch: valid as long as nobody else writes
 * the view, which the lease sees to. After a failed commit, begin with a new `Fold`.
 */
export class Fold {
  /** Least recently used first. */
  private readonly entries = new Map<string, Entry>();
  private readonly changed = new Map<string, Entry>();

  /** @param keep the most documents kept from one batch to the next */
  constructor(
    private readonly projection: Projection,
    private readonly views: ViewStore,
    private readonly keep: number,
  ) {}

  /** How many documents wait to be committed. */
  get size(): number {
    return this.changed.size;
  }

  /**
   * Folds `events`, in order, up to one that the projection throws at; that one leaves no trace.
   * `folded` says how many went in.
   */
  async add(events: readonly Recorded[]): Promise<{ folded: number; halt?: Halt }> {
    const planned: (readonly Change[])[] = [];
    let halt: Halt | undefined;
    for (const event of events) {
      try {
        planned.push(this.projection.changes(event));
      } catch (cause) {
        halt = haltAt(event, cause);
        break;
      }
    }
    await this.load(planned);
    for (const [n, changes] of planned.entries()) {
      const event = events[n] as Recorded;
      try {
        this.fold(event.position, changes);
      } catch (cause) {
        return { folded: n, halt: haltAt(event, cause) };
      }
    }
    return { folded: planned.length, ...(halt && { halt }) };
  }

  /** The documents to commit, as they are now. */
  documents(): readonly Stored<Document>[] {
    const documents: Stored<Document>[] = [];
    for (const { document, asOf } of this.changed.values()) {
      if (document !== undefined && asOf !== undefined) documents.push({ ...document, asOf });
    }
    return documents;
  }

  /** They are committed. */
  settled(): void {
    for (const entry of this.changed.values()) entry.changed = false;
    this.changed.clear();
    for (const id of this.entries.keys()) {
      if (this.entries.size <= this.keep) return;
      this.entries.delete(id);
    }
  }

  private async load(planned: readonly (readonly Change[])[]): Promise<void> {
    const used = new Set<string>();
    for (const changes of planned) for (const { id } of changes) used.add(id);
    const missing: string[] = [];
    for (const id of used) {
      const entry = this.entries.get(id) ?? { document: undefined, asOf: undefined, changed: false, next: undefined };
      if (!this.entries.delete(id)) missing.push(id);
      this.entries.set(id, entry);
    }
    if (missing.length === 0) return;
    for (const { asOf, ...document } of await this.views.getMany(this.projection, missing)) {
      const entry = this.entries.get(document._id);
      if (entry) Object.assign(entry, { document, asOf });
    }
  }

  /** All changes of one event to one document count together, or, where `asOf` says that it is in already, not at all. */
  private fold(position: bigint, changes: readonly Change[]): void {
    const touched: [string, Entry][] = [];
    try {
      for (const change of changes) {
        const entry = this.entries.get(change.id) as Entry;
        if (entry.asOf !== undefined && position <= entry.asOf) continue;
        const known = entry.next !== undefined;
        const next = this.projection.apply(known ? entry.next : entry.document, change);
        if (next._id !== change.id) throw new TypeError(`apply made ${next._id} of a change to ${change.id}`);
        entry.next = next;
        if (!known) touched.push([change.id, entry]);
      }
    } catch (cause) {
      for (const [, entry] of touched) entry.next = undefined;
      throw cause;
    }
    for (const [id, entry] of touched) {
      entry.document = entry.next;
      entry.next = undefined;
      entry.asOf = position;
      if (entry.changed) continue;
      entry.changed = true;
      this.changed.set(id, entry);
    }
  }
}
