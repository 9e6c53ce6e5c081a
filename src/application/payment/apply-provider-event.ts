import type { Recorded } from '../../domain/fact.js';
import { commandOf } from '../../domain/provider-event/news.js';
import type { ProviderEvent, ProviderNews } from '../../domain/provider-event/provider-event.events.js';
import { commandHash } from '../command-hash.js';
import type { Receipt } from '../command-context.js';
import { Rejected } from '../errors.js';
import type { PerformOptions } from './perform-operation.js';
import { runPayment } from './run-payment.js';

/**
 * `ignored`    it says nothing of a payment, or nothing that this build knows
 * `unmatched`  it is of no payment of ours: money that moved at the provider with nobody here who asked for it. For people
 * `pending`    the provider did not answer; apply it again later
 */
export type Applied =
  | Readonly<{ status: 'applied'; receipt: Receipt }>
  | Readonly<{ status: 'ignored' }>
  | Readonly<{ status: 'unmatched' | 'pending'; reason: string }>;

/**
 * Makes of what a provider told what it means for the payment. In any order and any number of times: where the event alone
 * is not the last word, the object is asked for as it is now, and an outcome counts once, however it is heard of.
 * @throws ProviderRefused, RangeError (the provider is another than the event's), and all that `StreamWriter.execute` throws
 */
export async function applyProviderEvent(options: PerformOptions, event: Recorded<ProviderEvent>): Promise<Applied> {
  const { writer, provider, clock } = options;
  const { news: told, isFinal, objectType, objectId } = event.data;
  if (told === undefined) return { status: 'ignored' };
  if (provider.name !== event.data.provider) {
    throw new RangeError(`${event.stream} is of ${event.data.provider}, not of ${provider.name}`);
  }
  let news: ProviderNews = told;
  if (isFinal === 'no' || told.paymentId === undefined) {
    const now = await provider.current(objectType, objectId);
    if (now.status === 'unknown') return { status: 'pending', reason: now.reason };
    if (now.status === 'absent') return { status: 'ignored' };
    news = now.news;
  }
  const command = commandOf(news);
  if (!command) return { status: 'unmatched', reason: `${objectType} ${objectId} names no payment of ours.` };
  try {
    const receipt = await runPayment(writer, command, {
      commandId: `news/${event.id}/${commandHash(command)}`,
      principal: `provider:${provider.name}`,
      occurredAt: new Date(clock.now()).toISOString(),
      correlationId: event.metadata.correlationId,
      causationId: event.id,
    });
    return { status: 'applied', receipt };
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    return { status: 'unmatched', reason: `Payment ${news.paymentId}: ${error.rejection.code}.` };
  }
}
