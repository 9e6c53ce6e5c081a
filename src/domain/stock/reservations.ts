import { no, yes } from '../decider.js';
import type { Instant } from '../fact.js';
import { isInstant } from '../instant.js';
import { quantityFault } from '../quantity.js';
import { cannotTake, referring, type Answer, type Data } from './movements.js';
import type { StockRejection } from './stock.commands.js';
import { coveredOf, findOpen, holdKey, promisedAt, type Open, type StockState } from './stock.state.js';

/** The reservation id is checked before everything else, so that a repeated request succeeds whatever came after it. */
export function reserve(data: Data<'ReserveStock'>, state: StockState, at: Instant): Answer {
  const { sku, location, reservationId, quantity, expiresAt, reference } = data;
  const earlier = state.reserved.get(reservationId);
  if (earlier) {
    const same = earlier.quantity === quantity && earlier.expiresAt === expiresAt && earlier.reference === reference;
    return same ? yes() : no({ code: 'reservation-id-reused', reservationId });
  }
  if (!isInstant(expiresAt)) return no({ code: 'expiry-malformed' });
  if (expiresAt <= at) return no({ code: 'expiry-not-ahead', expiresAt });
  const fault = quantityFault(quantity);
  if (fault) return no({ code: fault });
  const short = Math.max(0, promisedAt(state, at) + quantity - state.onHand);
  if (short > state.backorderLimit) return no(tooShort(quantity, state, at));
  const backordered = Math.min(quantity, short);
  return yes({
    type: 'StockReserved',
    data: {
      sku,
      location,
      reservationId,
      quantity,
      expiresAt,
      ...(backordered === 0 ? {} : { backordered }),
      ...referring(reference),
    },
  });
}

/** What could have been reserved: available units, and as many more as may still be backordered. */
function tooShort(requested: number, state: StockState, at: Instant): StockRejection {
  const room = state.onHand + state.backorderLimit - promisedAt(state, at);
  return { code: 'insufficient-stock', available: Math.max(0, room), requested };
}

/** Time is only ever added, so an expiry that stands already, asked for again, has nothing to do for good. */
export function extend(data: Data<'ExtendReservation'>, state: StockState, at: Instant): Answer {
  const { sku, location, reservationId, expiresAt } = data;
  const found = findOpen(reservationId, state, at);
  if ('rejection' in found) return no(found.rejection);
  if (found.open.commitment !== undefined) return no({ code: 'reservation-committed', reservationId });
  if (!isInstant(expiresAt)) return no({ code: 'expiry-malformed' });
  if (expiresAt < found.until) return no({ code: 'expiry-not-later', expiresAt: found.until });
  if (expiresAt === found.until) return yes();
  return yes({
    type: 'ReservationExtended',
    data: { sku, location, reservationId, quantity: found.open.quantity, expiresAt },
  });
}

/**
 * Says that a reservation has ended by itself. Nothing depends on it but what is read: its units are free from the instant
 * of its expiry. One that was extended, committed or ended otherwise is none that expires.
 */
export function expire(
  { sku, location, reservationId }: Data<'ExpireReservation'>,
  { reserved, holds, dropped }: StockState,
  at: Instant,
): Answer {
  const made = reserved.get(reservationId);
  if (!made) return no({ code: 'reservation-unknown', reservationId });
  const key = holdKey(made.until, reservationId);
  const hold = holds.get(key) ?? dropped.get(key);
  if (!hold || hold.expiresAt > at) return yes();
  const { quantity, expiresAt } = hold;
  return yes({ type: 'ReservationExpired', data: { sku, location, reservationId, quantity, expiresAt } });
}

export function commit(
  { sku, location, reservationId }: Data<'CommitReservation'>,
  state: StockState,
  at: Instant,
): Answer {
  const found = findOpen(reservationId, state, at);
  if ('rejection' in found) return no(found.rejection);
  const { quantity, commitment } = found.open;
  if (commitment !== undefined) return yes();
  return yes({ type: 'ReservationCommitted', data: { sku, location, reservationId, quantity } });
}

export function release(data: Data<'ReleaseReservation'>, state: StockState, at: Instant): Answer {
  const { sku, location, reservationId, reason } = data;
  const found = findOpen(reservationId, state, at);
  if ('rejection' in found) return no(found.rejection);
  const { quantity: reserved } = found.open;
  const { quantity = reserved } = data;
  const fault = quantityFault(quantity);
  if (fault) return no({ code: fault });
  if (quantity > reserved) return no({ code: 'reservation-exceeded', reserved, requested: quantity });
  const why = reason === undefined ? {} : { reason };
  return yes({
    type: 'ReservationReleased',
    data: { sku, location, reservationId, quantity, ...ofCommitted(found.open), ...why },
  });
}

export function ship(data: Data<'ShipStock'>, state: StockState, at: Instant): Answer {
  const { sku, location, quantity, reservationId, reference } = data;
  if (reservationId === undefined) {
    const rejection = cannotTake(quantity, state, at);
    if (rejection) return no(rejection);
    return yes({ type: 'StockShipped', data: { sku, location, quantity, ...referring(reference) } });
  }
  const found = findOpen(reservationId, state, at);
  if ('rejection' in found) return no(found.rejection);
  const rejection = cannotShip(quantity, found.open, state, at);
  if (rejection) return no(rejection);
  return yes({
    type: 'StockShipped',
    data: { sku, location, quantity, reservationId, ...ofCommitted(found.open), ...referring(reference) },
  });
}

function cannotShip(requested: number, open: Open, state: StockState, at: Instant): StockRejection | undefined {
  const fault = quantityFault(requested);
  if (fault) return { code: fault };
  if (requested > open.quantity) return { code: 'reservation-exceeded', reserved: open.quantity, requested };
  const covered = coveredOf(open, state, at);
  return requested > covered ? { code: 'reservation-backordered', covered, requested } : undefined;
}

const ofCommitted = ({ commitment }: Open): { committed?: true } =>
  commitment === undefined ? {} : { committed: true };
