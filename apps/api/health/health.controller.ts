import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { VIEW_STORE, type ViewStore } from '../../../src/application/ports/view-store.js';
import { ViewReader } from '../../../src/application/views/view-reader.js';
import { projections } from '../../../src/projections/index.js';
import { ApiHealthProblems } from '../api-docs.js';
import { Lifecycle } from '../lifecycle.js';
import { LogHealth } from './log-health.js';

export class LiveBody {
  @ApiProperty({ enum: ['live'] })
  status!: 'live';
}

export class ReadyBody {
  @ApiProperty({ enum: ['ready', 'unavailable'] })
  status!: 'ready' | 'unavailable';
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: '`ok`, or what is wrong, for each thing that this process depends on.',
    example: { log: 'ok', views: 'ok', process: 'ok' },
  })
  checks!: Record<'log' | 'views' | 'process', string>;
  @ApiProperty({
    description:
      '`ok`, or what nobody does now of all that the projector does: keep a view up, apply what the payment provider told, ' +
      'publish, or carry out what is due. It does not count: this process answers all the same.',
    example: 'nobody does: payments@2, payment-requests@1; is the projector running?',
  })
  projector!: string;
}

/** Injection token of the names of everything that a projector should be at: `backgroundWith`. */
export const BACKGROUND = Symbol('Background');

/** A dependency that has not answered by then counts as not answering. */
const ANSWER_WITHIN_MS = 2_000;

@ApiTags('About')
@Controller('health')
export class HealthController {
  constructor(
    private readonly log: LogHealth,
    private readonly reader: ViewReader,
    private readonly lifecycle: Lifecycle,
    @Inject(VIEW_STORE) private readonly viewStore: ViewStore,
    @Inject(BACKGROUND) private readonly background: readonly string[],
  ) {}

  @Get('live')
  @ApiOperation({ operationId: 'live', summary: 'Whether this process runs; asks no other' })
  @ApiResponse({ status: 200, type: LiveBody })
  @ApiHealthProblems()
  live(): LiveBody {
    return { status: 'live' };
  }

  @Get('ready')
  @ApiOperation({
    operationId: 'ready',
    summary: 'Whether this process can answer: the log takes commands, and every view can be read',
    description:
      'The log is asked whether it could write now, and a command that it could not take counts for 10 s, or until it ' +
      'has taken another. ' +
      'A view that has not been built yet counts once the log has events: until then there is nothing to build, and ' +
      'queries answer with nothing. How far the views are behind is said by each query, and does not count here.',
  })
  @ApiResponse({ status: 200, type: ReadyBody })
  @ApiResponse({
    status: 503,
    type: ReadyBody,
    description: 'Something does not answer, a view has not been built yet, or the process is shutting down.',
  })
  @ApiHealthProblems()
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadyBody> {
    const [log, views, projector] = await Promise.all([
      stateOf(
        () => this.log.check().then(() => 'ok'),
        () => this.log.lastFailure,
      ),
      stateOf(() => this.#viewsState()),
      stateOf(() => this.#projectorState()),
    ]);
    const checks = { log, views, process: this.lifecycle.stopping ? 'shutting down' : 'ok' };
    const ready = Object.values(checks).every((state) => state === 'ok');
    reply.header('Cache-Control', 'no-store').code(ready ? 200 : 503);
    return { status: ready ? 'ready' : 'unavailable', checks, projector };
  }

  async #viewsState(): Promise<string> {
    const unbuilt = await this.reader.notReady(projections);
    return unbuilt.length === 0 ? 'ok' : `not built yet: ${unbuilt.join(', ')}; is the projector running?`;
  }

  async #projectorState(): Promise<string> {
    const leases = await Promise.all(this.background.map((name) => this.viewStore.lease(name)));
    const idle = this.background.filter((_, n) => leases[n] === undefined);
    return idle.length === 0 ? 'ok' : `nobody does: ${idle.join(', ')}; is the projector running?`;
  }
}

/**
 * What `read` says, or why it fails, in the words of the store. Only this machine gets here: paths are no secret.
 * @param lastFailure what it failed with before, for when it is late
 */
async function stateOf(read: () => Promise<string>, lastFailure = (): unknown => undefined): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => {
      const before = lastFailure();
      resolve(`no answer within ${ANSWER_WITHIN_MS} ms${before === undefined ? '' : `; before: ${wordsOf(before)}`}`);
    }, ANSWER_WITHIN_MS);
  });
  try {
    return await Promise.race([read(), late]);
  } catch (error) {
    return wordsOf(error);
  } finally {
    clearTimeout(timer);
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : 'fails');
