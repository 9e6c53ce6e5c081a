import { StoreUnavailable } from '../../application/ports/event-store.js';

/** Primary result codes of SQLite that say "not now", each with what an operator wants to read (sqlite.org/rescode.html). */
const UNAVAILABLE: ReadonlyMap<number, string> = new Map([
  [5, 'the file is locked by another process'],
  [6, 'the file is locked'],
  [7, 'out of memory'],
  [8, 'the file cannot be written'],
  [10, 'disk input or output failed'],
  [13, 'the disk is full'],
  [14, 'the file cannot be opened'],
  [15, 'the locking protocol failed'],
]);
const BUSY = 5;
const NOT_A_DATABASE = 26;
/** Extended codes: a rollback journal is left over, or a WAL has to be recovered, and this connection may not write. */
const READONLY_RECOVERY = 264;
const READONLY_ROLLBACK = 776;

/** The low byte of an extended result code is the primary one. */
export function isBusy(cause: unknown): boolean {
  return primary(resultCode(cause)) === BUSY;
}

export function isNoDatabase(cause: unknown): boolean {
  return primary(resultCode(cause)) === NOT_A_DATABASE;
}

export function needsRecovery(cause: unknown): boolean {
  const code = resultCode(cause);
  return code === READONLY_RECOVERY || code === READONLY_ROLLBACK;
}

/** A driver's error in the port's words, with its cause; anything that is not one of them is our own defect and stays. */
export function translated(cause: unknown, doing: string): unknown {
  const why = UNAVAILABLE.get(primary(resultCode(cause)) ?? 0);
  return why === undefined ? cause : new StoreUnavailable(`${doing}: ${why}`, { cause });
}

/**
 * What a failed write came to, told by SQLite's message and result code. Whatever it was, the caller cannot know
 * whether the events are there, so it is always `StoreUnavailable`.
 */
export function unavailable(doing: string, message: string, errcode: number | undefined): StoreUnavailable {
  const why = UNAVAILABLE.get(primary(errcode) ?? 0);
  return new StoreUnavailable(`${doing}: ${why === undefined ? message : `${why} (${message})`}`);
}

function primary(code: number | undefined): number | undefined {
  return code === undefined ? undefined : code & 0xff;
}

/** Told by its shape: an error of `node:sqlite` is not an `instanceof Error` of every realm (a test runner has its own). */
function resultCode(cause: unknown): number | undefined {
  const errcode = typeof cause === 'object' && cause !== null && 'errcode' in cause ? cause.errcode : undefined;
  return typeof errcode === 'number' ? errcode : undefined;
}
