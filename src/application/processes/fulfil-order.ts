import { afterRefusal } from '../../domain/fulfilment/after-refusal.js';
import { assume, type Came } from '../../domain/fulfilment/assume.js';
import type { FulfilmentAction } from '../../domain/fulfilment/fulfilment.actions.js';
import type { FulfilmentState } from '../../domain/fulfilment/fulfilment.state.js';
import { nextActions } from '../../domain/fulfilment/next-actions.js';
import { fulfilmentState, type FulfilmentDocument } from '../../projections/fulfilment.view.js';
import { CommandIdReused, Rejected, RevisionMismatch } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import { OrderActions, type FulfilOptions } from './order-actions.js';

/**
 * `done`   how many actions were accepted
 * `stale`  codes of refusals that say that the document is older than the log: it is on its way, or else something is wrong
 */
export type Fulfilled = Readonly<{ done: number; stale: readonly string[] }>;

type Refused = Readonly<{ action: FulfilmentAction; code: string; isFinal: boolean }>;

/** More rounds than any order takes before it has to wait. */
const MAX_ROUNDS = 32;

/**
 * Does what is to be done for one order, and goes on until it has to wait. Each action is one command with an id that
 * follows from the order's facts. So this may be called at any time, as often as wanted, by two processes at once, with an
 * old document, and may be killed at any line: whatever was done is not done again.
 * @throws RiskUnavailable, and all that `StreamWriter.execute` throws except refusals
 */
export async function fulfilOrder(options: FulfilOptions, document: FulfilmentDocument): Promise<Fulfilled> {
  const state = fulfilmentState(document);
  if (!document.order || !state) return { done: 0, stale: [] };
  return new Run(new OrderActions(options, document, document.order), options.clock, state).toRest();
}

/** What is known of one order while it is worked on: what was read, and what has been done since. */
class Run {
  #done = 0;

  constructor(
    private readonly actions: OrderActions,
    private readonly clock: Clock,
    private state: FulfilmentState,
  ) {}

  async toRest(): Promise<Fulfilled> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const actions = nextActions(this.state, new Date(this.clock.now()).toISOString());
      if (actions.length === 0) return { done: this.#done, stale: [] };
      const stale: string[] = [];
      let consequence: FulfilmentAction | undefined;
      for (const { action, code, isFinal } of await this.#attempt(actions)) {
        const next = isFinal ? afterRefusal(action, code) : undefined;
        if (next) consequence ??= next;
        else stale.push(code);
      }
      if (consequence) stale.push(...(await this.#attempt([consequence])).map(({ code }) => code));
      if (stale.length > 0) return { done: this.#done, stale };
    }
    throw new Error(`The fulfilment of ${this.state.order.orderId} does not come to rest`);
  }

  /** All at once, and assumes what was accepted. Gives back what was refused. */
  async #attempt(actions: readonly FulfilmentAction[]): Promise<readonly Refused[]> {
    const outcomes = await Promise.all(actions.map((action) => this.#outcomeOf(action)));
    return outcomes.flatMap(({ action, ...outcome }) => {
      if ('code' in outcome) return [{ action, ...outcome }];
      this.state = assume(this.state, action, outcome.came);
      this.#done++;
      return [];
    });
  }

  async #outcomeOf(action: FulfilmentAction): Promise<Refused | Readonly<{ action: FulfilmentAction; came: Came }>> {
    try {
      return { action, came: await this.actions.carryOut(action, this.state.order) };
    } catch (error) {
      if (error instanceof Rejected) return { action, code: error.rejection.code, isFinal: true };
      if (error instanceof RevisionMismatch) return { action, code: 'revision-mismatch', isFinal: false };
      if (error instanceof CommandIdReused) return { action, code: 'command-id-reused', isFinal: false };
      throw error;
    }
  }
}
