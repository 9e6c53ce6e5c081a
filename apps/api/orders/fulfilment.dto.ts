import { ApiProperty } from '@nestjs/swagger';
import { WAITS_FOR, type WaitsFor } from '../../../src/domain/fulfilment/next-actions.js';
import { ListBody, MoneyBody, ReceiptBody } from '../bodies.js';
import { ListQuery } from '../queries.js';
import { Field } from '../validation/field.js';
import { oneOf } from '../validation/field-types.js';

export class FulfilmentReservationBody {
  @ApiProperty({ example: 'TEAPOT-RED' })
  sku!: string;
  @ApiProperty({ type: 'integer', description: 'Units that were reserved.', example: 3 })
  reserved!: number;
  @ApiProperty({ type: 'integer', description: 'Units of those that were let go of.', example: 0 })
  released!: number;
  @ApiProperty({ type: 'integer', description: 'Units of those that left the stock.', example: 0 })
  shipped!: number;
  @ApiProperty({
    description: 'Whether they are kept until they ship; else they are free again at `expiresAt`.',
    example: true,
  })
  committed!: boolean;
  @ApiProperty({ format: 'date-time', example: '2026-03-01T12:45:00.000Z' })
  expiresAt!: string;
}

export class FulfilmentPaymentBody {
  @ApiProperty({ example: 'pay_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' })
  paymentId!: string;
  @ApiProperty({
    description: 'How its newest authorization stands.',
    enum: ['none', 'pending', 'requires-action', 'authorized', 'failed', 'expired', 'voided'],
  })
  authorization!: string;
  @ApiProperty({ type: MoneyBody, description: 'Held, and neither taken nor about to be.' })
  held!: MoneyBody;
  @ApiProperty({ type: MoneyBody })
  captured!: MoneyBody;
  @ApiProperty({ type: MoneyBody })
  refunded!: MoneyBody;
  @ApiProperty({ required: false, format: 'uri', description: 'Where the customer has to act (3-D Secure).' })
  nextActionUrl?: string;
}

export class RejectionBody {
  @ApiProperty({ description: 'A word for programs.', example: 'insufficient-stock' })
  code!: string;
  @ApiProperty({ example: '3 of TEAPOT-RED could not be reserved' })
  reason!: string;
}

export class RiskBody {
  @ApiProperty({ enum: ['accept', 'review', 'decline'] })
  decision!: string;
  @ApiProperty({ type: [String], example: [] })
  reasons!: string[];
  @ApiProperty({ required: false, enum: ['accept', 'decline'], description: 'What whoever reviewed it said.' })
  review?: string;
}

export class FulfilmentBody {
  @ApiProperty({ enum: ['fulfilment'] })
  object!: 'fulfilment';
  @ApiProperty({ example: 'ord_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' })
  orderId!: string;
  @ApiProperty({ enum: ['placed', 'confirmed', 'completed', 'cancelled', 'rejected'] })
  status!: string;
  @ApiProperty({
    enum: ['working', 'waiting', 'ended'],
    description:
      '`working`: the ledger goes on by itself. `waiting`: somebody else is to act, or time has to go by. `ended`: nothing is open.',
  })
  progress!: string;
  @ApiProperty({
    required: false,
    enum: [...WAITS_FOR],
    description:
      'Whose turn it is: `review` somebody has to accept the order, `payment` the client has to begin one, `customer` has to act with the provider, `provider` has not answered, `shipment` goods are to be shipped, `retry` nobody, the provider refused and is asked again at `retryAt`, `attention` the provider refused again and again, what is due was let go of before it shipped, or what was settled elsewhere is to be given back there.',
  })
  waitsFor?: string;
  @ApiProperty({
    required: false,
    format: 'date-time',
    description:
      'When an order that is not confirmed is given up: half an hour after its first reservation, a day after it if its risk is to be reviewed, a day after its placing if nothing is reserved.',
  })
  deadline?: string;
  @ApiProperty({
    required: false,
    format: 'date-time',
    description:
      'When the ledger asks the provider again for a capture, a void or a refund that it refused: a minute, an hour and a day after the first, second and third refusal in a row.',
  })
  retryAt?: string;
  @ApiProperty({ example: 'main' })
  location!: string;
  @ApiProperty({ type: MoneyBody, description: 'The total, less what was cancelled.' })
  due!: MoneyBody;
  @ApiProperty({ required: false, type: RiskBody })
  risk?: RiskBody;
  @ApiProperty({ required: false, type: RejectionBody })
  rejection?: RejectionBody;
  @ApiProperty({ type: [FulfilmentReservationBody] })
  reservations!: FulfilmentReservationBody[];
  @ApiProperty({ type: [FulfilmentPaymentBody] })
  payments!: FulfilmentPaymentBody[];
  @ApiProperty({ description: 'Revision of the order that this is of, decimal.', example: '2' })
  revision!: string;
}

export class FulfilmentsQuery extends ListQuery {
  @Field(oneOf('waitsFor', WAITS_FOR, 'review'), { description: 'Whose turn it is.' })
  waitsFor!: WaitsFor;
}

export class FulfilmentListBody extends ListBody {
  @ApiProperty({ type: [FulfilmentBody] })
  data!: FulfilmentBody[];
}

/** The answer to a command about an order. */
export class OrderReceiptBody extends ReceiptBody {
  @ApiProperty({
    required: false,
    type: FulfilmentBody,
    description:
      'With `Prefer: wait=N`, of an order that the ledger fulfils: where it stood when it came to rest, or in the end.',
  })
  fulfilment?: FulfilmentBody;
}
