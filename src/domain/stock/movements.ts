import { no, yes, type Decision } from '../decider.js';
import type { Instant } from '../fact.js';
import { quantityFault } from '../quantity.js';
import type { StockCommand, StockRejection } from './stock.commands.js';
import type { StockEvent } from './stock.events.js';
import {
  arrivedKey,
  availableAt,
  MAX_ON_HAND,
  promisedAt,
  sentKey,
  type StockState,
  type Transfer,
} from './stock.state.js';

export type Data<T extends StockCommand['type']> = Extract<StockCommand, { type: T }>['data'];
export type Answer = Decision<StockEvent, StockRejection>;

export function receive({ sku, location, quantity, reference }: Data<'ReceiveStock'>, state: StockState): Answer {
  const rejection = cannotAdd(quantity, state.onHand);
  if (rejection) return no(rejection);
  return yes({ type: 'StockReceived', data: { sku, location, quantity, ...referring(reference) } });
}

export function giveBack(data: Data<'ReturnStock'>, state: StockState): Answer {
  const { sku, location, quantity, reference, condition = 'sellable' } = data;
  const rejection = cannotAdd(quantity, condition === 'damaged' ? state.damaged : state.onHand);
  if (rejection) return no(rejection);
  const damaged = condition === 'damaged' ? { condition } : {};
  return yes({ type: 'StockReturned', data: { sku, location, quantity, ...damaged, ...referring(reference) } });
}

export function adjust(data: Data<'AdjustStock'>, state: StockState, at: Instant): Answer {
  const { sku, location, delta, reason, reference } = data;
  if (delta === 0) return no({ code: 'delta-zero' });
  const rejection = delta < 0 ? cannotMiss(-delta, state, at) : cannotAdd(delta, state.onHand);
  if (rejection) return no(rejection);
  return yes({ type: 'StockAdjusted', data: { sku, location, delta, reason, ...referring(reference) } });
}

/** A count that finds fewer units than are promised is refused beyond the backorder limit: somebody must be told first. */
export function count(data: Data<'CountStock'>, state: StockState, at: Instant): Answer {
  const { sku, location, counted, reason, reference } = data;
  if (!Number.isInteger(counted)) return no({ code: 'quantity-not-whole' });
  if (counted < 0) return no({ code: 'count-negative' });
  if (counted > MAX_ON_HAND) return no({ code: 'on-hand-too-large', allowed: MAX_ON_HAND });
  const delta = counted - state.onHand;
  const promised = promisedAt(state, at);
  if (delta < 0 && promised - counted > state.backorderLimit) {
    return no({ code: 'count-below-promised', counted, promised });
  }
  return yes({ type: 'StockCounted', data: { sku, location, counted, delta, reason, ...referring(reference) } });
}

export function writeOff(data: Data<'WriteOffDamagedStock'>, { damaged }: StockState): Answer {
  const { sku, location, quantity, reason, reference } = data;
  const fault = quantityFault(quantity);
  if (fault) return no({ code: fault });
  if (quantity > damaged) return no({ code: 'insufficient-damaged-stock', damaged, requested: quantity });
  return yes({ type: 'DamagedStockWrittenOff', data: { sku, location, quantity, reason, ...referring(reference) } });
}

/** The transfer id is checked before everything else, so that a repeated request succeeds whatever came after it. */
export function transferOut(data: Data<'TransferStock'>, state: StockState, at: Instant): Answer {
  const { sku, location, transferId, to, quantity, arrives = 'when-received', reason } = data;
  const earlier = state.transfers.get(sentKey(transferId));
  if (earlier) return repeated(earlier, { place: to, quantity, arrives }, transferId);
  if (to === location) return no({ code: 'transfer-within-location', location });
  const rejection = cannotTake(quantity, state, at);
  if (rejection) return no(rejection);
  const how = arrives === 'at-once' ? { arrives } : {};
  const why = reason === undefined ? {} : { reason };
  return yes({ type: 'StockTransferredOut', data: { sku, location, transferId, to, quantity, ...how, ...why } });
}

export function transferIn(data: Data<'ReceiveTransfer'>, state: StockState): Answer {
  const { sku, location, transferId, from, quantity } = data;
  const earlier = state.transfers.get(arrivedKey(from, transferId));
  if (earlier) return repeated(earlier, { place: from, quantity }, transferId);
  if (from === location) return no({ code: 'transfer-within-location', location });
  const rejection = cannotAdd(quantity, state.onHand);
  if (rejection) return no(rejection);
  return yes({ type: 'StockTransferredIn', data: { sku, location, transferId, from, quantity } });
}

/**
 * What may arrive at `location` is what was sent there: `sent` is the transfer as its shelf has it. All of it arrives; what
 * turns out to be missing or broken is then corrected where it is, by whoever finds it, with the reason.
 */
export function cannotArrive(
  { location, transferId, from, quantity }: Data<'ReceiveTransfer'>,
  sent: Transfer | undefined,
): StockRejection | undefined {
  if (from === location) return { code: 'transfer-within-location', location };
  if (!sent) return { code: 'transfer-unknown', transferId };
  if (sent.place === location && sent.quantity === quantity) return undefined;
  return { code: 'transfer-differs', transferId, to: sent.place, sent: sent.quantity };
}

const repeated = (earlier: Transfer, now: Transfer, transferId: string): Answer =>
  earlier.place === now.place && earlier.quantity === now.quantity && earlier.arrives === now.arrives
    ? yes()
    : no({ code: 'transfer-id-reused', transferId });

/** Also when the limit is in force already: it may change before the same is said again. */
export function setBackorderPolicy({ sku, location, limit }: Data<'SetBackorderPolicy'>): Answer {
  if (limit < 0) return no({ code: 'backorder-limit-negative' });
  const fault = limit === 0 ? undefined : quantityFault(limit);
  if (fault) return no({ code: fault });
  return yes({ type: 'BackorderPolicySet', data: { sku, location, limit: limit === 0 ? 0 : limit } });
}

function cannotAdd(quantity: number, there: number): StockRejection | undefined {
  const fault = quantityFault(quantity);
  if (fault) return { code: fault };
  return there + quantity > MAX_ON_HAND ? { code: 'on-hand-too-large', allowed: MAX_ON_HAND } : undefined;
}

/** For units that leave for good reason: only what is promised to nobody. */
export function cannotTake(requested: number, state: StockState, at: Instant): StockRejection | undefined {
  const fault = quantityFault(requested);
  if (fault) return { code: fault };
  const available = availableAt(state, at);
  return requested > available ? { code: 'insufficient-stock', available, requested } : undefined;
}

/** For units that turn out to be missing: promises may be left short as far as backorders are allowed. */
function cannotMiss(requested: number, state: StockState, at: Instant): StockRejection | undefined {
  const fault = quantityFault(requested);
  if (fault) return { code: fault };
  const { onHand, backorderLimit } = state;
  const available = Math.min(onHand, Math.max(0, onHand + backorderLimit - promisedAt(state, at)));
  return requested > available ? { code: 'insufficient-stock', available, requested } : undefined;
}

export const referring = (reference: string | undefined): { reference?: string } =>
  reference === undefined ? {} : { reference };
