import { assertNever } from '../domain/decider.js';
import type { Recorded } from '../domain/fact.js';
import type { StockEvent } from '../domain/stock/stock.events.js';
import type { Projection } from './projection.js';
import { moved, nothingHeld } from './shelf.js';
import { stockId, stockView, type StockDocument, type StockTotals } from './stock.view.js';

/** One movement, to the document of its shelf. */
type StockChange = Readonly<{ id: string; event: Recorded<StockEvent> }>;

/** What lies where, and what became of it: each document folds exactly one stream. */
export const stock: Projection<StockDocument, StockChange, StockEvent> = {
  ...stockView,
  types: ['StockReceived', 'StockAdjusted', 'StockReserved', 'ReservationReleased', 'StockShipped', 'StockReturned'],
  changes: (event) => [{ id: stockId(event.data.sku, event.data.location), event }],
  apply: (document, { id, event }) => {
    const { onHand, reservations } = moved(document ?? nothingHeld, event);
    return {
      _id: id,
      sku: event.data.sku,
      location: event.data.location,
      onHand,
      reservations,
      totals: totalled(document?.totals ?? nothingMoved, event),
      movements: (document?.movements ?? 0) + 1,
      lastMovementAt: event.metadata.occurredAt,
      revision: event.revision.toString(),
    };
  },
};

const nothingMoved: StockTotals = {
  received: 0,
  adjustedUp: 0,
  adjustedDown: 0,
  reserved: 0,
  released: 0,
  shipped: 0,
  returned: 0,
};

function totalled(totals: StockTotals, event: StockEvent): StockTotals {
  switch (event.type) {
    case 'StockReceived':
      return { ...totals, received: totals.received + event.data.quantity };
    case 'StockAdjusted':
      return event.data.delta > 0
        ? { ...totals, adjustedUp: totals.adjustedUp + event.data.delta }
        : { ...totals, adjustedDown: totals.adjustedDown - event.data.delta };
    case 'StockReserved':
      return { ...totals, reserved: totals.reserved + event.data.quantity };
    case 'ReservationReleased':
      return { ...totals, released: totals.released + event.data.quantity };
    case 'StockShipped':
      return { ...totals, shipped: totals.shipped + event.data.quantity };
    case 'StockReturned':
      return { ...totals, returned: totals.returned + event.data.quantity };
    default:
      return assertNever(event);
  }
}
