import { pause } from '../../application/pause.js';
import { LeaseLost, ViewWentBack, collectionOf, remedyForLog, type Lease } from '../../application/ports/view-store.js';
import type { ViewDefinition } from '../../projections/projection.js';
import type { FollowerOptions, FollowerSettings } from './follower-options.js';
import { messageOf } from './halt.js';
import { orAbort } from '../waiting.js';

/** The log stopped giving batches without an error. */
export class SubscriptionEnded extends Error {
  override readonly name = 'SubscriptionEnded';
}
/** The view has seen more than the log holds: it was made from another log, or the log's end is lost. */
export class LogFallsShort extends Error {
  override readonly name = 'LogFallsShort';
  constructor(
    view: Pick<ViewDefinition, 'name' | 'version'>,
    checkpoint: bigint,
    head: bigint | undefined,
    keeps: 'documents' | 'nothing' = 'documents',
  ) {
    const end = head === undefined ? 'is empty' : `ends at ${head}`;
    const remedy = remedyForLog(view, keeps);
    super(`${collectionOf(view)} was made from a log up to position ${checkpoint}, and this log ${end}. ${remedy}`);
  }
}
/** The log has more, and nothing of it has come for too long; or the view store, or where events go, has not answered for as long. */
export class Stalled extends Error {
  override readonly name = 'Stalled';
}
/** A stop was asked for, and the batch under way took too long. */
export class Abandoned extends Error {
  override readonly name = 'Abandoned';
}

/**
 * One run with one lease from one committed checkpoint: how far it has looked, what of that is committed, and all that
 * can break it. Keeps the lease alive until `end()`.
 */
export class Attempt {
  /** The newest position that was looked at: all up to it is folded or passed over. */
  lookedAt: bigint | undefined;
  /** Some of it is not committed. */
  uncommitted = false;
  /** The checkpoint of the last commit, or the one it began after; absent when there was none. */
  checkpoint: bigint | undefined;
  /** Aborts when nothing more should be read: it broke, or was asked to stop. */
  readonly reading: AbortSignal;

  private readonly broken = new AbortController();
  private readonly over = new AbortController();
  private readonly renewing: Promise<void>;
  private readonly stopWatch: () => void;
  private committedAtMs = performance.now();
  private behind: { lookedAt: bigint | undefined; sinceMs: number } | undefined;

  constructor(
    private readonly options: FollowerOptions,
    private readonly settings: FollowerSettings,
    readonly lease: Lease,
    private readonly stop: AbortSignal,
  ) {
    this.reading = AbortSignal.any([stop, this.broken.signal]);
    this.renewing = this.keepLease();
    this.stopWatch = () => void this.abandonLate();
    stop.addEventListener('abort', this.stopWatch, { once: true });
  }

  get stopping(): boolean {
    return this.stop.aborted;
  }

  /** Waits for the view store, or where events go, but not for ever and not once this attempt is broken; a stop alone lets it finish. */
  guard<T>(promise: Promise<T>): Promise<T> {
    const { stallMs } = this.settings;
    const late = () =>
      this.broken.abort(new Stalled(`The view store, or where the events go, has not answered for ${stallMs} ms`));
    const timer = setTimeout(late, stallMs);
    return orAbort(promise, this.broken.signal).finally(() => clearTimeout(timer));
  }

  /** Begins after a checkpoint that is committed already. */
  resumeAfter(position: bigint | undefined): void {
    this.lookedAt = position;
    this.checkpoint = position;
  }

  /** Says whether that is further than before. */
  reached(position: bigint): boolean {
    if (this.lookedAt !== undefined && position <= this.lookedAt) return false;
    this.lookedAt = position;
    this.uncommitted = true;
    return true;
  }

  committed(checkpoint: bigint): void {
    this.checkpoint = checkpoint;
    this.uncommitted = false;
    this.committedAtMs = performance.now();
  }

  sinceCommitMs(): number {
    return performance.now() - this.committedAtMs;
  }

  /** Breaks this attempt if `head` has been ahead for too long without a batch coming in. No wall clock: it may step. */
  checkStall(head: bigint | undefined): void {
    const nowMs = performance.now();
    if (head === undefined || (this.lookedAt !== undefined && this.lookedAt >= head)) {
      this.behind = undefined;
      return;
    }
    if (!this.behind || this.behind.lookedAt !== this.lookedAt) {
      this.behind = { lookedAt: this.lookedAt, sinceMs: nowMs };
      return;
    }
    const stalledMs = nowMs - this.behind.sinceMs;
    if (stalledMs < this.settings.stallMs) return;
    const where = this.lookedAt === undefined ? 'the beginning' : `position ${this.lookedAt}`;
    this.broken.abort(
      new Stalled(`Nothing came after ${where} for ${Math.round(stalledMs)} ms, while the log is at ${head}`),
    );
  }

  /** Breaks this attempt if the view store has fallen behind what was `committed` before `stored` was read. */
  checkStored(committed: bigint | undefined, stored: bigint | undefined): void {
    if (committed === undefined || (stored !== undefined && stored >= committed)) return;
    this.broken.abort(new ViewWentBack(this.lease.follower, committed, stored));
  }

  /** Ends the renewals, then frees the lease. */
  async end(): Promise<void> {
    this.stop.removeEventListener('abort', this.stopWatch);
    this.over.abort();
    const patience = AbortSignal.timeout(this.settings.leaseMs);
    await orAbort(this.renewing, patience); // a renewal under way would take the lease again
    await orAbort(this.options.views.releaseLease(this.lease), patience);
  }

  private async keepLease(): Promise<void> {
    const { follower, holder, epoch } = this.lease;
    while (!this.over.signal.aborted) {
      await pause(this.settings.leaseMs / 3, this.over.signal);
      if (this.over.signal.aborted) return;
      try {
        const renewed = await this.options.views.acquireLease(follower, holder, this.settings.leaseMs);
        if (renewed?.epoch === epoch) continue;
        this.broken.abort(new LeaseLost(`${holder} has lost the lease of ${follower} (epoch ${epoch})`));
        return;
      } catch (cause) {
        this.options.logger.warn(`${follower}: the lease was not renewed: ${messageOf(cause)}`, cause);
      }
    }
  }

  private async abandonLate(): Promise<void> {
    await pause(this.settings.stopMs, this.over.signal);
    if (!this.over.signal.aborted) this.broken.abort(new Abandoned('The batch under way took too long after a stop'));
  }
}
