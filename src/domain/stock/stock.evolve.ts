import { assertNever, CorruptHistory } from '../decider.js';
import { quantityFault } from '../quantity.js';
import type { SortedMap } from '../sorted-map.js';
import type { StockEvent } from './stock.events.js';
import {
  allocationKey,
  arrivedKey,
  holdKey,
  MAX_ON_HAND,
  sentKey,
  type Hold,
  type Reserved,
  type StockState,
  type Transfer,
} from './stock.state.js';

type Of<T extends StockEvent['type']> = Extract<StockEvent, { type: T }>;

/** Folds one fact. @throws CorruptHistory at what no accepted command could have written */
export function evolve(state: StockState, event: StockEvent): StockState {
  switch (event.type) {
    case 'StockReceived':
      return moved(state, counted(event));
    case 'StockAdjusted':
      if (event.data.delta === 0) throw new CorruptHistory('StockAdjusted by 0 units');
      return missed(state, event, event.data.delta);
    case 'StockCounted':
      if (state.onHand + event.data.delta !== event.data.counted) {
        const { counted, delta } = event.data;
        throw new CorruptHistory(`StockCounted ${counted} by ${delta}, with ${state.onHand} on hand`);
      }
      return missed(state, event, event.data.delta);
    case 'StockReserved':
      return held(state, event);
    case 'ReservationExtended':
      return extended(state, event);
    case 'ReservationExpired':
      return expired(state, event);
    case 'ReservationCommitted':
      return committed(state, event);
    case 'ReservationReleased':
      return taken(state, event, event.data.reservationId);
    case 'StockShipped':
      return shipped(state, event);
    case 'StockReturned':
      return event.data.condition === 'damaged' ? broken(state, event, counted(event)) : moved(state, counted(event));
    case 'DamagedStockWrittenOff':
      return broken(state, event, -counted(event));
    case 'StockTransferredOut': {
      const left = fitted(moved(state, -counted(event)), event, 0);
      const { transferId, to, quantity, arrives = 'when-received' } = event.data;
      return transferred(left, event, sentKey(transferId), { place: to, quantity, arrives });
    }
    case 'StockTransferredIn': {
      const there = moved(state, counted(event));
      const { transferId, from, quantity } = event.data;
      return transferred(there, event, arrivedKey(from, transferId), { place: from, quantity });
    }
    case 'BackorderPolicySet':
      return limited(state, event.data.limit);
    default:
      return assertNever(event);
  }
}

function held(state: StockState, event: Of<'StockReserved'>): StockState {
  const { reservationId, expiresAt, reference, backordered = 0 } = event.data;
  const quantity = counted(event);
  if (state.reserved.get(reservationId)) throw new CorruptHistory(`Reservation ${reservationId} twice`);
  if (backordered < 0 || backordered > Math.min(quantity, state.backorderLimit)) {
    throw new CorruptHistory(
      `${backordered} of ${quantity} units backordered, with a limit of ${state.backorderLimit}`,
    );
  }
  const key = holdKey(expiresAt, reservationId);
  const made = { quantity, expiresAt, reference, until: expiresAt, commitment: undefined };
  const promised = {
    ...state,
    holds: state.holds.with(key, { reservationId, quantity, expiresAt, made: state.reserved.size }),
    reserved: state.reserved.with(reservationId, made),
  };
  const after = fitted(promised, event, state.backorderLimit);
  if (!after.holds.get(key)) throw new CorruptHistory(`Reservation ${reservationId} of units that were not there`);
  return after;
}

function extended(state: StockState, event: Of<'ReservationExtended'>): StockState {
  const { reservationId, expiresAt } = event.data;
  const { made, hold, key } = heldBy(state, event, reservationId);
  unchangedIn(hold, event);
  if (expiresAt <= made.until) throw new CorruptHistory(`Reservation ${reservationId} extended back to ${expiresAt}`);
  return {
    ...state,
    holds: state.holds.without(key).with(holdKey(expiresAt, reservationId), { ...hold, expiresAt }),
    reserved: state.reserved.with(reservationId, { ...made, until: expiresAt }),
  };
}

function committed(state: StockState, event: Of<'ReservationCommitted'>): StockState {
  const { reservationId } = event.data;
  const { made, hold, key } = heldBy(state, event, reservationId);
  const quantity = unchangedIn(hold, event);
  const { commitments } = state;
  return {
    ...state,
    holds: state.holds.without(key),
    allocations: state.allocations.with(allocationKey(commitments), { reservationId, quantity }),
    commitments: commitments + 1,
    reserved: state.reserved.with(reservationId, { ...made, commitment: commitments }),
  };
}

/** Its units may have found another taker before. */
function expired(state: StockState, event: Of<'ReservationExpired'>): StockState {
  const { reservationId, expiresAt } = event.data;
  const key = holdKey(expiresAt, reservationId);
  const made = state.reserved.get(reservationId);
  const hold = state.holds.get(key) ?? state.dropped.get(key);
  if (!made || !hold)
    throw new CorruptHistory(`ReservationExpired of ${reservationId}, which holds nothing until ${expiresAt}`);
  unchangedIn(hold, event);
  return {
    ...state,
    holds: state.holds.without(key),
    dropped: state.dropped.without(key),
    reserved: state.reserved.with(reservationId, { ...made, hasExpired: true }),
  };
}

