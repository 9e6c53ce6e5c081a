import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FindStock, GetStock, type StockFilter } from '../../../src/application/stock/stock.query.js';
import { ApiRead } from '../api-docs.js';
import { RequestRefused } from '../problems.js';
import { Queries } from '../queries.js';
import { ShelfPath, ShelfQuery, StockBody, StockListBody, StockQuery } from './stock.dto.js';
import { presentShelf, presentStock } from './stock.presenter.js';

@ApiTags('Stock')
@Controller('v1/stock')
export class StockQueriesController {
  constructor(private readonly queries: Queries) {}

  @Get()
  @ApiRead({ id: 'listStock', summary: 'Stock: all, of one SKU, or what runs out', answer: StockListBody, list: true })
  find(
    @Query() query: StockQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StockListBody> {
    const filter = filterOf(query);
    const freshness = this.queries.freshness(query, request, reply);
    return this.queries.list((page) => new FindStock(filter, page, freshness), query, presentStock, request, reply);
  }

  @Get(':sku/:location')
  @ApiRead({ id: 'getStock', summary: 'One SKU at one location', answer: StockBody, problems: ['stock-unknown'] })
  get(
    @Param() { sku, location }: ShelfPath,
    @Query() query: ShelfQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const stock = new GetStock(sku, location, this.queries.freshness(query, request, reply));
    return this.queries.one(stock, { code: 'stock-unknown' }, presentShelf, request, reply);
  }
}

/** @throws RequestRefused for parameters that no index answers together */
function filterOf({ sku, order, location, atMost }: StockQuery): StockFilter {
  if (order === 'left') {
    if (sku !== undefined) throw conflicting('sku', 'cannot be combined with order=left');
    return {
      order: 'running-out',
      ...(location === undefined ? {} : { location }),
      ...(atMost === undefined ? {} : { atMost: Number(atMost) }),
    };
  }
  if (location !== undefined) throw conflicting('location', 'needs order=left');
  if (atMost !== undefined) throw conflicting('atMost', 'needs order=left');
  return { order: 'by-sku', ...(sku === undefined ? {} : { sku }) };
}

const conflicting = (parameter: string, detail: string): RequestRefused =>
  new RequestRefused({ code: 'request-invalid', errors: [{ parameter, detail }] });
