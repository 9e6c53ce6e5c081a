import type { Clock } from '../../application/ports/clock.js';
import {
  LeaseLost,
  ViewStoreUnavailable,
  collectionOf,
  type Checkpoint,
  type Lease,
  type Page,
  type ViewBatch,
  type ViewQuery,
  type ViewStore,
} from '../../application/ports/view-store.js';
import type { Document, KeyPart, Stored, ViewDefinition } from '../../projections/projection.js';
import { decodeDocument, encodeDocument, type EncodedDocument } from './stored-document.js';
import {
  checkCollection,
  checkContinues,
  checkDefinition,
  checkQuery,
  checkSameShapes,
  checkSameView,
  compareKeyParts,
  shapesOf,
} from './view-checks.js';

type Collection = {
  readonly name: string;
  readonly version: number;
  readonly indexes: string;
  readonly log: string;
  readonly documents: Map<string, EncodedDocument>;
  checkpoint?: Checkpoint;
};
type Held = Readonly<{ holder: string; epoch: bigint; expiresAtMs: number }>;

/** What several handles share, as they would a file. */
export class MemoryViews {
  readonly collections = new Map<string, Collection>();
  readonly leases = new Map<string, Held>();
  newestEpoch = 0n;
}

/** Views of one process that are gone with it, for use cases under test. Keeps the whole contract. */
export class MemoryViewStore implements ViewStore {
  private closed = false;

  constructor(
    private readonly clock: Clock,
    private readonly views = new MemoryViews(),
  ) {}

  async prepare<D extends Document>(view: ViewDefinition<D>, log: string): Promise<void> {
    this.assertOpen();
    checkDefinition(view);
    const found = this.views.collections.get(collectionOf(view));
    if (found) return checkSameView(view, found, log);
    const indexes = JSON.stringify(shapesOf(view));
    const { name, version } = view;
    this.views.collections.set(collectionOf(view), { name, version, indexes, log, documents: new Map() });
    return Promise.resolve();
  }

  async get<D extends Document>(view: ViewDefinition<D>, id: string): Promise<Stored<D> | undefined> {
    return (await this.getMany(view, [id]))[0];
  }

  async getMany<D extends Document>(view: ViewDefinition<D>, ids: readonly string[]): Promise<readonly Stored<D>[]> {
    this.assertOpen();
    const found = [...new Set(ids)].flatMap(
      (id) => this.views.collections.get(collectionOf(view))?.documents.get(id) ?? [],
    );
    return Promise.resolve(found.map(({ json, asOf }) => decodeDocument<D>(json, asOf)));
  }

  async find<D extends Document>(view: ViewDefinition<D>, query: ViewQuery): Promise<Page<D>> {
    this.assertOpen();
    checkQuery(view, query);
    const collection = this.views.collections.get(collectionOf(view));
    if (!collection) return Promise.resolve({ documents: [] });
    checkSameShapes(view, collection.indexes);
    const walk = sortedWalk(collection, Object.keys(view.indexes).indexOf(query.index), query);
    const page = walk.slice(0, query.limit);
    const documents = page.map(({ document }) => decodeDocument<D>(document.json, document.asOf));
    const last = page.at(-1);
    if (!last || walk.length <= query.limit) return Promise.resolve({ documents });
    return Promise.resolve({ documents, next: { key: last.key, id: last.document.id } });
  }

  async checkpoint(view: ViewDefinition): Promise<Checkpoint | undefined> {
    this.assertOpen();
    return Promise.resolve(this.views.collections.get(collectionOf(view))?.checkpoint);
  }

