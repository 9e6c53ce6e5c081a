import Stripe from 'stripe';

/*
 * Events as Stripe sends them: docs.stripe.com/api/events/object and the objects' own pages. Values are made up; fields
 * that nobody here reads are kept where they show why (`billing_details` names a person, `pending_webhooks` changes).
 */
type Json = Readonly<Record<string, unknown>>;
let events = 0;

export const stripeEvent = (type: string, object: Json, id = `evt_${(events += 1)}`): Json => ({
  id,
  object: 'event',
  api_version: '2026-10-28.test',
  created: 1_772_366_400,
  data: { object },
  livemode: false,
  pending_webhooks: 1,
  request: { id: 'req_8Hk2', idempotency_key: null },
  type,
});

export const intent = (fields: Json = {}): Json => ({
  id: 'pi_3Qx1',
  object: 'payment_intent',
  amount: 1000,
  amount_capturable: 1000,
  amount_received: 0,
  cancellation_reason: null,
  capture_method: 'manual',
  currency: 'gbp',
  last_payment_error: null,
  latest_charge: 'ch_3Qx1',
  livemode: false,
  metadata: { paymentId: 'pay_1', orderId: 'ord_1', operationId: 'a1' },
  next_action: null,
  payment_method: 'pm_1Qx1',
  status: 'requires_capture',
  ...fields,
});

export const refund = (fields: Json = {}): Json => ({
  id: 're_3Qx1',
  object: 'refund',
  amount: 400,
  charge: 'ch_3Qx1',
  currency: 'gbp',
  metadata: { paymentId: 'pay_1', operationId: 'r1' },
  payment_intent: 'pi_3Qx1',
  reason: null,
  status: 'succeeded',
  ...fields,
});

export const dispute = (fields: Json = {}): Json => ({
  id: 'du_1Qx1',
  object: 'dispute',
  amount: 1000,
  charge: 'ch_3Qx1',
  currency: 'gbp',
  evidence: { customer_name: 'Jane Doe', customer_email_address: 'jane@example.com' },
  payment_intent: 'pi_3Qx1',
  reason: 'fraudulent',
  status: 'needs_response',
  ...fields,
});

/** The header that Stripe would send with this body at `nowMs`. */
export const signatureOf = (payload: string, secret: string, nowMs: number): string =>
  Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: Math.floor(nowMs / 1000) });
