import { expect, test } from '@jest/globals';
import { stockAdjustments } from '../../src/projections/stock-adjustments.projection.js';
import {
  adjustmentDayId,
  adjustmentDocumentId,
  stockAdjustmentsView,
} from '../../src/projections/stock-adjustments.view.js';
import { given } from './project.js';
import { adjusted, countedStock } from './recorded.js';

const LATE = '2011-08-01T23:59:59.999Z';
const EARLY = '2011-08-02T00:00:00.000Z';

test('adjustments add up per UTC day and per document, whatever SKU they are of', () => {
  const documents = given(
    stockAdjustments,
    { event: adjusted(9, '536589'), at: LATE, recordedAt: EARLY },
    { event: adjusted(-4, '536589', '84406B'), at: LATE },
    { event: adjusted(-1, '536600'), at: LATE },
    { event: adjusted(-3), at: LATE },
    { event: adjusted(2, '536589'), at: EARLY },
  );
  const figures = { adjustments: 4, adjustmentsUp: 1, adjustmentsDown: 3, unitsUp: '9', unitsDown: '8' };
  expect([...documents.keys()].sort()).toEqual([
    'day|2011-08-01',
    'day|2011-08-02',
    'document|2011-08-01|536589',
    'document|2011-08-01|536600',
    'document|2011-08-02|536589',
  ]);
  expect(documents.get(adjustmentDayId('2011-08-01'))).toEqual({
    _id: 'day|2011-08-01',
    scope: 'day',
    day: '2011-08-01',
    ...figures,
  });
  expect(documents.get(adjustmentDocumentId('2011-08-01', '536589'))).toEqual({
    _id: 'document|2011-08-01|536589',
    scope: 'document',
    day: '2011-08-01',
    reference: '536589',
    adjustments: 2,
    adjustmentsUp: 1,
    adjustmentsDown: 1,
    unitsUp: '9',
    unitsDown: '4',
  });
});

test('documents are listed apart from days, by day and reference', () => {
  const keys = [...given(stockAdjustments, { event: adjusted(1, 'a|b'), at: LATE }).values()].map((document) =>
    stockAdjustmentsView.indexes['day']!.of(document),
  );
  expect(keys).toEqual([
    ['day', '2011-08-01', ''],
    ['document', '2011-08-01', 'a|b'],
  ]);
});

test('references that are stored alike are one document', () => {
  const documents = given(stockAdjustments, adjusted(1, 'a\ud800'), adjusted(1, 'a\ufffd'));
  expect(documents.get(adjustmentDocumentId('2011-08-12', 'a\ufffd'))).toMatchObject({ adjustments: 2 });
});

test('what a count found or missed adds up with them; a count that agrees changes nothing', () => {
  const documents = given(
    stockAdjustments,
    { event: adjusted(-1, 'count-7'), at: EARLY },
    { event: countedStock(5, -2, 'count-7'), at: EARLY },
    { event: countedStock(8, 3), at: EARLY },
    { event: countedStock(8, 0, 'count-8'), at: EARLY },
  );
  expect([...documents.keys()].sort()).toEqual(['day|2011-08-02', 'document|2011-08-02|count-7']);
  const figures = { adjustments: 3, adjustmentsUp: 1, adjustmentsDown: 2, unitsUp: '3', unitsDown: '3' };
  expect(documents.get(adjustmentDayId('2011-08-02'))).toMatchObject(figures);
});
