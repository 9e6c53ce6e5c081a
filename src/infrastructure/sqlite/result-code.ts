/** Primary result codes of SQLite, as far as they are told apart (sqlite.org/rescode.html). */
const ERROR = 1;
const BUSY = 5;
const NOT_A_DATABASE = 26;
/** Extended codes: a rollback journal is left over, or a WAL has to be recovered, and this connection may not write. */
const READONLY_RECOVERY = 264;
const READONLY_ROLLBACK = 776;

/** Primary result codes by which the file, the disk or a lock failed, not our SQL: `the file …`, for an operator. */
const UNAVAILABLE: ReadonlyMap<number, string> = new Map([
  [BUSY, 'is locked by another process'],
  [6, 'is locked'],
  [7, 'needs more memory than there is'],
  [8, 'cannot be written'],
  [10, 'cannot be read or written: the disk failed'],
  [13, 'cannot grow: the disk is full'],
  [14, 'cannot be opened'],
  [15, 'is locked by another process: the locking protocol failed'],
]);

/** What to say of the file; `undefined` for a code that is not about it. */
export const whyUnavailable = (code: number | undefined): string | undefined => UNAVAILABLE.get(primaryOf(code));

export const isBusy = (cause: unknown): boolean => primaryCode(cause) === BUSY;

export const isNoDatabase = (cause: unknown): boolean => primaryCode(cause) === NOT_A_DATABASE;

export const isMissingTable = (cause: unknown): boolean =>
  primaryCode(cause) === ERROR && (cause as Error).message.startsWith('no such table: ');

export function needsRecovery(cause: unknown): boolean {
  const code = resultCode(cause);
  return code === READONLY_RECOVERY || code === READONLY_ROLLBACK;
}

/** 0, which is SQLITE_OK, for what is no error of SQLite. */
export const primaryCode = (cause: unknown): number => primaryOf(resultCode(cause));

/** Told by its shape: an error of `node:sqlite` is not an `instanceof Error` of every realm (a test runner has its own). */
export function resultCode(cause: unknown): number | undefined {
  const errcode = typeof cause === 'object' && cause !== null && 'errcode' in cause ? cause.errcode : undefined;
  return typeof errcode === 'number' ? errcode : undefined;
}

/** The low byte of an extended result code is the primary one. */
const primaryOf = (code = 0): number => code & 0xff;
