import { ApiProperty } from '@nestjs/swagger';
import { ListBody } from '../bodies.js';
import { ListQuery } from '../queries.js';
import { Field, ListOf } from '../validation/field.js';
import { channel, customerId, instant, oneOf, text } from '../validation/field-types.js';
import { ChangesBody } from './order-changes.dto.js';
import { FulfilmentTermsBody, MAX_ORDER_LINES, OrderTermsBody, PlaceOrderLineBody } from './order.dto.js';

export class DraftOrderBody extends OrderTermsBody {
  @ListOf(PlaceOrderLineBody, {
    description: 'Lines count 1, 2, 3 … Products and prices are looked up when the draft is placed.',
    min: 0,
    max: MAX_ORDER_LINES,
  })
  lines!: PlaceOrderLineBody[];
  @Field(instant, {
    description: 'From then on it can be neither changed nor placed. Without it, a draft stays.',
    example: '2026-03-31T12:30:00Z',
    optional: true,
  })
  expiresAt?: string;
}

export class ChangeDraftBody extends ChangesBody {
  @Field(customerId, { description: 'Whose draft it is from now on.', optional: true })
  customerId?: string;
  @Field(text(64, 'United Kingdom'), { description: 'Country of the customer, for the figures.', optional: true })
  country?: string;
  @Field(channel, { description: 'Where it is sold.', optional: true })
  channel?: string;
  @Field(instant, { description: 'When it expires from now on.', example: '2026-03-31T12:30:00Z', optional: true })
  expiresAt?: string;
}

export class DiscardDraftBody {
  @Field(text(500, 'Bought elsewhere'), { description: 'Why.', optional: true })
  reason?: string;
}

export class PlaceDraftBody extends FulfilmentTermsBody {}

export class DraftsQuery extends ListQuery {
  @Field(oneOf('status', ['draft', 'discarded'], 'draft'), { description: 'Open or discarded ones.', optional: true })
  status?: 'draft' | 'discarded';
}

export class DraftLineBody {
  @ApiProperty({ type: 'integer', example: 1 })
  line!: number;
  @ApiProperty({ example: 'TEAPOT-RED' })
  sku!: string;
  @ApiProperty({ type: 'integer', example: 3 })
  quantity!: number;
  @ApiProperty({ required: false, enum: ['goods', 'charge', 'voucher'] })
  kind?: string;
  @ApiProperty({ required: false, description: 'Decimal in major units, where one was asked for.', example: '2.55' })
  unitPrice?: string;
  @ApiProperty({ required: false, example: 'Red teapot' })
  name?: string;
}

export class DraftAdjustmentBody {
  @ApiProperty({ enum: ['discount', 'shipping', 'tax'] })
  kind!: string;
  @ApiProperty({ example: 'SPRING' })
  code!: string;
  @ApiProperty({ required: false, example: 'Spring sale' })
  name?: string;
  @ApiProperty({ description: 'Minor units, decimal.', example: '-250' })
  minor!: string;
}

/** What was asked for. It stays as it was when the order is placed. */
export class DraftBody {
  @ApiProperty({ enum: ['draft'] })
  object!: 'draft';
  @ApiProperty({ example: 'ord_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' })
  id!: string;
  @ApiProperty({
    enum: ['draft', 'discarded', 'placed'],
    description: '`placed`: the order under the same id says more.',
  })
  status!: string;
  @ApiProperty({ required: false, example: 'cus_17850' })
  customerId?: string;
  @ApiProperty({ required: false, example: 'United Kingdom' })
  country?: string;
  @ApiProperty({ required: false, example: 'web' })
  channel?: string;
  @ApiProperty({ example: 'GBP' })
  currency!: string;
  @ApiProperty({ type: [DraftLineBody] })
  lines!: DraftLineBody[];
  @ApiProperty({ type: [DraftAdjustmentBody] })
  adjustments!: DraftAdjustmentBody[];
  @ApiProperty({ format: 'date-time', example: '2026-03-01T12:30:00.000Z' })
  draftedAt!: string;
  @ApiProperty({ required: false, format: 'date-time', example: '2026-03-31T12:30:00.000Z' })
  expiresAt?: string;
  @ApiProperty({ required: false, example: 'Bought elsewhere' })
  discardReason?: string;
  @ApiProperty({ description: 'Revision of its stream, decimal.', example: '0' })
  revision!: string;
}

export class DraftListBody extends ListBody {
  @ApiProperty({ type: [DraftBody] })
  data!: DraftBody[];
}
