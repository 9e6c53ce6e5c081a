import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventStore } from '../../application/ports/event-store.js';
import { LeaseLost, collectionOf, type Lease, type ViewStore } from '../../application/ports/view-store.js';
import type { Projection } from '../../projections/projection.js';
import { Fold } from './fold.js';

/**
 * `position`   how far the view has come; everything up to there has been looked at
 * `head`       where the log ended when the rebuild began
 * `events`     folded so far: those of the projection's types
 * `documents`  written so far, a document that was written twice counting twice
 */
export type RebuildProgress = Readonly<{
  position: bigint;
  head: bigint;
  events: number;
  documents: number;
  elapsedMs: number;
}>;

export type RebuildOptions = Readonly<{
  projection: Projection;
  log: EventStore;
  views: ViewStore;
  /** As for a follower: `newHolder()`. */
  holder: string;
  /** Told after every commit. */
  onProgress?: (progress: RebuildProgress) => void;
  signal?: AbortSignal;
}>;

const BATCH_SIZE = 2_000;
/** Characters of JSON, about, of the documents held in memory before they are written, and of those kept from then on. */
const COMMIT_SIZE = 12_000_000;
/** Events after which progress is made and committed at the latest. */
const COMMIT_EVENTS = 100_000;
const LEASE_MS = 30_000;

/**
 * Drops the view's version and folds the log into it again from the beginning, to the head as found on the way. Takes the
 * lease: a follower of this view, in any process, waits meanwhile, and afterwards goes on from where this ended. While it
 * runs, readers see the view empty, then growing. Stopped half-way it leaves a valid view, which its follower completes.
 *
 * @throws LeaseLost             another process took the view over meanwhile
 * @throws ViewWentBack          the view store was put back to an earlier state meanwhile
 * @throws Halt                  an event cannot be folded; all before it is committed
 * @throws StoreUnavailable, ViewStoreUnavailable
 * @throws the signal's reason when it aborts
 */
export async function rebuild(options: RebuildOptions): Promise<RebuildProgress> {
  const { projection, log, views, signal, onProgress } = options;
  const startedAt = performance.now();
  const head = (await log.head()) ?? 0n;
  const lease = await takeOver(options);
  try {
    await views.prepare(projection, await log.identity());
    const fold = new Fold(projection, views, COMMIT_SIZE);
    let progress: RebuildProgress = { position: 0n, head, events: 0, documents: 0, elapsedMs: 0 };
    let after: { after?: bigint } = {};
    let committedEvents = 0;
    let renewedAt = performance.now();
    const commit = async (): Promise<void> => {
      const documents = fold.documents();
      const { position } = progress;
      await views.commit(projection, { documents, checkpoint: position, ...after }, lease);
      fold.settled();
      after = { after: position };
      committedEvents = progress.events;
      const written = progress.documents + documents.length;
      progress = { ...progress, documents: written, elapsedMs: performance.now() - startedAt };
      onProgress?.(progress);
    };
    const query = { types: projection.types, batchSize: BATCH_SIZE, ...(signal && { signal }) };
    for await (const { events, upTo } of log.readAll(query)) {
      const { folded, halt } = await fold.add(events);
      const position = halt ? (events[folded - 1]?.position ?? progress.position) : upTo;
      progress = { ...progress, position, events: progress.events + folded };
      if (halt || fold.waitingSize >= COMMIT_SIZE || progress.events - committedEvents >= COMMIT_EVENTS) await commit();
      if (halt) throw halt;
      if (performance.now() - renewedAt > LEASE_MS / 3) {
        await renew(options, lease);
        renewedAt = performance.now();
      }
      await nextTurn(); // lets timers and signals through
      signal?.throwIfAborted();
    }
    signal?.throwIfAborted();
    if (progress.position > 0n) await commit();
    return progress;
  } finally {
    await views.releaseLease(lease);
  }
}

/** Dropping takes the lease from whoever has it; a follower that asks for it in the same moment may be first. */
async function takeOver({ projection, views, holder }: RebuildOptions): Promise<Lease> {
  for (let attempt = 1; attempt <= 10; attempt++) {
    await views.drop(projection.name, projection.version);
    const lease = await views.acquireLease(collectionOf(projection), holder, LEASE_MS);
    if (lease) return lease;
  }
  throw new LeaseLost(
    `${collectionOf(projection)} is being followed by a process that cannot be held off; stop it first`,
  );
}

async function renew({ projection, views, holder }: RebuildOptions, lease: Lease): Promise<void> {
  const renewed = await views.acquireLease(collectionOf(projection), holder, LEASE_MS);
  if (renewed?.epoch !== lease.epoch)
    throw new LeaseLost(`${holder} has lost the lease of ${collectionOf(projection)}`);
}
