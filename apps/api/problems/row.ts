/**
 * One kind of problem: what its page says, and how its answer is made. The page's example is this answer for `example`.
 * `meaning`    what happened      `remedy`   what the client can do
 * `example`    data of such a problem, without its code
 * `detail`     one sentence about this occurrence      `errors`  where in the request, as far as it is known
 * `retryable`  the same request may succeed later, unchanged
 */
export type Row<P extends { code: string }> = Readonly<{
  status: number;
  title: string;
  meaning: string;
  remedy: string;
  example: Omit<P, 'code'>;
  detail?: (problem: Omit<P, 'code'>) => string;
  errors?: (problem: Omit<P, 'code'>) => readonly FieldError[];
  retryable?: true;
}>;

/** `pointer` is a JSON pointer into the body (RFC 6901), `parameter` a query or path parameter, `header` a header. */
export type FieldError = Readonly<
  { detail: string } & ({ pointer: string } | { parameter: string } | { header: string })
>;

/** The rows for a union of problems: one for each code, with the data of exactly those problems that have the code. */
export type Rows<P extends { code: string }> = { readonly [C in P['code']]: Row<WithCode<P, C>> };
type WithCode<P extends { code: string }, C extends string> = P extends { code: infer Codes }
  ? C extends Codes
    ? Omit<P, 'code'> & { code: C }
    : never
  : never;
