import { rejected, type AnyRejection } from './problems/rejected.js';
import { request, type RequestProblem } from './problems/request.js';
import type { FieldError, Row } from './problems/row.js';

/**
 * The one table of problems: every answer of status 4xx or 5xx is a row of it, sent as application/problem+json
 * (RFC 9457) with `type` /problems/<code>, which this API serves as a page. A rejection without a row does not compile.
 */
export const problems = { ...rejected, ...request };

export type ProblemCode = keyof typeof problems;
export type AnyProblem = AnyRejection | RequestProblem;

export const problemCodes = Object.keys(problems).sort() as ProblemCode[];
export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(problems, code);

/** The row of a code, for code that has only the code: its problems are any. */
export const rowOf = (code: ProblemCode): Row<{ code: string }> => problems[code] as unknown as Row<{ code: string }>;

/** Thrown by the API's own code; the filter makes an answer of it. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  constructor(
    readonly problem: AnyProblem,
    readonly headers: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(problem.code, options);
  }
}

/** The JSON of an answer. Data of the problem are members of their own; big integers are decimal text. */
export type ProblemDocument = Readonly<{
  type: string;
  title: string;
  status: number;
  detail?: string;
  instance?: string;
  code: string;
  retryable: boolean;
  correlationId?: string;
  errors?: readonly FieldError[];
  [member: string]: unknown;
}>;

/** What is wrong, for one request. `code` has a row; the other members of `problem` are its data. */
export function problemDocument(
  { code, ...data }: { readonly code: string } & object,
  occurrence: Readonly<{ instance?: string; correlationId?: string }> = {},
): ProblemDocument {
  if (!isProblemCode(code)) throw new Error(`No row in the problem table for ${code}`);
  const row = rowOf(code);
  const errors = row.errors?.(data);
  return {
    type: `/problems/${code}`,
    title: row.title,
    status: row.status,
    ...(row.detail ? { detail: row.detail(data) } : {}),
    ...occurrence,
    code,
    retryable: row.retryable ?? false,
    ...(plain(data) as object),
    ...(errors ? { errors } : {}),
  };
}

/** A copy with big integers as decimal text. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, plain(inner)]));
}
