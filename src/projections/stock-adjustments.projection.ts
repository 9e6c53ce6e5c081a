import type { CalendarDay, Recorded } from '../domain/fact.js';
import type { StockEvent } from '../domain/stock/stock.events.js';
import { plus } from './exact.js';
import type { Projection } from './projection.js';
import {
  adjustmentDayId,
  adjustmentDocumentId,
  stockAdjustmentsView,
  type StockAdjustmentsDocument,
} from './stock-adjustments.view.js';

type Corrected = Extract<StockEvent, { type: 'StockAdjusted' | 'StockCounted' }>;
/** One adjustment by `delta` units, to its day or to the document it refers to. */
type AdjustmentChange = Readonly<{ id: string; day: CalendarDay; reference?: string; delta: number }>;

/**
 * Write-offs and finds per day and per document, those of counts included; a count that agrees changes nothing. Sums only,
 * so the order of movements does not matter.
 */
export const stockAdjustments: Projection<StockAdjustmentsDocument, AdjustmentChange, Corrected> = {
  ...stockAdjustmentsView,
  types: ['StockAdjusted', 'StockCounted'],
  changes: ({ data, metadata }: Recorded<Corrected>) => {
    const { delta } = data;
    if (delta === 0) return [];
    const day = metadata.occurredAt.slice(0, 10);
    const reference = data.reference?.toWellFormed(); // a lone surrogate could not be stored as it is
    const ofDay = { id: adjustmentDayId(day), day, delta };
    return reference === undefined
      ? [ofDay]
      : [ofDay, { id: adjustmentDocumentId(day, reference), day, reference, delta }];
  },
  apply: (document, change) => {
    const { adjustments, adjustmentsUp, adjustmentsDown, unitsUp, unitsDown } = document ?? none(change);
    const up = change.delta > 0;
    return {
      ...none(change),
      adjustments: adjustments + 1,
      adjustmentsUp: adjustmentsUp + (up ? 1 : 0),
      adjustmentsDown: adjustmentsDown + (up ? 0 : 1),
      unitsUp: up ? plus(unitsUp, change.delta) : unitsUp,
      unitsDown: up ? unitsDown : plus(unitsDown, -change.delta),
    };
  },
};

const none = ({ id, day, reference }: AdjustmentChange): StockAdjustmentsDocument => ({
  _id: id,
  day,
  ...(reference === undefined ? { scope: 'day' } : { scope: 'document', reference }),
  adjustments: 0,
  adjustmentsUp: 0,
  adjustmentsDown: 0,
  unitsUp: '0',
  unitsDown: '0',
});
