import type { Receipt } from '../../../../src/application/command-context.js';
import { CommandIdReused, Rejected } from '../../../../src/application/errors.js';
import { pause } from '../../../../src/application/pause.js';
import { InvalidAppend, StoreUnavailable } from '../../../../src/application/ports/event-store.js';
import type { StreamWriter } from '../../../../src/application/stream-writer.js';
import { creditNote } from '../../../../src/domain/credit-note/credit-note.decider.js';
import { journal } from '../../../../src/domain/journal/journal.decider.js';
import { order } from '../../../../src/domain/order/order.decider.js';
import { payment } from '../../../../src/domain/payment/payment.decider.js';
import { product } from '../../../../src/domain/product/product.decider.js';
import { stock } from '../../../../src/domain/stock/stock.decider.js';
import {
  creditNoteStream,
  journalStream,
  orderStream,
  paymentStream,
  productStream,
  stockStream,
} from '../../../../src/domain/streams.js';
import type { Step } from './plan.js';

/** `repeated`: it had been accepted before, by this import or an earlier one. */
export type Outcome = 'accepted' | 'repeated' | 'refused';
export type CommandCounts = Readonly<Record<Outcome, number>>;

/**
 * Runs commands, so many at a time. Commands on one stream are decided in the order in which `run` was called.
 * A command that the ledger refuses is told to `onRefused`. One of which the log did not answer is given again, under the
 * same id. Any other failure, and a log that stays silent, is kept in `failure`, and ends the import.
 */
export class CommandWindow {
  readonly counts = new Map<string, Record<Outcome, number>>();
  failure: { error: unknown } | undefined;
  #inFlight = 0;
  /** The newest answer was to a repeated command: the import has been here before, and finds its streams there. */
  #repeating = false;
  /** The newest movement under way on each shelf. */
  readonly #shelves = new Map<string, Promise<Outcome>>();
  readonly #waiting: { size: number; enter: () => void }[] = [];

  constructor(
    private readonly writerOf: (step: Step) => StreamWriter,
    private readonly size: number,
    /** Between two tries of a command that the log did not answer, in milliseconds. */
    private readonly pauseMs: number,
    private readonly onRefused: (step: Step, reason: string) => void,
  ) {}

  /** Waits until `steps` more commands may be under way; each is given free by `run` or `skip`. */
  async enter(steps: number): Promise<void> {
    const size = Math.min(steps, this.size);
    if (this.#waiting.length === 0 && this.#inFlight + size <= this.size) this.#inFlight += steps;
    else await new Promise<void>((enter) => this.#waiting.push({ size: steps, enter }));
  }

  /** Never rejects. After a failure nothing is begun any more, and what is asked for counts as refused. */
  async run(step: Step): Promise<Outcome> {
    const outcome = step.of === 'stock' ? await this.#inTurn(step) : await this.#outcome(step);
    const counts = this.counts.get(step.command.type) ?? { accepted: 0, repeated: 0, refused: 0 };
    counts[outcome]++;
    this.counts.set(step.command.type, counts);
    this.skip(1);
    return outcome;
  }

  /** Gives free what was entered for, but will not be run. */
  skip(steps: number): void {
    this.#inFlight -= steps;
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if (this.#inFlight + Math.min(next.size, this.size) > this.size) return;
      this.#inFlight += next.size;
      this.#waiting.shift();
      next.enter();
    }
  }

  /**
   * On a shelf each movement waits for the one before, so that a movement that failed is not followed by later ones: its
   * units might then be gone when the import is run again.
   */
  async #inTurn(step: Step & { of: 'stock' }): Promise<Outcome> {
    const { sku } = step.command.data;
    const before = this.#shelves.get(sku);
    const outcome = before ? before.then(() => this.#outcome(step)) : this.#outcome(step);
    this.#shelves.set(sku, outcome);
    const settled = await outcome;
    if (this.#shelves.get(sku) === outcome) this.#shelves.delete(sku);
    return settled;
  }

  async #outcome(step: Step): Promise<Outcome> {
    if (this.failure) return 'refused';
    try {
      const { replayed } = await this.#execute(step);
      this.#repeating = replayed;
      return replayed ? 'repeated' : 'accepted';
    } catch (error) {
      const reason = reasonOf(error);
      // A product that is listed is listed, whoever did it; its name and price are not the file's to change.
      if (step.command.type === 'ListProduct' && isAlreadyListed(error)) return 'repeated';
      if (reason === undefined) this.failure ??= { error };
      else this.onRefused(step, reason);
      return 'refused';
    }
  }

  /** @throws StoreUnavailable the log was asked TRIES times */
  async #execute(step: Step): Promise<Receipt> {
    for (let tries = 1; ; tries++) {
      try {
        return await execute(this.writerOf(step), step, tries === 1 && !this.#repeating);
      } catch (error) {
        if (!(error instanceof StoreUnavailable) || tries === TRIES || this.failure) throw error;
      }
      await pause(this.pauseMs);
    }
  }
}

/** How often a command is given to a log that does not answer: a server may be busy, restart, or elect a leader. */
const TRIES = 5;

/** Commands that begin a stream of their own. */
const BEGINNINGS: readonly string[] = ['ListProduct', 'PlaceOrder', 'RecordPayment', 'IssueCreditNote', 'PostJournal'];

/** As the API's command handlers do it, but that a stream to begin need not be read before. */
function execute(writer: StreamWriter, step: Step, presumedNew: boolean): Promise<Receipt> {
  const { context } = step;
  const options = { presumedNew: presumedNew && BEGINNINGS.includes(step.command.type) };
  switch (step.of) {
    case 'product':
      return writer.execute(product, productStream(step.command.data.sku), step.command, context, options);
    case 'stock': {
      const { sku, location } = step.command.data;
      return writer.execute(stock, stockStream(sku, location), step.command, context);
    }
    case 'order':
      return writer.execute(order, orderStream(step.command.data.orderId), step.command, context, options);
    case 'payment':
      return writer.execute(payment, paymentStream(step.command.data.paymentId), step.command, context, options);
    case 'creditNote':
      return writer.execute(
        creditNote,
        creditNoteStream(step.command.data.creditNoteId),
        step.command,
        context,
        options,
      );
    case 'journal':
      return writer.execute(journal, journalStream(step.command.data.journalId), step.command, context, options);
  }
}

const isAlreadyListed = (error: unknown): boolean =>
  error instanceof Rejected && ['product-already-listed', 'product-discontinued'].includes(error.rejection.code);

/** Why the ledger refuses a command; `undefined` for a failure that is not the command's. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof Rejected) {
    const { code, ...details } = error.rejection as Readonly<{ code: string } & Record<string, unknown>>;
    const known = Object.entries(details).map(([name, value]) => `${name} ${textOf(value)}`);
    return known.length === 0 ? code : `${code} (${known.join(', ')})`;
  }
  if (error instanceof CommandIdReused) return 'it was imported before with another content';
  if (error instanceof InvalidAppend) return error.message;
  return undefined;
}

const textOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part));
