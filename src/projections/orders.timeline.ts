import type { Recorded } from '../domain/fact.js';
import type { TimelineEntry } from './orders.view.js';

/** The timeline with one more event. Why it happened is said by the fact itself, or by the command that led to it. */
export function noted(
  timeline: readonly TimelineEntry[],
  event: Recorded & Readonly<{ data: Readonly<{ reason?: string }> }>,
): readonly TimelineEntry[] {
  const reason = event.data.reason ?? event.metadata.reason;
  const entry: TimelineEntry = {
    type: event.type,
    stream: event.stream,
    revision: event.revision.toString(),
    occurredAt: event.metadata.occurredAt,
    recordedAt: event.metadata.recordedAt,
    principal: event.metadata.principal,
    ...(reason === undefined ? {} : { reason }),
  };
  const after = timeline.findLastIndex((earlier) => compareEntries(earlier, entry) < 0);
  return timeline.toSpliced(after + 1, 0, entry);
}

const compareEntries = (a: TimelineEntry, b: TimelineEntry): number =>
  compareText(a.recordedAt, b.recordedAt) ||
  compareText(a.stream, b.stream) ||
  a.revision.length - b.revision.length ||
  compareText(a.revision, b.revision);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
