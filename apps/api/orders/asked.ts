import type { Changes, FulfilmentTerms } from '../../../src/domain/order/order.commands.js';
import type { RequestedAdjustment } from '../../../src/domain/order/order.events.js';
import type { AskedLine } from '../../../src/application/order/catalog-prices.js';
import { RequestRefused, type ProblemCode } from '../problems.js';
import type { ChangesBody } from './order-changes.dto.js';
import type { AdjustmentRequestBody, FulfilmentTermsBody } from './order.dto.js';

/** What every command to an order answers when there is none that stands. */
export const NOT_LIVE = [
  'order-unknown',
  'order-not-placed',
  'draft-discarded',
  'order-cancelled',
  'order-rejected',
] as const satisfies readonly ProblemCode[];

const asked = ({ minor, ...adjustment }: AdjustmentRequestBody): RequestedAdjustment => ({
  ...adjustment,
  minor: BigInt(minor),
});

/** What a body says of the fulfilment. @throws RequestRefused for a method without a place to fulfil from */
export function askedTerms({ fulfilFrom, paymentMethod }: FulfilmentTermsBody): FulfilmentTerms {
  if (paymentMethod !== undefined && fulfilFrom === undefined) {
    const errors = [
      { pointer: '/paymentMethod', detail: 'needs fulfilFrom: only then does the ledger pay for the order' },
    ];
    throw new RequestRefused({ code: 'request-invalid', errors });
  }
  return {
    ...(fulfilFrom === undefined ? {} : { fulfilFrom }),
    ...(paymentMethod === undefined ? {} : { paymentMethod }),
  };
}

/** The adjustments of a body, their amounts as numbers; none where it has none. */
export const askedAdjustments = ({ adjustments }: Readonly<{ adjustments?: AdjustmentRequestBody[] }>) =>
  adjustments === undefined ? {} : { adjustments: adjustments.map(asked) };

export function askedChanges({
  setQuantities,
  removeLines,
  addLines,
  setAdjustments,
}: ChangesBody): Changes<AskedLine> {
  return {
    ...(setQuantities === undefined ? {} : { setQuantities }),
    ...(removeLines === undefined ? {} : { removeLines }),
    ...(addLines === undefined ? {} : { addLines }),
    ...(setAdjustments === undefined ? {} : { setAdjustments: setAdjustments.map(asked) }),
  };
}
