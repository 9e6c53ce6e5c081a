import { assertNever, CorruptHistory, no, yes, type Decider, type Decision } from '../decider.js';
import type { Instant } from '../fact.js';
import { isInstant } from '../instant.js';
import { quantityFault } from '../quantity.js';
import { SortedMap } from '../sorted-map.js';
import type { StockCommand, StockRejection } from './stock.commands.js';
import type { StockEvent } from './stock.events.js';

/** The most units on one shelf, so that sums over thousands of shelves are still safe integers. */
export const MAX_ON_HAND = 1_000_000_000_000;

type Reserved = Readonly<{ quantity: number; expiresAt: Instant; reference: string | undefined }>;
type Hold = Readonly<{ reservationId: string; quantity: number; expiresAt: Instant }>;

/**
 * `onHand`    units on the shelf, reserved ones included
 * `holds`     what is left of every reservation that may still be shipped, by expiry then id; weight: units.
 *             Its total is never above `onHand`, whatever the time.
 * `reserved`  every reservation there ever was, as it was made, by id
 *
 * Facts carry no time, so an expired hold stays until somebody needs its units: taking units from the shelf drops as
 * many holds as are then no longer covered, the earliest expiry first. Those have expired, or the decider would not
 * have let the units go; and once dropped, a hold does not come back for a command with an earlier business time.
 */
export type StockState = Readonly<{ onHand: number; holds: SortedMap<Hold>; reserved: SortedMap<Reserved> }>;

/** Units that a command at `at` may take: on hand, less what is reserved beyond `at`. A hold ends at its `expiresAt`. */
export const availableAt = ({ onHand, holds }: StockState, at: Instant): number =>
  onHand - holds.totalAfter(`${at}${AFTER_EVERY_ID}`);

/** Sorts after every id. */
const AFTER_EVERY_ID = '\uffff';
const holdKey = (expiresAt: Instant, reservationId: string): string => `${expiresAt} ${reservationId}`;

type Data<T extends StockCommand['type']> = Extract<StockCommand, { type: T }>['data'];
type Answer = Decision<StockEvent, StockRejection>;

function receive({ sku, location, quantity, reference }: Data<'ReceiveStock'>, state: StockState): Answer {
  const rejection = cannotAdd(quantity, state);
  if (rejection) return no(rejection);
  return yes({ type: 'StockReceived', data: { sku, location, quantity, ...referring(reference) } });
}

function giveBack({ sku, location, quantity, reference }: Data<'ReturnStock'>, state: StockState): Answer {
  const rejection = cannotAdd(quantity, state);
  if (rejection) return no(rejection);
  return yes({ type: 'StockReturned', data: { sku, location, quantity, ...referring(reference) } });
}

function adjust(data: Data<'AdjustStock'>, state: StockState, at: Instant): Answer {
  const { sku, location, delta, reason, reference } = data;
  if (delta === 0) return no({ code: 'delta-zero' });
  const rejection = delta < 0 ? cannotTake(-delta, state, at) : cannotAdd(delta, state);
  if (rejection) return no(rejection);
  return yes({ type: 'StockAdjusted', data: { sku, location, delta, reason, ...referring(reference) } });
}

/** The reservation id is checked before everything else, so that a repeated request succeeds whatever came after it. */
function reserve(data: Data<'ReserveStock'>, state: StockState, at: Instant): Answer {
  const { sku, location, reservationId, quantity, expiresAt, reference } = data;
  const earlier = state.reserved.get(reservationId);
  if (earlier) {
    const same = earlier.quantity === quantity && earlier.expiresAt === expiresAt && earlier.reference === reference;
    return same ? yes() : no({ code: 'reservation-id-reused', reservationId });
  }
  if (!isInstant(expiresAt)) return no({ code: 'expiry-malformed' });
  if (expiresAt <= at) return no({ code: 'expiry-not-ahead', expiresAt });
  const rejection = cannotTake(quantity, state, at);
  if (rejection) return no(rejection);
  return yes({
    type: 'StockReserved',
    data: { sku, location, reservationId, quantity, expiresAt, ...referring(reference) },
  });
}

function release({ sku, location, reservationId }: Data<'ReleaseReservation'>, state: StockState, at: Instant): Answer {
  const found = findHold(reservationId, state, at);
  if ('rejection' in found) return no(found.rejection);
  const { quantity } = found.hold;
  return yes({ type: 'ReservationReleased', data: { sku, location, reservationId, quantity } });
}

function ship(data: Data<'ShipStock'>, state: StockState, at: Instant): Answer {
  const { sku, location, quantity, reservationId, reference } = data;
  const rejection =
    reservationId === undefined
      ? cannotTake(quantity, state, at)
      : cannotShipReserved(reservationId, quantity, state, at);
  if (rejection) return no(rejection);
  const from = reservationId === undefined ? {} : { reservationId };
  return yes({ type: 'StockShipped', data: { sku, location, quantity, ...from, ...referring(reference) } });
}

function cannotShipReserved(
  reservationId: string,
  requested: number,
  state: StockState,
  at: Instant,
): StockRejection | undefined {
  const found = findHold(reservationId, state, at);
  if ('rejection' in found) return found.rejection;
  const fault = quantityFault(requested);
  if (fault) return { code: fault };
  const reserved = found.hold.quantity;
  return requested > reserved ? { code: 'reservation-exceeded', reserved, requested } : undefined;
}

