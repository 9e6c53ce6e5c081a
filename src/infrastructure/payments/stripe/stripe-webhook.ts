import { hash } from 'node:crypto';
import Stripe from 'stripe';
import type { ProviderEvent, ProviderNews } from '../../../domain/provider-event/provider-event.events.js';
import { newsOfDispute, newsOfIntent, newsOfRefund, type Dispute, type Intent, type Refund } from './stripe-objects.js';

/** How old a signature may be: Stripe's own default, docs.stripe.com/webhooks#replay-attacks. */
const TOLERANCE_S = 300;

/** The body was not signed with any of our secrets, or too long ago. Nothing of it is to be believed. */
export class SignatureInvalid extends Error {
  override readonly name = 'SignatureInvalid';
}

/** It was signed by Stripe, and is no event of a shape that we know. */
export class WebhookMalformed extends Error {
  override readonly name = 'WebhookMalformed';
}

/**
 * What a webhook of Stripe tells, once its signature is found right.
 * @param body    as it came, byte for byte
 * @param secrets `whsec_…`: any of them may have signed it
 * @throws SignatureInvalid, WebhookMalformed
 */
export function readStripeWebhook(
  body: Buffer,
  signature: string | undefined,
  secrets: readonly string[],
  nowMs: number,
): ProviderEvent['data'] {
  if (!secrets.some((secret) => isSignedBy(secret, body, signature ?? '', nowMs))) {
    throw new SignatureInvalid('No secret of ours has signed this lately');
  }
  const event = eventIn(body);
  const object = event.data.object;
  const news = newsOf(event.type, object);
  return {
    provider: 'stripe',
    eventId: event.id,
    eventType: event.type,
    mode: event.livemode ? 'live' : 'test',
    objectType: typeof object.object === 'string' ? object.object : '',
    objectId: typeof object.id === 'string' ? object.id : '',
    isFinal: FINAL.has(event.type) ? 'yes' : 'no',
    ...(news === undefined ? {} : { news }),
    bodySha256: hash('sha256', body, 'base64url'),
  };
}

function isSignedBy(secret: string, body: Buffer, signature: string, nowMs: number): boolean {
  try {
    return Stripe.webhooks.signature?.verifyHeader(body, signature, secret, TOLERANCE_S, undefined, nowMs) === true;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return false;
    throw error;
  }
}

type Event = Readonly<{
  id: string;
  type: string;
  livemode: boolean;
  data: { object: Readonly<Record<string, unknown>> };
}>;
/** An id becomes part of a stream's name. */
const EVENT_ID = /^evt_[A-Za-z0-9_]{1,120}$/;

function eventIn(body: Buffer): Event {
  let event: Partial<Event> | null;
  try {
    event = JSON.parse(body.toString('utf8')) as Partial<Event> | null;
  } catch (cause) {
    throw new WebhookMalformed('It is not JSON', { cause });
  }
  const isEvent =
    typeof event?.id === 'string' &&
    EVENT_ID.test(event.id) &&
    typeof event.type === 'string' &&
    typeof event.data?.object === 'object';
  if (!isEvent) throw new WebhookMalformed('It is not an event of Stripe');
  return event as Event;
}

/** Stripe's own types of events that say something of a payment: docs.stripe.com/api/events/types. */
const INTENT_EVENTS = new Set([
  'payment_intent.amount_capturable_updated',
  'payment_intent.canceled',
  'payment_intent.payment_failed',
  'payment_intent.requires_action',
  'payment_intent.succeeded',
]);
const REFUND_EVENTS = new Set(['refund.created', 'refund.updated', 'refund.failed', 'charge.refund.updated']);
const DISPUTE_EVENTS = new Set([
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
]);
/** What these tell is not taken back by what comes after; what others tell may be overtaken, so it is asked for again. */
const FINAL = new Set([
  'payment_intent.amount_capturable_updated',
  'payment_intent.canceled',
  'payment_intent.succeeded',
]);

/** Fields are Stripe's promise for objects of these types; what they lack becomes `WebhookMalformed`. */
function newsOf(type: string, object: Readonly<Record<string, unknown>>): ProviderNews | undefined {
  try {
    if (INTENT_EVENTS.has(type)) return newsOfIntent(object as unknown as Intent);
    if (REFUND_EVENTS.has(type)) return newsOfRefund(object as unknown as Refund);
    if (DISPUTE_EVENTS.has(type)) return newsOfDispute(object as unknown as Dispute);
    return undefined;
  } catch (cause) {
    throw new WebhookMalformed(`The object of ${type} is not of its shape`, { cause });
  }
}
