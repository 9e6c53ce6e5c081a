import { assertNever, CorruptHistory } from '../domain/decider.js';
import type { Instant, Recorded } from '../domain/fact.js';
import type { StockEvent } from '../domain/stock/stock.events.js';

/** Units set aside until `expiresAt`; from that instant on they are free, whether or not anybody releases them. */
export type OpenReservation = Readonly<{ reservationId: string; quantity: number; expiresAt: Instant }>;

/**
 * Units of one SKU at one place, and those promised.
 * `onHand`        sellable units, promised ones included
 * `allocated`     units of committed reservations: these do not expire
 * `reservations`  the others that still hold units, in the order they were made
 */
export type Holdings = Readonly<{ onHand: number; allocated: number; reservations: readonly OpenReservation[] }>;
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

export const nothingHeld: Holdings = { onHand: 0, allocated: 0, reservations: [] };

/** What there is to sell at `at`: reservations that have expired by then no longer count. */
export function shelfAvailabilityAt({ onHand, allocated, reservations }: Holdings, at: Instant): Availability {
  let reserved = 0;
  for (const { quantity, expiresAt } of reservations) if (expiresAt > at) reserved += quantity;
  const free = onHand - allocated - reserved;
  return { onHand, reserved, allocated, backordered: Math.max(0, -free), available: Math.max(0, free) };
}

/**
 * Folds one movement. Reservations that had expired on the log's own clock when it was recorded are forgotten: no reader
 * can be earlier than that, and a list that only grew would make each movement slower than the one before. Committed ones
 * are a sum, because they may be many and stay long.
 * @throws CorruptHistory when units would go below zero, or beyond what a number holds exactly
 */
export function moved(before: Holdings, event: Recorded<StockEvent>): Holdings {
  const held = { ...before, reservations: stillOpen(before.reservations, event.metadata.recordedAt) };
  switch (event.type) {
    case 'StockReceived':
    case 'StockTransferredIn':
      return changed(held, event, 'onHand', event.data.quantity);
    case 'StockReturned':
      return event.data.condition === 'damaged' ? held : changed(held, event, 'onHand', event.data.quantity);
    case 'StockTransferredOut':
      return changed(held, event, 'onHand', -event.data.quantity);
    case 'StockAdjusted':
    case 'StockCounted':
      return changed(held, event, 'onHand', event.data.delta);
    case 'StockReserved':
      return reserved(held, event);
    case 'ReservationExtended':
      return reserved(without(held, event.data.reservationId), event);
    case 'ReservationCommitted':
      return changed(without(held, event.data.reservationId), event, 'allocated', event.data.quantity);
    case 'ReservationReleased':
      return taken(held, event);
    case 'StockShipped':
      return taken(changed(held, event, 'onHand', -event.data.quantity), event);
    case 'DamagedStockWrittenOff':
    case 'BackorderPolicySet':
      return held;
    default:
      return assertNever(event);
  }
}

function stillOpen(reservations: readonly OpenReservation[], at: Instant): readonly OpenReservation[] {
  return reservations.every(({ expiresAt }) => expiresAt > at)
    ? reservations
    : reservations.filter(({ expiresAt }) => expiresAt > at);
}

/** Extending says the quantity, too: the reservation may have been forgotten, when both came at about its expiry. */
function reserved(
  holdings: Holdings,
  { data, metadata }: Recorded<Extract<StockEvent, { type: 'StockReserved' | 'ReservationExtended' }>>,
): Holdings {
  const { reservationId, quantity, expiresAt } = data;
  const reservations = [...holdings.reservations, { reservationId, quantity, expiresAt }];
  return { ...holdings, reservations: stillOpen(reservations, metadata.recordedAt) };
}

const without = (holdings: Holdings, reservationId: string): Holdings => ({
  ...holdings,
  reservations: holdings.reservations.filter((each) => each.reservationId !== reservationId),
});

/** Takes units out of a reservation, and the reservation away with its last unit. One that is forgotten stays so. */
function taken(
  holdings: Holdings,
  event: Recorded<Extract<StockEvent, { type: 'StockShipped' | 'ReservationReleased' }>>,
): Holdings {
  const { reservationId, quantity, committed } = event.data;
  if (reservationId === undefined) return holdings;
  if (committed) return changed(holdings, event, 'allocated', -quantity);
  const { reservations } = holdings;
  const index = reservations.findIndex((each) => each.reservationId === reservationId);
  const reservation = reservations[index];
  if (reservation === undefined) return holdings;
  const left = counted(reservation.quantity - quantity, event);
  return {
    ...holdings,
    reservations:
      left === 0 ? reservations.toSpliced(index, 1) : reservations.with(index, { ...reservation, quantity: left }),
  };
}

const changed = (holdings: Holdings, event: Recorded, field: 'onHand' | 'allocated', by: number): Holdings => ({
  ...holdings,
  [field]: counted(holdings[field] + by, event),
});

function counted(units: number, event: Recorded): number {
  if (units >= 0 && Number.isSafeInteger(units)) return units;
  throw new CorruptHistory(`${event.type} would leave ${units} units: ${event.stream} at revision ${event.revision}`);
}
