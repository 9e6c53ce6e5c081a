import { fulfilmentView, type FulfilmentDocument } from '../../projections/fulfilment.view.js';
import type { Stored } from '../../projections/projection.js';
import { StoreUnavailable, type EventStore } from '../ports/event-store.js';
import type { Checkpoint, ViewStore } from '../ports/view-store.js';
import { justAfter } from '../views/just-after.js';
import { CaughtUp } from './caught-up.js';
import { fulfilOrder } from './fulfil-order.js';
import type { FulfilOptions } from './order-actions.js';
import { Rests } from './rests.js';
import { sweepDue } from './sweep-due.js';
import type { Sweep, Swept } from './sweep.js';

export type FulfilmentsOptions = FulfilOptions &
  Readonly<{
    log: Pick<EventStore, 'head' | 'identity'>;
    views: ViewStore;
    /** A clock for ages, in milliseconds, that never goes back. */
    monotonicMs?: () => number;
  }>;

/** The view has taken in all that the process could wait for, and still the log refuses what it asks for. */
export class FulfilmentStuck extends Error {
  override readonly name = 'FulfilmentStuck';
  constructor(orderId: string, codes: readonly string[]) {
    super(`The fulfilment of ${orderId} is refused: ${codes.join(', ')}`);
  }
}

/** Orders that are worked on at once. */
const AT_ONCE = 64;

/** Fulfils the orders that were placed for it: whatever is due now by the view, and has not been done since. */
export class Fulfilments implements Sweep {
  readonly name = 'fulfilments@1';
  readonly view = fulfilmentView;
  readonly #rests: Rests;
  readonly #caughtUp: CaughtUp;

  constructor(private readonly options: FulfilmentsOptions) {
    this.#rests = new Rests(options.monotonicMs);
    this.#caughtUp = new CaughtUp(options.log);
  }

  async sweep(signal: AbortSignal, checkpoint: Checkpoint | undefined): Promise<Swept> {
    if (!(await this.#caughtUp.by(checkpoint))) return { tried: [], failed: [] };
    const { views, clock } = this.options;
    const walks = [
      { index: 'immediate', limit: AT_ONCE },
      { index: 'due', to: justAfter(new Date(clock.now()).toISOString()), limit: AT_ONCE },
    ];
    const swept = await sweepDue(views, fulfilmentView, walks, (document) => this.#fulfil(document), signal);
    this.#rests.keepOnly(new Set(swept.tried));
    return swept;
  }

  /** @throws what it failed with, also while it rests: it has not gone on */
  async #fulfil(document: Stored<FulfilmentDocument>): Promise<void> {
    const { _id, asOf } = document;
    const before = this.#rests.of(_id, asOf);
    let cause = before?.cause;
    if (before === undefined || this.#rests.isOver(before)) {
      cause = await this.#tryOnce(document, before !== undefined);
      this.#rests.begin(_id, asOf, cause);
    }
    if (cause) throw cause;
  }

  /**
   * A refusal is no failure the first time: the document may be older than the log.
   * @throws StoreUnavailable nothing of this order: it need not rest
   */
  async #tryOnce(document: FulfilmentDocument, isRepeated: boolean): Promise<Error | undefined> {
    try {
      const { stale } = await fulfilOrder(this.options, document);
      return isRepeated && stale.length > 0 ? new FulfilmentStuck(document._id, stale) : undefined;
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}
