import type { Recorded } from '../../domain/fact.js';
import type { StateCodec } from '../../domain/state-codec.js';
import {
  SnapshotUnusable,
  type SnapshotHead,
  type SnapshotStore,
  type StoredSnapshot,
} from '../ports/snapshot-store.js';
import { AcceptedCommands } from './accepted-commands.js';
import { CommandIndex } from './command-index.js';
import { eventsIn, type Folded } from './folded.js';

/**
 * `report`  what went wrong with one, in words; nothing else becomes of it, for a snapshot only saves time
 * `every`   how many events a state is folded beyond its last snapshot before it is saved again
 */
export type SnapshotOptions = Readonly<{
  store: SnapshotStore;
  report: (problem: string, cause: unknown) => void;
  every?: number;
}>;

/** Folding these takes some 100 ms; saving a state of a million, as much work and a file of 12 MB to 60 MB. */
const EVERY = 20_000;
/** These are read before a snapshot is looked for, which would cost a short stream more than all of it. */
const LOOKED_FOR_FROM = 500;

/** After one that took a second to save, none is for so many: a stream that is hot and long is not saved all the time. */
const REST = 20;

/** Saves large states and gives them back. Nothing of this fails: what cannot be saved or read is reported, and done without. */
export class Snapshots {
  readonly #every: number;
  /** Streams with fewer events than these have none. */
  readonly fewest: number;
  /** One at a time: whatever else is due then is due again after its next command. `Infinity` while one is saved. */
  #restUntil = -Infinity;

  constructor(
    private readonly options: SnapshotOptions,
    /** A clock for ages, in milliseconds, that never goes back. */
    private readonly monotonicMs: () => number,
  ) {
    this.#every = options.every ?? EVERY;
    this.fewest = Math.min(this.#every, LOOKED_FOR_FROM);
  }

  /** The stream's last snapshot, still to be held against the log. */
  async last(stream: string, { version }: StateCodec<unknown>): Promise<StoredSnapshot | undefined> {
    try {
      return await this.options.store.read(stream, version);
    } catch (error) {
      if (error instanceof SnapshotUnusable) await this.discard(stream, error);
      else this.options.report(`The snapshot of ${stream} cannot be read; the whole stream is`, error);
      return undefined;
    }
  }

  async discard(stream: string, why: SnapshotUnusable): Promise<void> {
    this.options.report(`The snapshot of ${stream} is of no use, and removed; the whole stream is read instead`, why);
    await this.#reporting(`The snapshot of ${stream} cannot be removed`, () => this.options.store.discard(stream));
  }

  /**
   * Saves the state, if it is due, beside what else goes on.
   * @param eventAt reads the stream's event at a revision
   */
  consider(stream: string, codec: StateCodec<unknown>, folded: Folded, eventAt: EventAt): void {
    if (eventsIn(folded) - folded.saved < this.#every || folded.revision === 'no-stream') return;
    const startedAt = this.monotonicMs();
    if (startedAt < this.#restUntil) return;
    this.#restUntil = Infinity;
    const { state, revision } = folded;
    const commands = folded.accepted.entries();
    folded.saved = eventsIn(folded);
    const save = async () => {
      const head = headOf(await eventAt(stream, Number(revision)));
      await this.options.store.write({ stream, version: codec.version, head, state: codec.save(state), commands });
    };
    void this.#reporting(`The state of ${stream} cannot be saved`, save).finally(() => {
      const endedAt = this.monotonicMs();
      this.#restUntil = endedAt + REST * (endedAt - startedAt);
    });
  }

  async #reporting(problem: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.options.report(problem, error);
    }
  }
}

type EventAt = (stream: string, revision: number) => Promise<Recorded>;

const headOf = ({ id, revision, position, metadata: { recordedAt } }: Recorded): SnapshotHead => ({
  revision,
  position,
  id,
  recordedAt,
});

/** @throws SnapshotUnusable the state is not one that the codec saved */
export function foldedOf({ head, state, commands }: StoredSnapshot, codec: StateCodec<unknown>): Folded {
  const { revision, position } = head;
  const accepted = new AcceptedCommands(CommandIndex.from(commands));
  return { state: loaded(state, codec), revision, position, accepted, saved: Number(revision) + 1 };
}

function loaded(state: readonly unknown[], codec: StateCodec<unknown>): unknown {
  try {
    return codec.load(state);
  } catch (cause) {
    throw new SnapshotUnusable('its state cannot be loaded', { cause });
  }
}

/** @throws SnapshotUnusable another event stands where the snapshot ends, or none: the log is not the one it was made of */
export function confirm({ head, stream }: StoredSnapshot, event: Recorded | undefined): void {
  const found = event && headOf(event);
  const same = found && (Object.keys(head) as (keyof SnapshotHead)[]).every((name) => found[name] === head[name]);
  if (!same)
    throw new SnapshotUnusable(`the log has another event, or none, in ${stream} at revision ${head.revision}`);
}
