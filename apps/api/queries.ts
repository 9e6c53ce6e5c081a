import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { QueryBus, type Query } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { InvalidQuery, type Page } from '../../src/application/ports/view-store.js';
import type { PageRequest } from '../../src/application/views/page-request.js';
import {
  PositionUnknown,
  ViewBehind,
  ViewNotReady,
  type Answer,
  type Freshness,
} from '../../src/application/views/view-reader.js';
import type { Document, Stored } from '../../src/projections/projection.js';
import type { ListBody } from './bodies.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { RequestRefused, type AnyProblem } from './problems.js';
import { Field } from './validation/field.js';
import { cursor, integerText, position } from './validation/field-types.js';

/** Parameters of every query. */
export class ReadQuery {
  @Field(position, {
    description:
      'Answer only from a view that holds everything up to this log position: the `Ledger-Position` of a command.',
    optional: true,
  })
  minPosition?: string;
}

/** Parameters of every list. */
export class ListQuery extends ReadQuery {
  @Field(integerText('limit', 1, 200, 25), { description: 'The most entries on a page.', optional: true })
  limit?: string;
  @Field(cursor, {
    description: '`nextCursor` of the page before; all other parameters as they were then.',
    optional: true,
  })
  cursor?: string;
}

const DEFAULT_WAIT_S = 5;
const MAX_WAIT_S = 30;

/** Takes a query from HTTP to the query bus, and its answer back. */
@Injectable()
export class Queries {
  constructor(private readonly bus: QueryBus) {}

  freshness({ minPosition }: ReadQuery, request: FastifyRequest, reply: FastifyReply): Freshness {
    const wait = preferredWait(request.headers.prefer);
    if (wait !== undefined) reply.header('Preference-Applied', `wait=${wait}`);
    return {
      waitMs: (wait ?? DEFAULT_WAIT_S) * 1_000,
      ...(minPosition === undefined ? {} : { minPosition: BigInt(minPosition) }),
    };
  }

  /**
   * One document as JSON; `undefined` once the client's `If-None-Match` holds the tag of what would be sent (304).
   * @throws RequestRefused with `missing` when there is none, or `present` makes nothing of it
   */
  async one<D extends Document, B extends { revision: string }>(
    query: Query<Answer<Stored<D> | undefined>>,
    missing: AnyProblem,
    present: (document: Stored<D>) => B | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<string | undefined> {
    const { value } = await this.#ask(query, reply);
    const body = value && present(value);
    if (body === undefined) throw new RequestRefused(missing);
    const json = JSON.stringify(body);
    const etag = `"${body.revision}.${hash('sha256', json).slice(0, 16)}"`;
    reply.header('ETag', etag).header('Cache-Control', 'no-cache');
    if (!matches(request.headers['if-none-match'], etag)) {
      reply.header('Content-Type', 'application/json; charset=utf-8');
      return json;
    }
    reply.code(304);
    return undefined;
  }

  /** One page. The cursor is good for the same path and parameters only. */
  async list<D extends Document, B>(
    ask: (page: PageRequest) => Query<Answer<Page<D>>>,
    parameters: ListQuery,
    present: (document: Stored<D>) => B,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<ListBody & { data: B[] }> {
    const path = request.url.split('?', 1)[0] ?? '';
    const { limit, cursor: after, minPosition: _, ...filter } = parameters;
    const page = {
      limit: limit === undefined ? 25 : Number(limit),
      ...(after === undefined ? {} : { after: decodeCursor(after, path, filter) }),
    };
    const { documents, next } = (await this.#ask(ask(page), reply).catch(wrongCursor(after))).value;
    const nextCursor = next === undefined ? null : encodeCursor(next, path, filter);
    if (nextCursor !== null) {
      const query = new URLSearchParams({ ...filter, ...(limit === undefined ? {} : { limit }), cursor: nextCursor });
      reply.header('Link', `<${path}?${query.toString()}>; rel="next"`);
    }
    reply.header('Cache-Control', 'no-cache');
    return { object: 'list', data: documents.map(present), hasMore: nextCursor !== null, nextCursor };
  }

  /** What a query answers, with the headers that say how old it is. */
  async read<T>(query: Query<Answer<T>>, reply: FastifyReply): Promise<T> {
    return (await this.#ask(query, reply)).value;
  }

  async #ask<T>(query: Query<Answer<T>>, reply: FastifyReply): Promise<Answer<T>> {
    try {
      const answer = await this.bus.execute(query);
      if (answer.position !== undefined) reply.header('Ledger-View-Position', answer.position.toString());
      if (answer.lag !== undefined) reply.header('Ledger-View-Lag', answer.lag.toString());
      return answer;
    } catch (error) {
      throw refusalOf(error);
    }
  }
}

const RETRY_SOON = { 'Retry-After': '1' };

function refusalOf(error: unknown): unknown {
  if (error instanceof ViewNotReady)
    return new RequestRefused({ code: 'view-not-ready', view: error.view }, RETRY_SOON);
  if (error instanceof PositionUnknown) {
    const { minPosition, head } = error;
    return new RequestRefused({
      code: 'position-unknown',
      minPosition: minPosition.toString(),
      logPosition: head?.toString() ?? null,
    });
  }
  if (!(error instanceof ViewBehind)) return error;
  const { view, minPosition, position: reached } = error;
  return new RequestRefused(
    { code: 'view-behind', view, minPosition: minPosition.toString(), viewPosition: reached?.toString() ?? null },
    RETRY_SOON,
  );
}

/** A cursor that fits the filter but not the view's index was not given by us. Without a cursor the query is our own. */
const wrongCursor =
  (cursor: string | undefined) =>
  (error: unknown): never => {
    if (cursor === undefined || !(error instanceof InvalidQuery)) throw error;
    throw new RequestRefused({ code: 'cursor-invalid' }, {}, { cause: error });
  };

/** RFC 7240, section 4.3: whole seconds. A preference that is not of its form is no preference; a longer one is cut. */
export function preferredWait(header: string | string[] | undefined): number | undefined {
  const preferences = Array.isArray(header) ? header.join(',') : (header ?? '');
  const seconds = /(?:^|,)\s*wait\s*=\s*"?([0-9]{1,9})"?\s*(?:[,;]|$)/i.exec(preferences)?.[1];
  return seconds === undefined ? undefined : Math.min(Number(seconds), MAX_WAIT_S);
}

/** RFC 9110, section 13.1.2: a list of tags or `*`, compared weakly. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()));
}
