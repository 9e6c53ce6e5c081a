import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { AnyFact, Recorded } from '../../domain/fact.js';
import { StoreUnavailable } from '../../application/ports/event-store.js';
import { identityOf, lossOf, type FileIdentity } from '../sqlite/file-identity.js';
import type { EventCodec } from './codec/event-codec.js';
import type { LogPiece, PieceReader, StreamPiece } from './piece-event-store.js';
import { translated } from './sqlite-errors.js';
import { recordedOf, ROW_COLUMNS, type StoredRow } from './sqlite-rows.js';

/** So that huge events fit into memory, a piece ends early once its data is this long. */
const PIECE_CHARACTERS = 4 * 1024 * 1024;
/** With a filter, the most positions that one piece looks at, so that the event loop gets its turn. */
const FILTERED_POSITIONS = 20_000;
/** Readers of a WAL wait only while another process recovers it after a crash. */
const BUSY_TIMEOUT_MS = 1_000;

const FORWARD = streamSql('e.revision >= ? ORDER BY e.revision');
const BACKWARD = streamSql('e.revision <= ? ORDER BY e.revision DESC');

/** Reads pieces of the log in the calling thread, on a connection that cannot write. No transaction outlives a call. */
export class SqliteReader implements PieceReader {
  /** Of the file that it opened. */
  readonly identity: FileIdentity;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** The dictionary of event types, as far as it was needed; entries never change. */
  readonly #typeNames = new Map<number, string>();
  readonly #typeNumbers = new Map<string, number>();

  constructor(
    private readonly file: string,
    private readonly codec: EventCodec,
  ) {
    this.#database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    this.#database.exec('PRAGMA cache_size = -16384');
    this.identity = identityOf(file);
  }

  head(): bigint | undefined {
    const newest = this.#newest();
    return newest === 0 ? undefined : BigInt(newest);
  }

  logIdentity(): string {
    return this.#all('SELECT identity FROM log')[0]?.[0] as string;
  }

  /** Changes when another connection, of this process or another, has committed. */
  dataVersion(): number {
    return this.#all('PRAGMA data_version')[0]?.[0] as number;
  }

  log<E extends AnyFact>(after: bigint, types: readonly string[] | undefined, most: number): LogPiece<E> | undefined {
    const from = inRange(after);
    const head = this.#newest();
    if (from >= head) return undefined;
    // The types are looked up after the head was read: whatever stands before the head has its type in the dictionary.
    const wanted = types && this.#numbersOf(types);
    const until = wanted ? Math.min(head, from + FILTERED_POSITIONS) : head;
    const sql = logSql(wanted);
    const { rows, complete } = this.#piece(sql, [from, until], most);
    const { events, error } = this.#decoded<E>(rows);
    const seen = error === undefined ? (complete ? until : rows.at(-1)?.[0]) : Number(events.at(-1)?.position ?? from);
    return { batch: { events, upTo: BigInt(seen ?? until) }, error };
  }

  stream<E extends AnyFact>(
    name: string,
    from: bigint,
    direction: 'forward' | 'backward',
    most: number,
  ): StreamPiece<E> {
    const { rows } = this.#piece(direction === 'forward' ? FORWARD : BACKWARD, [name, inRange(from)], most);
    const last = rows.at(-1)?.[1];
    return { ...this.#decoded<E>(rows), last: last === undefined ? undefined : BigInt(last) };
  }

  /** @throws StoreUnavailable the path does not name the file any more that was opened; what happened, and what to do */
  refuseMoved(): void {
    const loss = lossOf(this.file, this.identity);
    if (loss === undefined) return;
    const [happened, remedy] =
      loss === 'moved'
        ? ['was deleted or moved', 'Stop the ledger, put the file back, then start again']
        : ['was replaced by another file', 'Restart the ledger to use the file that is there now'];
    throw new StoreUnavailable(
      `The log at ${this.file} ${happened} while it was in use: nothing is recorded. ${remedy}`,
    );
  }

  close(): void {
    this.#database.close();
  }

  /** At most `most` rows, fewer when their data is long. `complete`: there are no more. */
  #piece(sql: string, parameters: readonly SQLInputValue[], most: number) {
    const rows: StoredRow[] = [];
    let characters = 0;
    return this.#translated(() => {
      for (const found of this.#statement(sql).iterate(...parameters, Math.min(most, MOST))) {
        const row = found as unknown as StoredRow;
        rows.push(row);
        characters += row[11].length;
        if (characters >= PIECE_CHARACTERS) return { rows, complete: false };
      }
      return { rows, complete: rows.length < most };
    });
  }

  #decoded<E extends AnyFact>(
    rows: readonly StoredRow[],
  ): { events: readonly Recorded<E>[]; error: Error | undefined } {
    const events: Recorded<E>[] = [];
    try {
      for (const row of rows) events.push(recordedOf(row, this.#typeName(row[2]), this.codec) as Recorded<E>);
    } catch (cause) {
      return { events, error: cause as Error };
    }
    return { events, error: undefined };
  }

  #newest(): number {
    return (this.#all('SELECT max(position) FROM events')[0]?.[0] as number | null) ?? 0;
  }

  #typeName(number: number): string {
    const known = this.#typeNames.get(number);
    if (known !== undefined) return known;
    this.#loadTypes();
    return this.#typeNames.get(number) ?? `#${number}`;
  }

  #numbersOf(types: readonly string[]): readonly number[] {
    if (types.some((type) => !this.#typeNumbers.has(type))) this.#loadTypes();
    return types.map((type) => this.#typeNumbers.get(type)).filter((number) => number !== undefined);
  }

  #loadTypes(): void {
    for (const row of this.#all('SELECT number, name FROM event_types')) {
      const [number, name] = row as [number, string];
      this.#typeNames.set(number, name);
      this.#typeNumbers.set(name, number);
    }
  }

  #all(sql: string): readonly unknown[][] {
    return this.#translated(() => this.#statement(sql).all() as unknown as unknown[][]);
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      statement.setReturnArrays(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #translated<T>(read: () => T): T {
    this.refuseMoved();
    try {
      return read();
    } catch (cause) {
      throw translated(cause, 'The log cannot be read');
    }
  }
}

/** The filter is part of the text: numbers of the dictionary, few and always the same for one reader. */
function logSql(types: readonly number[] | undefined): string {
  const filter = types ? `AND e.type IN (${types.join(', ')})` : '';
  return `SELECT ${ROW_COLUMNS} FROM events e CROSS JOIN streams s ON s.number = e.stream
    WHERE e.position > ? AND e.position <= ? ${filter} ORDER BY e.position LIMIT ?`;
}

function streamSql(condition: string): string {
  return `SELECT ${ROW_COLUMNS} FROM streams s CROSS JOIN events e ON e.stream = s.number
    WHERE s.name = ? AND ${condition} LIMIT ?`;
}

/** Positions and revisions of a file are far below 2^53; a number beyond is behind all of them just the same. */
function inRange(value: bigint): number {
  return value < 0n ? -1 : Math.min(Number(value), MOST);
}
const MOST = Number.MAX_SAFE_INTEGER;
