import type { AnyFact } from '../../domain/fact.js';
import type { JsonSchema, Shape } from './shape.js';

/** `ledger.<context>.<event>.v<version>`: the `type` of a CloudEvent, and the NATS subject that it is published on. */
export type PublicType = `ledger.${string}.${string}.v${number}`;

/**
 * A private event type that others may see, as something else: `data` is the public shape, which changes only by added
 * fields, and `map` makes it. Whoever needs another shape adds a type with the next version beside this one.
 */
export type Published<E extends AnyFact = AnyFact> = Readonly<{
  type: PublicType;
  summary: string;
  data: Readonly<{ schema: JsonSchema; example: unknown }>;
  map: (data: E['data']) => object;
}>;

/** A private event type that nobody outside is told of, and why. */
export type Withheld = Readonly<{ withheld: string }>;

/** What becomes of every event type of `E`: one that is left out does not compile. */
export type Publications<E extends AnyFact> = {
  readonly [Type in E['type']]: Published<Extract<E, { type: Type }>> | Withheld;
};

/** Says one public event; the compiler holds `map` to the shape. */
export const publish =
  <E extends AnyFact>() =>
  <D extends object>(
    type: PublicType,
    summary: string,
    data: Shape<D>,
    map: (data: E['data']) => NoInfer<D>,
  ): Published<E> => ({ type, summary, data, map });

export const withhold = (reason: string): Withheld => ({ withheld: reason });

/** These fields of `fact`, and no other; one that is absent stays so. */
export function pick<T extends object, K extends keyof T>(fact: T, ...fields: readonly K[]): Pick<T, K> {
  const known = fields.filter((field) => fact[field] !== undefined).map((field) => [field, fact[field]] as const);
  return Object.fromEntries(known) as Pick<T, K>;
}
