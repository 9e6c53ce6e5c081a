import type { Clock } from '../../../application/ports/clock.js';
import {
  ConcurrencyConflict,
  CorruptEvent,
  StoreUnavailable,
  type Appended,
  type ExpectedRevision,
} from '../../../application/ports/event-store.js';
import type { EncodedEvent } from '../encode-append.js';
import type { Calls } from './calls.js';
import { streamRequest } from './requests.js';
import { appendRequest, ledgerIdOf, positionOf, revisionOf } from './stored-event.js';

/** Appends to streams as the port promises them; those to one stream in the order of the calls. */
export class StreamAppends {
  /** The end of the newest append to each stream that has some under way. */
  readonly #underWay = new Map<string, Promise<unknown>>();
  /** The newest `recordedAt` of this process, in milliseconds. */
  #recordedAtMs = 0;

  constructor(
    private readonly calls: Calls,
    private readonly clock: Clock,
  ) {}

  /**
   * An append that is sent again comes after those that were sent since, so that those to one stream wait for each other.
   * @throws what `EventStore.append` says
   */
  async append(
    stream: string,
    expected: ExpectedRevision,
    encoded: readonly EncodedEvent[],
    deadline: number,
  ): Promise<Appended> {
    const before = this.#underWay.get(stream);
    const appended = (async () => {
      if (before) await Promise.allSettled([before]);
      return this.#append(stream, expected, encoded, deadline);
    })();
    this.#underWay.set(stream, appended);
    try {
      return await appended;
    } finally {
      if (this.#underWay.get(stream) === appended) this.#underWay.delete(stream);
    }
  }

  /** Resolves when those under way have ended. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#underWay.values()]);
  }

  async #append(
    stream: string,
    expected: ExpectedRevision,
    encoded: readonly EncodedEvent[],
    deadline: number,
  ): Promise<Appended> {
    this.#recordedAtMs = Math.max(this.#recordedAtMs, this.clock.now());
    const request = appendRequest(stream, expected, encoded, new Date(this.#recordedAtMs).toISOString());
    const answer = await this.calls.append(request, deadline, stream);
    if (answer === 'conflict') return this.#repeated(stream, expected, encoded);
    const revision = BigInt(answer.getCurrentRevision());
    const first = expected === 'no-stream' ? 0n : expected + 1n;
    if (revision !== first + BigInt(encoded.length - 1)) {
      const detail = 'the stream was deleted in EventStoreDB and goes on after what it had';
      throw new CorruptEvent(stream, revision, detail);
    }
    const position = answer.getPosition();
    if (!position) throw new StoreUnavailable(`Append to ${stream}: EventStoreDB did not say where it stands`);
    return { revision, position: BigInt(position.getCommitPosition()), repeated: false };
  }

  /**
   * The stream is not at `expected`. It may be because these events are there: as far as the server knows they are
   * others, for every call to append gives ids of its own. So whoever succeeds has written, and nobody else.
   */
  async #repeated(stream: string, expected: ExpectedRevision, encoded: readonly EncodedEvent[]): Promise<Appended> {
    const from = expected === 'no-stream' ? 0n : expected + 1n;
    const request = streamRequest(stream, from, 'forward', encoded.length);
    const there = await this.calls.all(request, `Append to ${stream} failed`, stream);
    const same = encoded.every(({ id }, index) => {
      const event = there[index];
      return event !== undefined && revisionOf(event) === from + BigInt(index) && ledgerIdOf(event) === id;
    });
    const last = there.at(-1);
    if (!last || !same) throw new ConcurrencyConflict(stream, expected);
    return { revision: revisionOf(last), position: positionOf(last), positions: there.map(positionOf), repeated: true };
  }
}
