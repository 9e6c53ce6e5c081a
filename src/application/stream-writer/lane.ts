import type { CommandContext, Receipt } from '../command-context.js';
import type { AnyCommand, AnyDecider, Folded } from './folded.js';

/** A command in its queue. `since` is the writer's monotonic clock when it came, in milliseconds. */
export type Waiting = Readonly<{
  command: AnyCommand;
  context: CommandContext;
  hash: string;
  since: number;
  resolve: (receipt: Receipt) => void;
  reject: (error: unknown) => void;
}>;

/** What a writer knows of one stream, and the work on it, one after the other. */
export class Lane {
  /** Absent until read, and again after an append whose outcome is unknown. */
  folded: Folded | undefined;
  /** When `folded` was last known to be the stream's head. */
  freshAt = -Infinity;
  readonly queue: Waiting[] = [];
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
