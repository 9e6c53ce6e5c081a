import type { ViewDefinition } from '../../projections/projection.js';
import type { Checkpoint } from '../ports/view-store.js';

/**
 * What one sweep came to: what it has tried, and of that what failed.
 * `isAll`  all that is to be done was tried: whatever is not among it, others have done
 */
export type Swept = Readonly<{
  tried: readonly string[];
  failed: readonly Readonly<{ id: string; cause: unknown }>[];
  isAll?: boolean;
}>;

/**
 * A process that is durable without keeping anything: what is to be done stands in a view, what has become of it in the
 * log. Each sweep looks for what is due and does it. So it may be killed at any line, run by two processes at once, and
 * begun anew: everything that it does has an id that follows from what asked for it.
 */
export interface Sweep {
  /** Of its lease. */
  readonly name: string;
  /** In which it stands what is to be done, as far as that does not depend on the time. */
  readonly view?: ViewDefinition;
  /**
   * `checkpoint` of its `view`, read just before.
   * @throws StoreUnavailable, ViewStoreUnavailable nothing can be looked for now
   */
  sweep(signal: AbortSignal, checkpoint: Checkpoint | undefined): Promise<Swept>;
}
