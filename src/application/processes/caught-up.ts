import type { EventStore } from '../ports/event-store.js';
import type { Checkpoint } from '../ports/view-store.js';

/**
 * Whether a view may be acted on: it is of this log, and has once come to where the log ended. One that is made anew shows
 * what was due long ago, and one of another log what never was.
 */
export class CaughtUp {
  /** Where the log ended when the view was seen for the first time, or made anew. */
  #target: bigint | undefined;
  #seen = -1n;

  constructor(private readonly log: Pick<EventStore, 'head' | 'identity'>) {}

  /** `checkpoint` of the view, as it is by now. @throws StoreUnavailable */
  async by(checkpoint: Checkpoint | undefined): Promise<boolean> {
    const position = checkpoint?.position ?? -1n;
    if (position < this.#seen) this.#target = undefined;
    this.#seen = position;
    if (this.#target === undefined) {
      if (checkpoint === undefined || checkpoint.log !== (await this.log.identity())) return false;
      this.#target = (await this.log.head()) ?? -1n;
    }
    return position >= this.#target;
  }
}
