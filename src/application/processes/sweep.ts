import type { ViewDefinition } from '../../projections/projection.js';

/** What one sweep came to: what it has tried, and of that what failed. */
export type Swept = Readonly<{ tried: readonly string[]; failed: readonly Readonly<{ id: string; cause: unknown }>[] }>;

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
  /** @throws StoreUnavailable, ViewStoreUnavailable nothing can be looked for now */
  sweep(signal: AbortSignal): Promise<Swept>;
}
