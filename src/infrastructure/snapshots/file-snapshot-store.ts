import { createHash, randomUUID } from 'node:crypto';
import { open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import {
  SnapshotStoreUnavailable,
  SnapshotUnusable,
  type Snapshot,
  type SnapshotStore,
  type StoredSnapshot,
} from '../../application/ports/snapshot-store.js';
import { makeFolder } from '../config/data-folder.js';
import { encoded, SnapshotFile } from './snapshot-file.js';

/**
 * `folder`    is made with the first snapshot; the one above it, too
 * `log`       `EventStore.identity` of the log that the streams are of
 * `maxBytes`  what all files together may take: beyond, those written longest ago are removed
 */
export type SnapshotFolder = Readonly<{ folder: string; log: () => Promise<string>; maxBytes?: number }>;

export const MAX_SNAPSHOT_BYTES = 2 ** 30;
export const SNAPSHOT_SUFFIX = '.snapshot';
const UNFINISHED_SUFFIX = '.unfinished';
/** Nobody writes one for so long: what is older was left by a process that was killed. */
const UNFINISHED_MS = 10 * 60_000;

/**
 * Snapshots as files, one for each stream, beside whatever log: they belong to this machine, and a process without them is
 * only slower. A file is written under another name and then renamed, so it is there whole or not at all; what a power
 * failure cuts off is found by its SHA-256. Nothing is fsynced: that would hold up the log's, for what can be made again.
 */
export class FileSnapshotStore implements SnapshotStore {
  readonly #maxBytes: number;
  #isClosed = false;
  readonly #underWay = new Set<Promise<void>>();

  constructor(private readonly options: SnapshotFolder) {
    this.#maxBytes = options.maxBytes ?? MAX_SNAPSHOT_BYTES;
  }

  async read(stream: string, version: number): Promise<StoredSnapshot | undefined> {
    const log = await this.#log();
    const path = this.#pathOf(log, stream);
    return this.#attempt('read', path, async () => {
      const file = await openIfThere(path);
      if (!file) return undefined;
      try {
        const found = await SnapshotFile.of(file);
        const header = await found.header();
        if (header.log !== log || header.stream !== stream) {
          throw new SnapshotUnusable(`it is of ${header.stream} in the log ${header.log}`);
        }
        if (header.version !== version) {
          throw new SnapshotUnusable(`its state has version ${header.version}, and this build knows ${version}`);
        }
        return await found.rest(header);
      } finally {
        await file.close();
      }
    });
  }

  async write(snapshot: Snapshot): Promise<void> {
    const log = await this.#log();
    const path = this.#pathOf(log, snapshot.stream);
    const writing = this.#attempt('written', path, () => this.#write(path, encoded(snapshot, log)));
    const settled = writing.then(
      () => undefined,
      () => undefined,
    );
    this.#underWay.add(settled);
    try {
      await writing;
    } finally {
      this.#underWay.delete(settled);
    }
  }

  async discard(stream: string): Promise<void> {
    const path = this.#pathOf(await this.#log(), stream);
    await this.#attempt('removed', path, () => rm(path, { force: true }));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#underWay);
  }

  async #write(path: string, pieces: Iterable<Buffer>): Promise<void> {
    await makeFolder(this.options.folder);
    const unfinished = `${path}.${randomUUID()}${UNFINISHED_SUFFIX}`;
    const file = await open(unfinished, 'wx');
    try {
      let bytes = 0;
      for (const piece of pieces) {
        bytes += piece.length;
        if (bytes > this.#maxBytes) throw new Error(`it takes more than the ${this.#maxBytes} bytes that all may take`);
        this.#refuseClosed();
        await file.appendFile(piece); // all of it, where `write` may do with less
      }
      await file.close();
      await rename(unfinished, path);
    } catch (error) {
      await file.close();
      await rm(unfinished, { force: true });
      throw error;
    }
    await this.#tidy();
  }

  /** Keeps all files together below their limit, and removes what was left unfinished. */
  async #tidy(): Promise<void> {
    const { folder } = this.options;
    const files = await Promise.all((await readdir(folder)).map((name) => describe(join(folder, name))));
    const there = files.filter((file) => file !== undefined);
    const abandoned = there.filter(
      ({ path, mtimeMs }) => path.endsWith(UNFINISHED_SUFFIX) && Date.now() - mtimeMs > UNFINISHED_MS,
    );
    const newestFirst = there
      .filter(({ path }) => path.endsWith(SNAPSHOT_SUFFIX))
      .sort((one, other) => other.mtimeMs - one.mtimeMs);
    let bytes = 0;
    const tooMany = newestFirst.filter(({ size }) => (bytes += size) > this.#maxBytes);
    for (const { path } of [...abandoned, ...tooMany]) await rm(path, { force: true });
  }

  #log(): Promise<string> {
    this.#refuseClosed();
    return this.options.log();
  }

  /** A stream's name may hold what a file's may not. */
  #pathOf(log: string, stream: string): string {
    const name = createHash('sha256').update(`${log}\n${stream}`).digest('hex').slice(0, 40);
    return join(this.options.folder, `${name}${SNAPSHOT_SUFFIX}`);
  }

  async #attempt<T>(done: string, path: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof SnapshotUnusable) throw new SnapshotUnusable(`${path}: ${cause.message}`, { cause });
      if (cause instanceof SnapshotStoreUnavailable) throw cause;
      throw new SnapshotStoreUnavailable(`${path} cannot be ${done}: ${(cause as Error).message}`, { cause });
    }
  }

  #refuseClosed(): void {
    if (this.#isClosed) throw new SnapshotStoreUnavailable('The store of snapshots is closed');
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** `undefined` for a file that another process has removed since. */
async function describe(path: string): Promise<{ path: string; size: number; mtimeMs: number } | undefined> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { path, size, mtimeMs };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';
