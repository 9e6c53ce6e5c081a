import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { catalogView, nameKey, type CatalogDocument } from '../../projections/catalog.view.js';
import type { Stored } from '../../projections/projection.js';
import type { Page, ViewQuery } from '../ports/view-store.js';
import type { PageRequest } from '../views/page-request.js';
import { ViewReader, type Answer, type Freshness } from '../views/view-reader.js';

/** Products of one status by SKU; with `namePrefix`, those whose name begins with it (case does not count), by name. */
export type ProductFilter = Readonly<{ status: 'listed' | 'discontinued'; namePrefix?: string; order: 'sku' | 'name' }>;

export class FindProducts extends Query<Answer<Page<CatalogDocument>>> {
  constructor(
    readonly filter: ProductFilter,
    readonly page: PageRequest,
    readonly freshness: Freshness,
  ) {
    super();
  }
}

@QueryHandler(FindProducts)
export class FindProductsHandler implements IQueryHandler<FindProducts> {
  constructor(private readonly reader: ViewReader) {}

  execute({ filter, page, freshness }: FindProducts): Promise<Answer<Page<CatalogDocument>>> {
    return this.reader.read(catalogView, freshness, (views) => views.find(catalogView, walkOf(filter, page)));
  }
}

function walkOf({ status, namePrefix, order }: ProductFilter, page: PageRequest): ViewQuery {
  if (namePrefix === undefined) return { index: order, prefix: [status], ...page };
  const from = nameKey(namePrefix);
  return { index: 'name', prefix: [status], from, to: `${from}\u{10FFFF}`, ...page };
}

/** One product, or `undefined` while it has not been listed. */
export class GetProduct extends Query<Answer<Stored<CatalogDocument> | undefined>> {
  constructor(
    readonly sku: string,
    readonly freshness: Freshness,
  ) {
    super();
  }
}

@QueryHandler(GetProduct)
export class GetProductHandler implements IQueryHandler<GetProduct> {
  constructor(private readonly reader: ViewReader) {}

  async execute({ sku, freshness }: GetProduct): Promise<Answer<Stored<CatalogDocument> | undefined>> {
    const answer = await this.reader.read(catalogView, freshness, (views) => views.get(catalogView, sku));
    return answer.value?.status === 'unlisted' ? { ...answer, value: undefined } : answer;
  }
}
