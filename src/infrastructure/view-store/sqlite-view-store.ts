import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Clock } from '../../application/ports/clock.js';
import {
  LeaseLost,
  collectionOf,
  type Checkpoint,
  type Lease,
  type Page,
  type ViewBatch,
  type ViewQuery,
  type ViewStore,
} from '../../application/ports/view-store.js';
import type { Document, KeyPart, Stored, ViewDefinition } from '../../projections/projection.js';
import { isMissingTable } from '../sqlite/result-code.js';
import { withSnapshot, type ViewFile } from './sqlite-view-file.js';
import { SqliteViewHandle } from './sqlite-view-handle.js';
import { columnOf, createCollection, findSql, upsertSql } from './sqlite-view-sql.js';
import { decodeDocument, encodeDocument, isId } from './stored-document.js';
import {
  checkCollection,
  checkContinues,
  checkDefinition,
  checkQuery,
  checkSameShapes,
  checkSameView,
  shapesOf,
  type StoredView,
} from './view-checks.js';

/** `clock` is for leases and `committedAt`. A `readOnly` handle sees an empty store while the file has not been made. */
export type SqliteViewStoreOptions = ViewFile & Readonly<{ clock: Clock }>;

/**
 * Views in one SQLite file in WAL mode: several processes read while one writes. One table per collection, documents
 * as JSON text, index keys in columns of their own.
 *
 * `synchronous = NORMAL`: a process that is killed loses nothing, a power cut may lose the newest transactions. Each
 * holds documents with their checkpoint, so what is lost is lost together and folded again from the log.
 *
 * Where the file is deleted while it is open, the store goes on with a new one, in which no lease given before counts:
 * every follower begins again, from the checkpoint that it finds there.
 */
