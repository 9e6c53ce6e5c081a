import type { Asked, Decider } from '../domain/decider.js';
import type { AnyFact } from '../domain/fact.js';
import { commandHash } from './command-hash.js';
import type { CommandContext, Receipt } from './command-context.js';
import { CommandIdReused, Rejected, RevisionMismatch } from './errors.js';
import { eventId } from './ids.js';
import { pause } from './pause.js';
import { PositionsOfAppend } from './positions-of-append.js';
import { RecentlyUsed } from './recently-used.js';
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

type AnyCommand = Asked<string, object>;
type AnyDecider = Decider<AnyCommand, unknown, AnyFact, { code: string }>;
/** A decider with any rejection, for a caller's type parameters. */
type DeciderOf<C, S, E extends AnyFact> = Decider<C, S, E, { code: string }>;

export type StreamWriterOptions = Readonly<{
  /** How many streams' states are kept, at most; at least half as many. */
  maxStreams?: number;
  /** How often a lost race is decided again before the client is told. */
  maxAttempts?: number;
  /** The longest pause before the next attempt, in milliseconds; the pause itself is random. */
  maxPauseMs?: number;
  /** A clock for ages, in milliseconds, that never goes back. */
  monotonicMs?: () => number;
  /** 0 ≤ x < 1. */
  random?: () => number;
}>;

/** What `execute` may be told beyond the command. */
export type ExecuteOptions = Readonly<{
  /** What the client asked for, where the command holds more than that (a resolved price): this is what is hashed. */
  asked?: unknown;
  /**
   * The stream is most likely not there yet (its name comes from this command's own id): decide without reading it.
   * Where that was wrong, the append conflicts, and the stream is read and the command decided again.
   */
  presumedNew?: boolean;
}>;

/** A state folded from the stream up to `revision`, and where each accepted command's newest event is. */
type Folded = {
  state: unknown;
  revision: ExpectedRevision;
  position: bigint | undefined;
  /** Command id → revision of the newest event it wrote. A safe integer: a stream cannot hold 2^53 events. */
  accepted: Map<string, number>;
};

type Waiting = {
  command: AnyCommand;
  context: CommandContext;
  hash: string;
  resolve: (receipt: Receipt) => void;
  reject: (error: unknown) => void;
};

type Lane = {
  readonly stream: string;
  readonly decider: AnyDecider;
  /** Absent until read, and again after an append whose outcome is unknown. */
  folded: Folded | undefined;
  /** When `folded` was last known to be the stream's head. */
  freshAt: number;
  readonly queue: Waiting[];
  /** The end of what is running on this lane; `undefined` when idle. */
  running: Promise<void> | undefined;
};

