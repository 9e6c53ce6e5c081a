import type { Instant } from '../fact.js';
import { later } from '../instant.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * How long the process waits after the first refusal of a provider in a row, the second, the third, before it asks for the
 * same again; after one more somebody has to look. A minute is enough for a void that a capture has overtaken, an hour for a
 * provider in trouble, a day for a balance that has to fill before a refund; and all of it is over long before a card's
 * authorization lapses, after five to seven days.
 */
export const RETRY_AFTER_MS = [MINUTE_MS, HOUR_MS, DAY_MS] as const;

/** When something may be asked for: `notBefore` is absent where it was not refused. */
export type Try = Readonly<{ notBefore?: Instant }>;

/** The next try of what was refused in a row, at these instants, oldest first; `undefined`: there is none any more. */
export function nextTry(refusals: readonly Instant[]): Try | undefined {
  const last = refusals.at(-1);
  if (last === undefined) return {};
  const pauseMs = RETRY_AFTER_MS[refusals.length - 1];
  return pauseMs === undefined ? undefined : { notBefore: later(last, pauseMs) };
}
