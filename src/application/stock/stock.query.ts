import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { stockId, stockView, type StockDocument } from '../../projections/stock.view.js';
import type { Stored } from '../../projections/projection.js';
import type { Page, ViewQuery } from '../ports/view-store.js';
import type { PageRequest } from '../views/page-request.js';
import { ViewReader, type Answer, type Freshness } from '../views/view-reader.js';

/**
 * `by-sku`     all, or those of one SKU, by SKU and location
 * `running-out` by units left, fewest first: anywhere or at one location, and at most `atMost` units if said
 */
export type StockFilter =
  Readonly<{ order: 'by-sku'; sku?: string }> | Readonly<{ order: 'running-out'; location?: string; atMost?: number }>;

export class FindStock extends Query<Answer<Page<StockDocument>>> {
  constructor(
    readonly filter: StockFilter,
    readonly page: PageRequest,
    readonly freshness: Freshness,
  ) {
    super();
  }
}

@QueryHandler(FindStock)
export class FindStockHandler implements IQueryHandler<FindStock> {
  constructor(private readonly reader: ViewReader) {}

  execute({ filter, page, freshness }: FindStock): Promise<Answer<Page<StockDocument>>> {
    return this.reader.read(stockView, freshness, (views) => views.find(stockView, walkOf(filter, page)));
  }
}

function walkOf(filter: StockFilter, page: PageRequest): ViewQuery {
  if (filter.order === 'by-sku') return { index: 'sku', ...(filter.sku ? { prefix: [filter.sku] } : {}), ...page };
  const { location, atMost } = filter;
  return {
    ...(location === undefined ? { index: 'left' } : { index: 'location', prefix: [location] }),
    ...(atMost === undefined ? {} : { to: BigInt(atMost) + 1n }),
    ...page,
  };
}

export class GetStock extends Query<Answer<Stored<StockDocument> | undefined>> {
  constructor(
    readonly sku: string,
    readonly location: string,
    readonly freshness: Freshness,
  ) {
    super();
  }
}

@QueryHandler(GetStock)
export class GetStockHandler implements IQueryHandler<GetStock> {
  constructor(private readonly reader: ViewReader) {}

  execute({ sku, location, freshness }: GetStock): Promise<Answer<Stored<StockDocument> | undefined>> {
    return this.reader.read(stockView, freshness, (views) => views.get(stockView, stockId(sku, location)));
  }
}
