import type { DatabaseSync } from 'node:sqlite';
import { commandHash } from '../../../application/command-hash.js';
import type { Clock } from '../../../application/ports/clock.js';
import {
  ProviderRefused,
  type Absent,
  type Outbox,
  type PaymentProvider,
  type ProviderRequest,
  type Told,
  type Unknown,
} from '../../../application/ports/payment-provider.js';
import {
  SandboxUnavailable,
  type Authentication,
  type Played,
  type SandboxBank,
} from '../../../application/ports/sandbox-bank.js';
import { whyUnavailable, resultCode } from '../../sqlite/result-code.js';
import { complete, decide, type Answer, type Intent } from './bank.js';
import { SandboxBook, type Notice } from './sandbox-book.js';
import { inTransaction, openSandboxFile } from './sandbox-file.js';
import { eventOf } from './sandbox-webhook.js';
import { testCard, type Fault } from './test-cards.js';

/**
 * `pagesUrl`  where the API serves the pages that the bank sends customers to: `http://127.0.0.1:3000`. Without it, what
 *             they are sent to is a path on whatever API there is
 * `fault`     what goes wrong with a request on its way, for tests; else what its payment method says
 */
export type SandboxOptions = Readonly<{
  file: string;
  clock: Clock;
  pagesUrl?: string;
  fault?: (request: ProviderRequest) => Fault | undefined;
}>;

type Asking = Readonly<{
  request: ProviderRequest;
  resolve: (answer: Told | Unknown) => void;
  reject: (error: ProviderRefused) => void;
}>;

/**
 * The embedded provider: a bank that takes no money, and answers Stripe's test payment methods as Stripe does in test
 * mode (`test-cards.ts`). It is the outside world, so it keeps what it did in a file of its own, durable before it
 * answers, whatever becomes of the process. Several processes may share the file.
 */
