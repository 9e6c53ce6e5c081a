import { randomUUID } from 'node:crypto';
import type { Api } from '../app.js';
import { BODY_LIMIT_BYTES } from '../body-parser.js';
import { correlationIdOf } from '../command-request.js';
import { OpenApi } from '../openapi.js';
import { actingAs } from '../principal.js';
import { PROBLEM_JSON } from '../problem.filter.js';
import { problemDocument, RequestRefused } from '../problems.js';
import { CommandGate } from './command-gate.js';
import { commandSubjects, type CommandSubject } from './command-subjects.js';

/** A message's or an answer's headers, by their names as they were sent. */
export type Fields = Readonly<Record<string, readonly string[]>>;
/** `status` and `headers` as HTTP would answer; `body` is the receipt, or the problem (RFC 9457). */
export type CommandAnswer = Readonly<{ status: number; headers: Readonly<Record<string, string>>; body: string }>;

/** Headers of a message that say of a command what those of HTTP say. NATS tells upper from lower case; this does not. */
const TAKEN = ['idempotency-key', 'if-match', 'x-correlation-id', 'traceparent'];
/** Headers of HTTP's answer that mean as much without HTTP. */
const GIVEN = [
  'content-type',
  'etag',
  'idempotent-replayed',
  'ledger-position',
  'location',
  'retry-after',
  'traceparent',
  'x-correlation-id',
];

/**
 * Takes commands that came as messages through the HTTP API of this very process, without a socket: one validation, one
 * set of problems, one implementation of every command. A message's JSON holds the parameters of the path beside the
 * fields of the body. How many are done at once, wait, and how long a message may be, is bounded.
 */
export class CommandBridge {
  readonly #commands: ReadonlyMap<string, CommandSubject>;

  constructor(
    private readonly api: Pick<Api, 'app'>,
    private readonly gate = new CommandGate(),
  ) {
    const { document } = api.app.get(OpenApi);
    this.#commands = new Map(commandSubjects(document).map((command) => [command.subject, command]));
  }

  /** Never rejects: what goes wrong is a problem. */
  async answer(subject: string, payload: Uint8Array, fields: Fields): Promise<CommandAnswer> {
    const headers: Record<string, string> = {};
    try {
      for (const [name, values] of Object.entries(fields)) {
        const known = name.toLowerCase();
        if (TAKEN.includes(known)) headers[known] = single(known, values, headers[known]);
      }
      const command = this.#commands.get(subject);
      if (!command) throw new RequestRefused({ code: 'not-found' });
      return await this.gate.pass(() => {
        const { path, body } = addressed(command, parsed(payload));
        return this.#send(path, body, headers);
      });
    } catch (error) {
      if (!(error instanceof RequestRefused)) throw error;
      const correlationId = correlationIdOf(headers['x-correlation-id']) ?? randomUUID();
      const document = problemDocument(error.problem, { instance: subject, correlationId });
      const own = Object.entries(error.headers).map(([name, value]) => [name.toLowerCase(), value] as const);
      const given = { ...Object.fromEntries(own), 'content-type': PROBLEM_JSON, 'x-correlation-id': correlationId };
      return { status: document.status, headers: given, body: JSON.stringify(document) };
    }
  }

  async #send(path: string, body: object, headers: Readonly<Record<string, string>>): Promise<CommandAnswer> {
    const response = await actingAs('nats', async () =>
      this.api.app.inject({
        method: 'POST',
        url: path,
        headers: { host: 'localhost', 'content-type': 'application/json', ...headers },
        payload: JSON.stringify(body),
      }),
    );
    const given = GIVEN.flatMap((name) => {
      const value = response.headers[name];
      return value === undefined ? [] : [[name, String(value)] as const];
    });
    return { status: response.statusCode, headers: Object.fromEntries(given), body: response.payload };
  }
}

/** @throws RequestRefused for a second value: which is meant cannot be told */
function single(name: string, values: readonly string[], before: string | undefined): string {
  const [value = '', ...more] = values;
  if (more.length === 0 && before === undefined) return value;
  if (name === 'idempotency-key') throw new RequestRefused({ code: 'idempotency-key-malformed' });
  throw new RequestRefused({ code: 'request-invalid', errors: [{ header: name, detail: 'is there more than once' }] });
}

/** @throws RequestRefused */
function parsed(payload: Uint8Array): Readonly<Record<string, unknown>> {
  if (payload.length === 0) return {};
  if (payload.length > BODY_LIMIT_BYTES)
    throw new RequestRefused({ code: 'body-too-large', limitBytes: BODY_LIMIT_BYTES });
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RequestRefused({ code: 'body-malformed', reason }, {}, { cause });
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return { ...json };
  throw new RequestRefused({ code: 'request-invalid', errors: [{ pointer: '', detail: 'must be an object' }] });
}

/** Puts a message's fields where HTTP has them. */
function addressed(command: CommandSubject, message: Readonly<Record<string, unknown>>) {
  const body = { ...message };
  const errors: { pointer: string; detail: string }[] = [];
  const path = command.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = message[name];
    delete body[name];
    if (typeof value === 'string' && value !== '' && value.isWellFormed()) return encodeURIComponent(value);
    errors.push({ pointer: `/${name}`, detail: value === undefined ? 'is missing' : 'must be text' });
    return '';
  });
  if (errors.length > 0) throw new RequestRefused({ code: 'request-invalid', errors });
  return { path, body };
}
