import type { Decider } from '../domain/decider.js';
import type { AnyFact } from '../domain/fact.js';
import { commandHash } from './command-hash.js';
import type { CommandContext, Receipt } from './command-context.js';
import { pause } from './pause.js';
import {
  ConcurrencyConflict,
  MAX_APPEND_EVENTS,
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
import { StreamHistory } from './stream-writer/stream-history.js';

/** A decider with any rejection, for a caller's type parameters. */
type DeciderOf<C, S, E extends AnyFact> = Decider<C, S, E, { code: string }>;

/** What a kept state takes besides its events, in events: so at most 10,000 streams are kept, if nothing else is said. */
export const STREAM_WEIGHT = 200;
const MAX_KEPT_EVENTS = 2_000_000;
const MAX_WAIT_MS = 10_000;
/** How many commands one append folds at most: with a few events each it stays far below the store's limit. */
const MAX_ROUND = Math.floor(MAX_APPEND_EVENTS / 20);

/**
 * The only write path. Commands for one stream should all go through the same writer of a process: those of two race, which
 * is safe, but costs attempts.
 *
 * Commands for one stream are decided in turn, and those that wait together are folded into one append; commands for
 * different streams run side by side. Recent states are kept, so that a hot stream is not read again for each command.
 * Two rules keep that honest: an append carries the exact revision that its decisions were made on, and an answer that
 * writes nothing (a refusal, nothing to do) is never given from a kept state before the stream's tail has been read. A
 * lost race reads the tail and decides again.
 *
 * Idempotent for ever: the stream's history remembers every command id that wrote events. The same id with the same
 * content gets the first receipt again; with other content it is refused. A command that had nothing to do left no
 * event, so it is decided anew; a decider only answers so where repeating can never do anything later either.
 */
export class StreamWriter {
  readonly #lanes: RecentlyUsed<Lane>;
  readonly #history: StreamHistory;
  readonly #maxWaitMs: number;
  readonly #maxAttempts: number;
  readonly #maxPauseMs: number;
  readonly #monotonicMs: () => number;
  readonly #random: () => number;

  constructor(
    private readonly store: Pick<EventStore, 'append' | 'readStream'>,
    options: StreamWriterOptions = {},
  ) {
    const weigh = ({ folded }: Lane): number => STREAM_WEIGHT + (folded ? eventsIn(folded) : 0);
    this.#lanes = new RecentlyUsed(options.maxKeptEvents ?? MAX_KEPT_EVENTS, { weigh, isBusy: ({ isBusy }) => isBusy });
    this.#maxWaitMs = options.maxWaitMs ?? MAX_WAIT_MS;
    this.#maxAttempts = options.maxAttempts ?? 8;
    this.#maxPauseMs = options.maxPauseMs ?? 20;
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.#random = options.random ?? Math.random;
    const { snapshots } = options;
    this.#history = new StreamHistory(store, snapshots && new Snapshots(snapshots, this.#monotonicMs));
  }

  /**
   * Decides one command and makes its events durable.
   * @throws Rejected            the business said no
   * @throws CommandIdReused     the id belongs to another command on this stream
   * @throws RevisionMismatch    `context.expectedRevision` is not the stream's
   * @throws ConcurrencyConflict every attempt lost its race; nothing was written
   * @throws StoreUnavailable    the outcome is unknown, or it waited too long for its turn; repeat with the same command id
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
      lane.queue.push({ command, context, hash, since: this.#monotonicMs(), resolve, reject });
      // Whoever finds others waiting is taken along with them.
      if (lane.queue.length === 1) this.#schedule(lane);
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
    const revision = (await this.#history.acceptedAmong(stream, folded, [commandId])).get(commandId);
    return revision === undefined ? undefined : this.#history.replay(stream, commandId, commandHash(asked), revision);
  }

  #lane<C extends AnyCommand, S, E extends AnyFact>(decider: DeciderOf<C, S, E>, stream: string): Lane {
    return this.#lanes.get(stream, () => new Lane(stream, decider, () => this.#lanes.changed(stream)));
  }

  /** While commands wait there is one round to come, and work of other kinds gets its turn between two. */
  #schedule(lane: Lane): void {
    void lane.exclusively(() => this.#runRound(lane));
  }

  async #runRound(lane: Lane): Promise<void> {
    const round = lane.queue.splice(0, MAX_ROUND).filter((waiting) => !this.#isOverdue(lane, waiting));
    if (lane.queue.length > 0) this.#schedule(lane);
    if (round.length === 0) return;
    try {
      await this.#decideAndAppend(lane, round);
    } catch (error) {
      await this.#settle(lane, round, error);
    }
  }

  /** Refuses a command that waited too long: whoever sent it has given up, or should know. */
  #isOverdue({ stream }: Lane, { since, reject }: Waiting): boolean {
    const waitedMs = this.#monotonicMs() - since;
    if (waitedMs <= this.#maxWaitMs) return false;
    reject(
      new StoreUnavailable(`${stream}: a command waited ${Math.round(waitedMs)} ms for its turn, and was not tried`),
    );
    return true;
  }

  /** A round has failed. One command that cannot be written must not take those that waited beside it along. */
  async #settle(lane: Lane, round: readonly Waiting[], error: unknown): Promise<void> {
    const together = error instanceof StoreUnavailable || error instanceof ConcurrencyConflict;
    if (together || round.length === 1) {
      for (const waiting of round) waiting.reject(error);
      return;
    }
    for (const waiting of round) await this.#decideAndAppend(lane, [waiting]).catch(waiting.reject);
  }

  async #decideAndAppend(lane: Lane, round: readonly Waiting[]): Promise<void> {
    let tailRead = lane.folded === undefined;
    let folded = lane.folded ?? (await this.#readTail(lane));
    for (let attempt = 1; ; attempt++) {
      let decided = await this.#decide(lane, folded, round);
      if (decided.restsOnState && !tailRead) {
        folded = await this.#readTail(lane);
        decided = await this.#decide(lane, folded, round);
      }
      const appended = await this.#append(lane, folded, decided.events, attempt);
      if (appended !== 'lost-race') return this.#answer(lane, round, decided, folded, appended);
      await pause(this.#random() * this.#maxPauseMs);
      folded = await this.#readTail(lane);
      tailRead = true;
    }
  }

  async #decide(lane: Lane, folded: Folded, round: readonly Waiting[]): Promise<Decided> {
    const commandIds = round.map(({ context }) => context.commandId);
    return decideRound(lane, folded, await this.#history.acceptedAmong(lane.stream, folded, commandIds), round);
  }

  /**
   * Appends what a round decided; nothing when it decided nothing. A store that finds the same ids there already
   * (another process took the same command) has not compared contents: the history has the hash, so it is read, too.
   */
  async #append(
    lane: Lane,
    folded: Folded,
    events: readonly NewEvent[],
    attempt: number,
  ): Promise<Appended | undefined | 'lost-race'> {
    if (events.length === 0) return undefined;
    try {
      const appended = await this.store.append(lane.stream, folded.revision, events);
      return appended.repeated ? 'lost-race' : appended;
    } catch (error) {
      if (error instanceof ConcurrencyConflict && attempt < this.#maxAttempts) return 'lost-race';
      // A conflict is certain, anything else is not: what is kept may no longer be what is stored.
      if (!(error instanceof ConcurrencyConflict)) lane.folded = undefined;
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
    await answerRound(this.#history, lane.stream, round, verdicts, before, appended);
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
