import { stat } from 'node:fs/promises';
import type { EventStore } from '../../src/application/ports/event-store.js';
import { collectionOf, type Lease, type ViewStore } from '../../src/application/ports/view-store.js';
import type { DataFolder } from '../../src/infrastructure/config/data-folder.js';
import { measureLag, type Lag } from '../../src/infrastructure/follower/lag.js';
import type { Projection } from '../../src/projections/projection.js';

/**
 * How a ledger stands.
 * `bytes`       what the files take on disk, with their write-ahead logs
 * `viewsIn`     the MongoDB that has the views, without credentials; `null` while they are in the folder
 * `head`        position of the newest event; `null` while there is none
 * `versions`    versions of the view that are stored
 * `checkpoint`  log position up to which the view has looked; `null` before its first commit
 * `lag`         how far it is behind the log; see `Lag`
 * `lease`       who follows the log for it now; `null` when nobody does
 */
export type LedgerStatus = Readonly<{
  dataFolder: string;
  log: Readonly<{ bytes: number; head: bigint | null }>;
  viewsBytes: number;
  viewsIn: string | null;
  views: readonly ViewStatus[];
}>;
export type ViewStatus = Readonly<{
  name: string;
  version: number;
  versions: readonly number[];
  checkpoint: bigint | null;
  committedAt: string | null;
  lag: Lag;
  lease: Lease | null;
}>;

export async function statusOf(
  folder: DataFolder,
  viewsIn: string | undefined,
  log: EventStore,
  views: ViewStore,
  projections: readonly Projection[],
  now: number,
): Promise<LedgerStatus> {
  const statuses: ViewStatus[] = [];
  for (const view of projections) {
    const checkpoint = await views.checkpoint(view);
    statuses.push({
      name: view.name,
      version: view.version,
      versions: await views.versions(view.name),
      checkpoint: checkpoint?.position ?? null,
      committedAt: checkpoint?.committedAt ?? null,
      lag: await measureLag(log, views, view, now),
      lease: (await views.lease(collectionOf(view))) ?? null,
    });
  }
  return {
    dataFolder: folder.path,
    log: { bytes: await sizeOf(folder.logFile), head: (await log.head()) ?? null },
    viewsBytes: viewsIn === undefined ? await sizeOf(folder.viewsFile) : 0,
    viewsIn: viewsIn ?? null,
    views: statuses,
  };
}

/** Of a SQLite file and its write-ahead log; 0 for one that is not there. */
async function sizeOf(file: string): Promise<number> {
  const sizes = await Promise.all(
    [file, `${file}-wal`].map((path) => stat(path).then(({ size }) => size, absentIsZero)),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function absentIsZero(error: NodeJS.ErrnoException): number {
  if (error.code === 'ENOENT') return 0;
  throw error;
}
