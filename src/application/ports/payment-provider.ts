import type { AuthorizationOutcome, MovementOutcome, VoidOutcome } from '../../domain/payment/payment.commands.js';
import type { ProviderName } from '../../domain/payment/payment.events.js';
import type { Money } from '../../domain/money.js';
import type { ProviderEvent, ProviderNews } from '../../domain/provider-event/provider-event.events.js';

/**
 * Whose request it is.
 * `key`  the idempotency key: the id of the request's event, so that it never changes however often it is asked
 */
type Whose = Readonly<{ key: string; paymentId: string; orderId: string; operationId: string }>;

/**
 * One thing to be done with money. `method` is the provider's token of a payment method;
 * `authorizationReference` is the provider's name of the authorization that it is about. Amounts are positive.
 * `isFinal` of a capture: what it leaves is to be let go of (`yes`), or held for another where that can be had (`no`); as the
 * provider does by itself where it is absent. The outcome says what is left.
 */
export type ProviderRequest =
  | (Whose & Readonly<{ operation: 'authorization'; amount: Money; method: string }>)
  | (Whose & Readonly<{ operation: 'capture'; amount: Money; authorizationReference: string; isFinal?: 'yes' | 'no' }>)
  | (Whose & Readonly<{ operation: 'void'; authorizationReference: string }>)
  | (Whose & Readonly<{ operation: 'refund'; amount: Money; authorizationReference: string; reason: string }>);

/** What became of a request, for the operation that it was. */
export type Told = Readonly<
  | { status: 'told'; operation: 'authorization'; outcome: AuthorizationOutcome }
  | { status: 'told'; operation: 'capture' | 'refund'; outcome: MovementOutcome }
  | { status: 'told'; operation: 'void'; outcome: VoidOutcome }
>;
/** It may have been done, or not, or is still being done: look it up. `reason` is for a log; nothing in it is secret. */
export type Unknown = Readonly<{ status: 'unknown'; reason: string }>;
/** The provider has nothing under this key. While a request may be on its way, that can still change. */
export type Absent = Readonly<{ status: 'absent' }>;

/**
 * Who holds the money. Every call ends within the adapter's deadline, and what is not known is an answer, not an error.
 * The same key is done once, for as long as `KEY_LIFETIME_MS` says; the same key with another request is our defect.
 */
export interface PaymentProvider {
  readonly name: ProviderName;
  /** What it has to tell is fetched here, where it sends no webhooks. */
  readonly outbox?: Outbox;
  /**
   * Does it, or tells under the same key what came of it at first; what has become of it since, `lookup` tells.
   * @throws ProviderRefused nothing was done, and trying again does not help until somebody has changed something
   */
  perform(request: ProviderRequest): Promise<Told | Unknown>;
  /**
   * What became of it, without doing anything.
   * @param reference the provider's name of what came of it, where that is known
   * @throws ProviderRefused
   */
  lookup(request: ProviderRequest, reference?: string): Promise<Told | Unknown | Absent>;
  /**
   * What one of the provider's objects says now, for news that do not tell by themselves whose they are or whether
   * they are the last word.
   * @throws ProviderRefused
   */
  current(
    objectType: string,
    objectId: string,
  ): Promise<Readonly<{ status: 'told'; news: ProviderNews }> | Unknown | Absent>;
  close(): Promise<void>;
}

/** What a provider has to tell, in the order in which it came up. It tells the same again until it is marked as delivered. */
export interface Outbox {
  /** The oldest that are not delivered, at most `limit`. `number` grows; `event` is it as a webhook would tell it. */
  waiting(limit: number): Promise<readonly Readonly<{ number: number; event: ProviderEvent['data'] }>[]>;
  /** All up to this number are written down where they are not lost any more. */
  delivered(upTo: number): Promise<void>;
}

/** For how long a provider keeps keys at least: docs.stripe.com/api/idempotent_requests. */
export const KEY_LIFETIME_MS = 24 * 60 * 60 * 1_000;

/** Injection token of the `PaymentProvider`. */
export const PAYMENT_PROVIDER = Symbol('PaymentProvider');

/** The provider does not serve us: a wrong key, no permission, a request that it does not understand. */
export class ProviderRefused extends Error {
  override readonly name = 'ProviderRefused';
}
