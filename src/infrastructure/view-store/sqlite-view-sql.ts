import type { SQLInputValue } from 'node:sqlite';
import { collectionOf, type ViewQuery } from '../../application/ports/view-store.js';
import type { Document, ViewDefinition } from '../../projections/projection.js';

/** Names in here come from definitions and queries that `view-checks` has let through; values are always bound. */
export const columnOf = (index: string, part: number): string => `${index}.${part}`;
const quoted = (index: string, part: number): string => `"${columnOf(index, part)}"`;

const SQL_TYPES = { text: 'TEXT', integer: 'INTEGER' } as const;

/**
 * One collection. Text columns compare as bytes of UTF-8 (BINARY, SQLite's default). Every index ends in `_id`, so that
 * it gives a page in order without sorting, and leaves out the documents without a key.
 */
export function createCollection<D extends Document>(view: ViewDefinition<D>): string {
  const collection = collectionOf(view);
  const columns = Object.entries(view.indexes).flatMap(([name, { parts }]) =>
    parts.map((type, part) => `, ${quoted(name, part)} ${SQL_TYPES[type]}`),
  );
  const indexes = Object.entries(view.indexes).map(([name, { parts }]) => {
    const keys = parts.map((_, part) => quoted(name, part)).join(', ');
    return `CREATE INDEX "${collection}.${name}" ON "${collection}" (${keys}, _id) WHERE ${quoted(name, 0)} IS NOT NULL;`;
  });
  return `
    CREATE TABLE "${collection}" (
      _id TEXT PRIMARY KEY NOT NULL, as_of INTEGER NOT NULL, document TEXT NOT NULL${columns.join('')}
    ) STRICT;
    ${indexes.join('\n')}`;
}

/** Parameters: `_id`, `as_of`, `document`, then all key parts in the order of the declared indexes. */
export function upsertSql<D extends Document>(view: ViewDefinition<D>): string {
  const keys = Object.entries(view.indexes).flatMap(([name, { parts }]) => parts.map((_, part) => quoted(name, part)));
  const columns = ['_id', 'as_of', 'document', ...keys];
  const updates = columns.slice(1).map((column) => `${column} = excluded.${column}`);
  return `
    INSERT INTO "${collectionOf(view)}" (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
    ON CONFLICT (_id) DO UPDATE SET ${updates.join(', ')} WHERE excluded.as_of > as_of`;
}

/**
 * One page, and one document more to see whether another follows. With a cursor, the bound that it has passed is left
 * out, so that SQLite begins at the cursor and not at the bound.
 */
export function findSql<D extends Document>(
  view: ViewDefinition<D>,
  partCount: number,
  query: ViewQuery,
): { sql: string; values: SQLInputValue[] } {
  const { index, prefix = [], from, to, after, limit, direction = 'ascending' } = query;
  const ascending = direction === 'ascending';
  const columns = Array.from({ length: partCount }, (_, part) => quoted(index, part));
  const rest = [...columns.slice(prefix.length), '_id'];
  const conditions = [`${quoted(index, 0)} IS NOT NULL`, ...prefix.map((_, part) => `${columns[part]} = ?`)];
  const values: SQLInputValue[] = [...prefix];
  if (after) {
    conditions.push(`(${rest.join(', ')}) ${ascending ? '>' : '<'} (${rest.map(() => '?').join(', ')})`);
    values.push(...after.key.slice(prefix.length), after.id);
  }
  if (from !== undefined && !(after && ascending)) {
    conditions.push(`${rest[0]} >= ?`);
    values.push(from);
  }
  if (to !== undefined && !(after && !ascending)) {
    conditions.push(`${rest[0]} < ?`);
    values.push(to);
  }
  const order = rest.map((column) => `${column} ${ascending ? 'ASC' : 'DESC'}`).join(', ');
  const sql = `
    SELECT _id, as_of, document, ${columns.join(', ')} FROM "${collectionOf(view)}"
    WHERE ${conditions.join(' AND ')} ORDER BY ${order} LIMIT ?`;
  return { sql, values: [...values, limit + 1] };
}
