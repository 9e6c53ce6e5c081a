import type { Decider } from '../domain/decider.js';
import type { AnyFact } from '../domain/fact.js';
import { commandHash } from './command-hash.js';
import type { CommandContext, Receipt } from './command-context.js';
import { CommandIdReused } from './errors.js';
import { pause } from './pause.js';
import {
  ConcurrencyConflict,
  StoreUnavailable,
  type Appended,
  type EventStore,
  type ExpectedRevision,
  type NewEvent,
  type StreamName,
} from './ports/event-store.js';
import { decideRound, type Decided } from './stream-writer/decide-round.js';
import { eventsIn, nothingFolded, type AnyCommand, type Folded } from './stream-writer/folded.js';
import { Lane, type Waiting } from './stream-writer/lane.js';
import type { ExecuteOptions, StreamWriterOptions } from './stream-writer/options.js';
import { RecentlyUsed } from './stream-writer/recently-used.js';
import { answerRound } from './stream-writer/round-answers.js';
import { Snapshots } from './stream-writer/snapshots.js';
import { firstReceipt, StreamHistory } from './stream-writer/stream-history.js';

/** A decider with any rejection, for a caller's type parameters. */
type DeciderOf<C, S, E extends AnyFact> = Decider<C, S, E, { code: string }>;

/** What a kept state takes besides its events, in events: so at most 10,000 streams are kept, if nothing else is said. */
export const STREAM_WEIGHT = 200;
const MAX_KEPT_EVENTS = 2_000_000;
const MAX_WAIT_MS = 10_000;

/**
 * The only write path. Commands for one stream should all go through the same writer of a process: those of two race, which
 * is safe, but costs attempts.
 *
 * Commands for one stream are decided in turn, and those that wait together are folded into one append; commands for
 * different streams run side by side. Recent states are kept, so that a hot stream is not read again for each command.
 * Two rules keep that honest: an append carries the exact revision that its decisions were made on, and an answer that
 * writes nothing (a refusal, nothing to do) is never given from a kept state before the stream's tail has been read.
 *
 * A round that lost its race to another process goes back to the front of the queue, where what came meanwhile joins it; the
 * tail is read, and it is decided again: at once the first time, as most often the kept state was only old; after that with
 * random pauses that grow. A command has `maxWaitMs` for all of it, the wait for its turn and its races.
 *
 * Idempotent for ever: the stream's history remembers every command id that wrote events. The same id with the same
 * content gets the first receipt again; with other content it is refused. A command that had nothing to do left no
 * event, so it is decided anew; a decider only answers so where repeating can never do anything later either.
 */
export class StreamWriter {
  readonly #lanes: RecentlyUsed<Lane>;
  readonly #history: StreamHistory;
  readonly #maxWaitMs: number;
  readonly #monotonicMs: () => number;
  readonly #pause: (mostMs: number) => Promise<void>;

  constructor(
    private readonly store: Pick<EventStore, 'append' | 'readStream'>,
    options: StreamWriterOptions = {},
  ) {
    const weigh = ({ folded }: Lane): number => STREAM_WEIGHT + (folded ? eventsIn(folded) : 0);
    this.#lanes = new RecentlyUsed(options.maxKeptEvents ?? MAX_KEPT_EVENTS, { weigh, isBusy: ({ isBusy }) => isBusy });
    this.#maxWaitMs = options.maxWaitMs ?? MAX_WAIT_MS;
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.#pause = options.pause ?? ((mostMs) => pause(Math.random() * mostMs));
    const { snapshots } = options;
    this.#history = new StreamHistory(store, snapshots && new Snapshots(snapshots, this.#monotonicMs));
  }

