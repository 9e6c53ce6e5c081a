import type { AnyFact, Recorded } from '../../domain/fact.js';
import type { PaymentEvent, PaymentRequestEvent } from '../../domain/payment/payment.events.js';
import { paymentStream } from '../../domain/streams.js';
import type { Stored } from '../../projections/projection.js';
import { actingSince, paymentsView, type PaymentDocument } from '../../projections/payments.view.js';
import { pause } from '../pause.js';
import { performOperation, type PerformOptions } from '../payment/perform-operation.js';
import type { EventStore } from '../ports/event-store.js';
import type { Cursor, ViewQuery, ViewStore } from '../ports/view-store.js';
import { justAfter } from '../views/just-after.js';
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

/**
 * What waits for a customer is told by the provider when they have acted, and is asked for only in case that was lost: when
 * it has waited for 1, 2, 4, 8 … minutes. So it is found after a minute, or once it has waited twice as long as the customer
 * took; however many have been abandoned, few are asked for at any one time.
 */
const FIRST_AGE_MS = 60_000;
/** How often it is looked who has come to such an age, and how far back by a process that has just begun. */
const LOOK_EVERY_MS = 10_000;
const LOOK_BACK_MS = 10 * 60_000;

/** Carries out what was asked of the payment provider and has no outcome: at once, and again until the provider tells. */
export class PaymentRequests implements Sweep {
  readonly name = 'payment-requests@1';
  readonly view = paymentsView;
  readonly #rests: Rests;
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #ended: Readonly<{ id: string; cause?: unknown }>[] = [];
  /** Come to an age at which they are asked for, and not asked for yet. */
  readonly #acting = new Map<string, Stored<PaymentDocument>>();
  /** Those that came to such an age before this time have been found. */
  #lookedMs: number | undefined;

  constructor(private readonly options: PaymentRequestsOptions) {
    this.#rests = new Rests(options.monotonicMs);
  }

  /** Does not wait for what the provider is slow to answer: that is told by a later sweep. When it is stopped, it does. */
  async sweep(signal: AbortSignal): Promise<Swept> {
    const outstanding = await this.#walk({ index: 'outstanding' }, signal);
    await this.#findActing(signal);
    this.#rests.keepOnly(outstanding);
    for (const document of outstanding.values()) {
      if (this.#underWay.has(document._id) || !this.#isDue(document)) continue;
      while (this.#underWay.size >= AT_ONCE) await Promise.race(this.#underWay.values());
      if (signal.aborted) break;
      this.#underWay.set(document._id, this.#attempt(document));
    }
    for (const [id, document] of this.#acting) {
      if (this.#underWay.size >= AT_ONCE || signal.aborted) break; // for the next sweep: others must not wait for these
      this.#acting.delete(id);
      if (!this.#underWay.has(id)) this.#underWay.set(id, this.#attempt(document));
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

  /** Those that came to one of the ages since it was looked last. */
  async #findActing(signal: AbortSignal): Promise<void> {
    const nowMs = this.options.clock.now();
    const fromMs = this.#lookedMs ?? nowMs - LOOK_BACK_MS;
    if (nowMs - fromMs < LOOK_EVERY_MS) return;
    const [oldest] = (await this.options.views.find(paymentsView, { index: 'acting', limit: 1 })).documents;
    const sinceMs = Date.parse((oldest && actingSince(oldest)) ?? '');
    for (let ageMs = FIRST_AGE_MS; sinceMs + ageMs <= nowMs && !signal.aborted; ageMs *= 2) {
      const walk = { index: 'acting', from: justAfterMs(fromMs - ageMs), to: justAfterMs(nowMs - ageMs) };
      for (const [id, document] of await this.#walk(walk, signal)) this.#acting.set(id, document);
    }
    this.#lookedMs = nowMs;
  }

  async #walk(
    query: Omit<ViewQuery, 'limit' | 'after'>,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Stored<PaymentDocument>>> {
    const found = new Map<string, Stored<PaymentDocument>>();
    let after: Cursor | undefined;
    do {
      const page = await this.options.views.find(paymentsView, { ...query, limit: PAGE, ...(after && { after }) });
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
    for (const { request, reference } of await this.#requests(paymentId)) {
      if (request.data.provider === this.options.provider.name)
        await performOperation(this.options, request, reference);
    }
  }

  /** The requests of a payment whose last word is not in the log, with the provider's name of what has come of them. */
  async #requests(paymentId: string): Promise<readonly Open[]> {
    const open = new Map<string, Open>();
    for await (const batch of this.options.log.readStream<PaymentEvent>(paymentStream(paymentId))) {
      for (const event of batch) {
        if (isRequest(event)) open.set(event.data.operationId, { request: event });
        else if (isLastWord(event)) open.delete(event.data.operationId);
        else if (event.type === 'ActionRequired') {
          const { operationId, reference } = event.data;
          const asked = open.get(operationId);
          if (asked) open.set(operationId, { ...asked, reference });
        }
      }
    }
    return [...open.values()];
  }
}

type Open = Readonly<{ request: Recorded<PaymentRequestEvent>; reference?: string }>;

/** What began at this very millisecond is of that age. */
const justAfterMs = (ms: number): string => justAfter(new Date(ms).toISOString());

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
