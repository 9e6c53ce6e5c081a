import { DatabaseSync } from 'node:sqlite';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { clock, confirmed } from '../event-store/log-file.js';

const AT_ONCE = 1_000;

/** Appends so many events to a log's file, a thousand to a stream. */
export async function fillLog(file: string, events: number): Promise<void> {
  const log = await SqliteEventStore.open({ file, clock });
  for (let from = 0; from < events; from += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, events - from) }, (_, n) => confirmed(`“${from + n}”`));
    await log.append(`order-${from}`, 'no-stream', some);
  }
  await log.close();
}

/** All that a log holds, in order, but for what names the log itself. */
export function rowsOf(file: string): readonly unknown[] {
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = database
    .prepare(
      `SELECT e.*, s.name AS stream, t.name AS type
       FROM events e JOIN streams s ON s.number = e.stream JOIN event_types t ON t.number = e.type ORDER BY position`,
    )
    .all();
  database.close();
  return rows;
}
