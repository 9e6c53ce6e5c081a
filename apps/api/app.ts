import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { LogLevel } from '../../src/infrastructure/config/log-level.js';
import { ApiModule, type Ports } from './api.module.js';
import { onlyJsonBodies } from './body-parser.js';
import { answerClientError } from './client-errors.js';
import { correlationIdOf, traceparentOf } from './command-request.js';
import { Lifecycle } from './lifecycle.js';
import { isLoopbackHost } from './loopback-host.js';
import { OpenApi } from './openapi.js';
import { ProblemFilter } from './problem.filter.js';
import { RequestRefused } from './problems.js';
import { RouteTable } from './route-table.js';
import { ValidationPipe } from './validation/validation.pipe.js';

export type ApiOptions = Ports & Readonly<{ logLevel?: LogLevel }>;

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

/** A thousand lines with names fit; an event with them stays below what the log takes. */
export const BODY_LIMIT_BYTES = 262_144;
const MAX_HEADER_BYTES = 16_384;
/** Longer than any id that is accepted, even with each character percent-encoded. */
const MAX_PARAMETER_LENGTH = 300;
const REQUEST_TIMEOUT_MS = 30_000;
/** How long requests that are under way may take once the process is told to stop. */
const DRAIN_MS = 5_000;

export async function createApi({ logLevel = 'silent', ...ports }: ApiOptions): Promise<Api> {
  const server: FastifyInstance = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { maxHeaderSize: MAX_HEADER_BYTES },
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    return503OnClosing: false,
    genReqId: ({ headers }) => correlationIdOf(headers['x-correlation-id']) ?? randomUUID(),
    frameworkErrors: (error, request, reply) => filter.answer(error, request, reply),
    clientErrorHandler: answerClientError,
    logController: new LogController({ disableRequestLogging: true }),
    logger: { level: logLevel, base: { service: 'api' } },
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
    if (!isLoopbackHost(request.headers.host)) return done(new RequestRefused({ code: 'host-unknown' }));
    if (!lifecycle.stopping) return done();
    reply.header('Connection', 'close');
    // Liveness and readiness still tell the truth while the process drains.
    if (request.url.startsWith('/health/')) return done();
    done(new RequestRefused({ code: 'shutting-down' }, { 'Retry-After': '1' }));
  });
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
