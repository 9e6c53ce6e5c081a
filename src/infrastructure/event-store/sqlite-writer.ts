import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { StoreUnavailable } from '../../application/ports/event-store.js';
import type {
  AppendMessage,
  FromWriter,
  Outcome,
  ToWriter,
  WriterData,
  WriterOptions,
} from './sqlite-writer.protocol.js';

type Waiting = Readonly<{
  append: AppendMessage;
  resolve: (outcome: Outcome) => void;
  reject: (cause: StoreUnavailable) => void;
}>;

/** Beside this file under the same ending: `.js` when built, `.ts` when run from source. */
const WORKER = new URL(`./sqlite-writer.worker${extname(import.meta.url)}`, import.meta.url);

/** Enough to make a message worth its way, few enough for the thread to have something to write while the next is made. */
const MESSAGE_APPENDS = 16;

/**
 * The event loop's side of the thread that writes. Appends of one turn of the event loop leave together, in messages of
 * up to `MESSAGE_APPENDS`: the thread writes the first of them while the later ones are still being prepared.
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
  readonly #posted = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

  constructor(
    private readonly options: WriterOptions,
    /** Milliseconds since 1970, for `recordedAt`. */
    private readonly now: () => number,
    private readonly start: (data: WriterData) => Worker = (workerData) => new Worker(WORKER, { workerData }),
  ) {}

  /** @throws StoreUnavailable the thread died before it answered; the outcome is unknown */
  append(append: AppendMessage): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const collected = this.#collected.push({ append, resolve, reject });
      if (collected === 1) setImmediate(() => this.#send());
      if (collected === MESSAGE_APPENDS) this.#send();
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
    this.#post(worker, 'close');
    await ended;
  }

  get #unanswered(): number {
    return this.#collected.length + this.#sent.length;
  }

  #send(): void {
    const collected = this.#collected;
    if (collected.length === 0) return; // a full message has left since this was put off
    this.#collected = [];
    const worker = (this.#worker ??= this.#started());
    if (this.#sent.length === 0) worker.ref(); // an unanswered append keeps the process alive, an idle thread does not
    for (const waiting of collected) this.#sent.push(waiting);
    this.#post(worker, { now: this.now(), appends: collected.map(({ append }) => append) });
  }

  #post(worker: Worker, message: ToWriter): void {
    worker.postMessage(message);
    Atomics.add(this.#posted, 0, 1);
    Atomics.notify(this.#posted, 0);
  }

  #started(): Worker {
    const worker = this.start({ ...this.options, posted: this.#posted });
    worker.unref();
    worker.on('message', (answer: FromWriter) => this.#settle(worker, answer));
    let cause: unknown;
    worker.once('error', (error: unknown) => {
      cause = error;
    });
    worker.once('exit', () => this.#lost(worker, cause));
    return worker;
  }

  #settle(worker: Worker, { written, others }: FromWriter): void {
    const settled = this.#sent.splice(0, written.length / 2);
    if (this.#sent.length === 0) worker.unref();
    for (const [index, { resolve }] of settled.entries()) {
      const [revision, position] = [written[2 * index] as number, written[2 * index + 1] as number];
      resolve(others.get(index) ?? { kind: 'written', revision, position });
    }
    this.#tellDrained();
  }

  #lost(worker: Worker, cause: unknown): void {
    if (this.#worker === worker) this.#worker = undefined;
    const unanswered = this.#sent;
    this.#sent = [];
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    for (const { reject } of unanswered)
      reject(new StoreUnavailable(`The log’s writer ended unasked${why}`, { cause }));
    this.#tellDrained();
  }

  #tellDrained(): void {
    if (this.#unanswered > 0) return;
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}
