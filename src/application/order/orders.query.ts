import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Instant } from '../../domain/fact.js';
import { ordersView, type OrderDocument, type OrderLife } from '../../projections/orders.view.js';
import type { Stored } from '../../projections/projection.js';
import type { Page, ViewQuery } from '../ports/view-store.js';
import type { PageRequest } from '../views/page-request.js';
import { ViewReader, type Answer, type Freshness } from '../views/view-reader.js';

/** Orders placed (or drafted, of a status that comes before) from `from` (inclusive) to `to` (exclusive): all, those of one status, or those of one customer. */
export type OrderFilter = Readonly<{
  of?: Readonly<{ status: Exclude<OrderLife, 'unplaced'> } | { customerId: string }>;
  from?: Instant;
  to?: Instant;
  direction: 'ascending' | 'descending';
}>;

export class FindOrders extends Query<Answer<Page<OrderDocument>>> {
  constructor(
    readonly filter: OrderFilter,
    readonly page: PageRequest,
    readonly freshness: Freshness,
  ) {
    super();
  }
}

@QueryHandler(FindOrders)
export class FindOrdersHandler implements IQueryHandler<FindOrders> {
  constructor(private readonly reader: ViewReader) {}

  execute({ filter, page, freshness }: FindOrders): Promise<Answer<Page<OrderDocument>>> {
    return this.reader.read(ordersView, freshness, (views) => views.find(ordersView, walkOf(filter, page)));
  }
}

function walkOf({ of, from, to, direction }: OrderFilter, page: PageRequest): ViewQuery {
  return {
    ...(of === undefined
      ? { index: 'placed' }
      : 'status' in of
        ? { index: 'life', prefix: [of.status] }
        : { index: 'customer', prefix: [of.customerId] }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    direction,
    ...page,
  };
}

/** One order, or as `draft` what it was asked for as; `undefined` while it has not been placed, or was not drafted. */
export class GetOrder extends Query<Answer<Stored<OrderDocument> | undefined>> {
  constructor(
    readonly orderId: string,
    readonly freshness: Freshness,
    readonly as: 'order' | 'draft' = 'order',
  ) {
    super();
  }
}

@QueryHandler(GetOrder)
export class GetOrderHandler implements IQueryHandler<GetOrder> {
  constructor(private readonly reader: ViewReader) {}

  async execute({ orderId, freshness, as }: GetOrder): Promise<Answer<Stored<OrderDocument> | undefined>> {
    const answer = await this.reader.read(ordersView, freshness, (views) => views.get(ordersView, orderId));
    const shown = as === 'order' ? answer.value?.placedAt : answer.value?.draft;
    return shown === undefined ? { ...answer, value: undefined } : answer;
  }
}
