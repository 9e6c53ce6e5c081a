import type { EventStore } from '../application/ports/event-store.js';
import { collectionOf, type ViewStore } from '../application/ports/view-store.js';
import { projections } from '../projections/index.js';

/**
 * The log has no event, and there are views that were made from another: it was lost, or this is not the place it is at.
 * Whoever began anew beside them would take every command a second time.
 */
export class LogLost extends Error {
  override readonly name = 'LogLost';
  /**
   * @param what       `The log at …` and how it was found
   * @param beginAnew  what to move away, or to set otherwise
   */
  constructor(what: string, { view, position }: MadeView, beginAnew: string) {
    super(
      `${what}, but the view ${view} was made from a log with events up to position ${position}. Nothing was recorded. ` +
        `Put that log back (an embedded one with its -wal file, if there is one), and start again. ${beginAnew}`,
    );
  }
}

/** A view that holds something, how far it came, and the identity of the log that it was made from. */
export type MadeView = Readonly<{ view: string; position: bigint; log: string }>;

/** One of the ledger's views that was made from another log than `log`; from any, where there is none. */
export async function viewOfAnotherLog(
  views: Pick<ViewStore, 'checkpoint'>,
  log?: Pick<EventStore, 'identity'>,
): Promise<MadeView | undefined> {
  const identity = await log?.identity();
  for (const projection of projections) {
    const checkpoint = await views.checkpoint(projection);
    if (checkpoint && checkpoint.log !== identity) return { view: collectionOf(projection), ...checkpoint };
  }
  return undefined;
}
