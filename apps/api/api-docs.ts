import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { problemCodes, problemDocument, problems, rowOf, type ProblemCode } from './problems.js';

const CORRELATION = {
  name: 'X-Correlation-Id',
  description:
    '1 to 128 printable ASCII characters without blanks: comes back, and goes into the events. Else one is made.',
  required: false,
  schema: { type: 'string', example: 'checkout-7f3a' },
} as const;

const SETTLES = {
  name: 'Prefer',
  description:
    '`wait=N` (RFC 7240): of an order that the ledger fulfils, answer once it has nothing more to do by itself, after 0 to 30 seconds at most. The command is recorded in any case.',
  required: false,
  schema: { type: 'string', example: 'wait=5' },
} as const;

const header = (description: string, example: string) => ({ description, schema: { type: 'string', example } });

/** Headers of answers, said once: components of the document. */
export const HEADERS = {
  'X-Correlation-Id': header('Ties this request to events and log lines.', 'checkout-7f3a'),
  Revision: header('The revision, as a strong entity tag for `If-Match`.', '"3"'),
  Version: header('Revision and content, for `If-None-Match` and `If-Match`.', '"3.5d41402abc4b2a76"'),
  Location: header('Where what was created can be read.', '/v1/orders/ord_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03'),
  Link: header('`rel="next"`: the next page (RFC 8288), if there is one.', '</v1/orders?cursor=WyJvcm>; rel="next"'),
  'Retry-After': header('Seconds after which to try again.', '1'),
  'Ledger-Position': header('Position in the log, for `minPosition` of a query.', '1042'),
  'Idempotent-Replayed': header('`true` when this is the first answer again; else absent.', 'true'),
  'Ledger-View-Position': header('The view holds all up to this log position. Absent while the log is empty.', '1042'),
  'Ledger-View-Lag': header('How many log positions the view is behind. Absent when the log does not answer.', '0'),
  'Preference-Applied': header('The `wait` that was applied (RFC 7240), when `Prefer` asked for one.', 'wait=5'),
};

/** Response headers by name; a name of its own where the meaning differs from another's of the same name. */
const headers = (names: readonly (keyof typeof HEADERS)[]) =>
  Object.fromEntries(
    names.map((name) => [
      name === 'Revision' || name === 'Version' ? 'ETag' : name,
      { $ref: `#/components/headers/${name}` },
    ]),
  );

const RECEIPT_HEADERS = ['X-Correlation-Id', 'Revision', 'Ledger-Position', 'Idempotent-Replayed'] as const;
const VIEW_HEADERS = ['X-Correlation-Id', 'Ledger-View-Position', 'Ledger-View-Lag', 'Preference-Applied'] as const;

/** Of every request, also while the process stops. */
const ALWAYS: readonly ProblemCode[] = [
  'http-malformed',
  'host-missing',
  'host-unknown',
  'expectation-unsupported',
  'uri-malformed',
  'uri-too-long',
  'headers-too-large',
  'request-timeout',
  'internal-error',
];
const ALL_REQUESTS: readonly ProblemCode[] = [...ALWAYS, 'shutting-down'];
const ALL_COMMANDS: readonly ProblemCode[] = [
  ...ALL_REQUESTS,
  'request-invalid',
  'body-malformed',
  'body-too-large',
  'media-type-unsupported',
  'idempotency-key-missing',
  'idempotency-key-malformed',
  'idempotency-key-reused',
  'if-match-malformed',
  'revision-mismatch',
  'concurrency-conflict',
  'log-unavailable',
];
const ALL_QUERIES: readonly ProblemCode[] = [
  ...ALL_REQUESTS,
  'request-invalid',
  'position-unknown',
  'view-not-ready',
  'view-behind',
  'views-unavailable',
];

type CommandDocs = Readonly<{
  id: string;
  summary: string;
  description?: string;
  creates?: string;
  /** A client may wait for what the ledger then does by itself. */
  settles?: true;
  /** It changes what was read before, so `If-Match` is not optional. */
  ifMatch?: 'required';
  problems: readonly ProblemCode[];
}>;

