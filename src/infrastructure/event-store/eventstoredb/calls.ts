import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { pause } from '../../../application/pause.js';
import { StoreUnavailable } from '../../../application/ports/event-store.js';
import { orAbort } from '../../waiting.js';
import type { AppendAnswer, AppendCall, AppendRequest } from './append-call.js';
import { AppendCalls } from './append-calls.js';
import { arriving, NEVER } from './arriving.js';
import type { Connection } from './connection.js';
import { isPassing, NoAnswer, translated } from './errors.js';
import { identityQuery } from './log-identity.js';
import type { StoredMessage } from './stored-event.js';

/** The longest pause before a call is tried again; the pause itself is random. */
const RETRY_MS = 100;

/** Calls that end in time, are tried again as long as that may help, and fail in the port's words. */
export class Calls {
  readonly #appends: AppendCalls;

  constructor(
    private readonly connection: Connection,
    private readonly deadlineMs: number,
    /** Aborts when the store is closed. */
    private readonly closed: AbortSignal,
    /** Looks at what the server holds before appends go to it. @throws what appends are refused with */
    check: (identity: StoredMessage | undefined) => void,
  ) {
    this.#appends = new AppendCalls(connection, deadlineMs, async (withinMs) => {
      const [identity] = await this.#read(identityQuery(), withinMs);
      check(identity);
    });
  }

  /** For many appends in their order, without waiting for the answers. It is the caller's to see what became of them. */
  async appendCall(deadline: number, what: string): Promise<AppendCall> {
    return this.#within(deadline, what, undefined, (leftMs) => this.#appends.current(leftMs));
  }

  /** The very same request is sent again until the outcome is known: the server knows the ids that it has written. */
  async append(request: AppendRequest, deadline: number, stream: string): Promise<AppendAnswer> {
    return this.#within(deadline, `Append to ${stream} failed`, stream, (leftMs) =>
      this.#appends.append(request, leftMs),
    );
  }

  /** All events of a small read, tried again as long as that may help. */
  async all(request: ReadReq, what: string, stream?: string): Promise<readonly StoredMessage[]> {
    return this.#within(performance.now() + this.deadlineMs, what, stream, (leftMs) => this.#read(request, leftMs));
  }

  /** The messages of a long read; ends when `signal` aborts. It begins again only as long as nothing has come. */
  async *messages(
    request: ReadReq,
    what: string,
    signal: AbortSignal | undefined,
    stream?: string,
  ): AsyncGenerator<readonly ReadResp[]> {
    const stop = signal ? AbortSignal.any([signal, this.closed]) : this.closed;
    const subscribes = request.getOptions()?.hasSubscription() ?? false;
    let isLive = false;
    const begun = await this.#within(performance.now() + this.deadlineMs, what, stream, async (leftMs) => {
      const opening = this.connection.read(request, leftMs);
      const call = await orAbort(opening, stop).catch((cause: unknown) => {
        if (!stop.aborted) throw cause;
      });
      if (!call) {
        void opening.then(
          (late) => late.on('error', () => undefined).cancel(),
          () => undefined,
        );
        return undefined;
      }
      const messages = arriving(call, stop, () => (isLive ? Infinity : this.deadlineMs));
      return { messages, first: await messages.next() };
    });
    if (!begun) return signal?.aborted ? undefined : this.refuseClosed();
    try {
      for (let next = begun.first; !next.done; next = await begun.messages.next()) {
        if (subscribes && next.value.some((message) => message.hasCaughtUp())) isLive = true;
        yield next.value;
      }
    } catch (cause) {
      throw translated(cause, what, stream);
    } finally {
      await begun.messages.return(undefined);
    }
    if (!signal?.aborted) this.refuseClosed();
  }

  async #read(request: ReadReq, withinMs: number): Promise<readonly StoredMessage[]> {
    const events: StoredMessage[] = [];
    const end = performance.now() + withinMs;
    const call = await this.connection.read(request, withinMs);
    for await (const messages of arriving(call, NEVER, () => Math.max(0, end - performance.now()))) {
      for (const message of messages) {
        const event = message.getEvent()?.getEvent();
        if (event) events.push(event);
      }
    }
    return events;
  }

  /** Tries until `deadline` as long as a failure may pass. Where the last try had no answer, the failure before it says more. */
  async #within<T>(
    deadline: number,
    what: string,
    stream: string | undefined,
    work: (leftMs: number) => Promise<T>,
  ): Promise<T> {
    const since = performance.now();
    let passed: unknown;
    for (let pauseMs = RETRY_MS / 10; ; pauseMs = Math.min(RETRY_MS, pauseMs * 2)) {
      const leftMs = Math.ceil(deadline - performance.now());
      if (leftMs <= 0) throw new StoreUnavailable(`${what}: it came to its turn too late`);
      try {
        return await work(leftMs);
      } catch (cause) {
        if (cause instanceof NoAnswer) {
          const waitedMs = Math.round(performance.now() - since);
          throw translated(passed ?? new NoAnswer(`No answer for ${waitedMs} ms`), what, stream);
        }
        if (!isPassing(cause) || performance.now() + pauseMs >= deadline) throw translated(cause, what, stream);
        passed = cause;
      }
      await pause((pauseMs / 2) * (1 + Math.random())); // also once the log is closed: an append goes on until its deadline
    }
  }

  /** @throws StoreUnavailable */
  refuseClosed(): void {
    if (this.closed.aborted) throw new StoreUnavailable('The log is closed');
  }
}
