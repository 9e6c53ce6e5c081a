import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { sourceOf, toCloudEvent, type CloudEvent } from '../../../src/application/public-events/cloud-event.js';
import { publicSources, sourcesOf } from '../../../src/application/public-events/registry.js';
import { EVENT_STORE, StoreUnavailable, type EventStore } from '../../../src/application/ports/event-store.js';
import type { Recorded } from '../../../src/domain/fact.js';
import { RequestRefused } from '../problems.js';
import { SlowClient, SseResponse } from './sse-response.js';

/**
 * `maxClients`   that may follow at once, each with a reader of the log of its own
 * `heartbeatMs`  how often each hears something, whether or not there are events
 * `patienceMs`   how long a client may take nothing while there is something for it, before it is cut
 */
export type FeedSettings = Readonly<{ maxClients: number; heartbeatMs: number; patienceMs: number }>;
export const DEFAULT_FEED: FeedSettings = { maxClients: 64, heartbeatMs: 15_000, patienceMs: 30_000 };
/** Injection token of the `FeedSettings`. */
export const FEED_SETTINGS = Symbol('FeedSettings');

/** `after` is exclusive, 0n is the beginning of the log; `types` are public types, absent means all. */
export type FeedQuery = Readonly<{ after?: bigint; types?: readonly string[] }>;
/** `upTo`: all up to this position was looked at; absent where the log is empty. */
export type FeedPage = Readonly<{ events: readonly CloudEvent[]; upTo?: bigint; hasMore: boolean }>;

/** Events read, and held in memory for one client, at once. */
const BATCH_SIZE = 100;

/** The public events, out of the log: a page of them, or all from now on. */
@Injectable()
export class Feed implements OnModuleDestroy {
  readonly #clients = new Set<AbortController>();

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(FEED_SETTINGS) private readonly settings: FeedSettings,
  ) {}

  /** Ends every stream; clients come back to another process, or to this one when it runs again. */
  onModuleDestroy(): void {
    for (const client of this.#clients) client.abort();
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** @throws RequestRefused a position that the log never gave */
  async page({ after = 0n, types }: FeedQuery, limit: number): Promise<FeedPage> {
    await this.#refuseUnknown(after);
    const source = sourceOf(await this.store.identity());
    const events: CloudEvent[] = [];
    let upTo: bigint | undefined = after > 0n ? after : undefined;
    // One more than asked for tells whether there is more.
    for await (const batch of this.store.readAll(logQuery(after, types, limit + 1))) {
      events.push(...publicOf(batch.events, source));
      if (events.length > limit) break;
      upTo = batch.upTo;
    }
    if (events.length <= limit) return { events, hasMore: false, ...(upTo !== undefined && { upTo }) };
    const page = events.slice(0, limit);
    return { events: page, hasMore: true, upTo: BigInt(page.at(-1)?.position ?? 0) };
  }

  /**
   * Sends events until the client goes away, is too slow, or this process stops. Rejects only before anything was sent.
   * @throws RequestRefused, StoreUnavailable
   */
  async stream({ after, types }: FeedQuery, reply: FastifyReply): Promise<void> {
    if (this.#clients.size >= this.settings.maxClients) {
      const { maxClients } = this.settings;
      throw new RequestRefused({ code: 'feed-full', maxClients }, { 'Retry-After': '5' });
    }
    const client = new AbortController();
    this.#clients.add(client);
    reply.raw.once('close', () => client.abort());
    try {
      const begin = after ?? (await this.store.head()) ?? 0n;
      await this.#refuseUnknown(begin);
      const source = sourceOf(await this.store.identity());
      client.signal.throwIfAborted();
      await this.#follow(logQuery(begin, types, BATCH_SIZE), source, begin, reply, client.signal);
    } catch (error) {
      if (!client.signal.aborted) throw error;
    } finally {
      this.#clients.delete(client);
    }
  }

  async #follow(
    query: ReturnType<typeof logQuery>,
    source: string,
    begin: bigint,
    reply: FastifyReply,
    signal: AbortSignal,
  ): Promise<void> {
    const { heartbeatMs, patienceMs } = this.settings;
    reply.hijack();
    const headers = reply.getHeaders() as Record<string, string>;
    const response = new SseResponse(reply.raw, headers, begin, heartbeatMs, patienceMs);
    try {
      for await (const { events, upTo } of this.store.subscribe({ ...query, signal })) {
        const texts = publicOf(events, source).map((event) => ({
          position: event.position,
          json: JSON.stringify(event),
        }));
        await response.send(texts, upTo, signal);
      }
    } catch (error) {
      if (signal.aborted) return;
      const isExpected = error instanceof SlowClient || error instanceof StoreUnavailable;
      reply.log[isExpected ? 'warn' : 'error']({ err: error, correlationId: reply.request.id }, 'a feed was cut');
    } finally {
      response.end();
    }
  }

  /** @throws RequestRefused */
  async #refuseUnknown(position: bigint): Promise<void> {
    const head = (await this.store.head()) ?? 0n;
    if (position <= head) return;
    const detail = `${position} is past the end of the log, ${head}: of another ledger, or of one that was moved`;
    throw new RequestRefused({ code: 'request-invalid', errors: [{ parameter: 'after', detail }] });
  }
}

const logQuery = (after: bigint, types: readonly string[] | undefined, batchSize: number) => ({
  types: types ? sourcesOf(types) : publicSources,
  batchSize,
  ...(after > 0n && { after }),
});

const publicOf = (events: readonly Recorded[], source: string): readonly CloudEvent[] =>
  events.map((event) => toCloudEvent(event, source)).filter((event) => event !== undefined);
