import { ApiProperty } from '@nestjs/swagger';
import { MoneyBody } from '../bodies.js';
import { LineQuantityBody, MAX_ORDER_LINES } from '../orders/order.dto.js';
import { DocumentLineBody } from '../orders/priced-line.dto.js';
import { ReadQuery } from '../queries.js';
import { Field, ListOf } from '../validation/field.js';
import {
  currency,
  customerId,
  day,
  documentId,
  oneOf,
  orderId,
  price,
  quantity,
  sku,
  text,
} from '../validation/field-types.js';

const KINDS = ['goods', 'charge', 'discount', 'fee', 'voucher'] as const;

export class CreditNotePath {
  @Field(documentId, { description: 'The `id` that the issue command answered with.' })
  creditNoteId!: string;
}

export class OriginBody extends LineQuantityBody {
  @Field(orderId, { description: 'The order that the units were sold with.' })
  orderId!: string;
}

export class CreditLineRequestBody {
  @Field(oneOf('kind', KINDS), {
    description:
      '`goods` came back, a `charge` is given back, a `discount` is granted, a `fee` is a cost booked as a credit, a ' +
      '`voucher` is given back as sold.',
  })
  kind!: (typeof KINDS)[number];
  @Field(sku, { description: 'A product; of the other kinds, any code.' })
  sku!: string;
  @Field(quantity, { description: 'Whole units.' })
  quantity!: number;
  @Field(price, { description: 'What is given back per unit, in major units.' })
  unitPrice!: string;
  @Field(text(200, 'Red teapot'), { description: 'What the document calls it.', optional: true })
  name?: string;
  @ListOf(OriginBody, {
    description:
      'The order lines that this one gives back, as far as known: at most as many units as this line has, and no more of ' +
      'an order line than were ordered. Goods name an order line of the same SKU.',
    optional: true,
    min: 0,
    max: MAX_ORDER_LINES,
  })
  origins?: OriginBody[];
}

export class IssueCreditNoteBody {
  @Field(documentId, {
    description: 'The number on the document. Without it, the id follows from the key.',
    optional: true,
  })
  creditNoteId?: string;
  @Field(currency, { description: 'ISO 4217. All of the credit note is in this currency.' })
  currency!: string;
  @ListOf(CreditLineRequestBody, {
    description: 'Lines count 1, 2, 3 … Each is rounded half-even to a minor unit, once.',
    min: 1,
    max: MAX_ORDER_LINES,
  })
  lines!: CreditLineRequestBody[];
  @Field(text(500, 'Broken on arrival'), { description: 'Why.' })
  reason!: string;
  @Field(customerId, { description: 'A pseudonym: the log keeps it for ever.', optional: true })
  customerId?: string;
  @Field(text(64, 'United Kingdom'), { description: 'Country of the customer, for the figures.', optional: true })
  country?: string;
  @Field(day, {
    description: 'The day on the document, where it differs from the UTC day on which it was issued.',
    optional: true,
  })
  documentDay?: string;
}

export class CreditNoteQuery extends ReadQuery {}

export class CreditOriginBody {
  @ApiProperty({ example: 'ord_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' })
  orderId!: string;
  @ApiProperty({ type: 'integer', example: 1 })
  line!: number;
  @ApiProperty({ type: 'integer', example: 2 })
  quantity!: number;
}

export class CreditLineBody extends DocumentLineBody {
  @ApiProperty({ enum: [...KINDS] })
  kind!: string;
  @ApiProperty({ type: [CreditOriginBody], description: 'The order lines that it gives back, as far as known.' })
  origins!: CreditOriginBody[];
}

export class CreditNoteBody {
  @ApiProperty({ enum: ['credit-note'] })
  object!: 'credit-note';
  @ApiProperty({ example: 'CN-1001' })
  creditNoteId!: string;
  @ApiProperty({ required: false, example: 'cus_17850' })
  customerId?: string;
  @ApiProperty({ required: false, example: 'United Kingdom' })
  country?: string;
  @ApiProperty({ type: [CreditLineBody] })
  lines!: CreditLineBody[];
  @ApiProperty({ type: MoneyBody })
  total!: MoneyBody;
  @ApiProperty({ example: 'Broken on arrival' })
  reason!: string;
  @ApiProperty({ required: false, format: 'date', example: '2026-03-01' })
  documentDay?: string;
  @ApiProperty({ description: 'Who issued it.', example: 'local' })
  principal!: string;
  @ApiProperty({ format: 'date-time', example: '2026-03-01T12:30:00.000Z' })
  issuedAt!: string;
  @ApiProperty({ description: 'Revision of its stream, decimal.', example: '0' })
  revision!: string;
}
