import { ApiProperty } from '@nestjs/swagger';
import { ListBody, MoneyBody } from '../bodies.js';
import { AdjustmentBody, OrderLineBody } from './order-content.dto.js';
import { ORDER_STATUSES } from './order.dto.js';
import { OrderCreditNoteBody, OrderPaymentBody, RejectionBody } from './order-payment-answers.dto.js';

const PAYMENT_STATUSES = [
  ...['none', 'pending', 'requires-action', 'authorized', 'partially-paid', 'paid'],
  ...['partially-refunded', 'refunded', 'disputed', 'failed'],
];

export class LineUnitsBody {
  @ApiProperty({ type: 'integer', example: 1 })
  line!: number;
  @ApiProperty({ type: 'integer', example: 2 })
  quantity!: number;
}

export class CancellationBody {
  @ApiProperty({ type: [LineUnitsBody] })
  lines!: LineUnitsBody[];
  @ApiProperty({ type: MoneyBody, description: 'What is to be given back for it, if it was paid.' })
  amount!: MoneyBody;
  @ApiProperty({ example: 'Sold out' })
  reason!: string;
  @ApiProperty({ description: 'Who asked for it.', example: 'local' })
  principal!: string;
  @ApiProperty({ format: 'date-time', example: '2026-03-01T12:30:00.000Z' })
  occurredAt!: string;
}

export class ReceivedBody extends LineUnitsBody {
  @ApiProperty({ enum: ['sellable', 'damaged'] })
  condition!: string;
  @ApiProperty({ type: MoneyBody })
  amount!: MoneyBody;
}

export class OrderReturnBody {
  @ApiProperty({ example: 'ret_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' })
  returnId!: string;
  @ApiProperty({ enum: ['requested', 'received'] })
  status!: string;
  @ApiProperty({ example: 'Too big' })
  reason!: string;
  @ApiProperty({ type: [LineUnitsBody], description: 'What was asked for.' })
  lines!: LineUnitsBody[];
  @ApiProperty({ format: 'date-time', example: '2026-03-01T12:30:00.000Z' })
  requestedAt!: string;
  @ApiProperty({ type: [ReceivedBody], required: false, description: 'What came.' })
  received?: ReceivedBody[];
  @ApiProperty({ type: MoneyBody, required: false, description: 'What is to be refunded for what came.' })
  amount?: MoneyBody;
  @ApiProperty({ required: false, format: 'date-time', example: '2026-03-03T12:30:00.000Z' })
  receivedAt?: string;
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
  @ApiProperty({ required: false, description: 'Why, where a reason was given.', example: 'Sold out' })
  reason?: string;
}

/** An order without its lines. */
export class OrderSummaryBody {
  @ApiProperty({ enum: ['order'] })
  object!: 'order';
  @ApiProperty({ example: 'ord_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' })
  id!: string;
  @ApiProperty({ enum: ORDER_STATUSES })
  status!: string;
  @ApiProperty({ enum: ['unfulfilled', 'partially-shipped', 'shipped', 'delivered', 'cancelled'] })
  fulfilment!: string;
  @ApiProperty({ enum: PAYMENT_STATUSES })
  payment!: string;
  @ApiProperty({ enum: ['none', 'requested', 'partially-returned', 'returned'] })
  returned!: string;
  @ApiProperty({ required: false, example: 'cus_17850' })
  customerId?: string;
  @ApiProperty({ required: false, example: 'United Kingdom' })
  country?: string;
  @ApiProperty({ required: false, example: 'web' })
  channel?: string;
  @ApiProperty({ type: MoneyBody, description: 'Sum of the lines and the adjustments.' })
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
  @ApiProperty({ type: RejectionBody, required: false, description: 'Why it could not be fulfilled.' })
  rejection?: RejectionBody;
  @ApiProperty({ type: [OrderLineBody] })
  lines!: OrderLineBody[];
  @ApiProperty({ type: [AdjustmentBody], description: 'Discounts, shipping and tax; discounts first.' })
  adjustments!: AdjustmentBody[];
  @ApiProperty({ type: MoneyBody, description: 'What was cancelled of the total.' })
  cancelled!: MoneyBody;
  @ApiProperty({ type: MoneyBody })
  paid!: MoneyBody;
  @ApiProperty({ type: MoneyBody })
  refunded!: MoneyBody;
  @ApiProperty({ type: MoneyBody })
  credited!: MoneyBody;
  @ApiProperty({ type: [CancellationBody] })
  cancellations!: CancellationBody[];
  @ApiProperty({ type: [OrderReturnBody] })
  returns!: OrderReturnBody[];
  @ApiProperty({ type: [OrderPaymentBody] })
  payments!: OrderPaymentBody[];
  @ApiProperty({ type: [OrderCreditNoteBody] })
  creditNotes!: OrderCreditNoteBody[];
  @ApiProperty({ type: [TimelineEntryBody], description: 'All that happened to it, oldest first.' })
  timeline!: TimelineEntryBody[];
}

export class OrderListBody extends ListBody {
  @ApiProperty({ type: [OrderSummaryBody] })
  data!: OrderSummaryBody[];
}
