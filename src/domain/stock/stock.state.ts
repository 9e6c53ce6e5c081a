import type { Instant } from '../fact.js';
import { SortedMap } from '../sorted-map.js';
import type { StockRejection } from './stock.commands.js';
import type { Arrival, Location } from './stock.events.js';

/** The most units on one shelf, so that sums over thousands of shelves are still safe integers. */
export const MAX_ON_HAND = 1_000_000_000_000;

/**
 * As it was asked for; `until` is when it ends now, `commitment` the number of its commitment, once there is one. `hasExpired`
 * once the log says so.
 */
export type Reserved = Readonly<{
  quantity: number;
  expiresAt: Instant;
  reference: string | undefined;
  until: Instant;
  commitment: number | undefined;
  hasExpired?: true;
}>;
/** `made` counts the reservations made before it on this shelf: a smaller one is older. */
export type Hold = Readonly<{ reservationId: string; quantity: number; expiresAt: Instant; made: number }>;
export type Allocation = Readonly<{ reservationId: string; quantity: number }>;
/** One side of a transfer: `place` is where the units went or came from; how they arrive is known where they left. */
export type Transfer = Readonly<{ place: Location; quantity: number; arrives?: Arrival }>;

/**
 * `onHand`       sellable units on the shelf, promised ones included
 * `damaged`      units that came back damaged; apart from those on hand
 * `holds`        what is left of every reservation that may still be shipped or committed, by expiry then id; weight: units
 * `dropped`      holds whose units found another taker, until the log says that they have expired; by expiry then id
 * `allocations`  what is left of every committed reservation, in the order of commitment; weight: units
 * `commitments`  how many reservations have been committed so far
 * `reserved`     every reservation there ever was, by id
 * `transfers`    every transfer there ever was, by `sentKey` or `arrivedKey`
 * `backorderLimit`  how many units may be promised beyond those on hand
 *
 * Facts carry no time, so an expired hold stays until the log says so, or somebody needs its units first: what takes units
 * from the shelf, or promises them, drops as many holds as then no longer fit, the earliest expiry first. Those have expired,
 * or the decider would not have said yes; and once dropped, a hold does not come back for a command with an earlier time.
 * So while no backorders were allowed, holds and allocations together are never above `onHand`, whatever the time.
 */
export type StockState = Readonly<{
  onHand: number;
  damaged: number;
  holds: SortedMap<Hold>;
  dropped: SortedMap<Hold>;
  allocations: SortedMap<Allocation>;
  commitments: number;
  reserved: SortedMap<Reserved>;
  transfers: SortedMap<Transfer>;
  backorderLimit: number;
}>;

export const emptyShelf: StockState = {
  onHand: 0,
  damaged: 0,
  holds: SortedMap.empty(({ quantity }) => quantity),
  dropped: SortedMap.empty(),
  allocations: SortedMap.empty(({ quantity }) => quantity),
  commitments: 0,
  reserved: SortedMap.empty(),
  transfers: SortedMap.empty(),
  backorderLimit: 0,
};

/** Sorts after every id. */
const AFTER_EVERY_ID = '\uffff';
export const holdKey = (expiresAt: Instant, reservationId: string): string => `${expiresAt} ${reservationId}`;
/** Sixteen digits hold every safe integer, so that text sorts by value. */
export const allocationKey = (commitment: number): string => commitment.toString().padStart(16, '0');
/** A transfer is named by the shelf that sends it and its id: another shelf may use the same. */
export const sentKey = (transferId: string): string => `out ${transferId}`;
export const arrivedKey = (from: Location, transferId: string): string => `in ${from} ${transferId}`;

/** Units promised at `at`: allocated, or held by reservations that end after it. A hold ends at its `expiresAt`. */
export const promisedAt = ({ holds, allocations }: StockState, at: Instant): number =>
  allocations.total + holds.totalAfter(`${at}${AFTER_EVERY_ID}`);

/** Units that a command at `at` may take: on hand, less what is promised then; never below zero. */
export const availableAt = (state: StockState, at: Instant): number =>
  Math.max(0, state.onHand - promisedAt(state, at));

/** What is left of a reservation that may be shipped or released now; `commitment` if it is committed. */
export type Open = Readonly<{ reservationId: string; quantity: number; made: number; commitment: number | undefined }>;

/**
 * Expiry comes before closed, so that the answer does not depend on whether the units have found another taker yet; nor, once
 * they have or the log says that it has expired, on a clock that is behind.
 */
export function findOpen(
  reservationId: string,
  { reserved, holds, dropped, allocations }: StockState,
  at: Instant,
): Readonly<{ open: Open; until: Instant }> | Readonly<{ rejection: StockRejection }> {
  const found = reserved.get(reservationId);
  if (!found) return { rejection: { code: 'reservation-unknown', reservationId } };
  const { until, commitment } = found;
  if (commitment !== undefined) {
    const allocation = allocations.get(allocationKey(commitment));
    if (!allocation) return { rejection: { code: 'reservation-closed', reservationId } };
    return { open: { ...allocation, made: 0, commitment }, until };
  }
  const key = holdKey(until, reservationId);
  if (until <= at || found.hasExpired || dropped.get(key)) {
    return { rejection: { code: 'reservation-expired', reservationId } };
  }
  const hold = holds.get(key);
  if (!hold) return { rejection: { code: 'reservation-closed', reservationId } };
  return { open: { reservationId, quantity: hold.quantity, made: hold.made, commitment }, until };
}

/**
 * How many of a reservation's units are on hand for it at `at`. What is on hand goes first to committed reservations in
 * the order of commitment, then to held ones, the oldest first; an expired one is passed over.
 * Takes O(log n), and O(n) for a held one while the shelf is short.
 */
export function coveredOf({ quantity, made, commitment }: Open, state: StockState, at: Instant): number {
  if (promisedAt(state, at) <= state.onHand) return quantity;
  const { allocations, onHand } = state;
  let ahead = allocations.total;
  if (commitment !== undefined) ahead -= allocations.totalAfter(allocationKey(commitment)) + quantity;
  else
    for (const [, hold] of state.holds.entries()) if (hold.expiresAt > at && hold.made < made) ahead += hold.quantity;
  return Math.min(quantity, Math.max(0, onHand - ahead));
}
