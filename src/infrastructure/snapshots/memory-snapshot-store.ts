import {
  SnapshotStoreUnavailable,
  SnapshotUnusable,
  type Snapshot,
  type SnapshotStore,
  type StoredSnapshot,
} from '../../application/ports/snapshot-store.js';

/** Snapshots as long as the process lives, each as the text that a file would hold. */
export class MemorySnapshotStore implements SnapshotStore {
  readonly #kept = new Map<string, Omit<Snapshot, 'state'> & { readonly pieces: readonly string[] }>();
  #isClosed = false;

  async read(stream: string, version: number): Promise<StoredSnapshot | undefined> {
    await this.#refuseClosed();
    const found = this.#kept.get(stream);
    if (!found) return undefined;
    if (found.version !== version) throw new SnapshotUnusable(`it has version ${found.version}, not ${version}`);
    const { pieces, ...rest } = found;
    return { ...rest, commands: rest.commands.slice(), state: pieces.map((piece): unknown => JSON.parse(piece)) };
  }

  async write({ state, ...rest }: Snapshot): Promise<void> {
    await this.#refuseClosed();
    const pieces = Array.from(state, (piece) => JSON.stringify(piece));
    this.#kept.set(rest.stream, { ...rest, commands: rest.commands.slice(), pieces });
  }

  async discard(stream: string): Promise<void> {
    await this.#refuseClosed();
    this.#kept.delete(stream);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  #refuseClosed(): Promise<void> {
    return this.#isClosed
      ? Promise.reject(new SnapshotStoreUnavailable('The store of snapshots is closed'))
      : Promise.resolve();
  }
}
