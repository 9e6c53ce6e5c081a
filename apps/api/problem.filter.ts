import { Catch, HttpException, NotFoundException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import { CommandIdReused, Rejected, RevisionMismatch } from '../../src/application/errors.js';
import { FieldUnreadable } from '../../src/application/customer/field-cipher.js';
import { KeyLost } from '../../src/application/customer/run-customer.handler.js';
import { KeyStoreUnavailable } from '../../src/application/ports/key-store.js';
import { ConcurrencyConflict, InvalidAppend, StoreUnavailable } from '../../src/application/ports/event-store.js';
import { SandboxUnavailable } from '../../src/application/ports/sandbox-bank.js';
import { ViewStoreUnavailable } from '../../src/application/ports/view-store.js';
import { problemDocument, RequestRefused, type AnyProblem } from './problems.js';
import type { RouteTable } from './route-table.js';

export const PROBLEM_JSON = 'application/problem+json; charset=utf-8';
const RETRY_SOON = { 'Retry-After': '1' };

/** A problem as it will be sent. `cause` is set for what has to be written to our own log. */
type Answer = Readonly<{
  problem: AnyProblem;
  headers?: Readonly<Record<string, string>>;
  cause?: unknown;
}>;

/** Makes an RFC 9457 answer of everything that goes wrong. Nothing of an unknown error reaches the client. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly routes: RouteTable,
    private readonly bodyLimitBytes: number,
    private readonly log: Pick<FastifyBaseLogger, 'error'>,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { problem, headers, cause } = this.#answerTo(error, request);
    if (cause !== undefined) {
      this.log.error(
        { correlationId: request.id, method: request.method, path: pathOf(request), err: cause },
        problem.code,
      );
    }
    if (reply.sent || reply.raw.headersSent) return;
    const document = problemDocument(problem, { instance: pathOf(request), correlationId: request.id });
    reply
      .code(document.status)
      .headers({
        'X-Correlation-Id': request.id,
        ...headers,
        'Content-Type': PROBLEM_JSON,
        'Cache-Control': 'no-store',
      })
      .send(JSON.stringify(document));
  }

  #answerTo(error: unknown, request: FastifyRequest): Answer {
    if (error instanceof RequestRefused) return { problem: error.problem, headers: error.headers };
    if (error instanceof Rejected) return { problem: error.rejection as AnyProblem };
    if (error instanceof RevisionMismatch) return changedSince(error);
    if (error instanceof CommandIdReused) return { problem: { code: 'idempotency-key-reused' } };
    if (error instanceof ConcurrencyConflict) return { problem: { code: 'concurrency-conflict' }, headers: RETRY_SOON };
    if (error instanceof InvalidAppend) return { problem: { code: 'command-too-large' } };
    if (error instanceof StoreUnavailable) {
      return { problem: { code: 'log-unavailable' }, headers: RETRY_SOON, cause: error };
    }
    if (error instanceof ViewStoreUnavailable) {
      return { problem: { code: 'views-unavailable' }, headers: RETRY_SOON, cause: error };
    }
    if (error instanceof KeyStoreUnavailable) {
      return { problem: { code: 'keys-unavailable' }, headers: RETRY_SOON, cause: error };
    }
    if (error instanceof SandboxUnavailable) {
      return { problem: { code: 'sandbox-unavailable' }, headers: RETRY_SOON, cause: error };
    }
    if (error instanceof KeyLost || error instanceof FieldUnreadable) {
      return { problem: { code: 'personal-data-unreadable' }, cause: error };
    }
    if (error instanceof NotFoundException) return this.#nothingHere(request);
    const ofFramework = error instanceof HttpException ? error.cause : error;
    return this.#frameworkProblem(ofFramework, error, request) ?? { problem: { code: 'internal-error' }, cause: error };
  }

  /** The framework found no handler: for this method, or at all. */
  #nothingHere(request: FastifyRequest): Answer {
    const allowed = this.routes.methodsAt(pathOf(request));
    if (allowed.length === 0) return { problem: { code: 'not-found' } };
    return {
      problem: { code: 'method-not-allowed', allowed },
      headers: { Allow: allowed.join(', ') },
    };
  }

  /** Fastify's own errors, by their code (fastify.dev/docs/latest/Reference/Errors); its body parser's by status. */
  #frameworkProblem(error: unknown, outer: unknown, request: FastifyRequest): Answer | undefined {
    const { code, statusCode, message } = (error instanceof Error ? error : {}) as Partial<
      Error & { code: string; statusCode: number }
    >;
    const limitBytes = this.bodyLimitBytes;
    switch (code ?? '') {
      case 'FST_ERR_BAD_URL':
      case 'FST_ERR_INVALID_URL':
        return { problem: { code: 'uri-malformed' } };
      case 'FST_ERR_MAX_PARAM_LENGTH':
        return { problem: { code: 'uri-too-long' } };
    }
    // A body is read before the path is looked at; what is wrong with it matters only where there is something.
    if (request.is404) return this.#nothingHere(request);
    switch (code ?? '') {
      case 'FST_ERR_CTP_BODY_TOO_LARGE':
        return { problem: { code: 'body-too-large', limitBytes } };
      case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
        return { problem: { code: 'media-type-unsupported' }, headers: { Accept: 'application/json' } };
      case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      case 'FST_ERR_CTP_INVALID_JSON_BODY':
        return { problem: { code: 'body-malformed', reason: message ?? '' } };
      case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
        return { problem: { code: 'http-malformed' } };
      default:
        return this.#byStatus(outer instanceof HttpException ? outer.getStatus() : statusCode);
    }
  }

  /** What the framework refuses in another way is at least known to be the client's fault, or ours. */
  #byStatus(status: number | undefined): Answer | undefined {
    if (status === 503) return { problem: { code: 'shutting-down' }, headers: RETRY_SOON };
    return status !== undefined && status >= 400 && status < 500 ? { problem: { code: 'http-malformed' } } : undefined;
  }
}

function changedSince({ expected, current }: RevisionMismatch): Answer {
  const currentRevision = current === 'no-stream' ? null : current.toString();
  return {
    problem: { code: 'revision-mismatch', expectedRevision: expected.toString(), currentRevision },
    ...(currentRevision === null ? {} : { headers: { ETag: `"${currentRevision}"` } }),
  };
}

const pathOf = ({ url }: FastifyRequest): string => url.split('?', 1)[0] ?? url;
