import { StoreUnavailable } from '../../application/ports/event-store.js';
import { resultCode, whyUnavailable } from '../sqlite/result-code.js';

/** A driver's error in the port's words, with its cause; anything that is not one of them is our own defect and stays. */
export function translated(cause: unknown, doing: string): unknown {
  const why = whyUnavailable(resultCode(cause));
  return why === undefined ? cause : new StoreUnavailable(`${doing}: the file ${why}`, { cause });
}

/**
 * What a failed write came to, told by SQLite's message and result code. Whatever it was, the caller cannot know
 * whether the events are there, so it is always `StoreUnavailable`.
 */
export function unavailable(doing: string, message: string, errcode: number | undefined): StoreUnavailable {
  const why = whyUnavailable(errcode);
  return new StoreUnavailable(`${doing}: ${why === undefined ? message : `the file ${why} (${message})`}`);
}
