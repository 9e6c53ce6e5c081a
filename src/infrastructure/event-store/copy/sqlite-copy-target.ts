import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { ConcurrencyConflict, type LogBatch, type LogQuery } from '../../../application/ports/event-store.js';
import type { Clock } from '../../../application/ports/clock.js';
import type { Recorded } from '../../../domain/fact.js';
import { translated } from '../sqlite-errors.js';
import { SqliteEventStore } from '../sqlite-event-store.js';
import { rowOf } from '../sqlite-rows.js';
import type { CopyTarget } from './copy-log.js';
import { storedData, verbatimCodec } from './verbatim-codec.js';

/** `head`  its newest revision; -1 when it has none */
type Stream = { readonly number: number; head: number };

const BUSY_TIMEOUT_MS = 5_000;

/**
 * The embedded log as the target of a copy; made where it is missing. A call of `restore` is one transaction: all of its
 * events are there afterwards, or none. It writes in the calling thread, so it is nothing for a process that serves.
 */
export class SqliteCopyTarget implements CopyTarget {
  readonly #statements: Statements;

  /** @throws IncompatibleLog, StoreUnavailable */
  static async open(file: string, clock: Clock): Promise<SqliteCopyTarget> {
    const store = await SqliteEventStore.open({ file, clock, codec: verbatimCodec });
    try {
      return new SqliteCopyTarget(store, new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS }));
    } catch (cause) {
      await store.close();
      throw translated(cause, `Cannot open the log at ${file}`);
    }
  }

  private constructor(
    private readonly store: SqliteEventStore,
    private readonly database: DatabaseSync,
  ) {
    database.exec('PRAGMA synchronous = FULL');
    this.#statements = prepared(database);
  }

  readAll(query?: LogQuery): AsyncIterable<LogBatch> {
    return this.store.readAll(query);
  }

  restore(events: readonly Recorded[]): Promise<void> {
    return new Promise((resolve) => {
      try {
        this.database.exec('BEGIN IMMEDIATE');
        const writer = new Restoring(this.#statements);
        for (const event of events) writer.add(event);
        this.database.exec('COMMIT');
      } catch (cause) {
        if (this.database.isTransaction) this.database.exec('ROLLBACK');
        throw translated(cause, 'The copied events cannot be written');
      }
      resolve();
    });
  }

  async close(): Promise<void> {
    this.database.close();
    await this.store.close();
  }
}

/** One transaction that adds events behind those that are there. */
class Restoring {
  readonly #streams = new Map<string, Stream>();
  readonly #types = new Map<string, number>();
  #position: number;

  constructor(private readonly statements: Statements) {
    this.#position = newest(statements.newestPosition);
  }

  /** @throws ConcurrencyConflict */
  add({ id, type, data, stream: name, revision, metadata }: Recorded): void {
    const stream = this.#stream(name);
    if (revision !== BigInt(stream.head + 1)) {
      throw new ConcurrencyConflict(name, revision === 0n ? 'no-stream' : revision - 1n);
    }
    const row = rowOf({ id, type, stored: storedData(data), metadata });
    const [, , schemaVersion, occurredAt, commandId, commandHash, principal, more, json] = row;
    this.statements.addEvent.run(
      ++this.#position,
      stream.number,
      ++stream.head,
      this.#typeNumber(type),
      schemaVersion,
      occurredAt,
      Date.parse(metadata.recordedAt),
      id,
      commandId,
      commandHash,
      principal,
      more,
      json,
    );
  }

  #stream(name: string): Stream {
    const { findStream, addStream, newestStream } = this.statements;
    let stream = this.#streams.get(name) ?? (findStream.get(name) as Stream | undefined);
    if (!stream) {
      stream = { number: newest(newestStream) + 1, head: -1 };
      addStream.run(stream.number, name);
    }
    this.#streams.set(name, stream);
    return stream;
  }

  #typeNumber(name: string): number {
    const { findType, addType, newestType } = this.statements;
    let number = this.#types.get(name) ?? (findType.get(name) as { number: number } | undefined)?.number;
    if (number === undefined) {
      number = newest(newestType) + 1;
      addType.run(number, name);
    }
    this.#types.set(name, number);
    return number;
  }
}

type Statements = ReturnType<typeof prepared>;
const prepared = (database: DatabaseSync) => ({
  newestPosition: database.prepare('SELECT coalesce(max(position), 0) AS newest FROM events'),
  newestStream: database.prepare('SELECT coalesce(max(number), 0) AS newest FROM streams'),
  newestType: database.prepare('SELECT coalesce(max(number), 0) AS newest FROM event_types'),
  findStream: database.prepare(
    `SELECT number, (SELECT coalesce(max(revision), -1) FROM events WHERE stream = number) AS head
     FROM streams WHERE name = ?`,
  ),
  addStream: database.prepare('INSERT INTO streams VALUES (?, ?)'),
  findType: database.prepare('SELECT number FROM event_types WHERE name = ?'),
  addType: database.prepare('INSERT INTO event_types VALUES (?, ?)'),
  addEvent: database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
});

const newest = (statement: StatementSync): number => (statement.get() as { newest: number }).newest;
