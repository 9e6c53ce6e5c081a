import type { ViewStore } from '../../application/ports/view-store.js';
import type { Recorded } from '../../domain/fact.js';
import type { Document, Projection, Stored } from '../../projections/projection.js';
import { haltAt, type Halt } from './halt.js';
import type { Intake } from './intake.js';

type Change = Readonly<{ id: string }>;

/**
 * A document on its way. `asOf` is absent while it does not exist; `next` is what the event at hand makes of it; `usedIn`
 * numbers the last batch that touched it.
 */
type Entry = {
  readonly id: string;
  document: Document | undefined;
  asOf: bigint | undefined;
  next: Document | undefined;
  changed: boolean;
  usedIn: number;
};
/** An event's changes, each beside the entry of its document. */
type Planned = Readonly<{ event: Recorded; changes: readonly Change[]; entries: readonly Entry[] }>;

/** Of so many documents that are changed, one is measured. */
const SAMPLE = 16;

/**
 * Folds events into documents in memory, reading each document once. Holds what it has folded since `settled()`, and
 * keeps the documents used last, so that a busy one is not read again for every batch: valid as long as nobody else writes
 * the view, which the lease sees to. After a failed commit, begin with a new `Fold`.
 */
export class Fold implements Intake {
  private readonly entries = new Map<string, Entry>();
  private changed: Entry[] = [];
  private batch = 0;
  /** Characters of JSON that a document of this view has on average, so far. */
  private averageSize = 256;

  /** @param keepSize characters of JSON, about, of the documents kept from one batch to the next */
  constructor(
    private readonly projection: Projection,
    private readonly views: ViewStore,
    private readonly keepSize: number,
  ) {}

  /** How many documents wait to be committed. */
  get waiting(): number {
    return this.changed.length;
  }

  /** About how many characters of JSON they have. */
  get waitingSize(): number {
    return this.changed.length * this.averageSize;
  }

  /**
   * Folds `events`, in order, up to one that the projection throws at; that one leaves no trace.
   * `folded` says how many went in.
   */
  async add(events: readonly Recorded[]): Promise<{ folded: number; halt?: Halt }> {
    this.batch += 1;
    const missing: Entry[] = [];
    const planned: Planned[] = [];
    let halt: Halt | undefined;
    for (const event of events) {
      try {
        const changes = this.projection.changes(event);
        planned.push({ event, changes, entries: changes.map(({ id }) => this.entry(id, missing)) });
      } catch (cause) {
        halt = haltAt(event, cause);
        break;
      }
    }
    await this.load(missing);
    for (let n = 0; n < planned.length; n++) {
      const { event, changes, entries } = planned[n] as Planned;
      try {
        this.fold(event.position, changes, entries);
      } catch (cause) {
        return { folded: n, halt: haltAt(event, cause) };
      }
    }
    return { folded: planned.length, ...(halt && { halt }) };
  }

  /** The documents to commit, as they are now. */
  documents(): readonly Stored<Document>[] {
    const documents: Stored<Document>[] = [];
    for (const { document, asOf } of this.changed) {
      if (document !== undefined && asOf !== undefined) documents.push({ ...document, asOf });
    }
    return documents;
  }

  /** They are committed. */
  settled(): void {
    for (const entry of this.changed) entry.changed = false;
    this.changed = [];
    const most = Math.ceil(this.keepSize / this.averageSize);
    this.forget(most, (entry) => entry.usedIn < this.batch);
    this.forget(most, () => true);
  }

  private entry(id: string, missing: Entry[]): Entry {
    let entry = this.entries.get(id);
    if (entry === undefined) {
      entry = { id, document: undefined, asOf: undefined, next: undefined, changed: false, usedIn: 0 };
      this.entries.set(id, entry);
      missing.push(entry);
    }
    entry.usedIn = this.batch;
    return entry;
  }

  private async load(missing: readonly Entry[]): Promise<void> {
    if (missing.length === 0) return;
    const ids = missing.map(({ id }) => id);
    for (const { asOf, ...document } of await this.views.getMany(this.projection, ids)) {
      const entry = this.entries.get(document._id);
      if (entry) Object.assign(entry, { document, asOf });
    }
  }

  /** All changes of one event to one document count together, or, where `asOf` says that it is in already, not at all. */
  private fold(position: bigint, changes: readonly Change[], entries: readonly Entry[]): void {
    let applied = 0;
    try {
      for (; applied < changes.length; applied++) {
        const change = changes[applied] as Change;
        const entry = entries[applied] as Entry;
        if (entry.asOf !== undefined && position <= entry.asOf) continue;
        const next = this.projection.apply(entry.next ?? entry.document, change);
        if (next._id !== change.id) throw new TypeError(`apply made ${next._id} of a change to ${change.id}`);
        entry.next = next;
      }
    } catch (cause) {
      for (const entry of entries) entry.next = undefined;
      throw cause;
    }
    for (const entry of entries) {
      if (entry.next === undefined) continue; // it was in already, or this event's earlier change has settled it
      entry.document = entry.next;
      entry.next = undefined;
      entry.asOf = position;
      if (entry.changed) continue;
      entry.changed = true;
      this.changed.push(entry);
      if (this.changed.length % SAMPLE === 1) this.measure(entry.document);
    }
  }

  private measure(document: Document): void {
    this.averageSize += (JSON.stringify(document).length - this.averageSize) / SAMPLE;
  }

  private forget(most: number, which: (entry: Entry) => boolean): void {
    if (this.entries.size <= most) return;
    for (const entry of this.entries.values()) {
      if (which(entry)) this.entries.delete(entry.id);
      if (this.entries.size <= most) return;
    }
  }
}
