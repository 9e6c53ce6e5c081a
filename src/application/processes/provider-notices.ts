import type { StreamWriter } from '../stream-writer.js';
import { receiveProviderEvent } from '../payment/receive-provider-event.js';
import type { Clock } from '../ports/clock.js';
import type { Outbox } from '../ports/payment-provider.js';
import type { Sweep, Swept } from './sweep.js';

export type ProviderNoticesOptions = Readonly<{ outbox: Outbox; writer: StreamWriter; clock: Clock }>;

const AT_ONCE = 100;

/**
 * Fetches what a provider without webhooks has to tell, and writes it down as a webhook is: once by the provider's own id of
 * it, applied later by whoever follows the log. Only what is durable is marked as delivered, so that after a kill at any
 * line it is told again, to no effect.
 */
export class ProviderNotices implements Sweep {
  readonly name = 'provider-notices@1';

  constructor(private readonly options: ProviderNoticesOptions) {}

  /** @throws StoreUnavailable, SandboxUnavailable */
  async sweep(signal: AbortSignal): Promise<Swept> {
    const { outbox, writer, clock } = this.options;
    const tried: string[] = [];
    while (!signal.aborted) {
      const waiting = await outbox.waiting(AT_ONCE);
      const last = waiting.at(-1);
      if (!last) break;
      const occurredAt = new Date(clock.now()).toISOString();
      await Promise.all(
        waiting.map(({ event }) =>
          receiveProviderEvent(writer, event, { principal: `provider:${event.provider}`, occurredAt }),
        ),
      );
      await outbox.delivered(last.number);
      tried.push(...waiting.map(({ event }) => event.eventId));
    }
    return { tried, failed: [] };
  }
}
