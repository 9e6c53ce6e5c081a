import {
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  retry,
  timeout,
  TimeoutStrategy,
  wrap,
  type IPolicy,
} from 'cockatiel';
import Stripe from 'stripe';
import type {
  Absent,
  PaymentProvider,
  ProviderRequest,
  Told,
  Unknown,
} from '../../../application/ports/payment-provider.js';
import type { ProviderNews } from '../../../domain/provider-event/provider-event.events.js';
import { addressOf } from './stripe-address.js';
import { isTransient, outcomeOfError, reasonOf } from './stripe-errors.js';
import { stripeAmount } from './stripe-money.js';
import { newsOfDispute, newsOfIntent, newsOfRefund, whoseIs, type Intent } from './stripe-objects.js';
import {
  authorizationTold,
  captureTold,
  isCapturedInPart,
  isCapturedInParts,
  isLetGo,
  refundTold,
  voidTold,
} from './stripe-outcomes.js';

/**
 * `secretKey`   `sk_…` or `rk_…`
 * `apiUrl`      another host than Stripe's, for stripe-mock
 * `returnUrl`   where a customer comes back to after authenticating
 * `multicapture` ask for authorizations that can be captured in parts, where the card can
 * `timeoutMs`   how long one attempt may take; 10,000. With three attempts and their pauses, a call ends within 35 s
 * `retryPauseMs` the first pause between attempts; 250
 */
export type StripeOptions = Readonly<{
  secretKey: string;
  apiUrl?: string;
  returnUrl: string;
  multicapture?: boolean;
  timeoutMs?: number;
  retryPauseMs?: number;
}>;

const MAX_RETRIES = 2;
/** After so many failures in a row, nothing is sent for a while: whoever waits is told at once. */
const BREAK_AFTER = 5;
const BROKEN_FOR_MS = 10_000;

/**
 * Stripe, by its SDK: payment intents with manual capture, and refunds. What we make there carries our ids and the key in
 * its metadata, so that it can be found again. What a capture leaves, Stripe lets go of, but for cards that can be captured
 * in parts where that was asked for (docs.stripe.com/payments/multicapture): up to 46 of them, for our metadata.
 * The same key is done once by Stripe for a day: docs.stripe.com/api/idempotent_requests.
 */
export class StripeProvider implements PaymentProvider {
  readonly name = 'stripe';
  readonly #stripe: Stripe;
  readonly #policy: IPolicy;
  readonly #returnUrl: string;
  readonly #multicapture: boolean;

