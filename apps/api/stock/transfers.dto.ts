import { ApiProperty } from '@nestjs/swagger';
import { ListBody } from '../bodies.js';
import { ListQuery, ReadQuery } from '../queries.js';
import { Field } from '../validation/field.js';
import { location, oneOf, quantity, text, transferId } from '../validation/field-types.js';
import { ShelfPath } from './stock.dto.js';

const ARRIVALS = ['when-received', 'at-once'] as const;
type Arrival = (typeof ARRIVALS)[number];
const STATUSES = ['in-transit', 'arrived'] as const;
type Status = (typeof STATUSES)[number];

export class TransferPath extends ShelfPath {
  @Field(transferId, { description: 'The id that the units were sent with.' })
  transferId!: string;
}

export class TransferStockBody {
  @Field(transferId, { description: 'Names the transfer on both sides; counts once for the location that sends.' })
  transferId!: string;
  @Field(location, { description: 'Where the units go.' })
  to!: string;
  @Field(quantity, { description: 'Whole units.' })
  quantity!: number;
  @Field(oneOf('arrives', ARRIVALS, 'when-received'), {
    description:
      '`when-received`: the units are in transit until somebody says that they have arrived. `at-once`: they have changed ' +
      'their place on paper only, and the ledger takes them in within about a second.',
    optional: true,
  })
  arrives?: Arrival;
  @Field(text(500, 'Demand in the north'), { description: 'Why.', optional: true })
  reason?: string;
}

export class ReceiveTransferBody {
  @Field(transferId, { description: 'The `transferId` that the units were sent with.' })
  transferId!: string;
  @Field(location, { description: 'Where the units came from.' })
  from!: string;
  @Field(quantity, { description: 'Whole units: all that were sent. What is missing or broken is an adjustment here.' })
  quantity!: number;
}

export class TransferQuery extends ReadQuery {}

export class TransfersQuery extends ListQuery {
  @Field(oneOf('status', STATUSES), {
    description: 'Only those; with `to` or `from`, those `in-transit` if it is not said.',
    optional: true,
    example: 'in-transit',
  })
  status?: Status;
  @Field(location, { description: 'Only to this location. Not together with `from`.', optional: true })
  to?: string;
  @Field(location, { description: 'Only from this location.', optional: true })
  from?: string;
}

export class TransferBody {
  @ApiProperty({ enum: ['transfer'] })
  object!: 'transfer';
  @ApiProperty({ example: 'trf_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' })
  transferId!: string;
  @ApiProperty({ example: 'TEAPOT-RED' })
  sku!: string;
  @ApiProperty({ example: 'main' })
  from!: string;
  @ApiProperty({ example: 'york' })
  to!: string;
  @ApiProperty({ type: 'integer', description: 'Whole units.', example: 5 })
  quantity!: number;
  @ApiProperty({ enum: STATUSES, description: '`in-transit`: on hand nowhere.' })
  status!: Status;
  @ApiProperty({ enum: ARRIVALS })
  arrives!: Arrival;
  @ApiProperty({ required: false, example: 'Demand in the north' })
  reason?: string;
  @ApiProperty({ format: 'date-time', example: '2026-03-01T12:30:00.000Z' })
  sentAt!: string;
  @ApiProperty({ required: false, format: 'date-time', example: '2026-03-03T08:00:00.000Z' })
  arrivedAt?: string;
  @ApiProperty({
    description: 'Of the stream that changed it last, decimal: where it left, then where it went.',
    example: '4',
  })
  revision!: string;
}

export class TransferListBody extends ListBody {
  @ApiProperty({ type: [TransferBody] })
  data!: TransferBody[];
}
