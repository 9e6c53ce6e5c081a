import type { Clock } from '../../application/ports/clock.js';
import type { EventStore } from '../../application/ports/event-store.js';
import type { ViewStore } from '../../application/ports/view-store.js';
import type { Projection } from '../../projections/projection.js';
import type { FollowerLogger } from './follower-logger.js';
import type { Followed, Intake } from './intake.js';

/**
 * `projection` what it keeps up; or, with an `intake` of its own for each attempt, any other effect under its own name.
 * `holder` names this process in leases and must be its own: `newHolder()`.
 * `random` gives 0 ≤ n < 1, for the jitter of back-offs.
 */
export type FollowerOptions = Readonly<{
  log: EventStore;
  views: ViewStore;
  clock: Clock;
  logger: FollowerLogger;
  holder: string;
  random?: () => number;
  settings?: Partial<FollowerSettings>;
}> &
  Readonly<{ projection: Projection; intake?: never } | { projection: Followed; intake: () => Intake }>;

/**
 * `batchSize`     the most events read, folded and committed at once
 * `keepSize`      characters of JSON, about, of the documents kept in memory from batch to batch
 * `leaseMs`       how long a killed process keeps others out; renewed at a third of it
 * `leasePollMs`   how often a waiting follower asks for the lease
 * `probeMs`       how often the head is read apart from the subscription, for lag and stalls
 * `stallMs`       no batch for so long while the head is ahead, or no answer, is taken for a broken connection
 * `historyMs`     how often what was folded of history is committed
 * `liveMs`        how long a live event may wait to be committed with those that come right after it; when none does, it
 *                 does not wait. Also how often a checkpoint is committed alone, when a busy log has nothing for this view
 * `backOffMinMs`, `backOffMaxMs`  the wait after the first failure, and the longest
 * `stopMs`        how long a batch under way may take after a stop was asked for
 * `reminderMs`    how often a halted follower says so again
 */
export type FollowerSettings = Readonly<{
  batchSize: number;
  keepSize: number;
  leaseMs: number;
  leasePollMs: number;
  probeMs: number;
  stallMs: number;
  historyMs: number;
  liveMs: number;
  backOffMinMs: number;
  backOffMaxMs: number;
  stopMs: number;
  reminderMs: number;
}>;

export const DEFAULT_SETTINGS: FollowerSettings = {
  batchSize: 2_000,
  keepSize: 4_000_000,
  leaseMs: 5_000,
  leasePollMs: 500,
  probeMs: 1_000,
  stallMs: 20_000,
  historyMs: 1_000,
  liveMs: 25,
  backOffMinMs: 100,
  backOffMaxMs: 30_000,
  stopMs: 5_000,
  reminderMs: 60_000,
};
