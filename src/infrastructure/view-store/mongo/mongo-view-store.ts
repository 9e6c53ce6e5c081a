import type { Collection, Db, MongoClient } from 'mongodb';
import type { Clock } from '../../../application/ports/clock.js';
import {
  LeaseLost,
  ViewMismatch,
  ViewStoreUnavailable,
  collectionOf,
  type Checkpoint,
  type Lease,
  type Page,
  type ViewBatch,
  type ViewQuery,
  type ViewStore,
} from '../../../application/ports/view-store.js';
import type { Document, Stored, ViewDefinition } from '../../../projections/projection.js';
import { encodeDocument, isId } from '../stored-document.js';
import {
  checkCollection,
  checkContinues,
  checkDefinition,
  checkQuery,
  checkSameShapes,
  checkSameView,
  shapesOf,
  type StoredView,
} from '../view-checks.js';
import { fromBson, keyOf, toBson, type BsonDocument } from './bson-document.js';
import { MAX_TIME_MS, clientFor } from './mongo-connection.js';
import { isOtherIndex, translate } from './mongo-errors.js';
import { findFilter, indexSpecs } from './mongo-query.js';
import { ViewRecords, type ViewRecord } from './view-records.js';
import { writeDocuments } from './write-documents.js';

/**
 * `url`       `mongodb://` or `mongodb+srv://`, with credentials and TLS as the driver reads them
 * `database`  holds nothing but views
 * `clock`     for leases and `committedAt`; processes that share views should agree on the time to within a lease
 * `readOnly`  refuses everything that writes
 * `patienceMs`  see `DEFAULT_PATIENCE_MS`
 */
export type MongoViewStoreOptions = Readonly<{
  url: string;
  database: string;
  clock: Clock;
  readOnly?: boolean;
  patienceMs?: number;
}>;

/** Documents are asked for by so many ids at once: at most 3 MB of them. */
const IDS_AT_ONCE = 1_000;

/**
 * Views in MongoDB: a standalone server, a replica set or a sharded cluster, for no transaction is needed. The record of a
 * view (see `ViewRecord`) holds checkpoint and lease; the documents are in `<view>@<version>.<generation>`. Only `_id` is
 * unique, so collections may be sharded by it.
 *
 * A commit writes documents, each guarded by its `asOf`, and then the checkpoint, if the lease is still held. A holder that
 * was held up in between and has lost the lease may still write documents: right ones, as of their `asOf`, because a fold
 * depends on nothing but the log. See docs/adr/0013-mongodb-views.md.
 *
 * All is read from the primary as a majority has it, and acknowledged when a majority has it in its journal.
 */
export class MongoViewStore implements ViewStore {
  private readonly records: ViewRecords;
  /** The generation that each view had last, to read documents and record at once. */
  private readonly generations = new Map<string, string>();
  private closed = false;

  private constructor(
    private readonly options: MongoViewStoreOptions,
    private readonly client: MongoClient,
    private readonly db: Db,
  ) {
    this.records = new ViewRecords(db);
  }

  /**
   * Connects at the first call, so that it does not matter which of the two is started first.
   * @throws ConfigError the URL, or an option in it, is none that the driver knows
   */
  static open(options: MongoViewStoreOptions): MongoViewStore {
    const client = clientFor(options.url, options.patienceMs);
    return new MongoViewStore(options, client, client.db(options.database));
  }

  async prepare<D extends Document>(view: ViewDefinition<D>, log: string): Promise<void> {
    checkDefinition(view);
    const id = collectionOf(view);
    const made: StoredView = { indexes: JSON.stringify(shapesOf(view)), log };
    await this.writing(async () => {
      let record: ViewRecord;
      do {
        record = await this.records.findOrMake(id);
        if (record.indexes !== undefined) checkSameView(view, { indexes: record.indexes, log: record.log ?? '' }, log);
        await this.makeIndexes(view, record);
      } while (record.indexes === undefined && !(await this.records.publish(view, record.generation, made)));
      await this.removeDeadCollections(id);
    });
  }

  async get<D extends Document>(view: ViewDefinition<D>, id: string): Promise<Stored<D> | undefined> {
    return (await this.getMany(view, [id]))[0];
  }

  async getMany<D extends Document>(view: ViewDefinition<D>, ids: readonly string[]): Promise<readonly Stored<D>[]> {
    const known = [...new Set(ids)].filter(isId);
    return this.reading(view, [], async (collection) => {
      const documents: Stored<D>[] = [];
      for (let from = 0; from < known.length; from += IDS_AT_ONCE) {
        const filter = { _id: { $in: known.slice(from, from + IDS_AT_ONCE) } };
        const options = { projection: { _keys: 0 }, maxTimeMS: MAX_TIME_MS };
        for (const found of await collection.find(filter, options).toArray()) documents.push(fromBson<D>(found));
      }
      return documents;
    });
  }

  async find<D extends Document>(view: ViewDefinition<D>, query: ViewQuery): Promise<Page<D>> {
    const { parts } = checkQuery(view, query);
    const { filter, sort } = findFilter(query, parts.length);
    const { index, limit } = query;
    return this.reading<D, Page<D>>(view, { documents: [] }, async (collection) => {
      const options = { sort, hint: index, limit: limit + 1, batchSize: limit + 2, maxTimeMS: MAX_TIME_MS };
      const found = await collection.find(filter, options).toArray();
      const page = found.slice(0, limit);
      const documents = page.map((document) => fromBson<D>(document));
      const last = page.at(-1);
      if (last === undefined || found.length <= limit) return { documents };
      return { documents, next: { key: keyOf(last, index, parts.length), id: last._id } };
    });
  }