function cannotAdd(quantity: number, { onHand }: StockState): StockRejection | undefined {
  const fault = quantityFault(quantity);
  if (fault) return { code: fault };
  return onHand + quantity > MAX_ON_HAND ? { code: 'on-hand-too-large', allowed: MAX_ON_HAND } : undefined;
}

function cannotTake(requested: number, state: StockState, at: Instant): StockRejection | undefined {
  const fault = quantityFault(requested);
  if (fault) return { code: fault };
  const available = availableAt(state, at);
  return requested > available ? { code: 'insufficient-stock', available, requested } : undefined;
}

/** Expiry comes before closed, so that the answer does not depend on whether the units have found another taker yet. */
function findHold(
  reservationId: string,
  { reserved, holds }: StockState,
  at: Instant,
): Readonly<{ hold: Hold }> | Readonly<{ rejection: StockRejection }> {
  const made = reserved.get(reservationId);
  if (!made) return { rejection: { code: 'reservation-unknown', reservationId } };
  if (made.expiresAt <= at) return { rejection: { code: 'reservation-expired', reservationId } };
  const hold = holds.get(holdKey(made.expiresAt, reservationId));
  return hold ? { hold } : { rejection: { code: 'reservation-closed', reservationId } };
}

const referring = (reference: string | undefined): { reference?: string } =>
  reference === undefined ? {} : { reference };

export const stock: Decider<StockCommand, StockState, StockEvent, StockRejection> = {
  initial: { onHand: 0, holds: SortedMap.empty(({ quantity }) => quantity), reserved: SortedMap.empty() },
  decide: (command, state, at) => {
    switch (command.type) {
      case 'ReceiveStock':
        return receive(command.data, state);
      case 'AdjustStock':
        return adjust(command.data, state, at);
      case 'ReserveStock':
        return reserve(command.data, state, at);
      case 'ReleaseReservation':
        return release(command.data, state, at);
      case 'ShipStock':
        return ship(command.data, state, at);
      case 'ReturnStock':
        return giveBack(command.data, state);
      default:
        return assertNever(command);
    }
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'StockReceived':
      case 'StockReturned':
        return moved(state, counted(event, event.data.quantity));
      case 'StockAdjusted':
        return covered(moved(state, event.data.delta));
      case 'StockReserved':
        return held(state, event);
      case 'ReservationReleased':
        return taken(state, event, event.data.reservationId, event.data.quantity);
      case 'StockShipped':
        return shipped(state, event);
      default:
        return assertNever(event);
    }
  },
};

function held(state: StockState, event: Extract<StockEvent, { type: 'StockReserved' }>): StockState {
  const { reservationId, quantity, expiresAt, reference } = event.data;
  if (state.reserved.get(reservationId)) throw new CorruptHistory(`Reservation ${reservationId} twice`);
  const key = holdKey(expiresAt, reservationId);
  const after = covered({
    ...state,
    holds: state.holds.with(key, { reservationId, quantity: counted(event, quantity), expiresAt }),
    reserved: state.reserved.with(reservationId, { quantity, expiresAt, reference }),
  });
  if (!after.holds.get(key)) throw new CorruptHistory(`Reservation ${reservationId} of units that were not there`);
  return after;
}

function shipped(state: StockState, event: Extract<StockEvent, { type: 'StockShipped' }>): StockState {
  const { reservationId, quantity } = event.data;
  const gone = moved(state, -counted(event, quantity));
  return reservationId === undefined ? covered(gone) : taken(gone, event, reservationId, quantity);
}

/** `quantity` units fewer in an open hold; an empty one is closed. */
function taken(state: StockState, event: StockEvent, reservationId: string, quantity: number): StockState {
  const made = state.reserved.get(reservationId);
  const key = holdKey(made?.expiresAt ?? '', reservationId);
  const hold = state.holds.get(key);
  if (!hold || counted(event, quantity) > hold.quantity) {
    throw new CorruptHistory(`${event.type} of ${quantity} from ${reservationId}, which holds ${hold?.quantity ?? 0}`);
  }
  const left = hold.quantity - quantity;
  return {
    ...state,
    holds: left === 0 ? state.holds.without(key) : state.holds.with(key, { ...hold, quantity: left }),
  };
}

function moved(state: StockState, delta: number): StockState {
  const onHand = state.onHand + delta;
  if (!Number.isSafeInteger(delta) || delta === 0 || onHand < 0 || onHand > MAX_ON_HAND) {
    throw new CorruptHistory(`${state.onHand} on hand cannot change by ${delta}`);
  }
  return { ...state, onHand };
}

/** Drops the earliest-expiring holds until what is on hand covers the rest. */
function covered(state: StockState): StockState {
  let { holds } = state;
  for (let first = holds.first(); first && holds.total > state.onHand; first = holds.first()) {
    holds = holds.without(first[0]);
  }
  return { ...state, holds };
}

function counted(event: StockEvent, quantity: number): number {
  if (quantityFault(quantity)) throw new CorruptHistory(`${event.type} of ${quantity} units`);
  return quantity;
}
