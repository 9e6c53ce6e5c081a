import type { Fact, Instant } from '../fact.js';
import type { Money } from '../money.js';
import type { PaymentId, ProviderName } from '../payment/payment.events.js';

export const NEWS = [
  'authorized',
  'action-required',
  'authorization-failed',
  'authorization-expired',
  'captured',
  'voided',
  'refunded',
  'refund-failed',
  'dispute-opened',
  'dispute-won',
  'dispute-lost',
] as const;

/**
 * What a provider says of one of its objects, in our words; nothing of it is personal.
 * `paymentId`, `operationId`  as the object's own metadata has them: absent on what was made at the provider without us
 * `reference`                 the provider's name of the authorization, capture, refund or dispute
 * `authorizationReference`    of a capture, a refund or a dispute: the authorization that it goes back to
 * `captureId`                 of a capture: the operation that asked for it, where the provider knows. Stripe's object of a
 *                             capture is the authorization's, and so is its `operationId`; and then `amount` is that of all
 *                             captures of it so far
 * `capturable`                of a capture: what the authorization still holds for another
 */
export type ProviderNews = Readonly<{
  what: (typeof NEWS)[number];
  reference: string;
  paymentId?: PaymentId;
  operationId?: string;
  authorizationReference?: string;
  captureId?: string;
  amount?: Money;
  capturable?: Money;
  code?: string;
  declineCode?: string;
  reason?: string;
  nextActionUrl?: string;
  expiresAt?: Instant;
}>;

/**
 * The one fact of a `providerevent-{provider}.{eventId}` stream: the provider told us something. It is applied later.
 * `eventType`, `objectType`, `objectId`  as the provider names them
 * `news`        absent where this build has no use for events of this type
 * `isFinal`     `yes`: the event alone tells; `no`: it may have been overtaken, so the object has to be fetched
 * `bodySha256`  of the body as it came, base64url: the body itself names people, and is not kept
 * Change: names are stored for ever. Add an optional field with an upcaster, or a new type; never rename.
 */
export type ProviderEvent = Fact<
  'ProviderEventReceived',
  {
    provider: ProviderName;
    eventId: string;
    eventType: string;
    mode: 'test' | 'live';
    objectType: string;
    objectId: string;
    isFinal: 'yes' | 'no';
    news?: ProviderNews;
    bodySha256: string;
  }
>;