  async checkpoint(view: ViewDefinition): Promise<Checkpoint | undefined> {
    const record = await this.calling(() => this.records.find(collectionOf(view)));
    if (record?.position === undefined || record.committedAt === undefined) return undefined;
    const { position, log = '', committedAt } = record;
    return { position, log, committedAt: committedAt.toISOString() };
  }

  async commit<D extends Document>(view: ViewDefinition<D>, batch: ViewBatch<D>, lease: Lease): Promise<void> {
    const id = collectionOf(view);
    if (lease.follower !== id) throw new RangeError(`${lease.follower} may not write ${id}`);
    const names = Object.keys(view.indexes);
    const encoded = batch.documents.map((document) => {
      const checked = encodeDocument(view, document);
      return { document: toBson(document, checked, names), asOf: checked.asOf, size: checked.json.length };
    });
    await this.writing(async () => {
      const record = await this.records.find(id);
      checkFence(record, batch, lease);
      checkSameShapes(view, record.indexes);
      await writeDocuments(this.documents(id, record), encoded);
      const committedAt = new Date(this.options.clock.now());
      if (await this.records.advance(record, lease, batch, committedAt)) return;
      const now = await this.records.find(id);
      checkFence(now, batch, lease);
      throw new LeaseLost(`${id} was dropped and made again while ${lease.holder} wrote to it`);
    });
  }

  async versions(name: string): Promise<readonly number[]> {
    return this.calling(() => this.records.versions(name));
  }

  async drop(name: string, version: number): Promise<void> {
    checkCollection(name, version);
    const id = collectionOf({ name, version });
    await this.writing(async () => {
      if (await this.records.drop(id)) await this.removeDeadCollections(id);
    });
  }

  async acquireLease(follower: string, holder: string, ttlMs: number): Promise<Lease | undefined> {
    return this.writing(() => this.records.acquire(follower, holder, ttlMs, this.options.clock.now()));
  }

  async releaseLease(lease: Lease): Promise<void> {
    await this.writing(() => this.records.release(lease));
  }

  async lease(follower: string): Promise<Lease | undefined> {
    return this.calling(() => this.records.lease(follower, this.options.clock.now()));
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.client.close();
  }

  /**
   * Reads from the collection that the view has now. The record says which, and is read beside the documents: where it is not
   * the one of last time, they are read again.
   */
  private async reading<D extends Document, T>(
    view: ViewDefinition<D>,
    empty: T,
    read: (documents: Collection<BsonDocument>) => Promise<T>,
  ): Promise<T> {
    const id = collectionOf(view);
    return this.calling(async () => {
      const generation = this.generations.get(id);
      const found = generation === undefined ? undefined : read(this.documents(id, { generation }));
      found?.catch(() => undefined); // counts for nothing unless it was the right collection
      const record = await this.records.find(id);
      if (record?.indexes === undefined) return empty;
      checkSameShapes(view, record.indexes);
      if (found && record.generation === generation) return found;
      this.generations.set(id, record.generation);
      return read(this.documents(id, record));
    });
  }

  private async writing<T>(write: () => Promise<T>): Promise<T> {
    if (this.options.readOnly) throw new ViewStoreUnavailable('The view store was opened read-only');
    return this.calling(write);
  }

  private async calling<T>(call: () => Promise<T>): Promise<T> {
    if (this.closed) throw new ViewStoreUnavailable('The view store is closed');
    try {
      return await call();
    } catch (cause) {
      throw translate(cause);
    }
  }

  private documents(id: string, { generation }: Pick<ViewRecord, 'generation'>): Collection<BsonDocument> {
    return this.db.collection<BsonDocument>(`${id}.${generation}`);
  }

  /** Also where they have been, in case somebody removed one by hand. */
  private async makeIndexes<D extends Document>(view: ViewDefinition<D>, record: ViewRecord): Promise<void> {
    const id = collectionOf(view);
    const specs = indexSpecs(view);
    try {
      if (specs.length > 0) await this.documents(id, record).createIndexes(specs, { maxTimeMS: MAX_TIME_MS });
    } catch (cause) {
      if (!isOtherIndex(cause)) throw cause;
      throw new ViewMismatch(`${id}.${record.generation} has other indexes: ${cause.message}`, { cause });
    }
  }

  /**
   * Those of earlier generations that a crash, or a late writer, has left. They are listed before the record is read, so
   * that one that is being made meanwhile is not among them.
   */
  private async removeDeadCollections(id: string): Promise<void> {
    const listed = await this.db.listCollections({}, { nameOnly: true }).toArray();
    const record = await this.records.find(id);
    if (!record) return;
    const live = `${id}.${record.generation}`;
    const dead = listed.filter(({ name }) => name.startsWith(`${id}.`) && name !== live);
    for (const { name } of dead) await this.db.dropCollection(name);
  }
}

/** @throws LeaseLost, ViewWentBack */
function checkFence(
  record: ViewRecord | undefined,
  batch: ViewBatch<Document>,
  { follower, holder, epoch }: Lease,
): asserts record is ViewRecord & { indexes: string } {
  if (record?.holder !== holder || record.epoch !== epoch || record.indexes === undefined) {
    const now = record?.holder === undefined ? 'nobody has it' : `${record.holder} has it with epoch ${record.epoch}`;
    throw new LeaseLost(`${holder} has lost the lease of ${follower} (epoch ${epoch}): ${now}`);
  }
  checkContinues(follower, batch, record.position);
}