function heldBy(state: StockState, event: StockEvent, reservationId: string) {
  const made = state.reserved.get(reservationId);
  const key = holdKey(made?.until ?? '', reservationId);
  const hold = state.holds.get(key);
  if (!made || !hold) throw new CorruptHistory(`${event.type} of ${reservationId}, which holds nothing`);
  return { made, hold, key };
}

/** Extending, committing and expiring say what the reservation holds, for readers that have only the event. */
function unchangedIn(
  hold: Hold,
  event: Of<'ReservationExtended' | 'ReservationCommitted' | 'ReservationExpired'>,
): number {
  const { quantity, reservationId } = event.data;
  if (quantity === hold.quantity) return quantity;
  throw new CorruptHistory(`${event.type} of ${quantity} from ${reservationId}, which holds ${hold.quantity}`);
}

function shipped(state: StockState, event: Of<'StockShipped'>): StockState {
  const { reservationId } = event.data;
  const gone = moved(state, -counted(event));
  return reservationId === undefined ? fitted(gone, event, 0) : taken(gone, event, reservationId);
}

/** Units fewer in an open reservation; an empty one is closed. */
function taken(
  state: StockState,
  event: Of<'StockShipped' | 'ReservationReleased'>,
  reservationId: string,
): StockState {
  const quantity = counted(event);
  const made = state.reserved.get(reservationId);
  const isCommitted = made?.commitment !== undefined;
  if (isCommitted !== (event.data.committed ?? false)) {
    throw new CorruptHistory(`${event.type} says that ${reservationId} is${isCommitted ? ' not' : ''} committed`);
  }
  const { key, left } = leftOf(state, made, reservationId);
  if (quantity > left) {
    throw new CorruptHistory(`${event.type} of ${quantity} from ${reservationId}, which holds ${left}`);
  }
  return isCommitted
    ? { ...state, allocations: lessened(state.allocations, key, quantity) }
    : { ...state, holds: lessened(state.holds, key, quantity) };
}

function leftOf(state: StockState, made: Reserved | undefined, reservationId: string): { key: string; left: number } {
  if (made?.commitment !== undefined) {
    const key = allocationKey(made.commitment);
    return { key, left: state.allocations.get(key)?.quantity ?? 0 };
  }
  const key = holdKey(made?.until ?? '', reservationId);
  return { key, left: state.holds.get(key)?.quantity ?? 0 };
}

function lessened<V extends { readonly quantity: number }>(
  entries: SortedMap<V>,
  key: string,
  by: number,
): SortedMap<V> {
  const entry = entries.get(key);
  return entry && entry.quantity > by
    ? entries.with(key, { ...entry, quantity: entry.quantity - by })
    : entries.without(key);
}

/** Units found or missing. Promises may be left short as far as backorders are allowed. */
function missed(state: StockState, event: StockEvent, delta: number): StockState {
  const after = moved(state, delta);
  return delta < 0 ? fitted(after, event, state.backorderLimit) : after;
}

function moved(state: StockState, delta: number): StockState {
  const onHand = state.onHand + delta;
  if (!Number.isSafeInteger(delta) || onHand < 0 || onHand > MAX_ON_HAND) {
    throw new CorruptHistory(`${state.onHand} on hand cannot change by ${delta}`);
  }
  return { ...state, onHand };
}

function broken(state: StockState, event: StockEvent, delta: number): StockState {
  const damaged = state.damaged + delta;
  if (damaged < 0 || damaged > MAX_ON_HAND) {
    throw new CorruptHistory(`${event.type}: ${state.damaged} damaged cannot change by ${delta}`);
  }
  return { ...state, damaged };
}

function transferred(
  state: StockState,
  { type, data: { transferId } }: Of<'StockTransferredOut' | 'StockTransferredIn'>,
  key: string,
  transfer: Transfer,
): StockState {
  if (state.transfers.get(key)) throw new CorruptHistory(`${type} ${transferId} twice`);
  return { ...state, transfers: state.transfers.with(key, transfer) };
}

function limited(state: StockState, backorderLimit: number): StockState {
  if (backorderLimit !== 0 && quantityFault(backorderLimit)) {
    throw new CorruptHistory(`Backorder limit of ${backorderLimit}`);
  }
  return { ...state, backorderLimit };
}

/** Gives the units of the earliest-expiring holds away until at most `short` units are promised that are not on hand. */
function fitted(state: StockState, event: StockEvent, short: number): StockState {
  const { onHand, allocations } = state;
  let { holds, dropped } = state;
  while (holds.total + allocations.total - onHand > short) {
    const first = holds.first();
    if (!first) throw new CorruptHistory(`${event.type}: ${allocations.total} allocated, with ${onHand} on hand`);
    holds = holds.without(first[0]);
    dropped = dropped.with(...first);
  }
  return { ...state, holds, dropped };
}

function counted(event: Extract<StockEvent, { data: { quantity: number } }>): number {
  const { quantity } = event.data;
  if (quantityFault(quantity)) throw new CorruptHistory(`${event.type} of ${quantity} units`);
  return quantity;
}
