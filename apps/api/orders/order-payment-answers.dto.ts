import { ApiProperty } from '@nestjs/swagger';
import { MoneyBody } from '../bodies.js';

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
    enum: [
      'settled',
      'initiated',
      'pending',
      'requires-action',
      'authorized',
      'released',
      'voided',
      'expired',
      'failed',
    ],
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
