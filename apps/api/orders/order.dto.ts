import { ApiProperty } from '@nestjs/swagger';
import { ListBody, MoneyBody } from '../bodies.js';
import { ListQuery, ReadQuery } from '../queries.js';
import { Field, ListOf } from '../validation/field.js';
import {
  channel,
  currency,
  customerId,
  day,
  documentId,
  instant,
  lineNumber,
  oneOf,
  orderId,
  price,
  quantity,
  sku,
  text,
} from '../validation/field-types.js';

/** Larger orders are divided: an event has to hold them whole. */
const MAX_ORDER_LINES = 1_000;

export class OrderPath {
  @Field(orderId, { description: 'The `id` that the place command answered with.' })
  orderId!: string;
}

export class PlaceOrderLineBody {
  @Field(sku, { description: 'A listed product; of a charge or a voucher, any code.' })
  sku!: string;
  @Field(quantity, { description: 'Whole units.' })
  quantity!: number;
  @Field(oneOf('kind', ['goods', 'charge', 'voucher'], 'goods'), {
    description: '`goods` leave the stock, a `charge` is postage or a service, a `voucher` is a liability.',
    optional: true,
  })
  kind?: 'goods' | 'charge' | 'voucher';
  @Field(price, {
    description: 'Price per unit in major units. Without it, the list price of the product.',
    optional: true,
  })
  unitPrice?: string;
  @Field(text(200, 'Red teapot'), { description: 'What the document of the order calls it.', optional: true })
  name?: string;
}

export class PlaceOrderBody {
  @Field(currency, { description: 'ISO 4217. All of the order is in this currency.' })
  currency!: string;
  @ListOf(PlaceOrderLineBody, {
    description: 'Lines count 1, 2, 3 … Several may name one SKU. Each is rounded half-even to a minor unit, once.',
    min: 1,
    max: MAX_ORDER_LINES,
  })
  lines!: PlaceOrderLineBody[];
  @Field(customerId, {
    description: 'A pseudonym, never a name or an address: the log keeps it for ever.',
    optional: true,
  })
  customerId?: string;
  @Field(text(64, 'United Kingdom'), { description: 'Country of the customer, for the figures.', optional: true })
  country?: string;
  @Field(channel, { description: 'Where it was sold.', optional: true })
  channel?: string;
  @Field(day, {
    description: 'The day on the document, where it differs from the UTC day on which it was placed.',
    optional: true,
  })
  documentDay?: string;
}

export class ConfirmOrderBody {}

export class CancelOrderBody {
  @Field(text(500, 'Customer changed their mind'), { description: 'Why.' })
  reason!: string;
}

export class LineQuantityBody {
  @Field(lineNumber, { description: 'Number of the line: 1, 2, 3 …' })
  line!: number;
  @Field(quantity, { description: 'Whole units.' })
  quantity!: number;
}

export class ShipOrderBody {
  @ListOf(LineQuantityBody, {
    description: 'What is shipped now. Without it, all that is left.',
    optional: true,
    min: 1,
    max: MAX_ORDER_LINES,
  })
  lines?: LineQuantityBody[];
}

export class ReturnOrderBody {
  @ListOf(LineQuantityBody, { description: 'What came back.', min: 1, max: MAX_ORDER_LINES })
  lines!: LineQuantityBody[];
  @Field(documentId, { description: 'The credit note for it, if there is one.', optional: true })
  creditNoteId?: string;
}

export class OrdersQuery extends ListQuery {
  @Field(oneOf('status', ['placed', 'confirmed', 'cancelled']), {
    description: 'Only orders in this status.',
    optional: true,
  })
  status?: 'placed' | 'confirmed' | 'cancelled';
  @Field(customerId, { description: 'Only orders of this customer. Not together with `status`.', optional: true })
  customerId?: string;
  @Field(instant, { description: 'Placed at this time or later.', optional: true })
  from?: string;
  @Field(instant, { description: 'Placed before this time.', optional: true })
  to?: string;
  @Field(oneOf('order', ['newest', 'oldest'], 'newest'), { description: 'Which come first.', optional: true })
  order?: 'newest' | 'oldest';
}

export class OrderQuery extends ReadQuery {}

export class OrderLineBody {
  @ApiProperty({ type: 'integer', example: 1 })
  line!: number;
  @ApiProperty({ enum: ['goods', 'charge', 'voucher'] })
  kind!: string;
  @ApiProperty({ example: 'TEAPOT-RED' })
  sku!: string;
  @ApiProperty({ type: 'integer', example: 3 })
  quantity!: number;
  @ApiProperty({ type: 'integer', example: 3 })
  shipped!: number;
  @ApiProperty({ type: 'integer', example: 0 })
  returned!: number;
  @ApiProperty({ description: 'Decimal in major units.', example: '2.55' })
  unitPrice!: string;
  @ApiProperty({ type: MoneyBody, description: 'quantity × unit price, rounded half-even once.' })
  amount!: MoneyBody;
  @ApiProperty({ required: false, example: 'Red teapot' })
  name?: string;
  @ApiProperty({ required: false, description: 'The code as its document wrote it, where that differs from the SKU.' })
  writtenAs?: string;
}

