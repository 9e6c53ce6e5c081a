import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { stockId, stockView, type StockDocument } from '../../projections/stock.view.js';
import type { Stored } from '../../projections/projection.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import type { Page, ViewQuery } from '../ports/view-store.js';
import type { PageRequest } from '../views/page-request.js';
import { ViewReader, type Answer, type Freshness } from '../views/view-reader.js';
import { unrecordedExpiries } from './unrecorded-expiries.js';

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
  constructor(
    private readonly reader: ViewReader,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ filter, page, freshness }: FindStock): Promise<Answer<Page<StockDocument>>> {
    const answer = await this.reader.read(stockView, freshness, (views) => views.find(stockView, walkOf(filter, page)));
    const documents = await asOfNow(this.reader, this.clock, answer.value.documents);
    return { ...answer, value: { ...answer.value, documents } };
  }
}

async function asOfNow(
  reader: ViewReader,
  clock: Clock,
  shelves: readonly Stored<StockDocument>[],
): Promise<readonly Stored<StockDocument>[]> {
  if (shelves.every(({ held }) => held === 0)) return shelves;
  const released = await unrecordedExpiries(reader, new Date(clock.now()).toISOString());
  return shelves.map((shelf) => released(shelf, shelf.sku, shelf.location, shelf.asOf));
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
  constructor(
    private readonly reader: ViewReader,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ sku, location, freshness }: GetStock): Promise<Answer<Stored<StockDocument> | undefined>> {
    const answer = await this.reader.read(stockView, freshness, (views) =>
      views.get(stockView, stockId(sku, location)),
    );
    const [value] = await asOfNow(this.reader, this.clock, answer.value ? [answer.value] : []);
    return { ...answer, value };
  }
}
