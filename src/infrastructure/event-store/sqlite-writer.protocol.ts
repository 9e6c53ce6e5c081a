import type { FileIdentity } from '../sqlite/file-identity.js';

/**
 * What the event loop and the writer's thread say to each other. Tuples, because every message is copied between the
 * threads, and the names of fields would be copied with it.
 */

/**
 * `identity` is that of the file that the ledger opened; any other is not written.
 * `maxBytes` bounds the file; absent, only the disk does. `posted` is shared memory with one number, which the event loop
 * raises after every message, to wake the thread.
 */
export type WriterData = WriterOptions & Readonly<{ posted: Int32Array }>;
export type WriterOptions = Readonly<{
  file: string;
  identity: FileIdentity;
  busyTimeoutMs: number;
  maxBytes: number | undefined;
}>;

/** A row of `events` as far as the event loop knows it; instants in milliseconds, `more` and `data` as JSON text. */
export type EventRow = readonly [
  id: string,
  type: string,
  schemaVersion: number,
  occurredAt: number,
  commandId: string,
  commandHash: string,
  principal: string,
  more: string | null,
  data: string,
];

/** `expected` is a revision, or -1 for a stream that is not there. */
export type AppendMessage = readonly [stream: string, expected: number, events: readonly EventRow[]];

/** To the writer: appends that came together, at the clock's `now`. `close` finishes and ends the thread. */
export type ToWriter = Readonly<{ now: number; appends: readonly AppendMessage[] }> | 'close';

/**
 * One append's outcome. `failed`: whether it is written is unknown, as after a failed commit; `message` and `errcode`
 * are SQLite's.
 */
export type Outcome =
  | Readonly<{ kind: 'written' | 'repeated'; revision: number; position: number }>
  | Readonly<{ kind: 'conflict' }>
  | Readonly<{ kind: 'failed'; message: string; errcode: number | undefined }>;

/**
 * From the writer: the outcomes in the order of the appends, one message for everything that shared a transaction.
 * `written` holds two numbers per append, the last revision and position it wrote; what did not end so, which is rare,
 * is in `others` under the append's index.
 */
export type FromWriter = Readonly<{ written: readonly number[]; others: ReadonlyMap<number, Outcome> }>;
