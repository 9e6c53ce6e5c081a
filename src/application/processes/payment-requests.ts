import type { AnyFact, Recorded } from '../../domain/fact.js';
import type { PaymentEvent, PaymentRequestEvent } from '../../domain/payment/payment.events.js';
import { paymentStream } from '../../domain/streams.js';
import type { Stored } from '../../projections/projection.js';
import { paymentsView, type PaymentDocument } from '../../projections/payments.view.js';
import { pause } from '../pause.js';
import { performOperation, type PerformOptions } from '../payment/perform-operation.js';
import type { EventStore } from '../ports/event-store.js';
import type { Cursor, ViewStore } from '../ports/view-store.js';
import { Rests } from './rests.js';
import type { Sweep, Swept } from './sweep.js';

export type PaymentRequestsOptions = PerformOptions &
  Readonly<{
    log: EventStore;
    views: ViewStore;
    /** A clock for ages, in milliseconds, that never goes back. */
    monotonicMs?: () => number;
    /** How long a sweep waits for what it has begun. */
    momentMs?: number;
  }>;

const AT_ONCE = 8;
const PAGE = 200;
const MOMENT_MS = 100;

/** Carries out what was asked of the payment provider and has no outcome: at once, and again until the provider tells. */
export class PaymentRequests implements Sweep {
  readonly name = 'payment-requests@1';
  readonly view = paymentsView;
  readonly #rests: Rests;
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #ended: Readonly<{ id: string; cause?: unknown }>[] = [];

  constructor(private readonly options: PaymentRequestsOptions) {
    this.#rests = new Rests(options.monotonicMs);
  }

  /** Does not wait for what the provider is slow to answer: that is told by a later sweep. When it is stopped, it does. */
  async sweep(signal: AbortSignal): Promise<Swept> {
    const outstanding = await this.#outstanding(signal);
    this.#rests.keepOnly(outstanding);
    for (const document of outstanding.values()) {
      if (this.#underWay.has(document._id) || !this.#isDue(document)) continue;
      while (this.#underWay.size >= AT_ONCE) await Promise.race(this.#underWay.values());
      if (signal.aborted) break;
      this.#underWay.set(document._id, this.#attempt(document));
    }
    const all = Promise.all(this.#underWay.values());
    const moment = new AbortController();
    await Promise.race([all, pause(this.options.momentMs ?? MOMENT_MS, AbortSignal.any([signal, moment.signal]))]);
    moment.abort();
    if (signal.aborted) await all;
    const ended = this.#ended.splice(0);
    return {
      tried: ended.map(({ id }) => id),
      failed: ended.flatMap((end) => ('cause' in end ? [{ id: end.id, cause: end.cause }] : [])),
    };
  }

  /** Never rejects. */
  async #attempt(document: Stored<PaymentDocument>): Promise<void> {
    const id = document._id;
    try {
      await this.#carryOut(id);
      this.#ended.push({ id });
    } catch (cause) {
      this.#ended.push({ id, cause });
    }
    this.#rests.begin(id, document.revision);
    this.#underWay.delete(id);
  }

  async #outstanding(signal: AbortSignal): Promise<ReadonlyMap<string, Stored<PaymentDocument>>> {
    const found = new Map<string, Stored<PaymentDocument>>();
    let after: Cursor | undefined;
    do {
      const query = { index: 'outstanding', limit: PAGE, ...(after && { after }) };
      const page = await this.options.views.find(paymentsView, query);
      for (const document of page.documents) found.set(document._id, document);
      after = page.next;
    } while (after && !signal.aborted);
    return found;
  }

  #isDue({ _id, revision }: PaymentDocument): boolean {
    const rest = this.#rests.of(_id, revision);
    return rest === undefined || this.#rests.isOver(rest);
  }

  /** In turn, as they were asked for. Those of a provider that was set before stay as they are. */
  async #carryOut(paymentId: string): Promise<void> {
    for (const request of await this.#requests(paymentId)) {
      if (request.data.provider === this.options.provider.name) await performOperation(this.options, request);
    }
  }

  /** The requests of a payment whose last word is not in the log. */
  async #requests(paymentId: string): Promise<readonly Recorded<PaymentRequestEvent>[]> {
    const open = new Map<string, Recorded<PaymentRequestEvent>>();
    for await (const batch of this.options.log.readStream<PaymentEvent>(paymentStream(paymentId))) {
      for (const event of batch) {
        if (isRequest(event)) open.set(event.data.operationId, event);
        else if (isLastWord(event)) open.delete(event.data.operationId);
      }
    }
    return [...open.values()];
  }
}

const REQUESTS = ['AuthorizationRequested', 'CaptureRequested', 'VoidRequested', 'RefundRequested'] as const;
const LAST_WORDS = [
  'AuthorizationSucceeded',
  'AuthorizationFailed',
  'AuthorizationExpired',
  'CaptureSucceeded',
  'CaptureFailed',
  'VoidSucceeded',
  'VoidFailed',
  'RefundSucceeded',
  'RefundFailed',
  'RefundReversed',
] as const;
type LastWord = Extract<PaymentEvent, { type: (typeof LAST_WORDS)[number] }>;

const isOneOf = (types: readonly string[], { type }: AnyFact): boolean => types.includes(type);
const isRequest = (event: Recorded<PaymentEvent>): event is Recorded<PaymentRequestEvent> => isOneOf(REQUESTS, event);
const isLastWord = (event: Recorded<PaymentEvent>): event is Recorded<LastWord> => isOneOf(LAST_WORDS, event);
