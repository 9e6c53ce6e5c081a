import type { CommandContext, Receipt } from '../command-context.js';
import { MAX_APPEND_EVENTS, type ConcurrencyConflict } from '../ports/event-store.js';
import type { AnyCommand, AnyDecider, Folded } from './folded.js';

/** How many commands one append folds at most: with a few events each it stays far below the store's limit. */
const MAX_ROUND = Math.floor(MAX_APPEND_EVENTS / 20);
/** What each race that is lost after the first adds to the longest pause before the next, in milliseconds, and its end. */
const PAUSE_MS = 5;
const MAX_PAUSE_MS = 50;

/**
 * A command in its queue.
 * `since`  the writer's monotonic clock when it came, in milliseconds
 * `lost`   the last race that it was in, if it was in one: nothing was written
 */
export type Waiting = Readonly<{
  command: AnyCommand;
  context: CommandContext;
  hash: string;
  since: number;
  resolve: (receipt: Receipt) => void;
  reject: (error: unknown) => void;
}> & { lost: ConcurrencyConflict | undefined };

/** What a writer knows of one stream, and the work on it, one after the other. */
export class Lane {
  /** Absent until read, and again after an append whose outcome is unknown. */
  folded: Folded | undefined;
  /** When `folded` was last known to be the stream's head. */
  freshAt = -Infinity;
  readonly queue: Waiting[] = [];
  /** Somebody runs its rounds until the queue is empty. */
  isServed = false;
  /** How many races, one after the other, it has lost to other processes: what is kept is old. */
  lostRaces = 0;
  /** How many rounds from now take one command only. */
  #alone = 0;
  /** The end of what is running; `undefined` when idle. */
  #running: Promise<void> | undefined;

  constructor(
    readonly stream: string,
    /** A stream has one decider, so the types that a lane forgets are the ones its callers come back with. */
    readonly decider: AnyDecider,
    private readonly onIdle: (lane: Lane) => void,
  ) {}

  get isBusy(): boolean {
    return this.#running !== undefined || this.queue.length > 0;
  }

  /** The longest pause before the next round. */
  get mostPauseMs(): number {
    return Math.min(MAX_PAUSE_MS, PAUSE_MS * Math.max(0, this.lostRaces - 1));
  }

  /** Those who have waited longest. */
  takeRound(): readonly Waiting[] {
    if (this.#alone === 0) return this.queue.splice(0, MAX_ROUND);
    this.#alone -= 1;
    return this.queue.splice(0, 1);
  }

  /** A round has lost its race. @param lost absent: what it would have written is there already */
  putBack(round: readonly Waiting[], lost?: ConcurrencyConflict): void {
    this.lostRaces += 1;
    for (const waiting of round) waiting.lost = lost;
    this.queue.unshift(...round);
  }

  /** A round has failed: one command that cannot be written must not take those that waited beside it along. */
  putBackAlone(round: readonly Waiting[]): void {
    this.#alone = round.length;
    this.queue.unshift(...round);
  }

  /**
   * Runs `work` after what runs already, and never in the caller's own turn, so that what is asked in one turn is decided
   * together. A failure of earlier work has been told to its own callers.
   */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = (this.#running ?? Promise.resolve()).then(work);
    const settled = (): void => {
      if (this.#running !== running) return;
      this.#running = undefined;
      this.onIdle(this);
    };
    const running = result.then(settled, settled);
    this.#running = running;
    return result;
  }
}
