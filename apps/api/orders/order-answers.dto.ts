import { ApiProperty } from '@nestjs/swagger';
import { ListBody, MoneyBody } from '../bodies.js';
import { ORDER_STATUSES } from './order.dto.js';

const PAYMENT_STATUSES = [
  ...['none', 'pending', 'requires-action', 'authorized', 'partially-paid', 'paid'],
  ...['partially-refunded', 'refunded', 'disputed', 'failed'],
];

export class OrderLineBody {
  @ApiProperty({ type: 'integer', example: 1 })
  line!: number;
  @ApiProperty({ enum: ['goods', 'charge', 'voucher'] })
  kind!: string;
  @ApiProperty({ example: 'TEAPOT-RED' })
  sku!: string;
  @ApiProperty({ type: 'integer', example: 3 })
  quantity!: number;
  @ApiProperty({ type: 'integer', example: 0 })
  cancelled!: number;
  @ApiProperty({ type: 'integer', example: 3 })
  shipped!: number;
  @ApiProperty({ type: 'integer', example: 3 })
  delivered!: number;
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

export class AllocationBody {
  @ApiProperty({ type: 'integer', example: 1 })
  line!: number;
  @ApiProperty({ type: MoneyBody })
  amount!: MoneyBody;
}

export class AdjustmentBody {
  @ApiProperty({ enum: ['discount', 'shipping', 'tax'] })
  kind!: string;
  @ApiProperty({ example: 'SPRING' })
  code!: string;
  @ApiProperty({ required: false, example: 'Spring sale' })
  name?: string;
  @ApiProperty({ type: MoneyBody, description: 'Below zero for a discount.' })
  amount!: MoneyBody;
  @ApiProperty({ type: [AllocationBody], description: 'The share that each line bears. They add up to the amount.' })
  allocations!: AllocationBody[];
}

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

export class RejectionBody {
  @ApiProperty({ example: 'card_declined' })
  code!: string;
  @ApiProperty({ example: 'The card was declined' })
  reason!: string;
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

export class OrderPaymentBody {
  @ApiProperty({ example: 'pay_1' })
  paymentId!: string;
  @ApiProperty({ example: 'card' })
  method!: string;
  @ApiProperty({ required: false, enum: ['sandbox', 'stripe'], description: 'Who carries it out.' })
  provider?: string;
  @ApiProperty({
    enum: ['settled', 'initiated', 'pending', 'requires-action', 'authorized', 'voided', 'expired', 'failed'],
    description: 'Of its authorization; `settled` where it was settled elsewhere.',
  })
  status!: string;
  @ApiProperty({ type: RejectionBody, required: false, description: 'Why it failed.' })
  failure?: RejectionBody;
  @ApiProperty({ type: MoneyBody })
  amount!: MoneyBody;
  @ApiProperty({ type: MoneyBody, description: 'What came in.' })
  paid!: MoneyBody;
  @ApiProperty({ type: MoneyBody, description: 'What went back, lost disputes included.' })
  refunded!: MoneyBody;
  @ApiProperty({ format: 'date-time', example: '2026-03-01T12:30:00.000Z' })
  occurredAt!: string;
  @ApiProperty({ type: [RefundBody] })
  refunds!: RefundBody[];
  @ApiProperty({ type: [String], description: 'Ids of open disputes.', example: [] })
  disputes!: string[];
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

export class PreviewLineBody {
  @ApiProperty({ type: 'integer', example: 1 })
  line!: number;
  @ApiProperty({ enum: ['goods', 'charge', 'voucher'] })
  kind!: string;
  @ApiProperty({ example: 'TEAPOT-RED' })
  sku!: string;
  @ApiProperty({ type: 'integer', example: 3 })
  quantity!: number;
  @ApiProperty({ description: 'Decimal in major units.', example: '2.55' })
  unitPrice!: string;
  @ApiProperty({ type: MoneyBody })
  amount!: MoneyBody;
}

/** What an order would be after an edit. Nothing has been written. */
export class EditPreviewBody {
  @ApiProperty({ enum: ['order-edit-preview'] })
  object!: 'order-edit-preview';
  @ApiProperty({ example: 'ord_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' })
  id!: string;
  @ApiProperty({ type: [PreviewLineBody] })
  lines!: PreviewLineBody[];
  @ApiProperty({ type: [AdjustmentBody] })
  adjustments!: AdjustmentBody[];
  @ApiProperty({ type: MoneyBody })
  total!: MoneyBody;
  @ApiProperty({ type: MoneyBody, description: 'The total as it stands now.' })
  totalBefore!: MoneyBody;
  @ApiProperty({ type: MoneyBody, description: 'To be paid in addition; below zero, to be given back.' })
  difference!: MoneyBody;
  @ApiProperty({ description: 'Revision that the preview was made on, decimal: the `ETag`.', example: '0' })
  revision!: string;
}
