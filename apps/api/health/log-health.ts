import {
  ConcurrencyConflict,
  StoreUnavailable,
  type Appended,
  type EventStore,
  type ExpectedRevision,
  type NewEvent,
  type StreamName,
} from '../../../src/application/ports/event-store.js';
import type { AnyFact } from '../../../src/domain/fact.js';

/** How long an append that the log did not take counts, where none succeeds since. A full disk shows in no other way. */
const REMEMBERED_MS = 10_000;

/** No stream gets this far, so an append after it is always refused, but not before the log was ready to write it. */
const NEVER_REACHED = BigInt(Number.MAX_SAFE_INTEGER);
const PROBE: NewEvent = {
  id: '00000000-0000-4000-8000-000000000000',
  event: { type: 'ProductDiscontinued', data: { sku: 'PROBE' } },
  metadata: {
    commandId: 'probe',
    commandHash: '',
    correlationId: 'probe',
    causationId: 'probe',
    principal: 'api',
    occurredAt: '2000-01-01T00:00:00.000Z',
  },
};

/** What this process knows of the log: whether it can be read, and whether it takes what is written. */
export class LogHealth implements Pick<EventStore, 'append' | 'readStream'> {
  #failedAppend: Readonly<{ error: StoreUnavailable; at: number }> | undefined;
  #failedProbe: StoreUnavailable | undefined;
  #probing: Promise<void> | undefined;

  constructor(
    private readonly store: EventStore,
    /** A clock for ages, in milliseconds, that never goes back. */
    private readonly monotonicMs = () => performance.now(),
  ) {}

  /** As the store's, and remembers how it went. */
  async append<E extends AnyFact>(
    stream: StreamName<E>,
    expected: ExpectedRevision,
    events: readonly NewEvent<E>[],
  ): Promise<Appended> {
    try {
      const appended = await this.store.append(stream, expected, events);
      if (!appended.repeated) this.#failedAppend = undefined;
      return appended;
    } catch (error) {
      if (error instanceof StoreUnavailable) this.#failedAppend = { error, at: this.monotonicMs() };
      throw error;
    }
  }

  readonly readStream: EventStore['readStream'] = (stream, query) => this.store.readStream(stream, query);

  /**
   * Resolves when the log can be read and written. While another program locks it, this waits as long as a command would.
   * @throws StoreUnavailable why it cannot
   */
  async check(): Promise<void> {
    await this.store.head();
    await (this.#probing ??= this.#probe().finally(() => {
      this.#probing = undefined;
    }));
    const failed = this.#failedAppend;
    if (failed && this.monotonicMs() - failed.at < REMEMBERED_MS) throw failed.error;
  }

  /** Why the log could not be written when this was last found out, for a check that takes too long. */
  get lastFailure(): StoreUnavailable | undefined {
    return this.#failedProbe ?? this.#failedAppend?.error;
  }

  /** Asks for an append that cannot be: the log says so once it has what it needs to write, and writes nothing. */
  async #probe(): Promise<void> {
    try {
      await this.store.append('health-probe', NEVER_REACHED, [PROBE]);
    } catch (error) {
      this.#failedProbe = error instanceof StoreUnavailable ? error : undefined;
      if (!(error instanceof ConcurrencyConflict)) throw error;
    }
  }
}
