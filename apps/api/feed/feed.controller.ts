import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiProblems } from '../api-docs.js';
import { OpenApi } from '../openapi.js';
import { RequestRefused } from '../problems.js';
import { position } from '../validation/field-types.js';
import { asyncApiDocument } from './asyncapi.js';
import { EventListBody, EventsQuery, FeedStreamQuery } from './feed.dto.js';
import { Feed, type FeedQuery } from './feed.js';

const STREAM = `The public events as server-sent events (HTML standard, section 9.2): \`data\` is a CloudEvent in JSON, \`id\` its
position in the log. A connection that broke is resumed with \`Last-Event-ID\`, as browsers do by themselves: nothing is
left out; an event whose \`id\` was not yet taken in comes again. Every 15 seconds there is a comment, with the position
that was reached. A client that takes nothing for 30 seconds while there is something for it is cut. At most 64 may
follow one process at once.`;

@ApiTags('Events')
@Controller('v1')
export class FeedController {
  #asyncApi: object | undefined;

  constructor(
    private readonly feed: Feed,
    private readonly openApi: OpenApi,
  ) {}

  @Get('asyncapi.json')
  @ApiOperation({
    operationId: 'describeEvents',
    summary: 'The public events, and the commands over NATS, as an AsyncAPI 3.0 document',
  })
  @ApiResponse({
    status: 200,
    description: 'The document.',
    content: { 'application/json': { schema: { type: 'object' } } },
  })
  @ApiProblems()
  describe(): object {
    return (this.#asyncApi ??= asyncApiDocument(this.openApi.document));
  }

  @Get('feed')
  @ApiOperation({ operationId: 'followEvents', summary: 'Public events as they happen', description: STREAM })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'The `id` of the last event that was taken in. Goes before `after`.',
    schema: { type: 'string', pattern: position.schema.pattern ?? '', example: '1042' },
  })
  @ApiResponse({
    status: 200,
    description: 'Events, until either side ends it.',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  })
  @ApiProblems('request-invalid', 'feed-full', 'log-unavailable')
  async follow(
    @Query() { types, after }: FeedStreamQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const lastEventId = lastEventIdOf(request);
    if (request.method === 'HEAD') {
      reply.header('Content-Type', 'text/event-stream; charset=utf-8').send();
      return;
    }
    await this.feed.stream(queryOf(types, lastEventId ?? after), reply);
  }

  @Get('events')
  @ApiOperation({ operationId: 'listEvents', summary: 'Public events, oldest first, in pages' })
  @ApiResponse({ status: 200, description: 'One page.', type: EventListBody })
  @ApiProblems('request-invalid', 'log-unavailable')
  async list(
    @Query() { types, after, limit }: EventsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EventListBody> {
    const { events, upTo, hasMore } = await this.feed.page(queryOf(types, after), Number(limit ?? 100));
    reply.header('Cache-Control', 'no-cache');
    return { object: 'list', data: [...events], hasMore, nextAfter: String(upTo ?? 0) };
  }
}

/** An empty one is what a browser sends where it was told none. */
function lastEventIdOf({ headers }: FastifyRequest): string | undefined {
  const header = headers['last-event-id'];
  if (header === undefined || header === '') return undefined;
  if (position.check(header)) return String(header);
  const errors = [{ header: 'Last-Event-ID', detail: position.message }];
  throw new RequestRefused({ code: 'request-invalid', errors });
}

const queryOf = (types: string | undefined, after: string | undefined): FeedQuery => ({
  ...(types !== undefined && { types: types.split(',') }),
  ...(after !== undefined && { after: BigInt(after) }),
});
