import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Currency } from '../../domain/money.js';
import { salesView, type SalesDimension, type SalesDocument } from '../../projections/sales.view.js';
import type { Page, ViewQuery } from '../ports/view-store.js';
import type { PageRequest } from '../views/page-request.js';
import { ViewReader, type Answer, type Freshness } from '../views/view-reader.js';

/**
 * Figures of one dimension. Without a currency, of all currencies, by currency and key; with one, by `order`, and by key
 * from `from` (inclusive) to `to` (exclusive).
 */
export type SalesFilter = Readonly<
  | { dimension: SalesDimension; direction: 'ascending' | 'descending' }
  | {
      dimension: SalesDimension;
      currency: Currency;
      order: 'key' | 'net' | 'units';
      direction: 'ascending' | 'descending';
      from?: string;
      to?: string;
    }
>;

export class FindSales extends Query<Answer<Page<SalesDocument>>> {
  constructor(
    readonly filter: SalesFilter,
    readonly page: PageRequest,
    readonly freshness: Freshness,
  ) {
    super();
  }
}

@QueryHandler(FindSales)
export class FindSalesHandler implements IQueryHandler<FindSales> {
  constructor(private readonly reader: ViewReader) {}

  execute({ filter, page, freshness }: FindSales): Promise<Answer<Page<SalesDocument>>> {
    return this.reader.read(salesView, freshness, (views) => views.find(salesView, walkOf(filter, page)));
  }
}

function walkOf(filter: SalesFilter, page: PageRequest): ViewQuery {
  const { dimension, direction } = filter;
  if (!('currency' in filter)) return { index: 'key', prefix: [dimension], direction, ...page };
  const { currency, order, from, to } = filter;
  return {
    index: order,
    prefix: [dimension, currency],
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    direction,
    ...page,
  };
}
