import { type EventStore, CorruptEvent, UnknownEventType } from '../../src/application/ports/event-store.js';

/** `more`: there are more, which were not counted. */
export type EventsBehind = Readonly<{ events: number; more: boolean }>;

const COUNTED = 10_000;

/**
 * Events of the log after a position, of all types, counted one by one because positions have gaps in some engines, and
 * therefore only the first 10,000. One that this build cannot read ends the count.
 */
export async function eventsAfter(log: EventStore, position: bigint | undefined): Promise<EventsBehind> {
  let events = 0;
  try {
    for await (const batch of log.readAll({ batchSize: 2_000, ...(position !== undefined && { after: position }) })) {
      events += batch.events.length;
      if (events >= COUNTED) return { events: COUNTED, more: true };
    }
  } catch (cause) {
    if (cause instanceof UnknownEventType || cause instanceof CorruptEvent) return { events, more: true };
    throw cause;
  }
  return { events, more: false };
}

export function describeBehind({ events, more }: EventsBehind, seconds?: number): string {
  const count = `${more ? 'more than ' : ''}${events} ${events === 1 && !more ? 'event' : 'events'}`;
  return seconds === undefined ? count : `${count}, ${Math.round(seconds)} s`;
}
