import { stat } from 'node:fs/promises';
import type { EventStore } from '../../src/application/ports/event-store.js';
import { type Checkpoint, collectionOf, type Lease, type ViewStore } from '../../src/application/ports/view-store.js';
import type { Config } from '../../src/infrastructure/config/config.js';
import { dataFolderAt } from '../../src/infrastructure/config/data-folder.js';
import { measureLag, type Lag } from '../../src/infrastructure/follower/lag.js';
import type { Followed } from '../../src/infrastructure/follower/intake.js';
import { effectsWith, sweepsWith } from '../../src/infrastructure/processes/background.js';
import type { Projection } from '../../src/projections/projection.js';
import { type EventsBehind, eventsAfter } from './events-behind.js';

/**
 * How a ledger stands.
 * `dataFolder`  `null` when nothing is in it
 * `bytes`, `viewsBytes`  what the files take on disk, with their write-ahead logs; `null` for an engine without a file
 * `in`, `viewsIn`        the EventStoreDB or MongoDB, without credentials; `null` while it is in the folder
 * `head`        position of the newest event; `null` while there is none
 * `versions`    versions of the view that are stored
 * `checkpoint`  log position up to which the view has looked; `null` before its first commit
 * `problem`     why nobody can follow this log for it: it was made from another, or has seen more than this one holds
 * `lag`         how far it is behind the log; see `Lag`; `null` where there is a problem
 * `behind`      the events that it is behind, where positions do not count them
 * `lease`       who follows the log for it now; `null` when nobody does
 * `effects`     followers that keep no view: they apply what the payment provider told, and publish events
 * `sweeps`      what is done by looking for what is due, not by following the log: who does it now
 */
export type LedgerStatus = Readonly<{
  dataFolder: string | null;
  log: Readonly<{ in: string | null; bytes: number | null; head: bigint | null }>;
  viewsBytes: number | null;
  viewsIn: string | null;
  views: readonly ViewStatus[];
  effects: readonly ViewStatus[];
  sweeps: readonly Readonly<{ name: string; lease: Lease | null }>[];
}>;
export type ViewStatus = Readonly<{
  name: string;
  version: number;
  versions: readonly number[];
  checkpoint: bigint | null;
  committedAt: string | null;
  lease: Lease | null;
}> &
  (
    | Readonly<{ problem: null; lag: Lag; behind?: EventsBehind }>
    | Readonly<{ problem: 'another-log' | 'past-the-end'; lag: null }>
  );

export type StatusOptions = Readonly<{
  config: Config;
  log: EventStore;
  views: ViewStore;
  projections: readonly Projection[];
  nowMs: number;
}>;

export async function statusOf(options: StatusOptions): Promise<LedgerStatus> {
  const { config, log } = options;
  const folder = dataFolderAt(config.dataFolder);
  const statusesOf = async (followers: readonly Followed[]): Promise<readonly ViewStatus[]> => {
    const statuses: ViewStatus[] = [];
    for (const follower of followers) statuses.push(await viewStatusOf(follower, options));
    return statuses;
  };
  const sweeps = [];
  for (const name of sweepsWith(config)) sweeps.push({ name, lease: (await options.views.lease(name)) ?? null });
  const logBytes = config.eventStore ? null : await sizeOf(folder.logFile);
  return {
    dataFolder: config.eventStore && config.mongodb ? null : folder.path,
    log: { in: config.eventStore?.shown ?? null, bytes: logBytes, head: (await log.head()) ?? null },
    viewsBytes: config.mongodb ? null : await sizeOf(folder.viewsFile),
    viewsIn: config.mongodb?.shown ?? null,
    views: await statusesOf(options.projections),
    effects: await statusesOf(effectsWith(config)),
    sweeps,
  };
}

async function viewStatusOf(view: Followed, { config, log, views, nowMs }: StatusOptions): Promise<ViewStatus> {
  const checkpoint = await views.checkpoint(view);
  const lag = await measureLag(log, views, view, nowMs); // with a head that is not older than the checkpoint
  const problem = checkpoint ? problemOf(checkpoint, await log.identity(), lag.head) : null;
  const status = {
    name: view.name,
    version: view.version,
    versions: await views.versions(view.name),
    checkpoint: checkpoint?.position ?? null,
    committedAt: checkpoint?.committedAt ?? null,
    lease: (await views.lease(collectionOf(view))) ?? null,
  };
  if (problem) return { ...status, problem, lag: null };
  const isCounted = config.eventStore && lag.positions > 0n;
  return { ...status, problem, lag, ...(isCounted && { behind: await eventsAfter(log, lag.checkpoint) }) };
}

function problemOf(checkpoint: Checkpoint, identity: string, head: bigint | undefined): ViewStatus['problem'] {
  if (checkpoint.log !== identity) return 'another-log';
  return checkpoint.position > (head ?? 0n) ? 'past-the-end' : null;
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
