import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { catalogView, nameKey, type CatalogDocument } from '../../projections/catalog.view.js';
import type { Stored } from '../../projections/projection.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import type { Page, ViewQuery } from '../ports/view-store.js';
import { unrecordedExpiries } from '../stock/unrecorded-expiries.js';
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
  constructor(
    private readonly reader: ViewReader,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ filter, page, freshness }: FindProducts): Promise<Answer<Page<CatalogDocument>>> {
    const answer = await this.reader.read(catalogView, freshness, (views) =>
      views.find(catalogView, walkOf(filter, page)),
    );
    const documents = await asOfNow(this.reader, this.clock, answer.value.documents);
    return { ...answer, value: { ...answer.value, documents } };
  }
}

async function asOfNow(
  reader: ViewReader,
  clock: Clock,
  products: readonly Stored<CatalogDocument>[],
): Promise<readonly Stored<CatalogDocument>[]> {
  if (products.every(({ shelves }) => shelves.every(({ held }) => held === 0))) return products;
  const released = await unrecordedExpiries(reader, new Date(clock.now()).toISOString());
  return products.map((product) => ({
    ...product,
    shelves: product.shelves.map((shelf) => released(shelf, product.sku, shelf.location, product.asOf)),
  }));
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
  constructor(
    private readonly reader: ViewReader,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ sku, freshness }: GetProduct): Promise<Answer<Stored<CatalogDocument> | undefined>> {
    const answer = await this.reader.read(catalogView, freshness, (views) => views.get(catalogView, sku));
    const found = answer.value && answer.value.status !== 'unlisted' ? [answer.value] : [];
    const [value] = await asOfNow(this.reader, this.clock, found);
    return { ...answer, value };
  }
}
