import { Assembler } from '../../apps/ledger/online-retail/import/assembler.js';
import { surveyFile } from '../../apps/ledger/online-retail/import/importer.js';
import { toUtc } from '../../apps/ledger/online-retail/import/local-time.js';
import type { Plan, Step } from '../../apps/ledger/online-retail/import/plan.js';
import { Planner } from '../../apps/ledger/online-retail/import/planner.js';
import { readRows } from '../../apps/ledger/online-retail/import/read-file.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import type { Answer } from './patient-client.js';
import { requestOf } from './requests.js';

/** All that the importer would do for a file, by its own planner. */
export type Planned = Readonly<{ beginnings: readonly (readonly Step[])[]; plans: readonly Plan[] }>;

export async function planFile(path: string, timeZone = 'Europe/London'): Promise<Planned> {
  const survey = await surveyFile({ path, timeZone, log: new MemoryEventStore() });
  const planner = new Planner(survey, toUtc(timeZone));
  const beginnings = [planner.listings(), planner.openings()];
  const assembler = new Assembler(survey);
  const plans: Plan[] = [];
  for await (const rows of readRows(path)) {
    for (const row of rows) {
      const read = assembler.add(row);
      if (!read) continue;
      if ('reason' in read) throw new Error(`Line ${read.line} is refused: ${read.reason}`);
      plans.push(planner.plan(read));
    }
  }
  return { beginnings, plans };
}

export type Send = (path: string, key: string, body: object) => Promise<Answer>;

/**
 * Sends what was planned, up to `clients` commands at a time, each as soon as what it rests on has been answered: products are
 * listed and stock is received first; a document is accepted before its goods move; each shelf sees its movements, and
 * each order what goes on at it, in the order of the invoices. Under the importer's own command ids.
 */
export class Replay {
  /** The ids that the API gave, by those of the file. */
  readonly ids = new Map<string, string>();
  /** Commands that were accepted. */
  accepted = 0;
  /** The newest of what has to happen in turn, by what it is about. */
  readonly #turns = new Map<string, Promise<void>>();
  readonly #free: (() => void)[] = [];
  #busy = 0;

  constructor(
    private readonly send: Send,
    private readonly clients: number,
  ) {}

  async run({ beginnings, plans }: Planned): Promise<void> {
    for (const steps of beginnings) await Promise.all(steps.map((step) => this.#send(step)));
    await Promise.all(plans.map((plan) => this.#invoice(plan)));
  }

  /** Turns are taken now, in the order of the invoices; what they wait for comes later. */
  async #invoice({ documents, movements, followUps }: Plan): Promise<void> {
    const origins = documents.flatMap(originsOf).flatMap((orderId) => this.#turns.get(`order ${orderId}`) ?? []);
    const accepted = (async () => {
      await Promise.all(origins);
      for (const step of documents) await this.#send(step);
    })();
    for (const step of documents) if (step.command.type === 'PlaceOrder') void this.#inTurn(turnOf(step), accepted);
    const moved = Promise.all(movements.map((step) => this.#inTurn(turnOf(step), accepted, () => this.#send(step))));
    const followed = followUps.map(({ orderId, step }) =>
      this.#inTurn(`order ${orderId}`, moved, () => this.#send(step)),
    );
    await Promise.all([accepted, moved, ...followed]);
  }

  /** After `before`, and after what took its turn at `what` earlier. */
  #inTurn(what: string, before: Promise<unknown>, work: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    const earlier = this.#turns.get(what);
    const done = Promise.all([earlier, before]).then(work);
    this.#turns.set(what, done);
    return done;
  }

  async #send(step: Step): Promise<void> {
    if (this.#busy >= this.clients) await new Promise<void>((resolve) => this.#free.push(resolve));
    else this.#busy++;
    try {
      const { path, body } = requestOf(step, (id) => this.ids.get(id) ?? id);
      const answer = await this.send(path, step.context.commandId, body);
      if (answer.status >= 300) throw new Error(`${path} ${step.context.commandId}: ${JSON.stringify(answer)}`);
      this.accepted++;
      const created = String(answer.body['id']);
      if (step.command.type === 'PlaceOrder') this.ids.set(step.command.data.orderId, created);
      if (step.command.type === 'RecordPayment') this.ids.set(step.command.data.paymentId, created);
    } finally {
      const next = this.#free.shift();
      if (next) next();
      else this.#busy--;
    }
  }
}

const turnOf = (step: Step): string => {
  if (step.of === 'stock') return `shelf ${step.command.data.sku}`;
  if (step.of === 'order') return `order ${step.command.data.orderId}`;
  throw new Error(`${step.command.type} takes no turn`);
};

const originsOf = (step: Step): readonly string[] =>
  step.of === 'creditNote'
    ? step.command.data.lines.flatMap(({ origins = [] }) => origins.map(({ orderId }) => orderId))
    : [];
