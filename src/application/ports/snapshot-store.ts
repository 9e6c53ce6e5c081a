/**
 * The newest event in a snapshot, as the log gives it. `recordedAt` and `position` are the append's own, so where this event
 * stands, so does everything that was before it: the same commands appended anew, after a backup, are other events.
 */
export type SnapshotHead = Readonly<{ revision: bigint; position: bigint; id: string; recordedAt: string }>;

/**
 * A state folded from a stream up to `head`, and the commands until then.
 * `version`   of the decider's `StateCodec`, whose pieces `state` are: plain JSON data
 * `commands`  as `CommandIndex` has them: 64 bits of each id's SHA-256 and a revision
 */
export type Snapshot = Readonly<{
  stream: string;
  version: number;
  head: SnapshotHead;
  state: Iterable<unknown>;
  commands: Uint32Array<ArrayBuffer>;
}>;
export type StoredSnapshot = Snapshot & Readonly<{ state: readonly unknown[] }>;

/**
 * Shorter ways to a stream's state, of one log. Only a cache: it may lose anything at any time, and nobody depends on it
 * for anything but time. Several processes may write the same stream's at once; one of theirs is then there, whole.
 */
export interface SnapshotStore {
  /**
   * What was written last for this stream of this log, exactly as it was; `undefined` when there is nothing (any more).
   * @throws SnapshotUnusable          damaged, or of another version, format or log
   * @throws SnapshotStoreUnavailable
   */
  read(stream: string, version: number): Promise<StoredSnapshot | undefined>;
  /**
   * Puts it in the place of the stream's last one, all or nothing. Takes its time, and lets other work go on meanwhile.
   * @throws SnapshotStoreUnavailable  the disk is full, it is larger than all together may be, or the store was closed
   */
  write(snapshot: Snapshot): Promise<void>;
  /**
   * Removes the stream's, if there is one.
   * @throws SnapshotStoreUnavailable
   */
  discard(stream: string): Promise<void>;
  /** Gives up what is being written. Later calls throw `SnapshotStoreUnavailable`. */
  close(): Promise<void>;
}

export class SnapshotUnusable extends Error {
  override readonly name = 'SnapshotUnusable';
}
export class SnapshotStoreUnavailable extends Error {
  override readonly name = 'SnapshotStoreUnavailable';
}
