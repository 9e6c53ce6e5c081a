import type { CalendarDay } from '../domain/fact.js';
import type { Document, ViewDefinition } from './projection.js';

/**
 * Adjustments of stock (write-offs, finds, counts) of one UTC day of `occurredAt`: of all that day (`day`), or of one
 * document that they refer to (`document`, one per day and reference; adjustments without a reference have none).
 * So the documents with adjustments in a month are counted by walking `document` from the month's first day to the next's.
 * Units: whole units, decimal; `unitsDown` counts what was written off, as a positive number.
 */
export type StockAdjustmentsDocument = Document &
  Readonly<{
    scope: 'day' | 'document';
    day: CalendarDay;
    /** Of a `document`: the reference as it was given. */
    reference?: string;
    /** Adjustments counted here; those up and those down. */
    adjustments: number;
    adjustmentsUp: number;
    adjustmentsDown: number;
    unitsUp: string;
    unitsDown: string;
  }>;

/** A day holds no `|`, so the reference is all that follows the second one. */
export const adjustmentDayId = (day: CalendarDay): string => `day|${day}`;
export const adjustmentDocumentId = (day: CalendarDay, reference: string): string => `document|${day}|${reference}`;

export const stockAdjustmentsView: ViewDefinition<StockAdjustmentsDocument> = {
  name: 'stock-adjustments',
  version: 2,
  indexes: {
    /** [scope, day, reference (empty for a day)] */
    day: {
      parts: ['text', 'text', 'text'],
      of: (document) => [document.scope, document.day, document.reference ?? ''],
    },
  },
};
