import type { HaltedAt } from './halt.js';
import type { Lag } from './lag.js';

/**
 * `waiting-for-lease`  another process has it, or nobody has granted it yet
 * `catching-up`        reads history in bulk
 * `live`               follows the log as it grows
 * `backing-off`        something failed; it will resume from the committed checkpoint
 * `stopped`            at an event that it cannot fold (`halted`), until the process is started again; or as it was asked to
 */
export type FollowerState = 'waiting-for-lease' | 'catching-up' | 'live' | 'backing-off' | 'stopped';

/**
 * What one follower does.
 * `since`      when it came into its state
 * `lag`        measured every second against a head that is read apart from the subscription
 * `lagAt`      when; one that grows old says that the probe itself fails
 * `counts`     since the process started: events folded, documents written, commits, failures that it recovered from
 */
export type FollowerStatus = Readonly<{
  follower: string;
  state: FollowerState;
  since: string;
  lag?: Lag;
  lagAt?: string;
  counts: Readonly<{ events: number; documents: number; commits: number; failures: number }>;
  lastError?: Readonly<{ at: string; name: string; message: string }>;
  halted?: HaltedAt & Readonly<{ message: string }>;
}>;
