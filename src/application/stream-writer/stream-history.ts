import type { Receipt } from '../command-context.js';
import { CommandIdReused } from '../errors.js';
import type { EventStore } from '../ports/event-store.js';
import { nothingFolded, type AnyDecider, type Folded } from './folded.js';
import type { Recorded } from '../../domain/fact.js';

/** What the log says of streams: their states, and what became of commands. */
export class StreamHistory {
  constructor(readonly store: Pick<EventStore, 'readStream'>) {}

  /**
   * Reads the stream to its head, from where `folded` is. Changes `folded`: after a failure it is neither old nor new.
   * @throws CorruptHistory, UnknownEventType, CorruptEvent, StoreUnavailable
   */
  async readOn(stream: string, decider: AnyDecider, folded = nothingFolded(decider)): Promise<Folded> {
    const from = folded.revision === 'no-stream' ? 0n : folded.revision + 1n;
    for await (const batch of this.store.readStream(stream, { from })) {
      for (const recorded of batch) fold(folded, decider, recorded);
    }
    return folded;
  }

  /** Of `commandIds`, those that `folded` has, each with the revision of its newest event. */
  async acceptedAmong(
    stream: string,
    { accepted }: Folded,
    commandIds: readonly string[],
  ): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    for (const commandId of commandIds) {
      const revision = accepted.recent(commandId);
      if (revision !== undefined) found.set(commandId, revision);
      else {
        for (const candidate of accepted.candidates(commandId)) {
          const { metadata } = await this.eventAt(stream, candidate);
          if (metadata.commandId !== commandId) continue;
          found.set(commandId, candidate);
          break;
        }
      }
    }
    return found;
  }

  /**
   * The first receipt of a command that was accepted, read from the log, where the command's hash is.
   * @throws CommandIdReused
   */
  async replay(stream: string, commandId: string, hash: string, revision: number): Promise<Receipt> {
    const { metadata, position } = await this.eventAt(stream, revision);
    if (metadata.commandHash !== hash) throw new CommandIdReused(stream, commandId);
    return { stream, revision: BigInt(revision), position, replayed: true };
  }

  /** An event that was read before. */
  async eventAt(stream: string, revision: number): Promise<Recorded> {
    for await (const [event] of this.store.readStream(stream, { from: BigInt(revision), limit: 1 })) {
      if (event) return event;
    }
    throw new Error(`${stream} has no revision ${revision}, which was read before`);
  }
}

function fold(folded: Folded, decider: AnyDecider, recorded: Recorded): void {
  folded.state = decider.evolve(folded.state, recorded);
  folded.accepted.add(recorded.metadata.commandId, Number(recorded.revision));
  folded.revision = recorded.revision;
  folded.position = recorded.position;
}
