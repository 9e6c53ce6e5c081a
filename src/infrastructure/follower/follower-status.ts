import type { Clock } from '../../application/ports/clock.js';
import { messageOf, type Halt, type HaltedAt } from './halt.js';
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

/** Keeps the status of one follower. */
export class StatusKeeper {
  #status: FollowerStatus;

  constructor(
    follower: string,
    private readonly clock: Clock,
  ) {
    const counts = { events: 0, documents: 0, commits: 0, failures: 0 };
    this.#status = { follower, state: 'waiting-for-lease', since: this.#instant(), counts };
  }

  get status(): FollowerStatus {
    return this.#status;
  }

  /** False if that is its state already. */
  enter(state: FollowerState): boolean {
    if (this.#status.state === state) return false;
    this.#status = { ...this.#status, state, since: this.#instant() };
    return true;
  }

  count(more: Partial<FollowerStatus['counts']>): void {
    const { events, documents, commits, failures } = this.#status.counts;
    const counts = {
      events: events + (more.events ?? 0),
      documents: documents + (more.documents ?? 0),
      commits: commits + (more.commits ?? 0),
      failures: failures + (more.failures ?? 0),
    };
    this.#status = { ...this.#status, counts };
  }

  failed(cause: unknown): void {
    const name = cause instanceof Error ? cause.name : typeof cause;
    this.#status = { ...this.#status, lastError: { at: this.#instant(), name, message: messageOf(cause) } };
  }

  halted({ at, message, cause }: Halt): void {
    this.failed(cause);
    this.#status = { ...this.#status, halted: { ...at, message } };
  }

  measured(lag: Lag): void {
    this.#status = { ...this.#status, lag, lagAt: this.#instant() };
  }

  #instant(): string {
    return new Date(this.clock.now()).toISOString();
  }
}
