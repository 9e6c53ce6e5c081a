import type { LogBatch, LogQuery } from '../../../application/ports/event-store.js';
import type { Recorded } from '../../../domain/fact.js';
import { storedData } from './verbatim-codec.js';

/** A log that can be read: an `EventStore`, opened with the `verbatimCodec`. */
export interface CopySource {
  readAll(query?: LogQuery): AsyncIterable<LogBatch>;
}

/** A log that takes events over from another: opened with the `verbatimCodec`, and written by nobody else meanwhile. */
export interface CopyTarget extends CopySource {
  /**
   * Writes events in this order behind what is there, durable before it resolves, each with the id, revision, metadata
   * and recorded time that it has. After a failure, some first part of them is there.
   * @throws ConcurrencyConflict an event's stream is not at the revision before it; nothing of that event is written
   * @throws StoreUnavailable    how many were written is unknown; copying again goes on behind them
   */
  restore(events: readonly Recorded[]): Promise<void>;
}

/** `found`: events that were in the target before. `more`: the source has gone on meanwhile; copying again takes it over. */
export type CopyReport = Readonly<{ found: number; copied: number; more: boolean }>;
export type CopyProgress = Readonly<{ step: 'copying' | 'comparing'; events: number }>;

export type CopyOptions = Readonly<{
  from: CopySource;
  to: CopyTarget;
  onProgress?: (progress: CopyProgress) => void;
  signal?: AbortSignal;
}>;

/** The target is no copy of the source, nor the beginning of one. Events are counted from 1 in both. */
export class CopiesDiffer extends Error {
  override readonly name = 'CopiesDiffer';
  constructor(number: number, detail: string) {
    super(`Event ${number} differs: ${detail}`);
  }
}

const BATCH_SIZE = 2_000;

/**
 * Copies one log behind what of it the other holds already, then reads both again and compares every event. Stopped
 * half-way, or repeated when the source has gone on, it goes on where the target ends.
 *
 * @throws CopiesDiffer        the target holds something else than the source; what was found so far stays as it is
 * @throws ConcurrencyConflict somebody else writes to the target
 * @throws StoreUnavailable    either log does not answer; copying again goes on
 * @throws the signal's reason when it aborts
 */
export async function copyLog(options: CopyOptions): Promise<CopyReport> {
  const { from, to, onProgress, signal } = options;
  const query = { batchSize: BATCH_SIZE, ...(signal && { signal }) };
  const there = new EventReader(to, query);
  let [found, copied] = [0, 0];
  for await (const { events } of from.readAll(query)) {
    const missing: Recorded[] = [];
    for (const event of events) {
      const same = missing.length === 0 && copied === 0 ? await there.next() : undefined;
      if (same === undefined) missing.push(event);
      else refuseDifferent(++found, event, same);
    }
    signal?.throwIfAborted(); // reading ends early then: what seems to be missing may be there
    if (missing.length > 0) await to.restore(missing);
    copied += missing.length;
    onProgress?.({ step: 'copying', events: found + copied });
    signal?.throwIfAborted();
  }
  signal?.throwIfAborted();
  const compared = await compareLogs(options);
  return { found, copied, more: compared > found + copied };
}

/**
 * Reads both logs side by side and compares them event by event. The target may end before the source does, if the
 * source goes on meanwhile. Resolves with the number of events of the source.
 */
async function compareLogs({ from, to, onProgress, signal }: CopyOptions): Promise<number> {
  const query = { batchSize: BATCH_SIZE, ...(signal && { signal }) };
  const there = new EventReader(to, query);
  let [compared, beyond] = [0, 0];
  for await (const { events } of from.readAll(query)) {
    for (const event of events) {
      const same = beyond === 0 ? await there.next() : undefined;
      if (same === undefined) beyond++;
      else refuseDifferent(++compared, event, same);
    }
    onProgress?.({ step: 'comparing', events: compared });
    signal?.throwIfAborted();
  }
  const extra = await there.next();
  if (extra) throw new CopiesDiffer(compared + 1, `the target has ${nameOf(extra)}, the source has ended`);
  return compared + beyond;
}

/** The events of a log one by one. */
class EventReader {
  private readonly batches: AsyncIterator<LogBatch>;
  private events: readonly Recorded[] = [];
  private at = 0;

  constructor(log: CopySource, query: LogQuery) {
    this.batches = log.readAll(query)[Symbol.asyncIterator]();
  }

  async next(): Promise<Recorded | undefined> {
    while (this.at === this.events.length) {
      const next = await this.batches.next();
      if (next.done) return undefined;
      this.events = next.value.events;
      this.at = 0;
    }
    return this.events[this.at++];
  }
}

function refuseDifferent(number: number, ours: Recorded, theirs: Recorded): void {
  const [a, b] = [contentOf(ours), contentOf(theirs)];
  for (const part of Object.keys(a) as (keyof typeof a)[]) {
    if (a[part] === b[part]) continue;
    const detail = `${part} is ${String(a[part])} in the source, ${String(b[part])} in the target`;
    throw new CopiesDiffer(number, `${nameOf(ours)}, ${detail}`);
  }
}

/** All of an event but its position, which every engine gives itself. */
function contentOf({ id, stream, revision, type, data, metadata }: Recorded) {
  const { reason, traceparent, ...always } = metadata;
  return { id, stream, revision, type, ...always, reason, traceparent, data: storedData(data).json };
}

const nameOf = ({ type, stream, revision }: Recorded): string => `${type} in ${stream} at revision ${revision}`;
