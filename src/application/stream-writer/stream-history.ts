import type { Recorded } from '../../domain/fact.js';
import type { Receipt } from '../command-context.js';
import type { EventStore } from '../ports/event-store.js';
import { SnapshotUnusable, type StoredSnapshot } from '../ports/snapshot-store.js';
import { eventsIn, nothingFolded, type AnyDecider, type Folded } from './folded.js';
import { confirm, foldedOf, type Snapshots } from './snapshots.js';

/** What the log says of streams: their states, and what became of commands. */
export class StreamHistory {
  constructor(
    private readonly store: Pick<EventStore, 'readStream'>,
    private readonly snapshots?: Snapshots,
  ) {}

  /**
   * The stream's state at its head, read on from where `folded` is; without it, from the last snapshot, or else all of it.
   * Changes `folded`: after a failure it is neither old nor new.
   * @throws CorruptHistory, UnknownEventType, CorruptEvent, StoreUnavailable
   */
  async read(stream: string, decider: AnyDecider, folded?: Folded): Promise<Folded> {
    let known = folded ?? nothingFolded(decider);
    if (!folded && decider.saved && this.snapshots) {
      const { fewest } = this.snapshots;
      await this.#foldRest(stream, decider, known, fewest);
      if (eventsIn(known) < fewest) return known; // that was all of it
      known = (await this.#fromSnapshot(stream, decider)) ?? known;
    }
    await this.#foldRest(stream, decider, known);
    this.consider(stream, decider, known);
    return known;
  }

  /** Lets the state be saved, where there are snapshots and it is due. */
  consider(stream: string, { saved }: AnyDecider, folded: Folded): void {
    if (saved) this.snapshots?.consider(stream, saved, folded, (of, revision) => this.eventAt(of, revision));
  }

  async #foldRest(stream: string, decider: AnyDecider, folded: Folded, limit?: number): Promise<void> {
    const query = { from: BigInt(eventsIn(folded)), ...(limit !== undefined && { limit }) };
    for await (const batch of this.store.readStream(stream, query)) {
      for (const recorded of batch) fold(folded, decider, recorded);
    }
  }

  /** Read to the head of that time. A snapshot that the log does not bear out is discarded. */
  async #fromSnapshot(stream: string, decider: AnyDecider): Promise<Folded | undefined> {
    const { saved } = decider;
    const snapshot = saved && (await this.snapshots?.last(stream, saved));
    if (!snapshot) return undefined;
    try {
      return await this.#readFrom(snapshot, foldedOf(snapshot, saved), decider);
    } catch (error) {
      if (!(error instanceof SnapshotUnusable)) throw error;
      await this.snapshots?.discard(stream, error);
      return undefined;
    }
  }

  /** @throws SnapshotUnusable its last event is not in the log, or the events that follow it do not go with its state */
  async #readFrom(snapshot: StoredSnapshot, folded: Folded, decider: AnyDecider): Promise<Folded> {
    const { stream, head } = snapshot;
    let isConfirmed = false;
    for await (const batch of this.store.readStream(stream, { from: head.revision })) {
      for (const recorded of batch) {
        if (isConfirmed) foldOn(folded, decider, recorded);
        else confirm(snapshot, recorded);
        isConfirmed = true;
      }
    }
    if (!isConfirmed) confirm(snapshot, undefined);
    return folded;
  }

  /** Of `commandIds`, those that `folded` has, each with the newest event that it wrote, read from the log. */
  async acceptedAmong(
    stream: string,
    { accepted }: Folded,
    commandIds: readonly string[],
  ): Promise<ReadonlyMap<string, Recorded>> {
    const found = new Map<string, Recorded>();
    for (const commandId of commandIds) {
      for (const revision of accepted.candidates(commandId)) {
        const event = await this.eventAt(stream, revision);
        if (event.metadata.commandId !== commandId) continue;
        found.set(commandId, event);
        break;
      }
    }
    return found;
  }

  /** An event that was read before. */
  async eventAt(stream: string, revision: number): Promise<Recorded> {
    for await (const [event] of this.store.readStream(stream, { from: BigInt(revision), limit: 1 })) {
      if (event) return event;
    }
    throw new Error(`${stream} has no revision ${revision}, which was read before`);
  }
}

/** What a command was told that wrote `newest` as its last event, as it is told again. */
export const firstReceipt = ({ stream, revision, position }: Recorded): Receipt => ({
  stream,
  revision,
  position,
  replayed: true,
});

function foldOn(folded: Folded, decider: AnyDecider, recorded: Recorded): void {
  try {
    fold(folded, decider, recorded);
  } catch (cause) {
    throw new SnapshotUnusable(`revision ${recorded.revision} does not go with its state`, { cause });
  }
}

function fold(folded: Folded, decider: AnyDecider, recorded: Recorded): void {
  folded.state = decider.evolve(folded.state, recorded);
  folded.accepted.add(recorded.metadata.commandId, Number(recorded.revision));
  folded.revision = recorded.revision;
  folded.position = recorded.position;
}
