import type { EventStore } from '../../../../src/application/ports/event-store.js';
import { STREAM_WEIGHT, StreamWriter } from '../../../../src/application/stream-writer.js';
import { Assembler, type RefusedRow } from './assembler.js';
import { CommandWindow, type CommandCounts } from './command-window.js';
import type { InvoiceClass } from './invoice.js';
import { toUtc } from './local-time.js';
import { refuseASecondOpening, type OpeningStock } from './opening-stock.js';
import { Planner } from './planner.js';
import { stepsIn, type Plan, type Step } from './plan.js';
import type { MatchCounts } from './purchases.js';
import { readRows, UnreadableFile, type ReadOptions } from './read-file.js';
import type { BadRow, Row } from './row.js';
import { Surveyor, type Survey } from './survey.js';

/** A command that the ledger refused. `lines`: where its invoice stands in the file. */
export type RefusedCommand = Readonly<{
  command: string;
  commandId: string;
  reason: string;
  invoice?: string;
  lines?: Readonly<{ first: number; last: number }>;
}>;

/** What an import did. `repeated` commands had been accepted before. */
export type ImportReport = Readonly<{
  digest: string;
  rows: number;
  rowsRefused: number;
  invoices: Readonly<Record<InvoiceClass | 'refused', number>>;
  products: number;
  openings: Readonly<{ skus: number; units: number }>;
  commands: Readonly<Record<string, CommandCounts>>;
  commandsRefused: number;
  /** Goods rows on credit notes, by what was found of their purchase. */
  returns: MatchCounts;
}>;

export type ImportOptions = Readonly<{
  path: string;
  log: EventStore;
  /** IANA name of the zone whose wall clock the file's times are. */
  timeZone: string;
  /** Said by the user, who was asked; when absent, it is received, unless that looks like a second time. */
  openingStock?: OpeningStock | undefined;
  signal?: AbortSignal;
  /** The most commands under way at once. */
  window?: number;
  /** Between two tries of a command that the log did not answer, in milliseconds. */
  pauseMs?: number;
  onSurveyed?: (survey: Survey) => void;
  /** How far pass 1 is, in bytes of the file; how far pass 2, in rows. */
  onBytes?: (bytes: number) => void;
  onRows?: (rows: number) => void;
  onRefusedRow?: (row: RefusedRow) => void;
  onRefusedCommand?: (command: RefusedCommand) => void;
}>;

/** Enough that appends share the log’s transactions; more only makes garbage that lives longer (bench/import.ts). */
const DEFAULT_WINDOW = 512;
const PAUSE_MS = 1_000;
/** A file can wait for its turn: ten minutes, not ten seconds. */
const maxWaitMs = 600_000;
/** Every product of a large assortment moves all year; an order passes by once. */
const SHELVES = { maxKeptEvents: 10_000_000, maxWaitMs };
const DOCUMENTS = { maxKeptEvents: 4_096 * STREAM_WEIGHT, maxWaitMs };

/**
 * Takes a file into the ledger through the same commands and deciders as the API.
 *
 * Pass 1 reads all of it and writes nothing; pass 2 books invoice by invoice, in the order in which they are complete.
 * Every command id follows from the file's content, so an import that was broken off is finished by running it again.
 * Order: products are listed before stock is opened, stock is opened before it moves; documents are accepted before
 * their goods move; each shelf sees the movements in the order of the invoices.
 * @throws UnreadableFile   the file is not of this shape, and nothing was written; or it changed between the passes, and
 *                          what was written is of what it was then
 * @throws ImportedFromAnotherFile  see `refuseASecondOpening`; nothing was written
 * @throws StoreUnavailable, ConcurrencyConflict  from the log; run it again
 */
export async function importOnlineRetail(options: ImportOptions): Promise<ImportReport> {
  const convert = toUtc(options.timeZone);
  const survey = await surveyFile(options);
  options.onSurveyed?.(survey);
  const planner = new Planner(survey, convert);
  if (options.openingStock === undefined) await refuseASecondOpening(options.log, survey, planner);
  return new Import(options, survey, planner).run();
}

export async function surveyFile({ path, signal, onBytes }: ImportOptions): Promise<Survey> {
  const surveyor = new Surveyor();
  const digest = await forEachRow(path, { signal, onBytes }, (row) => surveyor.add(row));
  return surveyor.finish(digest);
}

async function forEachRow(
  path: string,
  options: ReadOptions,
  use: (row: Row | BadRow) => void | Promise<void>,
): Promise<string> {
  const batches = readRows(path, options);
  try {
    for (let next = await batches.next(); ; next = await batches.next()) {
      if (next.done) return next.value;
      for (const row of next.value) {
        const used = use(row);
        if (used) await used;
      }
    }
  } finally {
    await batches.return(''); // lets go of the file, where `use` stopped it
  }
}

