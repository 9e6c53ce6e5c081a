import { expect } from '@jest/globals';
import { CorruptHistory, type Decider, type Decision } from '../../src/domain/decider.js';
import type { AnyFact, Instant } from '../../src/domain/fact.js';

/** The business time of a command that does not care. */
export const NOON: Instant = '2026-03-01T12:00:00.000Z';

/** `given(facts…).when(command).then(facts…)`, or `.thenRejected(…)`: whole answers, compared strictly. */
export function specify<C, S, E extends AnyFact, R extends { code: string }>(decider: Decider<C, S, E, R>) {
  const given = (...history: readonly E[]) => ({
    when: (command: C, at: Instant = NOON) => {
      const state = fold(decider, history);
      const decision = decider.decide(deepFreeze(command), state, at);
      return {
        then: (...events: readonly E[]) => {
          expect(decision).toStrictEqual({ outcome: 'accepted', events });
          fold(decider, [...history, ...events]);
        },
        thenRejected: (rejection: R) => expect(decision).toStrictEqual({ outcome: 'rejected', rejection }),
      };
    },
    /** No accepted command writes this. */
    thenCorrupt: (message: RegExp) => {
      expect(() => fold(decider, history)).toThrow(CorruptHistory);
      expect(() => fold(decider, history)).toThrow(message);
    },
    thenState: () => fold(decider, history),
  });
  return { given };
}

export type Step<C, S, E extends AnyFact, R extends { code: string }> = Readonly<{
  command: C;
  at: Instant;
  before: S;
  decision: Decision<E, R>;
  after: S;
  events: readonly E[];
}>;

/**
 * Sends commands one after the other, each to the state that the ones before it left. Every state is frozen deep, so a
 * decider that changes one throws. In the end, the facts replayed from nothing must give the same state.
 */
export function run<C, S, E extends AnyFact, R extends { code: string }>(
  decider: Decider<C, S, E, R>,
  commands: readonly Readonly<{ command: C; at: Instant }>[],
): readonly Step<C, S, E, R>[] {
  let before = deepFreeze(decider.initial);
  const steps = commands.map(({ command, at }) => {
    const decision = deepFreeze(decider.decide(deepFreeze(command), before, at));
    expect(decider.decide(command, before, at)).toStrictEqual(decision);
    const events = decision.outcome === 'accepted' ? decision.events : [];
    const after = fold(decider, events, before);
    const step = { command, at, before, decision, after, events };
    before = after;
    return step;
  });
  const history = steps.flatMap(({ events }) => events);
  expect(fold(decider, history)).toStrictEqual(before);
  return steps;
}

export const fold = <C, S, E extends AnyFact, R extends { code: string }>(
  decider: Decider<C, S, E, R>,
  events: readonly E[],
  from: S = decider.initial,
): S => events.reduce((state, event) => deepFreeze(decider.evolve(state, deepFreeze(event))), deepFreeze(from));

/** Freezes everything that can be reached; a frozen `Map` refuses to be changed as well. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map) {
    for (const mutator of ['set', 'delete', 'clear']) {
      Object.defineProperty(value, mutator, {
        value: () => {
          throw new TypeError(`${mutator} on a frozen map`);
        },
      });
    }
    for (const entry of value.values()) deepFreeze<unknown>(entry);
  }
  Object.freeze(value);
  for (const field of Object.values(value)) deepFreeze<unknown>(field);
  return value;
}
