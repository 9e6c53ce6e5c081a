import { randomBytes } from 'node:crypto';
import type { Collection, Db, UpdateFilter } from 'mongodb';
import { MongoServerError } from 'mongodb';
import {
  ViewStoreUnavailable,
  collectionOf,
  type Lease,
  type ViewBatch,
} from '../../../application/ports/view-store.js';
import type { Document, ViewDefinition } from '../../../projections/projection.js';
import type { StoredView } from '../view-checks.js';
import { MAX_TIME_MS } from './mongo-connection.js';
import { isIdTaken } from './mongo-errors.js';

/**
 * One record per `<view>@<version>`, or other follower, in the collection `views`. Everything that has to change together
 * is in it, because one document is what MongoDB writes atomically without a transaction. It is never deleted, so that
 * epochs only grow.
 * `generation`  names the collection that holds the documents. Another one from every `drop` on, so that what a writer
 *               that was held up writes after it lands where nobody reads
 * `epoch`       the newest there has been
 * `holder`, `expiresAt`      of the lease; absent when it is free
 * `indexes`     their shapes; absent while the view has no collection
 * `log`         identity of the log that the collection was made for; absent when `indexes` is
 * `position`, `committedAt`  the checkpoint; absent before the first commit
 */
export type ViewRecord = Readonly<{
  _id: string;
  generation: string;
  epoch: bigint;
  holder?: string;
  expiresAt?: Date;
  name?: string;
  version?: bigint;
  indexes?: string;
  log?: string;
  position?: bigint;
  committedAt?: Date;
}>;

const OPTIONS = { useBigInt64: true } as const;
const MAX_ATTEMPTS = 20;

export class ViewRecords {
  private readonly records: Collection<ViewRecord>;

  constructor(db: Db) {
    this.records = db.collection<ViewRecord>('views', OPTIONS);
  }

  async find(id: string): Promise<ViewRecord | undefined> {
    return (await this.records.findOne({ _id: id }, { maxTimeMS: MAX_TIME_MS })) ?? undefined;
  }

  async findOrMake(id: string): Promise<ViewRecord> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const found = await this.find(id);
      if (found) return found;
      try {
        await this.update({ _id: id }, { $setOnInsert: { generation: newGeneration(), epoch: 0n } }, true);
      } catch (cause) {
        if (!(cause instanceof MongoServerError && isIdTaken({ code: cause.code, errmsg: cause.message }))) throw cause;
      }
    }
    throw new ViewStoreUnavailable(`MongoDB: the record of ${id} was made ${MAX_ATTEMPTS} times and is not there`);
  }

  /** The view's collection has its indexes. @returns false when another has been faster */
  async publish(view: ViewDefinition, generation: string, { indexes, log }: StoredView): Promise<boolean> {
    const { name, version } = view;
    const unpublished = { _id: collectionOf(view), generation, indexes: { $exists: false } };
    return this.update(unpublished, { $set: { name, version: BigInt(version), indexes, log } });
  }

  async versions(name: string): Promise<readonly number[]> {
    const found = this.records.find({ name, indexes: { $exists: true } }, { maxTimeMS: MAX_TIME_MS });
    return (await found.toArray()).map(({ version }) => Number(version)).sort((a, b) => a - b);
  }

  /** Takes checkpoint, lease and collection away in one write. @returns false when there is no record */
  async drop(id: string): Promise<boolean> {
    const gone = { name: true, version: true, indexes: true, log: true, position: true, committedAt: true } as const;
    const free = { holder: true, expiresAt: true } as const;
    return this.update({ _id: id }, { $set: { generation: newGeneration() }, $unset: { ...gone, ...free } });
  }

  /** Moves the checkpoint if lease and collection are still those of `record`. @returns false when they are not */
  async advance(
    { _id, generation }: ViewRecord,
    { holder, epoch }: Lease,
    { after, checkpoint }: Pick<ViewBatch<Document>, 'after' | 'checkpoint'>,
    committedAt: Date,
  ): Promise<boolean> {
    const fence = { _id, generation, holder, epoch, ...(after !== undefined && { position: { $gte: after } }) };
    return this.update(fence, { $max: { position: checkpoint }, $set: { committedAt } });
  }

  /** Compares and swaps, so that of many one wins. */
  async acquire(id: string, holder: string, ttlMs: number, nowMs: number): Promise<Lease | undefined> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const { generation, ...found } = await this.findOrMake(id);
      if (found.holder !== undefined && found.holder !== holder && expiryOf(found) > nowMs) return undefined;
      const epoch = found.holder === holder ? found.epoch : found.epoch + 1n;
      const expiresAt = new Date(nowMs + ttlMs);
      const unchanged = {
        _id: id,
        generation,
        epoch: found.epoch,
        holder: found.holder ?? { $exists: false },
        expiresAt: found.expiresAt ?? { $exists: false },
      };
      if (await this.update(unchanged, { $set: { holder, epoch, expiresAt } })) {
        return { follower: id, holder, epoch, expiresAt: expiresAt.toISOString() };
      }
    }
    throw new ViewStoreUnavailable(`MongoDB: the lease of ${id} changes faster than it can be taken`);
  }

  async release({ follower, holder, epoch }: Lease): Promise<void> {
    await this.update({ _id: follower, holder, epoch }, { $unset: { holder: true, expiresAt: true } });
  }

  async lease(id: string, nowMs: number): Promise<Lease | undefined> {
    const found = await this.find(id);
    if (found?.holder === undefined || expiryOf(found) <= nowMs) return undefined;
    const { holder, epoch } = found;
    return { follower: id, holder, epoch, expiresAt: new Date(expiryOf(found)).toISOString() };
  }

  private async update(filter: object, update: UpdateFilter<ViewRecord>, upsert = false): Promise<boolean> {
    const { matchedCount } = await this.records.updateOne(filter, update, { upsert, maxTimeMS: MAX_TIME_MS });
    return matchedCount === 1;
  }
}

const expiryOf = ({ expiresAt }: Pick<ViewRecord, 'expiresAt'>): number => expiresAt?.getTime() ?? 0;

/** 8 hexadecimal digits: short enough to read in a list of collections, and never the same twice for one view. */
const newGeneration = (): string => randomBytes(4).toString('hex');