  async commit<D extends Document>(view: ViewDefinition<D>, batch: ViewBatch<D>, lease: Lease): Promise<void> {
    this.assertOpen();
    if (lease.follower !== collectionOf(view))
      throw new RangeError(`${lease.follower} may not write ${collectionOf(view)}`);
    const encoded = batch.documents.map((document) => encodeDocument(view, document));
    const held = this.views.leases.get(lease.follower);
    const collection = this.views.collections.get(collectionOf(view));
    if (held?.holder !== lease.holder || held.epoch !== lease.epoch || !collection) {
      throw new LeaseLost(`${lease.holder} has lost the lease of ${lease.follower} (epoch ${lease.epoch})`);
    }
    checkContinues(lease.follower, batch, collection.checkpoint?.position);
    for (const document of encoded) {
      const stored = collection.documents.get(document.id);
      if (!stored || stored.asOf < document.asOf) collection.documents.set(document.id, document);
    }
    const before = collection.checkpoint?.position ?? batch.checkpoint;
    const position = before > batch.checkpoint ? before : batch.checkpoint;
    collection.checkpoint = { position, log: collection.log, committedAt: new Date(this.clock.now()).toISOString() };
    return Promise.resolve();
  }

  async versions(name: string): Promise<readonly number[]> {
    this.assertOpen();
    const versions = [...this.views.collections.values()].filter((collection) => collection.name === name);
    return Promise.resolve(versions.map(({ version }) => version).sort((a, b) => a - b));
  }

  async drop(name: string, version: number): Promise<void> {
    this.assertOpen();
    checkCollection(name, version);
    this.views.collections.delete(collectionOf({ name, version }));
    this.views.leases.delete(collectionOf({ name, version }));
    return Promise.resolve();
  }

  async acquireLease(follower: string, holder: string, ttlMs: number): Promise<Lease | undefined> {
    this.assertOpen();
    const now = this.clock.now();
    const held = this.views.leases.get(follower);
    if (held && held.holder !== holder && held.expiresAtMs > now) return Promise.resolve(undefined);
    const epoch = held?.holder === holder ? held.epoch : ++this.views.newestEpoch;
    this.views.leases.set(follower, { holder, epoch, expiresAtMs: now + ttlMs });
    return this.lease(follower);
  }

  async releaseLease({ follower, holder, epoch }: Lease): Promise<void> {
    this.assertOpen();
    const held = this.views.leases.get(follower);
    if (held?.holder === holder && held.epoch === epoch) this.views.leases.delete(follower);
    return Promise.resolve();
  }

  async lease(follower: string): Promise<Lease | undefined> {
    this.assertOpen();
    const held = this.views.leases.get(follower);
    if (!held || held.expiresAtMs <= this.clock.now()) return Promise.resolve(undefined);
    const { holder, epoch, expiresAtMs } = held;
    return Promise.resolve({ follower, holder, epoch, expiresAt: new Date(expiresAtMs).toISOString() });
  }

  async close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  private assertOpen(): void {
    if (this.closed) throw new ViewStoreUnavailable('The view store is closed');
  }
}

type Keyed = Readonly<{ key: readonly KeyPart[]; document: EncodedDocument }>;

/** All that is left of the walk after its cursor, in order. */
function sortedWalk(collection: Collection, index: number, query: ViewQuery): readonly Keyed[] {
  const { prefix = [], from, to, after, direction } = query;
  const sign = direction === 'descending' ? -1 : 1;
  const compare = (a: Keyed, b: Keyed): number => {
    for (let part = 0; part < a.key.length; part++) {
      const order = compareKeyParts(a.key[part] ?? '', b.key[part] ?? '');
      if (order !== 0) return sign * order;
    }
    return sign * compareKeyParts(a.document.id, b.document.id);
  };
  const keyed = [...collection.documents.values()].flatMap((document) => {
    const key = document.keys[index];
    return key && isWithin(key, prefix, from, to) ? [{ key, document }] : [];
  });
  const remaining = after ? keyed.filter((entry) => compare(entry, cursorEntry(after.key, after.id)) > 0) : keyed;
  return remaining.sort(compare);
}

const cursorEntry = (key: readonly KeyPart[], id: string): Keyed => ({
  key,
  document: { id, asOf: 0n, json: '', keys: [] },
});

function isWithin(key: readonly KeyPart[], prefix: readonly KeyPart[], from?: KeyPart, to?: KeyPart): boolean {
  const next = key[prefix.length];
  if (!prefix.every((part, n) => part === key[n])) return false;
  if (from !== undefined && (next === undefined || compareKeyParts(next, from) < 0)) return false;
  return to === undefined || (next !== undefined && compareKeyParts(next, to) < 0);
}
