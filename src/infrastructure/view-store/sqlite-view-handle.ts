import { existsSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { ViewStoreUnavailable } from '../../application/ports/view-store.js';
import { isLost, openedFiles, removeCompanions, type OpenedFiles } from './lost-view-file.js';
import { BUSY_TIMEOUT_MS, openViewFile, translate, withWriteLock, type ViewFile } from './sqlite-view-file.js';

/**
 * An open file of views. Where the file is deleted while it is open, the handle goes on with a new one, in which no lease
 * given before counts, and no epoch comes again.
 */
export class SqliteViewHandle {
  private readonly statements = new Map<string, StatementSync>();
  private closed = false;
  private opened: OpenedFiles | undefined;
  private opening: Promise<DatabaseSync | undefined> | undefined;
  /** The file is another than the one in which leases were given. */
  private fencing = false;
  private newestEpoch = 0n;

  private constructor(
    private readonly options: ViewFile,
    private database: DatabaseSync | undefined,
  ) {
    if (database) this.opened = openedFiles(options.file);
  }

  /** @throws IncompatibleViews, ViewStoreUnavailable */
  static async open(options: ViewFile): Promise<SqliteViewHandle> {
    return new SqliteViewHandle(options, await openViewFile(options));
  }

  leaseGiven(epoch: bigint): void {
    if (epoch > this.newestEpoch) this.newestEpoch = epoch;
  }

  close(): void {
    this.closed = true;
    this.release();
  }

  /**
   * The file as it is now: another one, if the one before was deleted. `undefined` while a read-only handle has none.
   * @throws ViewStoreUnavailable closed, or another file was put in its place
   */
  async current(): Promise<DatabaseSync | undefined> {
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

  /** `empty` while there is no file. @throws ViewStoreUnavailable, in place of the driver's errors */
  async reading<T>(empty: T, read: (db: DatabaseSync) => T): Promise<T> {
    const db = await this.current();
    if (!db) return empty;
    try {
      return read(db);
    } catch (cause) {
      throw translate(cause, this.options.file);
    }
  }

  /** In one transaction. @throws ViewStoreUnavailable also for a read-only handle */
  async writing<T>(write: (db: DatabaseSync) => T): Promise<T> {
    const db = await this.current();
    if (!db || this.options.readOnly) throw new ViewStoreUnavailable('The view store was opened read-only');
    return withWriteLock(db, this.options.busyTimeoutMs ?? BUSY_TIMEOUT_MS, () => write(db));
  }

  /** Compiled once per text. Integers come back as bigint, because positions and keys may exceed 2^53. */
  statement(db: DatabaseSync, sql: string): StatementSync {
    const known = this.statements.get(sql);
    if (known) return known;
    const statement = db.prepare(sql);
    statement.setReadBigInts(true);
    this.statements.set(sql, statement);
    return statement;
  }
}
