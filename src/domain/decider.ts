import type { AnyFact, Instant } from './fact.js';
import type { StateCodec } from './state-codec.js';

/** A request in the imperative. `data` holds plain values, so that it can be canonicalised and hashed. */
export type Asked<Type extends string, Data extends object> = Readonly<{ type: Type; data: Readonly<Data> }>;

/** What a decider answers: the facts to record (none: nothing to do), or why not. */
export type Decision<E extends AnyFact, R extends { code: string }> =
  Readonly<{ outcome: 'accepted'; events: readonly E[] }> | Readonly<{ outcome: 'rejected'; rejection: R }>;

/**
 * One consistency boundary, pure.
 * `decide` says yes or no to one command at business time `at`; it never throws on bad business input.
 * `evolve` folds one fact; a history that no accepted command could write throws `CorruptHistory`.
 * States are values: neither function changes the state it was given.
 * `saved` is there where streams grow so long that folding them anew takes seconds.
 */
export interface Decider<C, S, E extends AnyFact, R extends { code: string }> {
  readonly initial: S;
  decide(command: C, state: S, at: Instant): Decision<E, R>;
  evolve(state: S, event: E): S;
  readonly saved?: StateCodec<S>;
}

export const yes = <E extends AnyFact>(...events: readonly E[]): { outcome: 'accepted'; events: readonly E[] } => ({
  outcome: 'accepted',
  events,
});

export const no = <R extends { code: string }>(rejection: R): { outcome: 'rejected'; rejection: R } => ({
  outcome: 'rejected',
  rejection,
});

/** A history that no accepted command could have written: a defect in the log or in the code, never a client's fault. */
export class CorruptHistory extends Error {
  override readonly name = 'CorruptHistory';
}

/** The compiler's proof that every case is handled; at run time, a defect. */
export function assertNever(value: never): never {
  const text = JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}` : part));
  throw new CorruptHistory(`Unhandled case: ${text}`);
}