class Import {
  readonly #window: CommandWindow;
  readonly #invoices = { order: 0, credit: 0, journal: 0, adjustment: 0 };
  #rowsRefused = 0;
  #commandsRefused = 0;
  /** Plans by the invoice they are of, while they are under way: to say where a refused command comes from. */
  readonly #plans = new Map<string, Plan>();
  /** Ends when every invoice so far has had its movements put in line. */
  #turn: Promise<void> = Promise.resolve();
  /** The end of what goes on at an order, while something does. */
  readonly #orders = new Map<string, Promise<void>>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(
    private readonly options: ImportOptions,
    private readonly survey: Survey,
    private readonly planner: Planner,
  ) {
    const { log, window = DEFAULT_WINDOW, pauseMs = PAUSE_MS } = options;
    const shelves = new StreamWriter(log, SHELVES);
    const documents = new StreamWriter(log, DOCUMENTS);
    const writerOf = ({ of }: Step) => (of === 'stock' ? shelves : documents);
    this.#window = new CommandWindow(writerOf, window, pauseMs, (step, reason) => this.#refused(step, reason));
  }

  async run(): Promise<ImportReport> {
    try {
      await this.#book();
    } finally {
      // Whatever stopped it: what is under way ends before the stores are closed.
      await this.#turn;
      while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    }
    this.#stopOnFailure();
    return this.#report();
  }

  async #book(): Promise<void> {
    await this.#all(this.planner.listings());
    if (this.options.openingStock !== 'skip') await this.#all(this.planner.openings());
    const assembler = new Assembler(this.survey);
    let rows = 0;
    const digest = await forEachRow(this.options.path, { signal: this.options.signal }, (row) => {
      this.options.onRows?.(++rows);
      const read = assembler.add(row);
      if (!read) return;
      if ('reason' in read) return this.#refusedRow(read);
      this.#invoices[read.class]++;
      return this.#begin(this.planner.plan(read));
    });
    if (digest !== this.survey.digest) throw new UnreadableFile(`${this.options.path} changed while it was read`);
  }

  /** Puts the documents to the ledger and the movements in line behind those of the invoices before. */
  async #begin(plan: Plan): Promise<void> {
    await this.#window.enter(stepsIn(plan));
    this.options.signal?.throwIfAborted();
    this.#stopOnFailure();
    this.#plans.set(plan.invoice, plan);
    const documents = this.#runAll(plan.documents);
    const before = this.#turn;
    this.#turn = (async () => {
      const accepted = await documents;
      await before;
      // Not awaited: the next invoice's movements may be put in line as soon as these are.
      this.#track(accepted ? this.#move(plan) : this.#giveUp(plan));
    })();
  }

  async #move(plan: Plan): Promise<void> {
    const moved = this.#runAll(plan.movements);
    const followUps = plan.followUps.map(({ orderId, step }) => this.#followUp(orderId, step, moved));
    await moved;
    await Promise.all(followUps);
    this.#plans.delete(plan.invoice);
  }

  /** After the goods have moved, and after what went on at the order before. */
  #followUp(orderId: string, step: Step, moved: Promise<boolean>): Promise<void> {
    const before = this.#orders.get(orderId);
    const done = (async () => {
      const ready = await moved;
      await before;
      if (ready) await this.#window.run(step);
      else this.#window.skip(1);
    })();
    this.#orders.set(orderId, done);
    return done.finally(() => {
      if (this.#orders.get(orderId) === done) this.#orders.delete(orderId);
    });
  }

  /** The document was refused, so nothing of the invoice is booked. */
  #giveUp(plan: Plan): Promise<void> {
    this.#window.skip(plan.movements.length + plan.followUps.length);
    this.#plans.delete(plan.invoice);
    return Promise.resolve();
  }

  /** Whether all were accepted. `run` never rejects. */
  async #runAll(steps: readonly Step[]): Promise<boolean> {
    const outcomes = await Promise.all(steps.map((step) => this.#window.run(step)));
    return outcomes.every((outcome) => outcome !== 'refused');
  }

  /** Steps that are no invoice's, as many at once as the window lets in; returns when all are done. */
  async #all(steps: readonly Step[]): Promise<void> {
    const running: Promise<unknown>[] = [];
    try {
      for (const step of steps) {
        this.options.signal?.throwIfAborted();
        await this.#window.enter(1);
        this.#stopOnFailure();
        running.push(this.#window.run(step));
      }
    } finally {
      await Promise.all(running);
    }
    this.#stopOnFailure();
  }

  #track(work: Promise<void>): void {
    this.#underWay.add(work);
    void work.finally(() => this.#underWay.delete(work));
  }

  #stopOnFailure(): void {
    if (this.#window.failure) throw this.#window.failure.error;
  }

  #refusedRow(row: RefusedRow): void {
    this.#rowsRefused++;
    this.options.onRefusedRow?.(row);
  }

  #refused({ command, context }: Step, reason: string): void {
    this.#commandsRefused++;
    const { commandId, correlationId = '' } = context;
    const plan = this.#plans.get(correlationId.slice(correlationId.indexOf(':') + 1));
    this.options.onRefusedCommand?.({
      command: command.type,
      commandId,
      reason,
      ...(plan ? { invoice: plan.invoice, lines: plan.lines } : {}),
    });
  }

  #report(): ImportReport {
    const { digest, rows, refused, products, openings } = this.survey;
    return {
      digest,
      rows,
      rowsRefused: this.#rowsRefused,
      invoices: { ...this.#invoices, refused: refused.size },
      products: products.length,
      openings: { skus: openings.length, units: openings.reduce((sum, { units }) => sum + units, 0) },
      commands: Object.fromEntries(this.#window.counts),
      commandsRefused: this.#commandsRefused,
      returns: this.planner.returns,
    };
  }
}
