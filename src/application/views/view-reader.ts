import type { Document, ViewDefinition } from '../../projections/projection.js';
import { pause } from '../pause.js';
import { StoreUnavailable, type EventStore } from '../ports/event-store.js';
import { collectionOf, type ViewStore } from '../ports/view-store.js';

/** What a reader asks of a view: to have reached `minPosition`, and how long it may take. */
export type Freshness = Readonly<{ minPosition?: bigint; waitMs: number }>;

/**
 * What was read, and from how old a view.
 * `position`  the view holds everything up to here, at least; absent while the log is empty
 * `lag`       how many positions the log was ahead of it; absent when the log does not answer
 */
export type Answer<T> = Readonly<{ value: T; position?: bigint; lag?: bigint }>;

/**
 * The view has no checkpoint although the log has events: its projector has not begun. Or it was made from another log, or
 * its checkpoint is past the log's end.
 */
export class ViewNotReady extends Error {
  override readonly name = 'ViewNotReady';
  constructor(readonly view: string) {
    super(`The view ${view} has not been built yet from this log`);
  }
}

/** The view did not reach `minPosition` in time. */
export class ViewBehind extends Error {
  override readonly name = 'ViewBehind';
  constructor(
    readonly view: string,
    readonly minPosition: bigint,
    readonly position: bigint | undefined,
  ) {
    super(`The view ${view} is at ${position ?? 'its beginning'}, not yet at ${minPosition}`);
  }
}

/** `minPosition` is past the log's end, so this log never gave it, and waiting for it would be in vain. */
export class PositionUnknown extends Error {
  override readonly name = 'PositionUnknown';
  constructor(
    readonly minPosition: bigint,
    readonly head: bigint | undefined,
  ) {
    super(`The log ${head === undefined ? 'is empty' : `ends at ${head}`}; ${minPosition} was asked for`);
  }
}

const POLL_MS = 15;

/** Reads views and says how old what was read may be. Never writes, and nothing is decided from it. */
export class ViewReader {
  /** The next look at a view's checkpoint, shared by all who wait for it. */
  readonly #polls = new Map<string, Promise<Position>>();
  #identity: string | undefined;

  constructor(
    private readonly views: ViewStore,
    private readonly log: Pick<EventStore, 'head' | 'identity'>,
  ) {}

  /**
   * Waits as `freshness` says, then reads. The position is looked up before the documents, so they are never older.
   * @throws ViewNotReady, ViewBehind, PositionUnknown, ViewStoreUnavailable
   */
  async read<D extends Document, T>(
    view: ViewDefinition<D>,
    freshness: Freshness,
    query: (views: ViewStore) => Promise<T>,
  ): Promise<Answer<T>> {
    const position = await this.#reached(view, freshness);
    if (position === 'of-another-log') throw new ViewNotReady(view.name);
    const head = await this.#head();
    if (!isBuilt(position, head)) throw new ViewNotReady(view.name);
    const value = await query(this.views);
    const lag = head.known ? (head.position ?? 0n) - (position ?? 0n) : undefined;
    return {
      value,
      ...(position === undefined ? {} : { position }),
      ...(lag === undefined ? {} : { lag: lag > 0n ? lag : 0n }),
    };
  }

  /** The names of those among `views` that `read` refuses now with `ViewNotReady`. */
  async notReady(views: readonly ViewDefinition[]): Promise<readonly string[]> {
    const positions = await Promise.all(views.map((view) => this.#position(view)));
    const head = await this.#head();
    return views.filter((_, index) => !isBuilt(positions[index], head)).map(({ name }) => name);
  }

  async #reached(view: ViewDefinition, { minPosition, waitMs }: Freshness): Promise<Position> {
    let position = await this.#position(view);
    if (minPosition === undefined || position === 'of-another-log' || isAt(position, minPosition)) return position;
    const head = await this.#head();
    if (head.known && (head.position === undefined || head.position < minPosition)) {
      throw new PositionUnknown(minPosition, head.position);
    }
    const deadline = performance.now() + waitMs;
    while (!isAt(position, minPosition)) {
      if (performance.now() >= deadline) {
        if (typeof position !== 'bigint') throw new ViewNotReady(view.name);
        throw new ViewBehind(view.name, minPosition, position);
      }
      position = await this.#nextPoll(view);
    }
    return position;
  }

  #nextPoll(view: ViewDefinition): Promise<Position> {
    const name = collectionOf(view);
    const running = this.#polls.get(name);
    if (running) return running;
    const poll = pause(POLL_MS)
      .then(() => this.#position(view))
      .finally(() => this.#polls.delete(name));
    this.#polls.set(name, poll);
    return poll;
  }

  async #position(view: ViewDefinition): Promise<Position> {
    const checkpoint = await this.views.checkpoint(view);
    if (checkpoint === undefined) return undefined;
    const identity = await this.#logIdentity();
    return identity === undefined || checkpoint.log === identity ? checkpoint.position : 'of-another-log';
  }

  /** `undefined` while the log is away and has not told yet. */
  async #logIdentity(): Promise<string | undefined> {
    try {
      return (this.#identity ??= await this.log.identity());
    } catch (error) {
      if (error instanceof StoreUnavailable) return undefined;
      throw error;
    }
  }

  /** A view can be read while the log is away; its lag is then not known. */
  async #head(): Promise<Head> {
    try {
      return { known: true, position: await this.log.head() };
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      this.#identity = undefined; // what comes back may be another log
      return { known: false };
    }
  }
}

/** How far a view has come in this log; `undefined` before its first commit. */
type Position = bigint | undefined | 'of-another-log';

const isAt = (position: Position, minPosition: bigint): boolean =>
  typeof position === 'bigint' && position >= minPosition;

type Head = Readonly<{ known: true; position: bigint | undefined } | { known: false }>;

/** `position` was read before `head`, so in one and the same log it is never past it. */
function isBuilt(position: Position, head: Head): boolean {
  if (position === 'of-another-log') return false;
  if (!head.known) return position !== undefined;
  return position === undefined ? head.position === undefined : position <= (head.position ?? 0n);
}
