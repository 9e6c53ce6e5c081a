import type { SnapshotOptions } from './snapshots.js';

export type StreamWriterOptions = Readonly<{
  /** Of how many events the states are kept, at most. Each stream counts with `STREAM_WEIGHT` events more than it has. */
  maxKeptEvents?: number;
  /** Where states of long streams are saved; without it, a stream that comes into use is read from its beginning. */
  snapshots?: SnapshotOptions | undefined;
  /** How long a command may wait for its turn and be tried again after lost races, in milliseconds; 10,000. */
  maxWaitMs?: number;
  /** A clock for ages, in milliseconds, that never goes back. */
  monotonicMs?: () => number;
  /** Waits for a random time of at most so many milliseconds. */
  pause?: (mostMs: number) => Promise<void>;
}>;

/** What `execute` may be told beyond the command. */
export type ExecuteOptions = Readonly<{
  /** What the client asked for, where the command holds more than that (a resolved price): this is what is hashed. */
  asked?: unknown;
  /**
   * The stream is most likely not there yet (its name comes from this command's own id): decide without reading it.
   * Where that was wrong, the append conflicts, and the stream is read and the command decided again.
   */
  presumedNew?: boolean;
}>;
