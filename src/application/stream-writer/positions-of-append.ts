import type { Appended, EventStore } from '../ports/event-store.js';

/**
 * Where each event of one append landed: the last at once, the others as the store told, or else read once. So the
 * receipt of a command that was appended together with others names its own newest event, as a replay will.
 */
export class PositionsOfAppend {
  #read: Promise<ReadonlyMap<bigint, bigint>> | undefined;

  constructor(
    private readonly store: Pick<EventStore, 'readStream'>,
    private readonly stream: string,
    private readonly appended: Appended,
  ) {}

  async at(revision: bigint): Promise<bigint> {
    const { revision: last, position, positions } = this.appended;
    if (revision === last) return position;
    const known =
      positions?.at(Number(revision - last) - 1) ?? (await (this.#read ??= this.#readFrom(revision))).get(revision);
    if (known === undefined) throw new Error(`${this.stream} has no revision ${revision}, which was just appended`);
    return known;
  }

  /** The first that is asked for is the oldest: a round is answered in order. */
  async #readFrom(revision: bigint): Promise<ReadonlyMap<bigint, bigint>> {
    const limit = Number(this.appended.revision - revision);
    const read = new Map<bigint, bigint>();
    for await (const batch of this.store.readStream(this.stream, { from: revision, limit })) {
      for (const { revision, position } of batch) read.set(revision, position);
    }
    return read;
  }
}
