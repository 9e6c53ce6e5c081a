import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FindSales, type SalesFilter } from '../../../src/application/sales/sales.query.js';
import { ApiRead } from '../api-docs.js';
import { RequestRefused } from '../problems.js';
import { Queries } from '../queries.js';
import { SalesListBody, SalesPath, SalesQuery, type Dimension } from './sales.dto.js';
import { presentSales } from './sales.presenter.js';

@ApiTags('Sales')
@Controller('v1/sales')
export class SalesController {
  constructor(private readonly queries: Queries) {}

  @Get(':dimension')
  @ApiRead({
    id: 'listSales',
    summary: 'Revenue, units and counts by day, month, country, product, customer …',
    answer: SalesListBody,
    list: true,
  })
  find(
    @Param() { dimension }: SalesPath,
    @Query() query: SalesQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SalesListBody> {
    const filter = filterOf(dimension, query);
    const freshness = this.queries.freshness(query, request, reply);
    return this.queries.list((page) => new FindSales(filter, page, freshness), query, presentSales, request, reply);
  }
}

const LENGTH_OF_KEY: Partial<Record<Dimension, number>> = { day: '2026-03-01'.length, month: '2026-03'.length };

/** @throws RequestRefused for parameters that mean nothing together */
function filterOf(dimension: Dimension, query: SalesQuery): SalesFilter {
  const { currency, order = 'key', from, to } = query;
  const direction = query.direction ?? (order === 'key' ? 'ascending' : 'descending');
  for (const [parameter, value] of Object.entries({ from, to })) {
    if (value === undefined) continue;
    if (LENGTH_OF_KEY[dimension] === undefined) throw refused(parameter, 'is for the dimensions day and month');
    if (LENGTH_OF_KEY[dimension] !== value.length) throw refused(parameter, `must be a ${dimension}`);
    if (currency === undefined) throw refused('currency', `is needed with ${parameter}`);
    if (order !== 'key') throw refused(parameter, 'cannot be combined with another order than key');
  }
  if (currency === undefined) {
    if (order !== 'key') throw refused('currency', `is needed with order=${order}`);
    return { dimension, direction };
  }
  return {
    dimension,
    currency,
    order,
    direction,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}

const refused = (parameter: string, detail: string): RequestRefused =>
  new RequestRefused({ code: 'request-invalid', errors: [{ parameter, detail }] });