export class RefundBody {
  @ApiProperty({ example: 'rf_1' })
  refundId!: string;
  @ApiProperty({ type: MoneyBody })
  amount!: MoneyBody;
  @ApiProperty({ example: 'Broken on arrival' })
  reason!: string;
  @ApiProperty({ format: 'date-time', example: '2026-03-01T12:30:00.000Z' })
  occurredAt!: string;
}

export class PaymentBody {
  @ApiProperty({ example: 'pay_1' })
  paymentId!: string;
  @ApiProperty({ example: 'card' })
  method!: string;
  @ApiProperty({ type: MoneyBody })
  amount!: MoneyBody;
  @ApiProperty({ format: 'date-time', example: '2026-03-01T12:30:00.000Z' })
  occurredAt!: string;
  @ApiProperty({ type: [RefundBody] })
  refunds!: RefundBody[];
}

export class OrderCreditNoteBody {
  @ApiProperty({ example: 'CN-1001' })
  creditNoteId!: string;
  @ApiProperty({ type: MoneyBody, description: 'The part of it that falls on this order.' })
  amount!: MoneyBody;
  @ApiProperty({ format: 'date-time', example: '2026-03-01T12:30:00.000Z' })
  occurredAt!: string;
}

export class TimelineEntryBody {
  @ApiProperty({ description: 'The event.', example: 'OrderPlaced' })
  type!: string;
  @ApiProperty({ example: 'order-ord_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' })
  stream!: string;
  @ApiProperty({ example: '0' })
  revision!: string;
  @ApiProperty({ format: 'date-time', description: 'When it happened.', example: '2026-03-01T12:30:00.000Z' })
  occurredAt!: string;
  @ApiProperty({ format: 'date-time', description: 'When the log recorded it.', example: '2026-03-01T12:30:00.000Z' })
  recordedAt!: string;
  @ApiProperty({ description: 'Who asked for it.', example: 'local' })
  principal!: string;
}

/** An order without its lines. */
export class OrderSummaryBody {
  @ApiProperty({ enum: ['order'] })
  object!: 'order';
  @ApiProperty({ example: 'ord_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' })
  id!: string;
  @ApiProperty({ enum: ['placed', 'confirmed', 'cancelled'] })
  status!: string;
  @ApiProperty({ enum: ['unfulfilled', 'partially-shipped', 'shipped'] })
  fulfilment!: string;
  @ApiProperty({ enum: ['unpaid', 'partially-paid', 'paid', 'partially-refunded', 'refunded'] })
  payment!: string;
  @ApiProperty({ enum: ['none', 'partially-returned', 'returned'] })
  returned!: string;
  @ApiProperty({ required: false, example: 'cus_17850' })
  customerId?: string;
  @ApiProperty({ required: false, example: 'United Kingdom' })
  country?: string;
  @ApiProperty({ required: false, example: 'web' })
  channel?: string;
  @ApiProperty({ type: MoneyBody, description: 'Sum of the lines.' })
  total!: MoneyBody;
  @ApiProperty({ type: 'integer', description: 'How many lines it has.', example: 3 })
  lineCount!: number;
  @ApiProperty({ format: 'date-time', example: '2026-03-01T12:30:00.000Z' })
  placedAt!: string;
  @ApiProperty({ format: 'date', description: 'The day on its document.', example: '2026-03-01' })
  documentDay!: string;
  @ApiProperty({ description: 'Revision of its stream, decimal.', example: '0' })
  revision!: string;
}

export class OrderBody extends OrderSummaryBody {
  @ApiProperty({ required: false, example: 'Customer changed their mind' })
  cancelReason?: string;
  @ApiProperty({ type: [OrderLineBody] })
  lines!: OrderLineBody[];
  @ApiProperty({ type: MoneyBody })
  paid!: MoneyBody;
  @ApiProperty({ type: MoneyBody })
  refunded!: MoneyBody;
  @ApiProperty({ type: MoneyBody })
  credited!: MoneyBody;
  @ApiProperty({ type: [PaymentBody] })
  payments!: PaymentBody[];
  @ApiProperty({ type: [OrderCreditNoteBody] })
  creditNotes!: OrderCreditNoteBody[];
  @ApiProperty({ type: [TimelineEntryBody], description: 'All that happened to it, oldest first.' })
  timeline!: TimelineEntryBody[];
}

export class OrderListBody extends ListBody {
  @ApiProperty({ type: [OrderSummaryBody] })
  data!: OrderSummaryBody[];
}
