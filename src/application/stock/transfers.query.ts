import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Stored } from '../../projections/projection.js';
import { transferKey, transfersView, type TransferDocument } from '../../projections/transfers.view.js';
import type { Page, ViewQuery } from '../ports/view-store.js';
import type { PageRequest } from '../views/page-request.js';
import { ViewReader, type Answer, type Freshness } from '../views/view-reader.js';

type Status = TransferDocument['status'];
/** All, those of one status, or those of one status that go to or come from one location; the first to leave first. */
export type TransferFilter =
  Readonly<{ status?: Status }> | Readonly<{ status: Status; to: string }> | Readonly<{ status: Status; from: string }>;

export class FindTransfers extends Query<Answer<Page<TransferDocument>>> {
  constructor(
    readonly filter: TransferFilter,
    readonly page: PageRequest,
    readonly freshness: Freshness,
  ) {
    super();
  }
}

@QueryHandler(FindTransfers)
export class FindTransfersHandler implements IQueryHandler<FindTransfers> {
  constructor(private readonly reader: ViewReader) {}

  execute({ filter, page, freshness }: FindTransfers): Promise<Answer<Page<TransferDocument>>> {
    const walk = { ...walkOf(filter), ...page };
    return this.reader.read(transfersView, freshness, (views) => views.find(transfersView, walk));
  }
}

function walkOf(filter: TransferFilter): Pick<ViewQuery, 'index' | 'prefix'> {
  if ('to' in filter) return { index: 'to', prefix: [filter.to, filter.status] };
  if ('from' in filter) return { index: 'from', prefix: [filter.from, filter.status] };
  return filter.status === undefined ? { index: 'sent' } : { index: 'status', prefix: [filter.status] };
}

/** One transfer, named by what left where; or `undefined`. */
export class GetTransfer extends Query<Answer<Stored<TransferDocument> | undefined>> {
  constructor(
    readonly sku: string,
    readonly from: string,
    readonly transferId: string,
    readonly freshness: Freshness,
  ) {
    super();
  }
}

@QueryHandler(GetTransfer)
export class GetTransferHandler implements IQueryHandler<GetTransfer> {
  constructor(private readonly reader: ViewReader) {}

  execute({ sku, from, transferId, freshness }: GetTransfer): Promise<Answer<Stored<TransferDocument> | undefined>> {
    const key = transferKey(sku, from, transferId);
    return this.reader.read(transfersView, freshness, (views) => views.get(transfersView, key));
  }
}
