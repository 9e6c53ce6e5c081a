import { CorruptEvent, UnknownEventType } from '../../application/ports/event-store.js';
import { ViewMismatch } from '../../application/ports/view-store.js';
import type { Recorded } from '../../domain/fact.js';

/** What a follower stopped at. `position` is unknown when the log itself could not read the event. */
export type HaltedAt = Readonly<{ position?: bigint; stream?: string; revision?: bigint }>;

/** Going on would be wrong and trying again would end the same: only other code, or another log, helps. */
export class Halt extends Error {
  override readonly name = 'Halt';
  constructor(
    message: string,
    readonly at: HaltedAt,
    options: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A fold is pure: what it throws at an event, it throws again, so the event stops the follower. */
export function haltAt({ type, stream, revision, position }: Recorded, cause: unknown): Halt {
  const where = `${type} at position ${position} (${stream}, revision ${revision})`;
  return new Halt(`${where}: ${messageOf(cause)}`, { position, stream, revision }, { cause });
}

/** `cause` as a `Halt` if no repetition can mend it, otherwise `undefined`. */
export function asHalt(cause: unknown): Halt | undefined {
  if (cause instanceof Halt) return cause;
  if (cause instanceof UnknownEventType || cause instanceof CorruptEvent) {
    return new Halt(cause.message, { stream: cause.stream, revision: cause.revision }, { cause });
  }
  return cause instanceof ViewMismatch ? new Halt(cause.message, {}, { cause }) : undefined;
}

export const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
