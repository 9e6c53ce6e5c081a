import { applyProviderEvent } from '../../application/payment/apply-provider-event.js';
import type { PerformOptions } from '../../application/payment/perform-operation.js';
import type { Recorded } from '../../domain/fact.js';
import type { ProviderEvent } from '../../domain/provider-event/provider-event.events.js';
import type { FollowerLogger } from '../follower/follower-logger.js';
import type { Followed, Intake } from '../follower/intake.js';

/** Whoever applies what the provider told, as a follower: its checkpoint and lease are in the view store, under this name. */
export const providerEventsFollower: Followed = {
  name: 'provider-events',
  version: 1,
  indexes: {},
  types: ['ProviderEventReceived'],
};

/** The provider did not say what one of its objects is now; the event comes again in the next attempt. */
export class ProviderSilent extends Error {
  override readonly name = 'ProviderSilent';
}

/**
 * Applies what the provider told, event by event, in the order in which it was received; each as often as it comes. While
 * the provider does not answer, later events wait, for it would not answer for them either.
 */
export class ProviderEvents implements Intake {
  waiting = 0;
  readonly waitingSize = 0;
  #isClosed = false;

  constructor(
    private readonly options: PerformOptions,
    private readonly logger: FollowerLogger,
  ) {}

  /** @throws ProviderSilent, ProviderRefused, StoreUnavailable */
  async add(events: readonly Recorded[]): Promise<{ folded: number }> {
    for (const event of events as readonly Recorded<ProviderEvent>[]) {
      if (this.#isClosed) throw new ProviderSilent('It was stopped');
      await this.#apply(event);
      this.waiting++;
    }
    return { folded: events.length };
  }

  documents(): readonly never[] {
    return [];
  }

  settled(): void {
    this.waiting = 0;
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  async #apply(event: Recorded<ProviderEvent>): Promise<void> {
    const { provider, eventId, eventType } = event.data;
    const what = `${provider} event ${eventId} (${eventType})`;
    if (provider !== this.options.provider.name) {
      return this.logger.warn(`${what} is not applied: payments are with ${this.options.provider.name} now`);
    }
    const applied = await applyProviderEvent(this.options, event);
    if (applied.status === 'pending') throw new ProviderSilent(`${what} cannot be applied yet: ${applied.reason}`);
    if (applied.status === 'unmatched') this.logger.warn(`${what} is applied to nothing: ${applied.reason}`);
  }
}
