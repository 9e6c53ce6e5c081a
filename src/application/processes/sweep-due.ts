import type { Document, Stored, ViewDefinition } from '../../projections/projection.js';
import { StoreUnavailable } from '../ports/event-store.js';
import type { Cursor, ViewQuery, ViewStore } from '../ports/view-store.js';
import type { Swept } from './sweep.js';

/**
 * Does `work` for every document of one walk after the other, those of a page at once. What fails by itself is told, and is
 * looked for again in the next sweep.
 * @throws StoreUnavailable the log takes nothing now; ViewStoreUnavailable
 */
export async function sweepDue<D extends Document>(
  views: ViewStore,
  view: ViewDefinition<D>,
  walks: readonly Omit<ViewQuery, 'after'>[],
  work: (document: Stored<D>) => Promise<unknown>,
  signal: AbortSignal,
): Promise<Swept> {
  const tried: string[] = [];
  const failed: { id: string; cause: unknown }[] = [];
  for (const walk of walks) {
    let after: Cursor | undefined;
    do {
      const page = await views.find(view, { ...walk, ...(after && { after }) });
      const ends = await Promise.allSettled(page.documents.map(work));
      for (const [index, { _id: id }] of page.documents.entries()) {
        const end = ends[index];
        tried.push(id);
        if (end?.status !== 'rejected') continue;
        if (end.reason instanceof StoreUnavailable) throw end.reason;
        failed.push({ id, cause: end.reason });
      }
      after = page.next;
    } while (after && !signal.aborted);
    if (after) return { tried, failed, isAll: false };
  }
  return { tried, failed, isAll: true };
}
