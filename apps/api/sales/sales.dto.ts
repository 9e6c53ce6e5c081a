import { ApiProperty } from '@nestjs/swagger';
import { isDay } from '../../../src/domain/instant.js';
import { ListBody, MoneyBody } from '../bodies.js';
import { ListQuery } from '../queries.js';
import { Field } from '../validation/field.js';
import { currency, oneOf } from '../validation/field-types.js';
import type { FieldType } from '../validation/field.js';

/** What figures can be grouped by. A dimension and its `no-…` (documents that name none) add up to the total. */
export const DIMENSIONS = [
  'total',
  'day',
  'month',
  'country',
  'no-country',
  'channel',
  'no-channel',
  'customer',
  'no-customer',
  'product',
  'no-product',
  'kind',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

const period: FieldType = {
  name: 'period',
  check: (value) => isDay(value) || (typeof value === 'string' && /^[0-9]{4}-(?:0[1-9]|1[0-2])$/.test(value)),
  message: 'must be a day or a month, for example "2026-03-01" or "2026-03"',
  schema: { type: 'string', pattern: '^[0-9]{4}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?$' },
  example: '2026-03',
};

export class SalesPath {
  @Field(oneOf('dimension', DIMENSIONS), { description: 'What the figures are grouped by.', example: 'month' })
  dimension!: Dimension;
}

export class SalesQuery extends ListQuery {
  @Field(currency, {
    description: 'Only figures in this currency. Without it, all, by currency and key.',
    optional: true,
  })
  currency?: string;
  @Field(oneOf('order', ['key', 'net', 'units'], 'key'), {
    description: 'Sort by key, by net revenue or by net units. `net` and `units` need a `currency`.',
    optional: true,
  })
  order?: 'key' | 'net' | 'units';
  @Field(oneOf('direction', ['ascending', 'descending']), {
    description: 'Without it, `net` and `units` begin with the most, keys with the first.',
    optional: true,
  })
  direction?: 'ascending' | 'descending';
  @Field(period, { description: 'Of `day` and `month`, with a `currency`: from this one on.', optional: true })
  from?: string;
  @Field(period, { description: 'Of `day` and `month`, with a `currency`: before this one.', optional: true })
  to?: string;
}

/** Exact sums before lines were rounded to minor units, decimals in major units. */
export class ExactSalesBody {
  @ApiProperty({ example: '823746.14' })
  gross!: string;
  @ApiProperty({ example: '0' })
  cancelled!: string;
  @ApiProperty({ example: '74789.12' })
  returns!: string;
  @ApiProperty({ example: '0' })
  adjustments!: string;
  @ApiProperty({ example: '748957.02' })
  net!: string;
}

export class UnitsBody {
  @ApiProperty({ description: 'Whole units, decimal.', example: '342228' })
  sold!: string;
  @ApiProperty({ example: '0' })
  cancelled!: string;
  @ApiProperty({ example: '9021' })
  returned!: string;
  @ApiProperty({ description: 'Sold less cancelled and returned.', example: '333207' })
  net!: string;
  @ApiProperty({ description: 'Of those sold, at price 0.', example: '1200' })
  free!: string;
}

export class SalesCountsBody {
  @ApiProperty({ type: 'integer', description: 'Orders placed.', example: 1699 })
  orders!: number;
  @ApiProperty({ type: 'integer', description: 'Of them, cancelled.', example: 0 })
  cancelledOrders!: number;
  @ApiProperty({ type: 'integer', example: 326 })
  creditNotes!: number;
  @ApiProperty({ type: 'integer', example: 0 })
  journals!: number;
  @ApiProperty({ type: 'integer', example: 41702 })
  orderLines!: number;
  @ApiProperty({ type: 'integer', description: 'Of them, at price 0.', example: 20 })
  freeLines!: number;
  @ApiProperty({ type: 'integer', example: 0 })
  cancelledLines!: number;
  @ApiProperty({ type: 'integer', example: 741 })
  creditLines!: number;
}

/** Figures of one value of a dimension, in one currency. */
export class SalesBody {
  @ApiProperty({ enum: ['sales'] })
  object!: 'sales';
  @ApiProperty({ enum: [...DIMENSIONS], example: 'month' })
  dimension!: string;
  @ApiProperty({ description: 'The day, month, country, SKU …; empty for `total` and the `no-…`.', example: '2010-12' })
  key!: string;
  @ApiProperty({ required: false, description: 'Of a product: the newest name.', example: 'Red teapot' })
  name?: string;
  @ApiProperty({ example: 'GBP' })
  currency!: string;
  @ApiProperty({ type: MoneyBody, description: 'Σ order lines.' })
  gross!: MoneyBody;
  @ApiProperty({ type: MoneyBody, description: 'Σ lines of cancelled orders, on the day of the cancellation.' })
  cancelled!: MoneyBody;
  @ApiProperty({ type: MoneyBody, description: 'Σ credit-note lines.' })
  returns!: MoneyBody;
  @ApiProperty({ type: MoneyBody, description: 'Σ journal postings on revenue accounts: credit positive.' })
  adjustments!: MoneyBody;
  @ApiProperty({ type: MoneyBody, description: 'gross − cancelled − returns + adjustments.' })
  net!: MoneyBody;
  @ApiProperty({ type: ExactSalesBody, description: 'The same sums without the rounding of lines, in major units.' })
  exact!: ExactSalesBody;
  @ApiProperty({ type: UnitsBody })
  units!: UnitsBody;
  @ApiProperty({ type: SalesCountsBody })
  counts!: SalesCountsBody;
}

export class SalesListBody extends ListBody {
  @ApiProperty({ type: [SalesBody] })
  data!: SalesBody[];
}
