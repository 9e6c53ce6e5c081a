import { CorruptEvent, UnknownEventType, type EventStore } from '../../application/ports/event-store.js';
import type { ViewStore } from '../../application/ports/view-store.js';
import type { ViewDefinition } from '../../projections/projection.js';

/**
 * How far a view is behind the log.
 * `checkpoint`  absent before the first commit
 * `head`        read from the log itself, not told by a subscription; absent while the log is empty
 * `positions`   head − checkpoint, counting the events of all types. On the embedded log, whose positions have no gaps, this
 *               is the number of events that the view has not looked at; elsewhere it is only "0" or "more than before"
 * `seconds`     age of the oldest event that the view has not looked at; 0 at the head. Absent if that event cannot be read
 */
export type Lag = Readonly<{ checkpoint?: bigint; head?: bigint; positions: bigint; seconds?: number }>;

/** Measures a view's lag from outside, in any process: it needs no word of the follower. */
export async function measureLag(log: EventStore, views: ViewStore, view: ViewDefinition, nowMs: number): Promise<Lag> {
  const head = await log.head();
  const checkpoint = (await views.checkpoint(view))?.position; // after the head, so that it is never too old for it
  return lagBetween(log, checkpoint, head, nowMs);
}

export async function lagBetween(
  log: EventStore,
  checkpoint: bigint | undefined,
  head: bigint | undefined,
  nowMs: number,
): Promise<Lag> {
  const known = { ...(checkpoint !== undefined && { checkpoint }), ...(head !== undefined && { head }) };
  if (head === undefined || (checkpoint !== undefined && checkpoint >= head))
    return { ...known, positions: 0n, seconds: 0 };
  const positions = head - (checkpoint ?? 0n);
  const recordedAt = await recordedAfter(log, checkpoint);
  if (recordedAt === undefined) return { ...known, positions };
  return { ...known, positions, seconds: Math.max(0, (nowMs - Date.parse(recordedAt)) / 1000) };
}

/** When the first event after `position` was recorded. */
async function recordedAfter(log: EventStore, position: bigint | undefined): Promise<string | undefined> {
  const query = position === undefined ? { batchSize: 1 } : { after: position, batchSize: 1 };
  try {
    for await (const { events } of log.readAll(query)) {
      if (events[0]) return events[0].metadata.recordedAt;
    }
  } catch (cause) {
    if (cause instanceof UnknownEventType || cause instanceof CorruptEvent) return undefined;
    throw cause;
  }
  return undefined;
}