/** OpenAPI of a command: its headers, its receipt, and every problem that it may answer with. */
export const ApiCommand = ({
  id,
  summary,
  description,
  creates,
  settles,
  ifMatch,
  problems: own,
}: CommandDocs): MethodDecorator =>
  applyDecorators(
    ApiOperation({ operationId: id, summary, ...(description ? { description } : {}) }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: true,
      description:
        'Names this command for ever, 1 to 255 printable ASCII characters, bare or as a quoted string. Repeat a command ' +
        'with the same key and the same content, and it is done once and answered as the first time. A key counts for the ' +
        'stream that the command is about (`stream` of the receipt): on another one it is another command. A UUIDv7 is best.',
      schema: { type: 'string', minLength: 1, maxLength: 512, example: '0198c5f1-7b44-7d0a-9c11-2f5b8a6e4d03' },
    }),
    ApiHeader({
      name: 'If-Match',
      required: ifMatch === 'required',
      description: 'The `ETag` that this command was decided on; when it has changed since, nothing is done (412).',
      schema: { type: 'string', pattern: '^"[0-9]{1,19}(?:\\.[0-9a-f]{1,20})?"$', example: '"3"' },
    }),
    ...(settles ? [ApiHeader(SETTLES)] : []),
    ApiHeader(CORRELATION),
    ApiResponse({
      status: creates ? 201 : 200,
      description: creates ? `${creates} Recorded in the log, durably.` : 'Recorded in the log, durably.',
      headers: headers([
        ...RECEIPT_HEADERS,
        ...(creates ? (['Location'] as const) : []),
        ...(settles ? (['Preference-Applied'] as const) : []),
      ]),
      content: {
        'application/json': {
          schema: { $ref: `#/components/schemas/${settles ? 'OrderReceiptBody' : 'ReceiptBody'}` },
        },
      },
    }),
    ...problemResponses([...ALL_COMMANDS, ...(ifMatch ? (['if-match-missing'] as const) : []), ...own]),
  );

type QueryDocs = Readonly<{
  id: string;
  summary: string;
  description?: string;
  answer: new () => object;
  list?: true;
  problems?: readonly ProblemCode[];
}>;

/** OpenAPI of a query: its headers, what it answers, and every problem that it may answer with. */
export const ApiRead = ({ id, summary, description, answer, list, problems: own = [] }: QueryDocs): MethodDecorator =>
  applyDecorators(
    ApiOperation({ operationId: id, summary, ...(description ? { description } : {}) }),
    ApiHeader({
      name: 'Prefer',
      required: false,
      description: '`wait=N` (RFC 7240): how many seconds, 0 to 30, to wait for `minPosition`. Without it, 5.',
      schema: { type: 'string', example: 'wait=5' },
    }),
    ApiHeader(CORRELATION),
    ...(list
      ? []
      : [
          ApiHeader({
            name: 'If-None-Match',
            required: false,
            description: 'An earlier `ETag`: when it still holds, the answer is 304 without a body.',
            schema: { type: 'string', example: '"3.5d41402abc4b2a76"' },
          }),
          ApiResponse({
            status: 304,
            description: 'It has not changed.',
            headers: headers([...VIEW_HEADERS, 'Version']),
          }),
        ]),
    ApiResponse({
      status: 200,
      description: list ? 'One page.' : 'As the view has it.',
      type: answer,
      headers: headers([...VIEW_HEADERS, list ? 'Link' : 'Version']),
    }),
    ...problemResponses([...ALL_QUERIES, ...(list ? (['cursor-invalid'] as const) : []), ...own]),
  );

/** OpenAPI of a query that is asked by POST, because what it asks for belongs in no URL, where every log would keep it. */
export const ApiAsk = ({ id, summary, description, answer, problems: own = [] }: QueryDocs): MethodDecorator =>
  applyDecorators(
    ApiOperation({ operationId: id, summary, ...(description ? { description } : {}) }),
    ApiHeader(CORRELATION),
    ApiResponse({ status: 200, description: 'As the view has it.', type: answer, headers: headers(VIEW_HEADERS) }),
    ...problemResponses([...ALL_QUERIES, 'body-malformed', 'body-too-large', 'media-type-unsupported', ...own]),
  );

/** OpenAPI of the problems of what is neither a command nor a query. */
export const ApiProblems = (...own: readonly ProblemCode[]): MethodDecorator =>
  applyDecorators(...problemResponses([...ALL_REQUESTS, ...own]));

/** Health answers while the process stops, and says so in a body of its own. */
export const ApiHealthProblems = (): MethodDecorator => applyDecorators(...problemResponses(ALWAYS));

/** One response per status, with an example for each problem code that has it. */
function problemResponses(codes: readonly ProblemCode[]): MethodDecorator[] {
  const byStatus = Map.groupBy([...new Set(codes)].sort(), (code) => problems[code].status);
  return [...byStatus].map(([status, sameStatus]) =>
    ApiResponse({
      status,
      description: sameStatus.map((code) => `\`${code}\`: ${problems[code].title}`).join('. '),
      headers: headers(['X-Correlation-Id', ...(status === 503 ? (['Retry-After'] as const) : [])]),
      content: {
        'application/problem+json': {
          schema: {
            allOf: [
              { $ref: '#/components/schemas/ProblemBody' },
              { type: 'object', properties: { code: { type: 'string', enum: [...sameStatus] } } },
            ],
          },
          examples: Object.fromEntries(sameStatus.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
        },
      },
    }),
  );
}

/** The answer of the table's example. */
export const exampleOf = (code: ProblemCode) =>
  problemDocument({ code, ...rowOf(code).example }, { correlationId: 'checkout-7f3a' });

/** Examples of all problems, for the components of the document. */
export const problemExamples = () =>
  Object.fromEntries(problemCodes.map((code) => [code, { summary: problems[code].title, value: exampleOf(code) }]));
