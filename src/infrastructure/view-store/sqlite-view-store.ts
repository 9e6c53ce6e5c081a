import { existsSync } from 'node:fs';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
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
import { isMissingTable } from '../sqlite/result-code.js';
import {
  BUSY_TIMEOUT_MS,
  openViewFile,
  translate,
  withSnapshot,
  withWriteLock,
  type ViewFile,
} from './sqlite-view-file.js';
import { isLost, openedFiles, removeCompanions, type OpenedFiles } from './lost-view-file.js';
import { columnOf, createCollection, findSql, upsertSql } from './sqlite-view-sql.js';
import { decodeDocument, encodeDocument, isId } from './stored-document.js';
import {
  checkCollection,
  checkContinues,
  checkDefinition,
  checkQuery,
  checkSameShapes,
  shapesOf,
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
  private readonly statements = new Map<string, StatementSync>();
  private closed = false;
  private opened: OpenedFiles | undefined;
  private opening: Promise<DatabaseSync | undefined> | undefined;
  /** The file is another than the one in which leases were given. */
  private fencing = false;
  private newestEpoch = 0n;

  private constructor(
    private readonly options: SqliteViewStoreOptions,
    private database: DatabaseSync | undefined,
  ) {
    if (database) this.opened = openedFiles(options.file);
  }

  /**
   * @throws IncompatibleViews    not a file of views, or of a newer format; it was not touched
   * @throws ViewStoreUnavailable locked, damaged, or not readable or writable
   */
  static async open(options: SqliteViewStoreOptions): Promise<SqliteViewStore> {
    return new SqliteViewStore(options, await openViewFile(options));
  }

  async prepare<D extends Document>(view: ViewDefinition<D>): Promise<void> {
    checkDefinition(view);
    if (this.indexShapes(await this.reader(), view) !== undefined) return;
    await this.writing((db) => {
      if (this.indexShapes(db, view) !== undefined) return;
      this.statement(db, 'INSERT INTO views (name, version, indexes) VALUES (?, ?, ?)').run(
        view.name,
        view.version,
        JSON.stringify(shapesOf(view)),
      );
      db.exec(createCollection(view));
    });
  }

  async get<D extends Document>(view: ViewDefinition<D>, id: string): Promise<Stored<D> | undefined> {
    return (await this.getMany(view, [id]))[0];
  }

  async getMany<D extends Document>(view: ViewDefinition<D>, ids: readonly string[]): Promise<readonly Stored<D>[]> {
    const sql = `SELECT document, as_of FROM "${collectionOf(view)}" WHERE _id = ?`;
    return this.readingCollection(view, [], (db) => {
      const statement = this.statement(db, sql);
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
      const rows = this.statement(db, sql).all(...values) as KeyedRow[];
      const page = rows.slice(0, query.limit);
      const documents = page.map((row) => decodeDocument<D>(row.document, row.as_of));
      const last = page.at(-1);
      if (last === undefined || rows.length <= query.limit) return { documents };
      const key = parts.map((_, n) => last[columnOf(query.index, n)] as KeyPart);
      return { documents, next: { key, id: last._id } };
    });
  }

  async checkpoint(view: ViewDefinition): Promise<Checkpoint | undefined> {
    const sql = 'SELECT position, committed_at FROM views WHERE name = ? AND version = ? AND position IS NOT NULL';
    return this.reading(undefined, (db) => {
      const row = this.statement(db, sql).get(view.name, BigInt(view.version)) as CheckpointRow | undefined;
      return row && { position: row.position, committedAt: row.committed_at };
    });
  }

  async commit<D extends Document>(view: ViewDefinition<D>, batch: ViewBatch<D>, lease: Lease): Promise<void> {
    if (lease.follower !== collectionOf(view))
      throw new RangeError(`${lease.follower} may not write ${collectionOf(view)}`);
    const encoded = batch.documents.map((document) => encodeDocument(view, document));
    const shapes = Object.entries(view.indexes).map(([, { parts }]) => parts.length);
    await this.writing((db) => {
      this.checkLease(db, lease);
      checkContinues(lease.follower, batch, this.position(db, view));
      const upsert = this.statement(db, upsertSql(view));
      for (const { id, asOf, json, keys } of encoded) {
        const values: SQLInputValue[] = [id, asOf, json];
        for (let n = 0; n < keys.length; n++) {
          const key = keys[n];
          for (let part = 0; part < (shapes[n] ?? 0); part++) values.push(key?.[part] ?? null);
        }
        upsert.run(...values);
      }
      this.statement(
        db,
        'UPDATE views SET position = max(ifnull(position, ?3), ?3), committed_at = ?4 WHERE name = ?1 AND version = ?2',
      ).run(view.name, view.version, batch.checkpoint, this.instant(this.options.clock.now()));
    });
  }

  async versions(name: string): Promise<readonly number[]> {
    return this.reading([], (db) => {
      const rows = this.statement(db, 'SELECT version FROM views WHERE name = ? ORDER BY version').all(name);
      return rows.map((row) => Number(row.version));
    });
  }

  async drop(name: string, version: number): Promise<void> {
    checkCollection(name, version);
    const collection = collectionOf({ name, version });
    await this.writing((db) => {
      db.exec(`DROP TABLE IF EXISTS "${collection}"`);
      this.statement(db, 'DELETE FROM views WHERE name = ? AND version = ?').run(name, version);
      this.statement(db, 'DELETE FROM leases WHERE follower = ?').run(collection);
    });
  }

  async acquireLease(follower: string, holder: string, ttlMs: number): Promise<Lease | undefined> {
    return this.writing((db) => {
      const now = this.options.clock.now();
      const held = this.leaseRow(db, follower);
      if (held && held.holder !== holder && held.expires_at > BigInt(now)) return undefined;
      const epoch = held?.holder === holder ? held.epoch : this.nextEpoch(db);
      if (epoch > this.newestEpoch) this.newestEpoch = epoch;
      const expiresAt = now + ttlMs;
      this.statement(
        db,
        `INSERT INTO leases (follower, holder, epoch, expires_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (follower) DO UPDATE SET holder = excluded.holder, epoch = excluded.epoch, expires_at = excluded.expires_at`,
      ).run(follower, holder, epoch, expiresAt);
      return { follower, holder, epoch, expiresAt: this.instant(expiresAt) };
    });
  }

  async releaseLease(lease: Lease): Promise<void> {
    await this.writing((db) => {
      const sql = 'DELETE FROM leases WHERE follower = ? AND holder = ? AND epoch = ?';
      this.statement(db, sql).run(lease.follower, lease.holder, lease.epoch);
    });
  }

  async lease(follower: string): Promise<Lease | undefined> {
    return this.reading(undefined, (db) => {
      const held = this.leaseRow(db, follower);
      if (!held || held.expires_at <= BigInt(this.options.clock.now())) return undefined;
      const { holder, epoch, expires_at: expiresAt } = held;
      return { follower, holder, epoch, expiresAt: this.instant(Number(expiresAt)) };
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    this.release();
    return Promise.resolve();
  }

  private async reader(): Promise<DatabaseSync | undefined> {
    if (this.closed) throw new ViewStoreUnavailable('The view store is closed');
    if (this.database && this.opened && !isLost(this.options.file, this.opened)) return this.database;
    this.opening ??= this.reopen().finally(() => (this.opening = undefined));
    return this.opening;
  }

  /** For a read-only handle whose file may have been made by now, and after the file was deleted. */
  private async reopen(): Promise<DatabaseSync | undefined> {
    const { file, readOnly = false, busyTimeoutMs = BUSY_TIMEOUT_MS } = this.options;
    if (this.database) {
      this.fencing = !readOnly;
      this.release();
      if (!readOnly && !existsSync(file)) removeCompanions(file);
    }
    const database = await openViewFile(this.options);
    try {
      if (database && this.fencing) await withWriteLock(database, busyTimeoutMs, () => this.fenceOff(database));
      if (this.closed) throw new ViewStoreUnavailable('The view store is closed');
    } catch (cause) {
      database?.close();
      throw cause;
    }
    this.fencing = false;
    this.database = database;
    this.opened = database && openedFiles(file);
    return database;
  }

  private fenceOff(db: DatabaseSync): void {
    db.exec(`DELETE FROM leases; UPDATE epochs SET newest = max(newest, ${this.newestEpoch})`);
  }

  private release(): void {
    this.statements.clear();
    this.database?.close();
    this.database = undefined;
  }

  private async reading<T>(empty: T, read: (db: DatabaseSync) => T): Promise<T> {
    const db = await this.reader();
    if (!db) return empty;
    try {
      return read(db);
    } catch (cause) {
      throw translate(cause, this.options.file);
    }
  }

  private readingCollection<D extends Document, T>(view: ViewDefinition<D>, empty: T, read: (db: DatabaseSync) => T) {
    return this.reading(empty, (db) => {
      try {
        return read(db);
      } catch (cause) {
        if (isMissingTable(cause)) return empty;
        this.indexShapes(db, view); // a column that is missing is an index that is: ViewMismatch says it better
        throw cause;
      }
    });
  }

  private async writing<T>(write: (db: DatabaseSync) => T): Promise<T> {
    const db = await this.reader();
    if (!db || this.options.readOnly) throw new ViewStoreUnavailable('The view store was opened read-only');
    return withWriteLock(db, this.options.busyTimeoutMs ?? BUSY_TIMEOUT_MS, () => write(db));
  }

  /** Compiled once per text. Integers come back as bigint, because positions and keys may exceed 2^53. */
  private statement(db: DatabaseSync, sql: string): StatementSync {
    const known = this.statements.get(sql);
    if (known) return known;
    const statement = db.prepare(sql);
    statement.setReadBigInts(true);
    this.statements.set(sql, statement);
    return statement;
  }

  /** The stored shapes of the view's indexes, `undefined` when it has no collection. @throws ViewMismatch */
  private indexShapes<D extends Document>(db: DatabaseSync | undefined, view: ViewDefinition<D>): string | undefined {
    if (!db) return undefined;
    const statement = this.statement(db, 'SELECT indexes FROM views WHERE name = ? AND version = ?');
    const row = statement.get(view.name, view.version) as { indexes: string } | undefined;
    if (row) checkSameShapes(view, row.indexes);
    return row?.indexes;
  }

  private checkLease(db: DatabaseSync, { follower, holder, epoch }: Lease): void {
    const held = this.leaseRow(db, follower);
    if (held?.holder === holder && held.epoch === epoch) return;
    const now = held ? `${held.holder} has it with epoch ${held.epoch}` : 'nobody has it';
    throw new LeaseLost(`${holder} has lost the lease of ${follower} (epoch ${epoch}): ${now}`);
  }

  private position(db: DatabaseSync, view: ViewDefinition): bigint | undefined {
    const statement = this.statement(db, 'SELECT position FROM views WHERE name = ? AND version = ?');
    const row = statement.get(view.name, view.version) as { position: bigint | null } | undefined;
    return row?.position ?? undefined;
  }

  private leaseRow(db: DatabaseSync, follower: string): LeaseRow | undefined {
    const statement = this.statement(db, 'SELECT holder, epoch, expires_at FROM leases WHERE follower = ?');
    return statement.get(follower) as LeaseRow | undefined;
  }

  private nextEpoch(db: DatabaseSync): bigint {
    const row = this.statement(db, 'UPDATE epochs SET newest = newest + 1 RETURNING newest').get();
    return (row as { newest: bigint }).newest;
  }

  private instant(ms: number): string {
    return new Date(ms).toISOString();
  }
}

type DocumentRow = Readonly<{ document: string; as_of: bigint }>;
type KeyedRow = DocumentRow & Readonly<{ _id: string }> & Readonly<Record<string, unknown>>;
type CheckpointRow = Readonly<{ position: bigint; committed_at: string }>;
type LeaseRow = Readonly<{ holder: string; epoch: bigint; expires_at: bigint }>;
