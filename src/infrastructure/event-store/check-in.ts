import { DatabaseSync } from 'node:sqlite';
import type { DataFolder } from '../config/data-folder.js';

/**
 * Moves what the log's WAL still holds into its file, and removes the WAL, as far as no other process uses the log.
 * SQLite leaves that to the last connection that may write; when the last process to stop was one that only reads, the
 * newest events stay in `log.sqlite-wal`. For whoever has stopped the last process, on a log that was open before.
 * @throws an error of node:sqlite where the file cannot be opened; the events are safe in the WAL then
 */
export function checkInLog({ logFile }: DataFolder): void {
  const database = new DatabaseSync(logFile, { timeout: 0 });
  try {
    database.exec('PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    database.close();
  }
}
