import type { Receipt } from '../../../../src/application/command-context.js';
import { runCreditNote } from '../../../../src/application/credit-note/run-credit-note.js';
import { CommandIdReused, Rejected } from '../../../../src/application/errors.js';
import { runJournal } from '../../../../src/application/journal/run-journal.js';
import { runOrder } from '../../../../src/application/order/run-order.handler.js';
import { runPayment } from '../../../../src/application/payment/run-payment.js';
import { InvalidAppend } from '../../../../src/application/ports/event-store.js';
import { runProduct } from '../../../../src/application/product/run-product.handler.js';
import { runStock } from '../../../../src/application/stock/run-stock.handler.js';
import type { StreamWriter } from '../../../../src/application/stream-writer.js';
import type { Step } from './plan.js';

/** `repeated`: it had been accepted before, by this import or an earlier one. */
export type Outcome = 'accepted' | 'repeated' | 'refused';
export type CommandCounts = Readonly<Record<Outcome, number>>;

/**
 * Runs commands, so many at a time. Commands on one stream are decided in the order in which `run` was called.
 * A command that the ledger refuses is told to `onRefused`; any other failure (the log is gone, the disk is full) is
 * kept in `failure`, and ends the import.
 */
export class CommandWindow {
  readonly counts = new Map<string, Record<Outcome, number>>();
  failure: { error: unknown } | undefined;
  #inFlight = 0;
  /** The newest movement under way on each shelf. */
  readonly #shelves = new Map<string, Promise<Outcome>>();
  readonly #waiting: { size: number; enter: () => void }[] = [];

  constructor(
    private readonly writerOf: (step: Step) => StreamWriter,
    private readonly size: number,
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
      const { replayed } = await execute(this.writerOf(step), step);
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
}

function execute(writer: StreamWriter, step: Step): Promise<Receipt> {
  switch (step.of) {
    case 'product':
      return runProduct(writer, step.command, step.context);
    case 'stock':
      return runStock(writer, step.command, step.context);
    case 'order':
      return runOrder(writer, step.command, step.context);
    case 'payment':
      return runPayment(writer, step.command, step.context);
    case 'creditNote':
      return runCreditNote(writer, step.command, step.context);
    case 'journal':
      return runJournal(writer, step.command, step.context);
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
