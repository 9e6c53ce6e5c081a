import type { EventStore, LogBatch, LogQuery } from '../../src/application/ports/event-store.js';
import type { Lease, ViewBatch, ViewStore } from '../../src/application/ports/view-store.js';
import type { AnyFact } from '../../src/domain/fact.js';
import type { Document, ViewDefinition } from '../../src/projections/projection.js';

/** What becomes of one walk through the log: after so many batches it throws, ends, or never answers again. */
export type Fault = Readonly<{ after: number; then: 'end' | 'stall' | Error }>;

const never = new Promise<never>(() => undefined);

/** A log whose next walks with a filter, by `readAll` and `subscribe` alike, meet the faults of `faults` in turn. */
export function faultyLog(log: EventStore, faults: (Fault | undefined)[]): EventStore {
  async function* walk<E extends AnyFact>(query: LogQuery | undefined, batches: AsyncIterable<LogBatch<E>>) {
    const fault = query?.types ? faults.shift() : undefined;
    let given = 0;
    if (fault?.after === 0) return yield* broken(fault);
    for await (const batch of batches) {
      yield batch;
      given += 1;
      if (fault?.after === given) return yield* broken(fault);
    }
  }
  return through(log, {
    readAll: <E extends AnyFact>(query?: LogQuery) => walk(query, log.readAll<E>(query)),
    subscribe: <E extends AnyFact>(query: LogQuery & { signal: AbortSignal }) => walk(query, log.subscribe<E>(query)),
  });
}

async function* broken({ then }: Fault): AsyncGenerator<never, undefined> {
  if (then === 'stall') await never;
  if (then instanceof Error) throw then;
  return undefined;
}

/** `store` with some of its methods replaced. */
export function through<S extends object>(store: S, replaced: Partial<S>): S {
  return new Proxy(store, {
    get: (target, name) => {
      if (Object.hasOwn(replaced, name)) return replaced[name as keyof S];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/**
 * A view store without transactions, as MongoDB is: each document is written by itself, then the checkpoint. `boundary` is
 * called before the first, between two, after the last document, and after the checkpoint; what it throws, or ends, ends
 * the commit there.
 */
export function withoutTransactions(views: ViewStore, boundary: (name: string) => void): ViewStore {
  const commit = async <D extends Document>(
    view: ViewDefinition<D>,
    { documents, checkpoint }: ViewBatch<D>,
    lease: Lease,
  ): Promise<void> => {
    const before = (await views.checkpoint(view))?.position ?? 0n;
    for (const [n, document] of documents.entries()) {
      boundary(n === 0 ? 'before the documents' : 'between documents');
      await views.commit(view, { documents: [document], checkpoint: before }, lease);
    }
    boundary('before the checkpoint');
    await views.commit(view, { documents: [], checkpoint }, lease);
    boundary('after the checkpoint');
  };
  return through(views, { commit });
}
