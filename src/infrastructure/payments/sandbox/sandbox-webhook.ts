import { createHash } from 'node:crypto';
import type { ProviderEvent, ProviderNews } from '../../../domain/provider-event/provider-event.events.js';
import type { Notice } from './sandbox-book.js';

/** What these tell is not taken back by what comes after; what others tell may be overtaken, so it is asked for again. */
const FINAL: readonly ProviderNews['what'][] = ['authorized', 'captured', 'voided'];

/** A notice as its webhook would be read. */
export const eventOf = ({ number, news, text }: Notice, identity: string): ProviderEvent['data'] => ({
  provider: 'sandbox',
  eventId: `evt_${identity}_${number}`,
  eventType: news.what,
  mode: 'test',
  objectType: objectTypeOf(news),
  objectId: news.reference,
  isFinal: FINAL.includes(news.what) ? 'yes' : 'no',
  news,
  bodySha256: createHash('sha256').update(text).digest('base64url'),
});

function objectTypeOf({ what }: ProviderNews): string {
  if (what === 'captured') return 'capture';
  if (what.startsWith('dispute')) return 'dispute';
  return what.startsWith('refund') ? 'refund' : 'authorization';
}
