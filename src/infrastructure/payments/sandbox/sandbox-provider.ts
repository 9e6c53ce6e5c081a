import type { DatabaseSync } from 'node:sqlite';
import { commandHash } from '../../../application/command-hash.js';
import type { Clock } from '../../../application/ports/clock.js';
import {
  ProviderRefused,
  type Absent,
  type PaymentProvider,
  type ProviderRequest,
  type Told,
  type Unknown,
} from '../../../application/ports/payment-provider.js';
import type { ProviderNews } from '../../../domain/provider-event/provider-event.events.js';
import { whyUnavailable, resultCode } from '../../sqlite/result-code.js';
import { complete, decide, type Answer, type Done, type Intent } from './bank.js';
import { inTransaction, openSandboxFile } from './sandbox-file.js';
import { testCard, type Fault } from './test-cards.js';

/**
 * `fault`  what goes wrong with a request on its way, for tests; else what its payment method says
 */
export type SandboxOptions = Readonly<{
  file: string;
  clock: Clock;
  fault?: (request: ProviderRequest) => Fault | undefined;
}>;

/** Something that the bank has to tell, as a provider's webhook would. `number` counts 1, 2, 3 … */
export type Notice = Readonly<{ number: number; news: ProviderNews }>;

/**
 * The embedded provider: a bank that takes no money, and answers Stripe's test payment methods as Stripe does in test
 * mode (`test-cards.ts`). It is the outside world, so it keeps what it did in a file of its own, durable before it
 * answers, whatever becomes of the process. Several processes may share the file.
 */
export class SandboxProvider implements PaymentProvider {
  readonly name = 'sandbox';
  readonly #db: DatabaseSync;
  readonly #options: SandboxOptions;

  /** @throws IncompatibleSandbox; an error of node:sqlite where the file cannot be read or written */
  constructor(options: SandboxOptions) {
    this.#options = options;
    this.#db = openSandboxFile(options.file);
  }

  perform(request: ProviderRequest): Promise<Told | Unknown> {
    return this.#asked(() => {
      const fault = this.#faultOf(request);
      if (fault === 'absent') return unknown('The request never arrived.');
      const fingerprint = commandHash(request);
      const { answer, isFirst } = inTransaction(this.#db, () => this.#answerTo(request, fingerprint));
      if (isFirst && fault === 'late') return unknown('The answer was lost.');
      return 'pending' in answer ? unknown('It is pending at the provider.') : toldOf(request, answer.outcome);
    });
  }

  lookup(request: ProviderRequest): Promise<Told | Unknown | Absent> {
    return this.#asked(() => {
      const kept = this.#kept(request.key);
      if (!kept) return { status: 'absent' } as const;
      return toldOf(request, 'pending' in kept.answer ? kept.answer.pending : kept.answer.outcome);
    });
  }

  current(_objectType: string, objectId: string) {
    return this.#asked(() => {
      const row = this.#db
        .prepare('SELECT news FROM notices WHERE object = ? ORDER BY number DESC LIMIT 1')
        .get(objectId) as { news: string } | undefined;
      return row
        ? ({ status: 'told', news: fromJson(row.news) as ProviderNews } as const)
        : ({ status: 'absent' } as const);
    });
  }

  /**
   * The customer does what an authorization that requires an action asks of them, well or badly.
   * @throws RangeError there is no such authorization, or it requires nothing
   */
  completeAction(reference: string, well: boolean): void {
    inTransaction(this.#db, () => {
      const intent = this.#intent(reference);
      if (intent?.status !== 'requires-action') throw new RangeError(`${reference} requires no action`);
      const done = complete(intent, well);
      this.#keep(done);
      // The key of the request is in the id of what it made: from now on this is its answer.
      const change = this.#db.prepare(
        "UPDATE answers SET answer = ? WHERE json_extract(answer, '$.outcome.reference') = ?",
      );
      change.run(toJson(done.answer), reference);
    });
  }

  /** What it has to tell after `number`, oldest first; twice, where the payment method says so. */
  notices(after: number): readonly Notice[] {
    const rows = this.#db.prepare('SELECT number, news FROM notices WHERE number > ? ORDER BY number').all(after);
    return rows.map(({ number, news }) => ({ number: Number(number), news: fromJson(String(news)) as ProviderNews }));
  }

  close(): Promise<void> {
    if (this.#db.isOpen) this.#db.close();
    return Promise.resolve();
  }

  /** In the transaction: what was answered before, or else what the bank does now. */
  #answerTo(request: ProviderRequest, fingerprint: string): Readonly<{ answer: Answer; isFirst: boolean }> {
    const kept = this.#kept(request.key);
    if (kept) {
      if (kept.fingerprint === fingerprint) return { answer: kept.answer, isFirst: false };
      throw new ProviderRefused(`Key ${request.key} was used for another request`);
    }
    const intent = request.operation === 'authorization' ? undefined : this.#intent(request.authorizationReference);
    const done = decide(request, intent, this.#options.clock.now());
    this.#keep(done);
    this.#db
      .prepare('INSERT INTO answers (key, fingerprint, answer) VALUES (?, ?, ?)')
      .run(request.key, fingerprint, toJson(done.answer));
    return { answer: done.answer, isFirst: true };
  }

  #kept(key: string): Readonly<{ fingerprint: string; answer: Answer }> | undefined {
    const row = this.#db.prepare('SELECT fingerprint, answer FROM answers WHERE key = ?').get(key);
    return row && { fingerprint: String(row['fingerprint']), answer: fromJson(String(row['answer'])) as Answer };
  }

  #intent(id: string): Intent | undefined {
    const row = this.#db.prepare('SELECT body FROM intents WHERE id = ?').get(id);
    return row && (fromJson(String(row['body'])) as Intent);
  }

  #keep({ intent, news }: Done): void {
    if (intent) {
      const upsert = 'INSERT INTO intents (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body';
      this.#db.prepare(upsert).run(intent.id, toJson(intent));
    }
    const times = intent && testCard(intent.method)?.fault === 'double' ? [1, 2] : [1];
    const insert = this.#db.prepare('INSERT INTO notices (object, news) VALUES (?, ?)');
    for (const each of news) for (const _ of times) insert.run(each.reference, toJson(each));
  }

  #faultOf(request: ProviderRequest): Fault | undefined {
    const { fault } = this.#options;
    if (fault) return fault(request);
    const method =
      request.operation === 'authorization' ? request.method : this.#intent(request.authorizationReference)?.method;
    return method === undefined ? undefined : testCard(method)?.fault;
  }

  /** A file that cannot be used just now is a bank that does not answer. */
  #asked<T>(work: () => T): Promise<T | Unknown> {
    try {
      return Promise.resolve(work());
    } catch (error) {
      const why = this.#db.isOpen ? whyUnavailable(resultCode(error)) : 'is closed';
      return why === undefined
        ? Promise.reject(error instanceof Error ? error : new Error(String(error)))
        : Promise.resolve(unknown(`The sandbox's file ${why}.`));
    }
  }
}

const unknown = (reason: string): Unknown => ({ status: 'unknown', reason });

/** The bank answers each operation with an outcome of its kind. */
const toldOf = ({ operation }: ProviderRequest, outcome: object): Told =>
  ({ status: 'told', operation, outcome }) as Told;

const toJson = (value: object): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part));

/** `amount.minor` is a bigint, everything else as JSON has it. */
const fromJson = (text: string): unknown =>
  JSON.parse(text, (name, part: unknown) =>
    name === 'amount' && typeof part === 'object' && part !== null && 'minor' in part
      ? { ...part, minor: BigInt(String(part.minor)) }
      : part,
  );
