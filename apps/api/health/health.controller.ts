import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { EVENT_STORE, type EventStore } from '../../../src/application/ports/event-store.js';
import { VIEW_STORE, type ViewStore } from '../../../src/application/ports/view-store.js';
import { catalogView } from '../../../src/projections/catalog.view.js';
import { Lifecycle } from '../lifecycle.js';

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
}

/** A dependency that has not answered by then counts as not answering. */
const ANSWER_WITHIN_MS = 2_000;

@ApiTags('About')
@Controller('health')
export class HealthController {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(VIEW_STORE) private readonly views: ViewStore,
    private readonly lifecycle: Lifecycle,
  ) {}

  @Get('live')
  @ApiOperation({ operationId: 'live', summary: 'Whether this process runs; asks no other' })
  @ApiResponse({ status: 200, type: LiveBody })
  live(): LiveBody {
    return { status: 'live' };
  }

  @Get('ready')
  @ApiOperation({
    operationId: 'ready',
    summary: 'Whether this process can answer: it reads from the log and from the views',
    description: 'How far the views are behind is said by each query, and does not count here.',
  })
  @ApiResponse({ status: 200, type: ReadyBody })
  @ApiResponse({
    status: 503,
    type: ReadyBody,
    description: 'Something does not answer, or the process is shutting down.',
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadyBody> {
    const [log, views] = await Promise.all([
      stateOf(() => this.store.head()),
      stateOf(() => this.views.checkpoint(catalogView)),
    ]);
    const checks = { log, views, process: this.lifecycle.stopping ? 'shutting down' : 'ok' };
    const ready = Object.values(checks).every((state) => state === 'ok');
    reply.header('Cache-Control', 'no-store').code(ready ? 200 : 503);
    return { status: ready ? 'ready' : 'unavailable', checks };
  }
}

/** `ok`, or why not, in the words of the store. The API is reached from this machine only, so paths are no secret. */
async function stateOf(read: () => Promise<unknown>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${ANSWER_WITHIN_MS} ms`), ANSWER_WITHIN_MS);
  });
  try {
    return await Promise.race([read().then(() => 'ok'), late]);
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : 'fails';
  } finally {
    clearTimeout(timer);
  }
}