export class SqliteViewStore implements ViewStore {
  private constructor(
    private readonly handle: SqliteViewHandle,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws IncompatibleViews    not a file of views, or of a newer format; it was not touched
   * @throws ViewStoreUnavailable locked, damaged, or not readable or writable
   */
  static async open(options: SqliteViewStoreOptions): Promise<SqliteViewStore> {
    return new SqliteViewStore(await SqliteViewHandle.open(options), options.clock);
  }

  async prepare<D extends Document>(view: ViewDefinition<D>, log: string): Promise<void> {
    checkDefinition(view);
    const found = this.storedView(await this.handle.current(), view);
    if (found) return checkSameView(view, found, log);
    await this.handle.writing((db) => {
      const found = this.storedView(db, view);
      if (found) return checkSameView(view, found, log);
      this.handle
        .statement(db, 'INSERT INTO views (name, version, indexes, log) VALUES (?, ?, ?, ?)')
        .run(view.name, view.version, JSON.stringify(shapesOf(view)), log);
      db.exec(createCollection(view));
    });
  }

  async get<D extends Document>(view: ViewDefinition<D>, id: string): Promise<Stored<D> | undefined> {
    return (await this.getMany(view, [id]))[0];
  }

  async getMany<D extends Document>(view: ViewDefinition<D>, ids: readonly string[]): Promise<readonly Stored<D>[]> {
    const sql = `SELECT document, as_of FROM "${collectionOf(view)}" WHERE _id = ?`;
    return this.readingCollection(view, [], (db) => {
      const statement = this.handle.statement(db, sql);
      const rows = withSnapshot(db, () =>
        [...new Set(ids)].filter(isId).flatMap((id) => (statement.get(id) as DocumentRow | undefined) ?? []),
      );
      return rows.map((row) => decodeDocument<D>(row.document, row.as_of));
    });
  }

  async find<D extends Document>(view: ViewDefinition<D>, query: ViewQuery): Promise<Page<D>> {
    const { parts } = checkQuery(view, query);
    const { sql, values } = findSql(view, parts.length, query);
    return this.readingCollection<D, Page<D>>(view, { documents: [] }, (db) => {
      const rows = this.handle.statement(db, sql).all(...values) as KeyedRow[];
      const page = rows.slice(0, query.limit);
      const documents = page.map((row) => decodeDocument<D>(row.document, row.as_of));
      const last = page.at(-1);
      if (last === undefined || rows.length <= query.limit) return { documents };
      const key = parts.map((_, n) => last[columnOf(query.index, n)] as KeyPart);
      return { documents, next: { key, id: last._id } };
    });
  }

  async checkpoint(view: ViewDefinition): Promise<Checkpoint | undefined> {
    const sql = 'SELECT position, log, committed_at FROM views WHERE name = ? AND version = ? AND position IS NOT NULL';
    return this.handle.reading(undefined, (db) => {
      const row = this.handle.statement(db, sql).get(view.name, BigInt(view.version)) as CheckpointRow | undefined;
      return row && { position: row.position, log: row.log, committedAt: row.committed_at };
    });
  }

  async commit<D extends Document>(view: ViewDefinition<D>, batch: ViewBatch<D>, lease: Lease): Promise<void> {
    if (lease.follower !== collectionOf(view))
      throw new RangeError(`${lease.follower} may not write ${collectionOf(view)}`);
    const encoded = batch.documents.map((document) => encodeDocument(view, document));
    const shapes = Object.entries(view.indexes).map(([, { parts }]) => parts.length);
    await this.handle.writing((db) => {
      this.checkLease(db, lease);
      checkContinues(lease.follower, batch, this.position(db, view));
      const upsert = this.handle.statement(db, upsertSql(view));
      for (const { id, asOf, json, keys } of encoded) {
        const values: SQLInputValue[] = [id, asOf, json];
        for (let n = 0; n < keys.length; n++) {
          const key = keys[n];
          for (let part = 0; part < (shapes[n] ?? 0); part++) values.push(key?.[part] ?? null);
        }
        upsert.run(...values);
      }
      this.handle
        .statement(
          db,
          'UPDATE views SET position = max(ifnull(position, ?3), ?3), committed_at = ?4 WHERE name = ?1 AND version = ?2',
        )
        .run(view.name, view.version, batch.checkpoint, this.instant(this.clock.now()));
    });
  }

  async versions(name: string): Promise<readonly number[]> {
    return this.handle.reading([], (db) => {
      const rows = this.handle.statement(db, 'SELECT version FROM views WHERE name = ? ORDER BY version').all(name);
      return rows.map((row) => Number(row.version));
    });
  }

  async drop(name: string, version: number): Promise<void> {
    checkCollection(name, version);
    const collection = collectionOf({ name, version });
    await this.handle.writing((db) => {
      db.exec(`DROP TABLE IF EXISTS "${collection}"`);
      this.handle.statement(db, 'DELETE FROM views WHERE name = ? AND version = ?').run(name, version);
      this.handle.statement(db, 'DELETE FROM leases WHERE follower = ?').run(collection);
    });
  }

  async acquireLease(follower: string, holder: string, ttlMs: number): Promise<Lease | undefined> {
    return this.handle.writing((db) => {
      const now = this.clock.now();
      const held = this.leaseRow(db, follower);
      if (held && held.holder !== holder && held.expires_at > BigInt(now)) return undefined;
      const epoch = held?.holder === holder ? held.epoch : this.nextEpoch(db);
      this.handle.leaseGiven(epoch);
      const expiresAt = now + ttlMs;
      this.handle
        .statement(
          db,
          `INSERT INTO leases (follower, holder, epoch, expires_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (follower) DO UPDATE SET holder = excluded.holder, epoch = excluded.epoch, expires_at = excluded.expires_at`,
        )
        .run(follower, holder, epoch, expiresAt);
      return { follower, holder, epoch, expiresAt: this.instant(expiresAt) };
    });
  }

  async releaseLease(lease: Lease): Promise<void> {
    await this.handle.writing((db) => {
      const sql = 'DELETE FROM leases WHERE follower = ? AND holder = ? AND epoch = ?';
      this.handle.statement(db, sql).run(lease.follower, lease.holder, lease.epoch);
    });
  }

  async lease(follower: string): Promise<Lease | undefined> {
    return this.handle.reading(undefined, (db) => {
      const held = this.leaseRow(db, follower);
      if (!held || held.expires_at <= BigInt(this.clock.now())) return undefined;
      const { holder, epoch, expires_at: expiresAt } = held;
      return { follower, holder, epoch, expiresAt: this.instant(Number(expiresAt)) };
    });
  }

  async close(): Promise<void> {
    this.handle.close();
    return Promise.resolve();
  }

  private readingCollection<D extends Document, T>(view: ViewDefinition<D>, empty: T, read: (db: DatabaseSync) => T) {
    return this.handle.reading(empty, (db) => {
      try {
        return read(db);
      } catch (cause) {
        if (isMissingTable(cause)) return empty;
        const found = this.storedView(db, view);
        if (found) checkSameShapes(view, found.indexes); // a column that is missing is an index that is
        throw cause;
      }
    });
  }

  private storedView(db: DatabaseSync | undefined, view: ViewDefinition): StoredView | undefined {
    if (!db) return undefined;
    const statement = this.handle.statement(db, 'SELECT indexes, log FROM views WHERE name = ? AND version = ?');
    return statement.get(view.name, view.version) as StoredView | undefined;
  }

  private checkLease(db: DatabaseSync, { follower, holder, epoch }: Lease): void {
    const held = this.leaseRow(db, follower);
    if (held?.holder === holder && held.epoch === epoch) return;
    const now = held ? `${held.holder} has it with epoch ${held.epoch}` : 'nobody has it';
    throw new LeaseLost(`${holder} has lost the lease of ${follower} (epoch ${epoch}): ${now}`);
  }

  private position(db: DatabaseSync, view: ViewDefinition): bigint | undefined {
    const statement = this.handle.statement(db, 'SELECT position FROM views WHERE name = ? AND version = ?');
    const row = statement.get(view.name, view.version) as { position: bigint | null } | undefined;
    return row?.position ?? undefined;
  }

  private leaseRow(db: DatabaseSync, follower: string): LeaseRow | undefined {
    const statement = this.handle.statement(db, 'SELECT holder, epoch, expires_at FROM leases WHERE follower = ?');
    return statement.get(follower) as LeaseRow | undefined;
  }

  private nextEpoch(db: DatabaseSync): bigint {
    const row = this.handle.statement(db, 'UPDATE epochs SET newest = newest + 1 RETURNING newest').get();
    return (row as { newest: bigint }).newest;
  }

  private instant(ms: number): string {
    return new Date(ms).toISOString();
  }
}

type DocumentRow = Readonly<{ document: string; as_of: bigint }>;
type KeyedRow = DocumentRow & Readonly<{ _id: string }> & Readonly<Record<string, unknown>>;
type CheckpointRow = Readonly<{ position: bigint; log: string; committed_at: string }>;
type LeaseRow = Readonly<{ holder: string; epoch: bigint; expires_at: bigint }>;