  /**
   * Decides one command and makes its events durable.
   * @throws Rejected            the business said no
   * @throws CommandIdReused     the id belongs to another command on this stream
   * @throws RevisionMismatch    `context.expectedRevision` is not the stream's
   * @throws ConcurrencyConflict it was tried, and lost every race until `maxWaitMs` had passed; nothing was written
   * @throws StoreUnavailable    the outcome is unknown, or it waited `maxWaitMs` for its turn, and was not tried; repeat
   *   it with the same command id
   */
  execute<C extends AnyCommand, S, E extends AnyFact>(
    decider: DeciderOf<C, S, E>,
    stream: StreamName<E>,
    command: C,
    context: CommandContext,
    options: ExecuteOptions = {},
  ): Promise<Receipt> {
    const lane = this.#lane(decider, stream);
    // Like any kept state, this one may be old, so nothing is refused on it before the tail has been read.
    if (options.presumedNew && !lane.folded && !lane.isBusy) lane.folded = nothingFolded(lane.decider);
    return new Promise<Receipt>((resolve, reject) => {
      const hash = commandHash(options.asked ?? command);
      lane.queue.push({ command, context, hash, since: this.#monotonicMs(), lost: undefined, resolve, reject });
      if (!lane.isServed) void this.#serve(lane);
    });
  }

  /** The stream's state and revision, known to be its head at most `maxAgeMs` ago. 0 always reads the tail. */
  async current<C extends AnyCommand, S, E extends AnyFact>(
    decider: DeciderOf<C, S, E>,
    stream: StreamName<E>,
    maxAgeMs: number,
  ): Promise<{ state: S; revision: ExpectedRevision }> {
    const lane = this.#lane(decider, stream);
    const fresh = lane.folded !== undefined && this.#monotonicMs() - lane.freshAt < maxAgeMs;
    const { state, revision } = (fresh && lane.folded) || (await lane.exclusively(() => this.#readTail(lane)));
    return { state: state as S, revision };
  }

  /**
   * The receipt of a command that was accepted before, or `undefined`; reads the stream's tail. For a use case that
   * cannot even build the command any more (a product is gone), but must answer a repeated request as it did.
   * @throws CommandIdReused
   */
  async receiptOf<C extends AnyCommand, S, E extends AnyFact>(
    decider: DeciderOf<C, S, E>,
    stream: StreamName<E>,
    commandId: string,
    asked: unknown,
  ): Promise<Receipt | undefined> {
    const lane = this.#lane(decider, stream);
    const folded = await lane.exclusively(() => this.#readTail(lane));
    const accepted = (await this.#history.acceptedAmong(stream, folded, [commandId])).get(commandId);
    if (!accepted) return undefined;
    if (accepted.metadata.commandHash !== commandHash(asked)) throw new CommandIdReused(stream, commandId);
    return firstReceipt(accepted);
  }

  #lane<C extends AnyCommand, S, E extends AnyFact>(decider: DeciderOf<C, S, E>, stream: string): Lane {
    return this.#lanes.get(stream, () => new Lane(stream, decider, () => this.#lanes.changed(stream)));
  }

  /** Runs rounds until nobody waits; work of other kinds gets its turn between two. */
  async #serve(lane: Lane): Promise<void> {
    lane.isServed = true;
    while (lane.queue.length > 0) {
      if (lane.mostPauseMs > 0) await this.#pause(lane.mostPauseMs);
      await lane.exclusively(() => this.#runRound(lane));
    }
    lane.isServed = false;
  }

  async #runRound(lane: Lane): Promise<void> {
    const round = lane.takeRound().filter((waiting) => !this.#isOverdue(lane, waiting));
    if (round.length === 0) return;
    try {
      await this.#decideAndAppend(lane, round);
    } catch (error) {
      if (round.length > 1 && !(error instanceof StoreUnavailable)) lane.putBackAlone(round);
      else for (const waiting of round) waiting.reject(error);
    }
  }

  /** Refuses a command that waited too long: whoever sent it has given up, or should know. */
  #isOverdue({ stream }: Lane, { since, lost, reject }: Waiting): boolean {
    const waitedMs = this.#monotonicMs() - since;
    if (waitedMs <= this.#maxWaitMs) return false;
    const untried = `${stream}: a command waited ${Math.round(waitedMs)} ms for its turn, and was not tried`;
    reject(lost ?? new StoreUnavailable(untried));
    return true;
  }

  async #decideAndAppend(lane: Lane, round: readonly Waiting[]): Promise<void> {
    const kept = lane.lostRaces === 0 ? lane.folded : undefined;
    let folded = kept ?? (await this.#readTail(lane));
    let decided = await this.#decide(lane, folded, round);
    if (kept && decided.restsOnState) {
      folded = await this.#readTail(lane);
      decided = await this.#decide(lane, folded, round);
    }
    const appended = await this.#append(lane, folded, decided.events);
    if (appended instanceof ConcurrencyConflict) lane.putBack(round, appended);
    // Another process took the same commands. Whether they have the same contents is in the log, which is read next.
    else if (appended?.repeated) lane.putBack(round);
    else await this.#answer(lane, round, decided, folded, appended);
  }

  async #decide(lane: Lane, folded: Folded, round: readonly Waiting[]): Promise<Decided> {
    const commandIds = round.map(({ context }) => context.commandId);
    return decideRound(lane, folded, await this.#history.acceptedAmong(lane.stream, folded, commandIds), round);
  }

  /** Appends what a round decided; nothing when it decided nothing. A conflict is an answer here. */
  async #append(
    lane: Lane,
    folded: Folded,
    events: readonly NewEvent[],
  ): Promise<Appended | ConcurrencyConflict | undefined> {
    if (events.length === 0) return undefined;
    try {
      return await this.store.append(lane.stream, folded.revision, events);
    } catch (error) {
      if (error instanceof ConcurrencyConflict) return error;
      // A conflict is certain, anything else is not: what is kept may no longer be what is stored.
      lane.folded = undefined;
      throw error;
    }
  }

  /** The append (if any) has succeeded: keeps the new state and tells everybody. */
  async #answer(
    lane: Lane,
    round: readonly Waiting[],
    { verdicts, state }: Decided,
    folded: Folded,
    appended: Appended | undefined,
  ): Promise<void> {
    lane.lostRaces = 0;
    const before = { revision: folded.revision, position: folded.position };
    if (appended) {
      folded.state = state;
      folded.revision = appended.revision;
      folded.position = appended.position;
      lane.freshAt = this.#monotonicMs();
    }
    for (const [index, { context }] of round.entries()) {
      const verdict = verdicts[index];
      if (verdict?.kind === 'written') folded.accepted.add(context.commandId, verdict.revision);
    }
    await answerRound(this.store, lane.stream, round, verdicts, before, appended);
    this.#history.consider(lane.stream, lane.decider, folded);
  }

  async #readTail(lane: Lane): Promise<Folded> {
    const { folded } = lane;
    // Forgotten while it reads: a failure half way must not leave a state that is neither old nor new.
    lane.folded = undefined;
    const readAt = this.#monotonicMs();
    const read = await this.#history.read(lane.stream, lane.decider, folded);
    lane.folded = read;
    lane.freshAt = readAt;
    return read;
  }
}