/** What one round decided for one command; carried out once the round's append has succeeded. */
type Verdict =
  | { kind: 'written'; revision: number }
  | { kind: 'nothing-to-do'; revision: ExpectedRevision }
  | { kind: 'replayed'; revision: number }
  | { kind: 'refused'; error: Error };

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
  readonly #maxAttempts: number;
  readonly #maxPauseMs: number;
  readonly #monotonicMs: () => number;
  readonly #random: () => number;

  constructor(
    private readonly store: Pick<EventStore, 'append' | 'readStream'>,
    options: StreamWriterOptions = {},
  ) {
    this.#lanes = new RecentlyUsed(options.maxStreams ?? 10_000, isBusy);
    this.#maxAttempts = options.maxAttempts ?? 8;
    this.#maxPauseMs = options.maxPauseMs ?? 20;
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.#random = options.random ?? Math.random;
  }

  /**
   * Decides one command and makes its events durable.
   * @throws Rejected            the business said no
   * @throws CommandIdReused     the id belongs to another command on this stream
   * @throws RevisionMismatch    `context.expectedRevision` is not the stream's
   * @throws ConcurrencyConflict every attempt lost its race; nothing was written
   * @throws StoreUnavailable    the outcome is unknown; repeat with the same command id
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
    if (options.presumedNew && !lane.folded && !lane.running) lane.folded = nothingOf(lane);
    return new Promise<Receipt>((resolve, reject) => {
      lane.queue.push({ command, context, hash: commandHash(options.asked ?? command), resolve, reject });
      // Whoever finds others waiting is taken along with them.
      if (lane.queue.length === 1) void this.#exclusively(lane, () => this.#drain(lane));
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
    const { state, revision } = (fresh && lane.folded) || (await this.#exclusively(lane, () => this.#readTail(lane)));
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
    const { accepted } = await this.#exclusively(lane, () => this.#readTail(lane));
    const revision = accepted.get(commandId);
    return revision === undefined ? undefined : this.#replay(stream, commandId, commandHash(asked), revision);
  }

  #lane<C extends AnyCommand, S, E extends AnyFact>(decider: DeciderOf<C, S, E>, stream: string): Lane {
    // A stream has one decider, so the types that a lane forgets are the ones its callers come back with.
    return this.#lanes.get(stream, () => ({
      stream,
      decider: decider,
      folded: undefined,
      freshAt: -Infinity,
      queue: [],
      running: undefined,
    }));
  }

  /**
   * Runs `work` after what runs on this lane, and never in the caller's own turn, so that what is asked in one turn
   * is decided together. A failure of earlier work has been told to its own callers.
   */
  #exclusively<T>(lane: Lane, work: () => Promise<T>): Promise<T> {
    const result = (lane.running ?? Promise.resolve()).then(work);
    const settled = (): void => {
      if (lane.running === running) lane.running = undefined;
    };
    const running = result.then(settled, settled);
    lane.running = running;
    return result;
  }

  async #drain(lane: Lane): Promise<void> {
    while (lane.queue.length > 0) {
      const round = lane.queue.splice(0, MAX_ROUND);
      try {
        await this.#decideAndAppend(lane, round);
      } catch (error) {
        await this.#settle(lane, round, error);
      }
    }
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
      let decided = this.#decide(lane, folded, round);
      if (decided.restsOnState && !tailRead) {
        folded = await this.#readTail(lane);
        decided = this.#decide(lane, folded, round);
      }
      const appended = await this.#append(lane, folded, decided.events, attempt);
      if (appended !== 'lost-race') return this.#answer(lane, round, decided, folded, appended);
      await pause(this.#random() * this.#maxPauseMs);
      folded = await this.#readTail(lane);
      tailRead = true;
    }
  }

  /**
   * Decides a whole round on one state, each command on what the ones before it would leave. Writes nothing.
   * `restsOnState`: some answer (a refusal, nothing to do) is not proved by an append at the state's revision.
   */
  #decide(lane: Lane, folded: Folded, round: readonly Waiting[]) {
    const events: NewEvent[] = [];
    const verdicts: Verdict[] = [];
    const idsOfRound = new Map<string, { hash: string; verdict: Verdict }>();
    const base = folded.revision === 'no-stream' ? -1 : Number(folded.revision);
    const head = (): ExpectedRevision => (base + events.length < 0 ? 'no-stream' : BigInt(base + events.length));
    let { state } = folded;
    let restsOnState = false;

    const verdictOn = ({ command, context, hash }: Waiting): Verdict => {
      const acceptedAt = folded.accepted.get(context.commandId);
      if (acceptedAt !== undefined) return { kind: 'replayed', revision: acceptedAt };
      const twin = idsOfRound.get(context.commandId);
      if (twin) {
        if (twin.hash !== hash) return refusal(new CommandIdReused(lane.stream, context.commandId));
        return twin.verdict.kind === 'written' ? { kind: 'replayed', revision: twin.verdict.revision } : twin.verdict;
      }
      const { expectedRevision } = context;
      if (expectedRevision !== undefined && expectedRevision !== head()) {
        return refusal(new RevisionMismatch(lane.stream, expectedRevision, head()));
      }
      const decision = lane.decider.decide(command, state, context.occurredAt);
      if (decision.outcome === 'rejected') return refusal(new Rejected(decision.rejection));
      if (decision.events.length === 0) {
        restsOnState = true;
        return { kind: 'nothing-to-do', revision: head() };
      }
      decision.events.forEach((event, index) => {
        state = lane.decider.evolve(state, event);
        events.push({ id: eventId(lane.stream, context.commandId, index), event, metadata: metadataOf(context, hash) });
      });
      return { kind: 'written', revision: base + events.length };
    };
    const refusal = (error: Error): Verdict => {
      restsOnState = true;
      return { kind: 'refused', error };
    };

    for (const waiting of round) {
      const verdict = verdictOn(waiting);
      idsOfRound.set(waiting.context.commandId, { hash: waiting.hash, verdict });
      verdicts.push(verdict);
    }
    return { events, verdicts, state, restsOnState };
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
    { verdicts, state }: { verdicts: readonly Verdict[]; state: unknown },
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
    for (const [index, waiting] of round.entries()) {
      const verdict = verdicts[index];
      if (verdict?.kind === 'written') folded.accepted.set(waiting.context.commandId, verdict.revision);
    }
    const positions = appended && new PositionsOfAppend(this.store, lane.stream, appended);
    for (const [index, waiting] of round.entries()) {
      const verdict = verdicts[index];
      if (!verdict) continue;
      try {
        waiting.resolve(await this.#receipt(lane, waiting, verdict, before, positions));
      } catch (error) {
        waiting.reject(error);
      }
    }
  }

  async #receipt(
    lane: Lane,
    { context, hash }: Waiting,
    verdict: Verdict,
    before: Pick<Folded, 'revision' | 'position'>,
    positions: PositionsOfAppend | undefined,
  ): Promise<Receipt> {
    const { stream } = lane;
    switch (verdict.kind) {
      case 'refused':
        throw verdict.error;
      case 'replayed':
        return this.#replay(stream, context.commandId, hash, verdict.revision);
      case 'nothing-to-do': {
        const { revision } = verdict;
        if (revision === 'no-stream') return { stream, replayed: false };
        const position = revision === before.revision ? before.position : await positions?.at(revision);
        return { stream, revision, ...(position === undefined ? {} : { position }), replayed: false };
      }
      case 'written': {
        if (!positions) throw new Error(`${stream}: events were decided, but not appended`);
        const revision = BigInt(verdict.revision);
        return { stream, revision, position: await positions.at(revision), replayed: false };
      }
    }
  }

  /** The first receipt again, read from the log, where the command's hash is. */
  async #replay(stream: string, commandId: string, hash: string, revision: number): Promise<Receipt> {
    for await (const batch of this.store.readStream(stream, { from: BigInt(revision), limit: 1 })) {
      for (const { metadata, position } of batch) {
        if (metadata.commandHash !== hash) throw new CommandIdReused(stream, commandId);
        return { stream, revision: BigInt(revision), position, replayed: true };
      }
    }
    throw new Error(`${stream} has no revision ${revision}, which was read before`);
  }

  async #readTail(lane: Lane): Promise<Folded> {
    const folded: Folded = lane.folded ?? nothingOf(lane);
    // Forgotten while it reads: a failure half way must not leave a state that is neither old nor new.
    lane.folded = undefined;
    const from = folded.revision === 'no-stream' ? 0n : folded.revision + 1n;
    const readAt = this.#monotonicMs();
    for await (const batch of this.store.readStream(lane.stream, { from })) {
      for (const recorded of batch) {
        folded.state = lane.decider.evolve(folded.state, recorded);
        folded.accepted.set(recorded.metadata.commandId, Number(recorded.revision));
        folded.revision = recorded.revision;
        folded.position = recorded.position;
      }
    }
    lane.folded = folded;
    lane.freshAt = readAt;
    return folded;
  }
}

const isBusy = ({ running, queue }: Lane): boolean => running !== undefined || queue.length > 0;

/** A stream before its first event. */
const nothingOf = ({ decider }: Lane): Folded => ({
  state: decider.initial,
  revision: 'no-stream',
  position: undefined,
  accepted: new Map(),
});

/** How many commands one append folds at most: with a few events each it stays far below the store's limit. */
const MAX_ROUND = Math.floor(MAX_APPEND_EVENTS / 20);

function metadataOf(context: CommandContext, hash: string): NewEvent['metadata'] {
  const { commandId, principal, occurredAt, reason, traceparent } = context;
  return {
    commandId,
    commandHash: hash,
    correlationId: context.correlationId ?? commandId,
    causationId: context.causationId ?? commandId,
    principal,
    occurredAt,
    ...(reason === undefined ? {} : { reason }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