  constructor({ secretKey, apiUrl, returnUrl, multicapture, timeoutMs = 10_000, retryPauseMs = 250 }: StripeOptions) {
    this.#returnUrl = returnUrl;
    this.#multicapture = multicapture ?? false;
    this.#stripe = new Stripe(secretKey, {
      maxNetworkRetries: 0, // the policy below does that, with an end to it
      telemetry: false,
      timeout: timeoutMs,
      ...addressOf(apiUrl),
    });
    const transient = handleWhen(isTransient);
    this.#policy = wrap(
      retry(transient, {
        maxAttempts: MAX_RETRIES,
        backoff: new ExponentialBackoff({ initialDelay: retryPauseMs, maxDelay: 2_000 }),
      }),
      circuitBreaker(transient, { halfOpenAfter: BROKEN_FOR_MS, breaker: new ConsecutiveBreaker(BREAK_AFTER) }),
      timeout(timeoutMs, TimeoutStrategy.Aggressive),
    );
  }

  async perform(request: ProviderRequest): Promise<Told | Unknown> {
    try {
      return await this.#policy.execute(() => this.#ask(request));
    } catch (error) {
      return outcomeOfError(request.operation, error);
    }
  }

  async lookup(request: ProviderRequest, reference?: string): Promise<Told | Unknown | Absent> {
    return this.#reading(() => this.#find(request, reference));
  }

  /** `absent` also for an object that says nothing yet: what comes of it will be told in another event. */
  async current(
    objectType: string,
    objectId: string,
  ): Promise<Readonly<{ status: 'told'; news: ProviderNews }> | Unknown | Absent> {
    return this.#reading(async () => {
      const news = await this.#news(objectType, objectId);
      return news === undefined ? ABSENT : ({ status: 'told', news } as const);
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #ask(request: ProviderRequest): Promise<Told | Unknown> {
    const { key, paymentId, orderId, operationId } = request;
    const once = { idempotencyKey: key };
    const metadata = { paymentId, orderId, operationId, requestKey: key };
    const { paymentIntents, refunds } = this.#stripe;
    if (request.operation === 'void') return voidTold(await this.#letGo(request.authorizationReference, key));
    const amount = stripeAmount(request.amount);
    if (!amount) return { status: 'told', operation: request.operation, outcome: TOO_LARGE };
    switch (request.operation) {
      case 'authorization': {
        const intent = await paymentIntents.create(
          {
            ...amount,
            payment_method: request.method,
            automatic_payment_methods: { enabled: true },
            capture_method: 'manual',
            ...(this.#multicapture ? MULTICAPTURE : {}),
            confirm: true,
            return_url: this.#returnUrl,
            metadata,
            expand: ['latest_charge'],
          },
          once,
        );
        return authorizationTold(intent);
      }
      case 'capture': {
        const { authorizationReference: reference, isFinal } = request;
        const keepsRest = isFinal === 'no' && (await this.#isCapturedInParts(reference));
        const capture = { amount_to_capture: amount.amount, metadata: { [captureMark(key)]: operationId } };
        const params = { ...capture, ...(keepsRest ? { final_capture: false } : {}) };
        return captureTold(await paymentIntents.capture(reference, params, once));
      }
      case 'refund': {
        const refund = { payment_intent: request.authorizationReference, amount: amount.amount, metadata };
        return refundTold(await refunds.create(refund, once));
      }
    }
  }

  /** It does not change once there is an authorization, so asking again asks for the same. */
  async #isCapturedInParts(reference: string): Promise<boolean> {
    return isCapturedInParts(await this.#stripe.paymentIntents.retrieve(reference, { expand: ['latest_charge'] }));
  }

  /**
   * What was captured in part is not canceled: a last capture, of nothing, lets go of the rest. Another key, for what is
   * asked of one that was captured meanwhile is another request.
   */
  async #letGo(reference: string, key: string): Promise<Intent> {
    const { paymentIntents } = this.#stripe;
    const intent = await paymentIntents.retrieve(reference);
    if (isLetGo(intent)) return intent;
    if (!isCapturedInPart(intent)) return paymentIntents.cancel(reference, {}, { idempotencyKey: key });
    const nothing = { amount_to_capture: 0, final_capture: true };
    return paymentIntents.capture(reference, nothing, { idempotencyKey: `${key}:rest` });
  }

  async #find(request: ProviderRequest, reference?: string): Promise<Told | Unknown | Absent> {
    const { paymentIntents, refunds } = this.#stripe;
    switch (request.operation) {
      case 'authorization': {
        if (reference !== undefined) {
          return authorizationTold(await paymentIntents.retrieve(reference, { expand: ['latest_charge'] }));
        }
        const query = `metadata['requestKey']:'${request.key}'`;
        const { data } = await paymentIntents.search({ query, limit: 1, expand: ['data.latest_charge'] });
        const intent = data.find(({ metadata }) => metadata['requestKey'] === request.key);
        return intent ? authorizationTold(intent) : ABSENT;
      }
      case 'capture': {
        const intent = await paymentIntents.retrieve(request.authorizationReference);
        return intent.metadata[captureMark(request.key)] === undefined ? ABSENT : captureTold(intent);
      }
      case 'void': {
        const intent = await paymentIntents.retrieve(request.authorizationReference);
        return isLetGo(intent) ? voidTold(intent) : ABSENT;
      }
      case 'refund': {
        for await (const refund of refunds.list({ payment_intent: request.authorizationReference, limit: 100 })) {
          if (refund.metadata?.['requestKey'] === request.key) return refundTold(refund);
        }
        return ABSENT;
      }
    }
  }

  async #news(objectType: string, objectId: string): Promise<ProviderNews | undefined> {
    switch (objectType) {
      case 'payment_intent':
        return newsOfIntent(await this.#stripe.paymentIntents.retrieve(objectId));
      case 'refund':
        return this.#ofPayment(newsOfRefund(await this.#stripe.refunds.retrieve(objectId)));
      case 'dispute':
        return this.#ofPayment(newsOfDispute(await this.#stripe.disputes.retrieve(objectId)));
      default:
        return undefined;
    }
  }

  /** A refund made at Stripe, and every dispute, does not say whose it is; its payment intent does. */
  async #ofPayment(news: ProviderNews | undefined): Promise<ProviderNews | undefined> {
    if (news?.paymentId !== undefined || news?.authorizationReference === undefined) return news;
    const intent = await this.#stripe.paymentIntents.retrieve(news.authorizationReference);
    const { paymentId } = whoseIs(intent.metadata);
    return paymentId === undefined ? news : { ...news, paymentId };
  }

  /** Reading does nothing, so what is not there is absent, not a failure of the operation. */
  async #reading<T>(read: () => Promise<T>): Promise<T | Unknown | Absent> {
    try {
      return await this.#policy.execute(read);
    } catch (error) {
      if (error instanceof Stripe.errors.StripeInvalidRequestError && error.statusCode === 404) return ABSENT;
      return { status: 'unknown', reason: reasonOf(error) };
    }
  }
}

const MULTICAPTURE = {
  payment_method_options: { card: { request_multicapture: 'if_available' } },
} as const;
/** Each capture leaves one of its own in the metadata of its intent, which keeps the others: at most 40 characters. */
const captureMark = (key: string): string => `c_${key.replaceAll('-', '')}`;

const ABSENT: Absent = { status: 'absent' };
const TOO_LARGE = { status: 'failed', code: 'amount_too_large', reason: 'Stripe takes no such amount.' } as const;
