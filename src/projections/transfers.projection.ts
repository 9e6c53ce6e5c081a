import type { Recorded } from '../domain/fact.js';
import type { StockEvent } from '../domain/stock/stock.events.js';
import type { Projection } from './projection.js';
import { transferKey, transfersView, type TransferDocument } from './transfers.view.js';

type Moved = Extract<StockEvent, { type: 'StockTransferredOut' | 'StockTransferredIn' }>;
type TransferChange = Readonly<{ id: string; event: Recorded<Moved> }>;

/** Units on their way between two locations. Its two facts are on two streams, so either may be seen first. */
export const transfers: Projection<TransferDocument, TransferChange, Moved> = {
  ...transfersView,
  types: ['StockTransferredOut', 'StockTransferredIn'],
  changes: (event) => {
    const { sku, transferId } = event.data;
    const from = event.type === 'StockTransferredOut' ? event.data.location : event.data.from;
    return [{ id: transferKey(sku, from, transferId), event }];
  },
  apply: (document, { id, event }) =>
    event.type === 'StockTransferredOut' ? sent(document, id, event) : arrived(document, id, event),
};

type Of<T extends Moved['type']> = Recorded<Extract<Moved, { type: T }>>;

function sent(arrival: TransferDocument | undefined, id: string, event: Of<'StockTransferredOut'>): TransferDocument {
  const { sku, transferId, location: from, to, quantity, arrives = 'when-received', reason } = event.data;
  return {
    _id: id,
    sku,
    transferId,
    from,
    to,
    quantity,
    status: arrival ? 'arrived' : 'in-transit',
    arrives,
    ...(reason === undefined ? {} : { reason: reason.toWellFormed() }),
    sentAt: event.metadata.occurredAt,
    ...(arrival?.arrivedAt === undefined ? {} : { arrivedAt: arrival.arrivedAt }),
    revision: arrival?.revision ?? event.revision.toString(),
  };
}

function arrived(leaving: TransferDocument | undefined, id: string, event: Of<'StockTransferredIn'>): TransferDocument {
  const { sku, transferId, from, location: to, quantity } = event.data;
  return {
    ...(leaving ?? { _id: id, sku, transferId, from, to, quantity, arrives: 'when-received' }),
    status: 'arrived',
    arrivedAt: event.metadata.occurredAt,
    revision: event.revision.toString(),
  };
}
