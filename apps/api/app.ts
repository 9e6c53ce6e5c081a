import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyRequest } from 'fastify';
import type { LogLevel } from '../../src/infrastructure/config/log-level.js';
import { logDestination } from '../../src/infrastructure/process/log-destination.js';
import { ApiModule, type Ports } from './api.module.js';
import { BODY_LIMIT_BYTES, onlyJsonBodies } from './body-parser.js';
import { answerClientError } from './client-errors.js';
import { correlationIdOf, traceparentOf } from './command-request.js';
import { Lifecycle } from './lifecycle.js';
import { isLoopbackHost } from './loopback-host.js';
import { OpenApi } from './openapi.js';
import { ProblemFilter } from './problem.filter.js';
import { RequestRefused } from './problems.js';
import type { RequestProblem } from './problems/request.js';
import { RouteTable } from './route-table.js';
import { ValidationPipe } from './validation/validation.pipe.js';

/** `requestTimeoutMs`  how long a request may take to arrive, to half a second; 30,000 */
export type ApiOptions = Ports & Readonly<{ logLevel?: LogLevel; requestTimeoutMs?: number }>;

/**
 * The API over its ports. Nothing listens yet: call `listen`, or `inject` in a test.
 * `stop` takes nothing new, waits for what is under way and closes the server; the ports stay open, their opener closes them.
 */
export type Api = Readonly<{
  app: NestFastifyApplication;
  routes: RouteTable;
  listen: (port: number, host: string) => Promise<string>;
  stop: () => Promise<void>;
}>;

const MAX_HEADER_BYTES = 16_384;
/** Longer than any id that is accepted, even with each character percent-encoded. */
const MAX_PARAMETER_LENGTH = 300;
const REQUEST_TIMEOUT_MS = 30_000;
/** How often Node looks for requests that took too long; left alone, every 30 s. */
const TIMEOUT_CHECK_MS = 500;
/** How long requests that are under way may take once the process is told to stop. */
const DRAIN_MS = 5_000;

export async function createApi({
  logLevel = 'silent',
  requestTimeoutMs = REQUEST_TIMEOUT_MS,
  ...ports
}: ApiOptions): Promise<Api> {
  const server: FastifyInstance = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: requestTimeoutMs,
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: requestTimeoutMs, // where it is the longer one, Node takes the two for each other
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      requireHostHeader: false, // refused below, with a problem
    },
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    return503OnClosing: false,
    genReqId: ({ headers }) => correlationIdOf(headers['x-correlation-id']) ?? randomUUID(),
    frameworkErrors: (error, request, reply) => filter.answer(error, request, reply),
    clientErrorHandler: answerClientError,
    logController: new LogController({ disableRequestLogging: true }),
    logger: { level: logLevel, base: { service: 'api' }, stream: logDestination() },
    // Log lines name their request themselves; a logger per request would cost more than most requests.
    childLoggerFactory: (logger) => logger,
  });
  const routes = new RouteTable(server);
  const filter = new ProblemFilter(routes, BODY_LIMIT_BYTES, server.log);

  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.over(ports), new FastifyAdapter(server), {
    logger: nestLogger(server.log),
    bodyParser: false,
    abortOnError: false,
  });
  const lifecycle = app.get(Lifecycle);
  const openApi = app.get(OpenApi);
  app.useGlobalFilters(filter);
  app.useGlobalPipes(new ValidationPipe());
  onlyJsonBodies(server);
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('X-Correlation-Id', request.id);
    const traceparent = traceparentOf(request.headers.traceparent);
    if (traceparent !== undefined) reply.header('traceparent', traceparent);
    const refusal = refusalOfHeaders(request);
    if (refusal) return done(new RequestRefused(refusal));
    if (!lifecycle.stopping) return done();
    reply.header('Connection', 'close');
    // Liveness and readiness still tell the truth while the process drains.
    if (request.url.startsWith('/health/')) return done();
    done(new RequestRefused({ code: 'shutting-down' }, { 'Retry-After': '1' }));
  });
  // Node would answer this itself, without a problem.
  server.server.on('checkExpectation', (request, response) => server.server.emit('request', request, response));
  openApi.describe(app);
  SwaggerModule.setup('docs', app, openApi.document, { raw: false, customSiteTitle: 'Commerce Ledger' });
  await app.init();
  await server.ready();

  return {
    app,
    routes,
    listen: (port, host) => server.listen({ port, host }),
    stop: async () => {
      lifecycle.stopping = true;
      // A connection that was busy when the server closed would be kept alive once it is idle.
      const idle = setInterval(() => server.server.closeIdleConnections(), 50);
      const cut = setTimeout(() => server.server.closeAllConnections(), DRAIN_MS);
      await app.close();
      clearInterval(idle);
      clearTimeout(cut);
    },
  };
}

/** What HTTP, and a ledger without authentication, do not allow any request to say. */
function refusalOfHeaders({ headers: { host, expect }, raw }: FastifyRequest): RequestProblem | undefined {
  if (host === undefined && raw.httpVersion === '1.1') return { code: 'host-missing' };
  if (!isLoopbackHost(host)) return { code: 'host-unknown' };
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') return { code: 'expectation-unsupported' };
  return undefined;
}

/** Nest's own messages go where everything else does; what it has to say about its start is for debugging. */
function nestLogger(log: FastifyBaseLogger): LoggerService {
  const context = (parameters: unknown[]) => ({ context: parameters.at(-1) });
  return {
    log: (message: unknown, ...parameters: unknown[]) => log.debug(context(parameters), String(message)),
    warn: (message: unknown, ...parameters: unknown[]) => log.warn(context(parameters), String(message)),
    error: (message: unknown, ...parameters: unknown[]) => log.error(context(parameters), String(message)),
    fatal: (message: unknown, ...parameters: unknown[]) => log.fatal(context(parameters), String(message)),
  };
}
