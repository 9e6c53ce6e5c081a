/** JSON Schema (draft 2020-12) of one shape: only the words that this folder uses. */
export type JsonSchema = Readonly<{
  type: 'string' | 'integer' | 'array' | 'object';
  description?: string;
  pattern?: string;
  format?: string;
  enum?: readonly string[];
  minimum?: number;
  items?: JsonSchema;
  properties?: Readonly<Record<string, JsonSchema>>;
  required?: readonly string[];
}>;

/** JSON of one form: its TypeScript type (gone at run time), its schema and an example, said once. */
export type Shape<T> = Readonly<{ schema: JsonSchema; example: unknown; __type?: T }>;
/** A field that may be absent; it is never `null`. */
export type OptionalShape<T> = Readonly<{ optional: Shape<T> }>;
/** The TypeScript type that a shape describes. */
export type Shaped<S> = S extends Shape<infer T> ? T : never;

type Fields = Readonly<Record<string, Shape<unknown> | OptionalShape<unknown>>>;
type RequiredField<F extends Fields> = { [K in keyof F]: F[K] extends OptionalShape<unknown> ? never : K }[keyof F];
type OptionalField<F extends Fields> = Exclude<keyof F, RequiredField<F>>;
/** The object of these fields. */
type ObjectOf<F extends Fields> = Readonly<
  { [K in RequiredField<F>]: Shaped<F[K]> } & {
    [K in OptionalField<F>]?: F[K] extends OptionalShape<infer T> ? T : never;
  }
>;

export const text = (description: string, example: string): Shape<string> => ({
  schema: { type: 'string', description },
  example,
});

/** Text of a form: `pattern` is a regular expression of ECMA-262. */
export const textLike = (description: string, example: string, pattern: RegExp): Shape<string> => ({
  schema: { type: 'string', description, pattern: pattern.source },
  example,
});

/** A whole number that every JSON reader keeps exactly. What may be larger is decimal text. */
export const integer = (description: string, example: number, minimum?: number): Shape<number> => ({
  schema: { type: 'integer', description, ...(minimum !== undefined && { minimum }) },
  example,
});

export const oneOf = <const Word extends string>(
  description: string,
  ...words: readonly [Word, ...Word[]]
): Shape<Word> => ({ schema: { type: 'string', description, enum: words }, example: words[0] });

export const instant = (description: string): Shape<string> => ({
  schema: { type: 'string', format: 'date-time', description },
  example: '2026-03-01T12:30:00.000Z',
});

export const calendarDay = (description: string): Shape<string> => ({
  schema: { type: 'string', format: 'date', description },
  example: '2026-03-01',
});

export const list = <T>(description: string, element: Shape<T>): Shape<readonly T[]> => ({
  schema: { type: 'array', description, items: element.schema },
  example: [element.example],
});

export const optional = <T>(shape: Shape<T>): OptionalShape<T> => ({ optional: shape });

/** An object with these fields. Readers have to pass over others: a field may be added without a new version. */
export function object<F extends Fields>(fields: F, description?: string): Shape<ObjectOf<F>> {
  const named = Object.entries(fields).map(([name, field]) => ({
    name,
    shape: 'optional' in field ? field.optional : field,
    isRequired: !('optional' in field),
  }));
  return {
    schema: {
      type: 'object',
      ...(description !== undefined && { description }),
      properties: Object.fromEntries(named.map(({ name, shape }) => [name, shape.schema])),
      required: named.filter(({ isRequired }) => isRequired).map(({ name }) => name),
    },
    example: Object.fromEntries(named.map(({ name, shape }) => [name, shape.example])),
  };
}
