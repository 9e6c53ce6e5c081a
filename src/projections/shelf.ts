import type { Instant } from '../domain/fact.js';

/** Units set aside until `expiresAt`; from that instant on they are free, whether or not anybody releases them. */
export type OpenReservation = Readonly<{ reservationId: string; quantity: number; expiresAt: Instant }>;

/**
 * One SKU at one location. Units: whole units.
 * `reservations` holds those that had not ended when the newest movement was recorded, in the order they were made.
 */
export type Shelf = Readonly<{ location: string; onHand: number; reservations: readonly OpenReservation[] }>;

/** Units: whole units; `available` = `onHand` − `reserved`, never below zero. */
export type Availability = Readonly<{ onHand: number; reserved: number; available: number }>;

/** What a shelf has to sell at `at`: reservations that have expired by then no longer count. */
export function shelfAvailabilityAt({ onHand, reservations }: Omit<Shelf, 'location'>, at: Instant): Availability {
  let reserved = 0;
  for (const { quantity, expiresAt } of reservations) if (expiresAt > at) reserved += quantity;
  return { onHand, reserved, available: Math.max(0, onHand - reserved) };
}
