import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { StoreUnavailable } from '../../application/ports/event-store.js';
import type { AppendMessage, FromWriter, Outcome, ToWriter, WriterData } from './sqlite-writer.protocol.js';

type Waiting = Readonly<{
  append: AppendMessage;
  resolve: (outcome: Outcome) => void;
  reject: (cause: StoreUnavailable) => void;
}>;

/** Beside this file under the same ending: `.js` when built, `.ts` when run from source. */
const WORKER = new URL(`./sqlite-writer.worker${extname(import.meta.url)}`, import.meta.url);

/**
 * The event loop's side of the thread that writes. Appends of one turn of the event loop leave in one message.
 * The thread starts with the first append. When it dies, what it had not answered fails with `StoreUnavailable`, and
 * the next append starts another.
 */
export class SqliteWriter {
  /** Of this turn, not yet sent. */
  #collected: Waiting[] = [];
  /** Sent, in the order in which the answers will come. */
  #sent: Waiting[] = [];
  #worker: Worker | undefined;
  #drained: (() => void)[] = [];

  constructor(
    private readonly data: WriterData,
    /** Milliseconds since 1970, for `recordedAt`. */
    private readonly now: () => number,
    private readonly start: (data: WriterData) => Worker = (workerData) => new Worker(WORKER, { workerData }),
  ) {}

  /** @throws StoreUnavailable the thread died before it answered; the outcome is unknown */
  append(append: AppendMessage): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      if (this.#collected.push({ append, resolve, reject }) === 1) setImmediate(() => this.#send());
    });
  }

  /** Resolves when everything appended so far has its answer. */
  async drained(): Promise<void> {
    if (this.#unanswered === 0) return;
    await new Promise<void>((resolve) => this.#drained.push(resolve));
  }

  /** Ends the thread, after what was sent to it. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    worker.ref();
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage('close' satisfies ToWriter);
    await ended;
  }

  get #unanswered(): number {
    return this.#collected.length + this.#sent.length;
  }

  #send(): void {
    const collected = this.#collected;
    this.#collected = [];
    const worker = (this.#worker ??= this.#started());
    if (this.#sent.length === 0) worker.ref(); // an unanswered append keeps the process alive, an idle thread does not
    for (const waiting of collected) this.#sent.push(waiting);
    worker.postMessage({
      now: this.now(),
      appends: collected.map(({ append }) => append),
    } satisfies ToWriter);
  }

  #started(): Worker {
    const worker = this.start(this.data);
    worker.unref();
    worker.on('message', (outcomes: FromWriter) => this.#settle(worker, outcomes));
    let cause: unknown;
    worker.once('error', (error: unknown) => {
      cause = error;
    });
    worker.once('exit', () => this.#lost(worker, cause));
    return worker;
  }

  #settle(worker: Worker, outcomes: FromWriter): void {
    const settled = this.#sent.splice(0, outcomes.length);
    if (this.#sent.length === 0) worker.unref();
    for (const [index, { resolve }] of settled.entries()) resolve(outcomes[index] as Outcome);
    this.#tellDrained();
  }

  #lost(worker: Worker, cause: unknown): void {
    if (this.#worker === worker) this.#worker = undefined;
    const unanswered = this.#sent;
    this.#sent = [];
    for (const { reject } of unanswered) reject(new StoreUnavailable('The log’s writer ended unasked', { cause }));
    this.#tellDrained();
  }

  #tellDrained(): void {
    if (this.#unanswered > 0) return;
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}
