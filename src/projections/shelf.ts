import { assertNever, CorruptHistory } from '../domain/decider.js';
import type { Recorded } from '../domain/fact.js';
import type { StockEvent } from '../domain/stock/stock.events.js';

/**
 * Units of one SKU at one place, and those promised: sums only, however many reservations there are.
 * `onHand`     sellable units, promised ones included
 * `allocated`  units of committed reservations: these do not expire
 * `held`       units of the others. One that has expired counts until the log says so, which it does within moments;
 *              `reservations` knows which those are (see `unrecordedExpiries`)
 */
export type Holdings = Readonly<{ onHand: number; allocated: number; held: number }>;
/** One SKU at one location. Units: whole units. */
export type Shelf = Holdings & Readonly<{ location: string }>;

/**
 * Units: whole units. `reserved` are held by reservations that have not expired; `backordered` = promised (reserved and
 * allocated) beyond those on hand; `available` = on hand and promised to nobody. Neither is below zero.
 */
export type Availability = Readonly<{
  onHand: number;
  reserved: number;
  allocated: number;
  backordered: number;
  available: number;
}>;

export const nothingHeld: Holdings = { onHand: 0, allocated: 0, held: 0 };

/** What there is to sell. */
export function availabilityOf({ onHand, allocated, held }: Holdings): Availability {
  const free = onHand - allocated - held;
  return { onHand, reserved: held, allocated, backordered: Math.max(0, -free), available: Math.max(0, free) };
}

/**
 * Folds one movement.
 * @throws CorruptHistory when units would go below zero, or beyond what a number holds exactly
 */
export function moved(before: Holdings, event: Recorded<StockEvent>): Holdings {
  switch (event.type) {
    case 'StockReceived':
    case 'StockTransferredIn':
      return changed(before, event, 'onHand', event.data.quantity);
    case 'StockReturned':
      return event.data.condition === 'damaged' ? before : changed(before, event, 'onHand', event.data.quantity);
    case 'StockTransferredOut':
      return changed(before, event, 'onHand', -event.data.quantity);
    case 'StockAdjusted':
    case 'StockCounted':
      return changed(before, event, 'onHand', event.data.delta);
    case 'StockReserved':
      return changed(before, event, 'held', event.data.quantity);
    case 'ReservationExpired':
      return changed(before, event, 'held', -event.data.quantity);
    case 'ReservationCommitted': {
      const { quantity } = event.data;
      return changed(changed(before, event, 'held', -quantity), event, 'allocated', quantity);
    }
    case 'ReservationReleased':
      return taken(before, event);
    case 'StockShipped':
      return taken(changed(before, event, 'onHand', -event.data.quantity), event);
    case 'ReservationExtended':
    case 'DamagedStockWrittenOff':
    case 'BackorderPolicySet':
      return before;
    default:
      return assertNever(event);
  }
}

/** Takes units out of a reservation, if it is one that they come from. */
function taken(
  holdings: Holdings,
  event: Recorded<Extract<StockEvent, { type: 'StockShipped' | 'ReservationReleased' }>>,
): Holdings {
  const { reservationId, quantity, committed } = event.data;
  if (reservationId === undefined) return holdings;
  return changed(holdings, event, committed ? 'allocated' : 'held', -quantity);
}

const changed = (holdings: Holdings, event: Recorded, field: keyof Holdings, by: number): Holdings => ({
  ...holdings,
  [field]: counted(holdings[field] + by, event),
});

function counted(units: number, event: Recorded): number {
  if (units >= 0 && Number.isSafeInteger(units)) return units;
  throw new CorruptHistory(`${event.type} would leave ${units} units: ${event.stream} at revision ${event.revision}`);
}
