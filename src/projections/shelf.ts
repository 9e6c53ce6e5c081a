import { assertNever, CorruptHistory } from '../domain/decider.js';
import type { Instant, Recorded } from '../domain/fact.js';
import type { StockEvent } from '../domain/stock/stock.events.js';

/** Units set aside until `expiresAt`; from that instant on they are free, whether or not anybody releases them. */
export type OpenReservation = Readonly<{ reservationId: string; quantity: number; expiresAt: Instant }>;

/** Units of one SKU at one place, and those set aside: `reservations` holds them in the order they were made. */
export type Holdings = Readonly<{ onHand: number; reservations: readonly OpenReservation[] }>;
/** One SKU at one location. Units: whole units. */
export type Shelf = Holdings & Readonly<{ location: string }>;

/** Units: whole units; `available` = `onHand` − `reserved`, never below zero. */
export type Availability = Readonly<{ onHand: number; reserved: number; available: number }>;

export const nothingHeld: Holdings = { onHand: 0, reservations: [] };

/** What there is to sell at `at`: reservations that have expired by then no longer count. */
export function shelfAvailabilityAt({ onHand, reservations }: Holdings, at: Instant): Availability {
  let reserved = 0;
  for (const { quantity, expiresAt } of reservations) if (expiresAt > at) reserved += quantity;
  return { onHand, reserved, available: Math.max(0, onHand - reserved) };
}

/**
 * Folds one movement. Reservations that had expired on the log's own clock when it was recorded are forgotten: no reader
 * can be earlier than that, and a list that only grew would make each movement slower than the one before.
 * @throws CorruptHistory when units would go below zero, or beyond what a number holds exactly
 */
export function moved({ onHand, reservations }: Holdings, event: Recorded<StockEvent>): Holdings {
  const open = reservations.length === 0 ? reservations : stillOpen(reservations, event.metadata.recordedAt);
  switch (event.type) {
    case 'StockReceived':
    case 'StockReturned':
      return { onHand: counted(onHand + event.data.quantity, event), reservations: open };
    case 'StockAdjusted':
      return { onHand: counted(onHand + event.data.delta, event), reservations: open };
    case 'StockReserved': {
      const { reservationId, quantity, expiresAt } = event.data;
      return {
        onHand,
        reservations: stillOpen([...open, { reservationId, quantity, expiresAt }], event.metadata.recordedAt),
      };
    }
    case 'ReservationReleased':
      return { onHand, reservations: taken(open, event.data.reservationId, event.data.quantity, event) };
    case 'StockShipped': {
      const { quantity, reservationId } = event.data;
      return {
        onHand: counted(onHand - quantity, event),
        reservations: reservationId === undefined ? open : taken(open, reservationId, quantity, event),
      };
    }
    default:
      return assertNever(event);
  }
}

const stillOpen = (reservations: readonly OpenReservation[], at: Instant): readonly OpenReservation[] =>
  reservations.every(({ expiresAt }) => expiresAt > at)
    ? reservations
    : reservations.filter(({ expiresAt }) => expiresAt > at);

/** Takes units out of a reservation, and the reservation away with its last unit. One that is forgotten stays so. */
function taken(
  reservations: readonly OpenReservation[],
  reservationId: string,
  quantity: number,
  event: Recorded,
): readonly OpenReservation[] {
  const index = reservations.findIndex((each) => each.reservationId === reservationId);
  const reservation = reservations[index];
  if (reservation === undefined) return reservations;
  const left = counted(reservation.quantity - quantity, event);
  return left === 0 ? reservations.toSpliced(index, 1) : reservations.with(index, { ...reservation, quantity: left });
}

function counted(units: number, event: Recorded): number {
  if (units >= 0 && Number.isSafeInteger(units)) return units;
  throw new CorruptHistory(`${event.type} would leave ${units} units: ${event.stream} at revision ${event.revision}`);
}
