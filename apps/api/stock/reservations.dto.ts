import { ApiProperty } from '@nestjs/swagger';
import { ListBody } from '../bodies.js';
import { ListQuery, ReadQuery } from '../queries.js';
import { Field } from '../validation/field.js';
import { oneOf, reservationId } from '../validation/field-types.js';

const STATUSES = ['held', 'committed', 'shipped', 'released', 'expired'] as const;
type Status = (typeof STATUSES)[number];

export class ReservationQuery extends ReadQuery {}

export class ShelfReservationsQuery extends ListQuery {
  @Field(oneOf('status', STATUSES, 'held'), {
    description: 'One that expires is in the list of those `held` for up to a second more, and says `expired` there.',
    optional: true,
  })
  status?: Status;
}

export class ReservationsQuery extends ListQuery {
  @Field(reservationId, { description: 'All that bear this id, one on each shelf: those of an order, for example.' })
  reservationId!: string;
}

export class ReservationBody {
  @ApiProperty({ enum: ['reservation'] })
  object!: 'reservation';
  @ApiProperty({ example: 'rsv_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' })
  reservationId!: string;
  @ApiProperty({ example: 'TEAPOT-RED' })
  sku!: string;
  @ApiProperty({ example: 'main' })
  location!: string;
  @ApiProperty({ enum: STATUSES, description: 'What became of its last units, once none are left.' })
  status!: Status;
  @ApiProperty({ type: 'integer', description: 'Units that it was made for.', example: 2 })
  quantity!: number;
  @ApiProperty({ type: 'integer', description: 'Of these, units that it still holds.', example: 2 })
  left!: number;
  @ApiProperty({ type: 'integer', description: 'Of these, units that were sent out.', example: 0 })
  shipped!: number;
  @ApiProperty({ type: 'integer', description: 'Of these, units that were given up.', example: 0 })
  released!: number;
  @ApiProperty({ type: 'integer', description: 'Of these, units that it held when it expired.', example: 0 })
  expired!: number;
  @ApiProperty({
    type: 'integer',
    description: 'Of its units, those that were not there when it was made.',
    example: 0,
  })
  backordered!: number;
  @ApiProperty({
    format: 'date-time',
    description: 'When it ends, unless it is committed.',
    example: '2030-03-01T12:30:00.000Z',
  })
  expiresAt!: string;
  @ApiProperty({ required: false, description: 'The document that it was made for.', example: 'cart-4711' })
  reference?: string;
  @ApiProperty({ required: false, description: 'Why it was released, if that was said.', example: 'Paid too late' })
  reason?: string;
  @ApiProperty({ format: 'date-time', example: '2030-03-01T12:15:00.000Z' })
  reservedAt!: string;
  @ApiProperty({ format: 'date-time', example: '2030-03-01T12:15:00.000Z' })
  changedAt!: string;
  @ApiProperty({
    description: 'Revision of the stream of its SKU and location, decimal, at its newest event.',
    example: '1',
  })
  revision!: string;
}

export class ReservationListBody extends ListBody {
  @ApiProperty({ type: [ReservationBody] })
  data!: ReservationBody[];
}
