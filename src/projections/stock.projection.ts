import { assertNever } from '../domain/decider.js';
import type { Recorded } from '../domain/fact.js';
import type { StockEvent } from '../domain/stock/stock.events.js';
import type { Projection } from './projection.js';
import { moved, nothingHeld } from './shelf.js';
import { stockId, stockView, type StockDocument, type StockTotals } from './stock.view.js';

/** One event, to the document of its shelf; or the end of a transfer, to the document of the shelf that sent it. */
type StockChange = Readonly<{ id: string; event: Recorded<StockEvent>; arrived?: { location: string } }>;

/** What lies where, and what became of it: each document folds one stream, and the arrival of what was sent from there. */
export const stock: Projection<StockDocument, StockChange, StockEvent> = {
  ...stockView,
  types: [
    'StockReceived',
    'StockAdjusted',
    'StockCounted',
    'StockReserved',
    'ReservationExtended',
    'ReservationExpired',
    'ReservationCommitted',
    'ReservationReleased',
    'StockShipped',
    'StockReturned',
    'DamagedStockWrittenOff',
    'StockTransferredOut',
    'StockTransferredIn',
    'BackorderPolicySet',
  ],
  changes: (event) => {
    const { sku, location } = event.data;
    const own = { id: stockId(sku, location), event };
    if (event.type !== 'StockTransferredIn') return [own];
    const { from } = event.data;
    return [own, { id: stockId(sku, from), event, arrived: { location: from } }];
  },
  apply: (before, { id, event, arrived }) => {
    const document = before ?? unmoved(id, event.data.sku, arrived?.location ?? event.data.location);
    if (arrived && event.type === 'StockTransferredIn') {
      return { ...document, inTransit: document.inTransit - event.data.quantity };
    }
    return {
      ...document,
      ...moved(document, event),
      ...aside(document, event),
      totals: totalled(document.totals, event),
      movements: document.movements + 1,
      lastMovementAt: event.metadata.occurredAt,
      revision: event.revision.toString(),
    };
  },
};

const unmoved = (id: string, sku: string, location: string): StockDocument => ({
  _id: id,
  sku,
  location,
  ...nothingHeld,
  damaged: 0,
  inTransit: 0,
  backorderLimit: 0,
  totals: nothingMoved,
  movements: 0,
  lastMovementAt: '',
  revision: '',
});

/** What is not for sale here: damaged, on its way elsewhere; and how far there may be too little. */
function aside(
  { damaged, inTransit, backorderLimit }: StockDocument,
  event: StockEvent,
): Pick<StockDocument, 'damaged' | 'inTransit' | 'backorderLimit'> {
  const { type, data } = event;
  if (type === 'StockReturned' && data.condition === 'damaged') {
    return { damaged: damaged + data.quantity, inTransit, backorderLimit };
  }
  if (type === 'DamagedStockWrittenOff') return { damaged: damaged - data.quantity, inTransit, backorderLimit };
  if (type === 'StockTransferredOut') return { damaged, inTransit: inTransit + data.quantity, backorderLimit };
  if (type === 'BackorderPolicySet') return { damaged, inTransit, backorderLimit: data.limit };
  return { damaged, inTransit, backorderLimit };
}

const nothingMoved: StockTotals = {
  received: 0,
  adjustedUp: 0,
  adjustedDown: 0,
  countedUp: 0,
  countedDown: 0,
  reserved: 0,
  committed: 0,
  released: 0,
  expired: 0,
  shipped: 0,
  returned: 0,
  returnedDamaged: 0,
  writtenOff: 0,
  transferredOut: 0,
  transferredIn: 0,
};

function totalled(totals: StockTotals, event: StockEvent): StockTotals {
  const plus = (kind: keyof StockTotals, units: number): StockTotals => ({ ...totals, [kind]: totals[kind] + units });
  switch (event.type) {
    case 'StockReceived':
      return plus('received', event.data.quantity);
    case 'StockAdjusted':
      return event.data.delta > 0 ? plus('adjustedUp', event.data.delta) : plus('adjustedDown', -event.data.delta);
    case 'StockCounted':
      return event.data.delta > 0 ? plus('countedUp', event.data.delta) : plus('countedDown', -event.data.delta);
    case 'StockReserved':
      return plus('reserved', event.data.quantity);
    case 'ReservationCommitted':
      return plus('committed', event.data.quantity);
    case 'ReservationReleased':
      return plus('released', event.data.quantity);
    case 'ReservationExpired':
      return plus('expired', event.data.quantity);
    case 'StockShipped':
      return plus('shipped', event.data.quantity);
    case 'StockReturned':
      return plus(event.data.condition === 'damaged' ? 'returnedDamaged' : 'returned', event.data.quantity);
    case 'DamagedStockWrittenOff':
      return plus('writtenOff', event.data.quantity);
    case 'StockTransferredOut':
      return plus('transferredOut', event.data.quantity);
    case 'StockTransferredIn':
      return plus('transferredIn', event.data.quantity);
    case 'ReservationExtended':
    case 'BackorderPolicySet':
      return totals;
    default:
      return assertNever(event);
  }
}
