import type { SnapshotOptions } from './snapshots.js';

export type StreamWriterOptions = Readonly<{
  /** Of how many events the states are kept, at most. Each stream counts with `STREAM_WEIGHT` events more than it has. */
  maxKeptEvents?: number;
  /** Where states of long streams are saved; without it, a stream that comes into use is read from its beginning. */
  snapshots?: SnapshotOptions | undefined;
  /** How long a command may wait for those before it on its stream, in milliseconds, before it is refused. */
  maxWaitMs?: number;
  /** How often a lost race is decided again before the client is told. */
  maxAttempts?: number;
  /** The longest pause before the next attempt, in milliseconds; the pause itself is random. */
  maxPauseMs?: number;
  /** A clock for ages, in milliseconds, that never goes back. */
  monotonicMs?: () => number;
  /** 0 ≤ x < 1. */
  random?: () => number;
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