export class SandboxProvider implements PaymentProvider, SandboxBank {
  readonly name = 'sandbox';
  readonly outbox: Outbox = {
    waiting: (limit) => new Promise((resolve) => resolve(this.#waiting(limit))),
    delivered: (upTo) => new Promise((resolve) => resolve(this.#delivered(upTo))),
  };
  readonly #db: DatabaseSync;
  readonly #book: SandboxBook;
  readonly #options: SandboxOptions;
  /** Of this turn, not yet performed. */
  #asking: Asking[] = [];

  /** @throws IncompatibleSandbox; an error of node:sqlite where the file cannot be read or written */
  constructor(options: SandboxOptions) {
    this.#options = options;
    this.#db = openSandboxFile(options.file);
    this.#book = new SandboxBook(this.#db);
  }

  /** Requests of one turn of the event loop share a transaction: what takes time is the disk. */
  perform(request: ProviderRequest): Promise<Told | Unknown> {
    return new Promise((resolve, reject) => {
      if (this.#asking.push({ request, resolve, reject }) === 1) setImmediate(() => this.#performAll());
    });
  }

  lookup(request: ProviderRequest): Promise<Told | Unknown | Absent> {
    return this.#asked(() => {
      const kept = this.#book.answerTo(request.key);
      if (!kept) return { status: 'absent' } as const;
      return toldOf(request, 'pending' in kept.answer ? kept.answer.pending : kept.answer.outcome);
    });
  }

  current(_objectType: string, objectId: string) {
    return this.#asked(() => {
      const news = this.#book.newestOf(objectId);
      return news ? ({ status: 'told', news } as const) : ({ status: 'absent' } as const);
    });
  }

  authentication(reference: string): Authentication | undefined {
    const intent = this.#played(() => this.#book.intent(reference));
    if (!intent || testCard(intent.method)?.requiresAction === undefined) return undefined;
    const { paymentId, minor, currency } = intent;
    return { reference, paymentId, amount: { minor: BigInt(minor), currency }, status: AUTHENTICATION[intent.status] };
  }

  authenticate(reference: string, outcome: 'succeeded' | 'failed'): Played {
    return this.#played(() =>
      inTransaction(this.#db, () => {
        const status = this.authentication(reference)?.status;
        const intent = this.#book.intent(reference);
        if (status === undefined || !intent) return 'absent';
        if (status !== 'open') return status === outcome ? 'done' : 'too-late';
        const done = complete(intent, outcome === 'succeeded');
        this.#book.keep(done);
        this.#book.changeAnswer(reference, done.answer);
        return 'done';
      }),
    );
  }

  endDispute(disputeId: string, outcome: 'won' | 'lost'): Played {
    return this.#played(() =>
      inTransaction(this.#db, () => {
        const told = this.#book.newestOf(disputeId);
        if (!told?.what.startsWith('dispute-')) return 'absent';
        const what = outcome === 'won' ? 'dispute-won' : 'dispute-lost';
        if (told.what !== 'dispute-opened') return told.what === what ? 'done' : 'too-late';
        this.#book.tell({ ...told, what });
        return 'done';
      }),
    );
  }

  /** Everything that it has had to tell after `number`, oldest first, delivered or not. */
  notices(after: number): readonly Notice[] {
    return this.#book.notices(after);
  }

  close(): Promise<void> {
    if (this.#db.isOpen) this.#db.close();
    return Promise.resolve();
  }

  /** Nobody is answered before all is durable. */
  #performAll(): void {
    const all = this.#asking;
    this.#asking = [];
    try {
      const answers = inTransaction(this.#db, () => all.map((asking) => this.#answered(asking)));
      for (const answer of answers) answer();
    } catch (error) {
      for (const { resolve, reject } of all) {
        this.#asked(() => {
          throw error;
        }).then(resolve, reject);
      }
    }
  }

  /** In the transaction: performs one, and gives how to answer it. One that is refused writes nothing. */
  #answered({ request, resolve, reject }: Asking): () => void {
    try {
      const answer = this.#perform(request);
      return () => resolve(answer);
    } catch (error) {
      if (!(error instanceof ProviderRefused)) throw error;
      return () => reject(error);
    }
  }

  #perform(request: ProviderRequest): Told | Unknown {
    const fault = this.#faultOf(request);
    if (fault === 'absent') return unknown('The request never arrived.');
    const { answer, isFirst } = this.#answerTo(request, commandHash(request));
    if (isFirst && fault === 'late') return unknown('The answer was lost.');
    return 'pending' in answer ? unknown('It is pending at the provider.') : toldOf(request, answer.outcome);
  }

  #waiting(limit: number): Awaited<ReturnType<Outbox['waiting']>> {
    const { identity, told } = this.#played(() => this.#book.delivery());
    const notices = this.#played(() => this.#book.notices(told, limit));
    return notices.map((notice) => ({ number: notice.number, event: eventOf(notice, identity) }));
  }

  #delivered(upTo: number): void {
    this.#played(() => inTransaction(this.#db, () => this.#book.markTold(upTo)));
  }

  /** In the transaction: what was answered before, or else what the bank does now. */
  #answerTo(request: ProviderRequest, fingerprint: string): Readonly<{ answer: Answer; isFirst: boolean }> {
    const kept = this.#book.answerTo(request.key);
    if (kept) {
      if (kept.fingerprint === fingerprint) return { answer: kept.answer, isFirst: false };
      throw new ProviderRefused(`Key ${request.key} was used for another request`);
    }
    const { clock, pagesUrl = '' } = this.#options;
    const intent =
      request.operation === 'authorization' ? undefined : this.#book.intent(request.authorizationReference);
    const done = decide(request, intent, { nowMs: clock.now(), pagesUrl });
    this.#book.keep(done);
    this.#book.keepAnswer(request.key, fingerprint, done.answer);
    return { answer: done.answer, isFirst: true };
  }

  #faultOf(request: ProviderRequest): Fault | undefined {
    const { fault } = this.#options;
    if (fault) return fault(request);
    const method =
      request.operation === 'authorization'
        ? request.method
        : this.#book.intent(request.authorizationReference)?.method;
    return method === undefined ? undefined : testCard(method)?.fault;
  }

  /** A file that cannot be used just now is a bank that does not answer. */
  #asked<T>(work: () => T): Promise<T | Unknown> {
    try {
      return Promise.resolve(work());
    } catch (error) {
      const why = this.#whyUnavailable(error);
      return why === undefined
        ? Promise.reject(error instanceof Error ? error : new Error(String(error)))
        : Promise.resolve(unknown(why));
    }
  }

  /** @throws SandboxUnavailable where the file cannot be used just now */
  #played<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      const why = this.#whyUnavailable(cause);
      throw why === undefined ? cause : new SandboxUnavailable(why, { cause });
    }
  }

  #whyUnavailable(error: unknown): string | undefined {
    const why = this.#db.isOpen ? whyUnavailable(resultCode(error)) : 'is closed';
    return why === undefined ? undefined : `The sandbox's file ${why}.`;
  }
}

const AUTHENTICATION: Readonly<Record<Intent['status'], Authentication['status']>> = {
  'requires-action': 'open',
  held: 'succeeded',
  captured: 'succeeded',
  declined: 'failed',
  canceled: 'canceled',
};

const unknown = (reason: string): Unknown => ({ status: 'unknown', reason });

/** The bank answers each operation with an outcome of its kind. */
const toldOf = ({ operation }: ProviderRequest, outcome: object): Told =>
  ({ status: 'told', operation, outcome }) as Told;
