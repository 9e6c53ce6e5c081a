import { ApiProperty } from '@nestjs/swagger';
import { ListBody } from '../bodies.js';
import { AvailabilityBody } from '../products/product.dto.js';
import { ListQuery, ReadQuery } from '../queries.js';
import { Field } from '../validation/field.js';
import {
  backorderLimit,
  counted,
  delta,
  instant,
  integerText,
  location,
  oneOf,
  quantity,
  reservationId,
  sku,
  text,
} from '../validation/field-types.js';

export class ShelfPath {
  @Field(sku, { description: 'The SKU.' })
  sku!: string;
  @Field(location, { description: 'Where the stock lies.' })
  location!: string;
}

export class ReservationPath extends ShelfPath {
  @Field(reservationId, { description: 'The `id` that the reserve command answered with.' })
  reservationId!: string;
}

const reference = text(128, 'delivery-4711');
const REFERENCE = {
  description: 'The document behind the movement, for example an order or a delivery note.',
  optional: true,
} as const;

export class MovementBody {
  @Field(quantity, { description: 'Whole units.' })
  quantity!: number;
  @Field(reference, REFERENCE)
  reference?: string;
}

export class AdjustStockBody {
  @Field(delta, { description: 'Whole units that were found (positive) or are missing (negative).' })
  delta!: number;
  @Field(text(500, 'Broken in the warehouse'), { description: 'Why.' })
  reason!: string;
  @Field(reference, REFERENCE)
  reference?: string;
}

export class CountStockBody {
  @Field(counted, { description: 'Sellable units that were found, promised ones included.' })
  counted!: number;
  @Field(text(500, 'Yearly count'), { description: 'Why.' })
  reason!: string;
  @Field(reference, REFERENCE)
  reference?: string;
}

export class ReturnStockBody extends MovementBody {
  @Field(oneOf('condition', ['sellable', 'damaged'], 'sellable'), {
    description: '`damaged` units are counted apart and are never available.',
    optional: true,
  })
  condition?: 'sellable' | 'damaged';
}

export class WriteOffDamagedBody extends MovementBody {
  @Field(text(500, 'Scrapped'), { description: 'Why.' })
  reason!: string;
}

export class BackorderPolicyBody {
  @Field(backorderLimit, { description: 'The most units that may be promised beyond those on hand; 0: none.' })
  limit!: number;
}

export class ReserveStockBody extends MovementBody {
  @Field(instant, {
    description: 'When the units become available again to everybody, unless they are shipped or committed before.',
    example: '2030-03-01T12:30:00Z',
  })
  expiresAt!: string;
}

export class ShipStockBody extends MovementBody {
  @Field(reservationId, {
    description: 'Ship units that this reservation holds; without it, from what is available.',
    optional: true,
  })
  reservationId?: string;
}

export class ExtendReservationBody {
  @Field(instant, {
    description: 'When it ends from now on; not before its present end.',
    example: '2030-03-01T13:00:00Z',
  })
  expiresAt!: string;
}

export class CommitReservationBody {}

export class ReleaseReservationBody {
  @Field(text(500, 'Paid too late'), { description: 'Why.', optional: true })
  reason?: string;
}

export class StockQuery extends ListQuery {
  @Field(sku, { description: 'Only this SKU. Not together with the others.', optional: true })
  sku?: string;
  @Field(oneOf('order', ['sku', 'left'], 'sku'), {
    description:
      '`left`: what runs out, fewest units left first. By units left a moment ago: a reservation that has just expired counts as held.',
    optional: true,
  })
  order?: 'sku' | 'left';
  @Field(location, { description: 'With `order=left`: only this location.', optional: true })
  location?: string;
  @Field(integerText('atMost', 0, 1_000_000_000, 10), {
    description: 'With `order=left`: at most this many units left.',
    optional: true,
  })
  atMost?: string;
}

export class ShelfQuery extends ReadQuery {}

export class StockTotalsBody {
  @ApiProperty({ type: 'integer', example: 20 })
  received!: number;
  @ApiProperty({ type: 'integer', example: 0 })
  adjustedUp!: number;
  @ApiProperty({ type: 'integer', description: 'What was written off, as a positive number.', example: 3 })
  adjustedDown!: number;
  @ApiProperty({ type: 'integer', description: 'What counts found beyond what was known.', example: 0 })
  countedUp!: number;
  @ApiProperty({ type: 'integer', description: 'What counts did not find, as a positive number.', example: 0 })
  countedDown!: number;
  @ApiProperty({ type: 'integer', example: 2 })
  reserved!: number;
  @ApiProperty({ type: 'integer', example: 1 })
  committed!: number;
  @ApiProperty({ type: 'integer', example: 0 })
  released!: number;
  @ApiProperty({ type: 'integer', description: 'Held by reservations when they expired.', example: 0 })
  expired!: number;
  @ApiProperty({ type: 'integer', example: 5 })
  shipped!: number;
  @ApiProperty({ type: 'integer', example: 0 })
  returned!: number;
  @ApiProperty({ type: 'integer', example: 0 })
  returnedDamaged!: number;
  @ApiProperty({ type: 'integer', description: 'Damaged units that were written off.', example: 0 })
  writtenOff!: number;
  @ApiProperty({ type: 'integer', description: 'Sent to other locations.', example: 0 })
  transferredOut!: number;
  @ApiProperty({ type: 'integer', description: 'Arrived from other locations.', example: 0 })
  transferredIn!: number;
}

export class StockBody extends AvailabilityBody {
  @ApiProperty({ enum: ['stock'] })
  object!: 'stock';
  @ApiProperty({ example: 'TEAPOT-RED' })
  sku!: string;
  @ApiProperty({ example: 'main' })
  location!: string;
  @ApiProperty({ type: 'integer', description: 'Units that came back damaged; apart from those on hand.', example: 0 })
  damaged!: number;
  @ApiProperty({
    type: 'integer',
    description: 'Units that left for another location and have not arrived there yet.',
    example: 0,
  })
  inTransit!: number;
  @ApiProperty({ type: 'integer', description: 'Units that may be promised beyond those on hand.', example: 0 })
  backorderLimit!: number;
  @ApiProperty({ type: StockTotalsBody, description: 'Units moved so far, by kind.' })
  totals!: StockTotalsBody;
  @ApiProperty({ type: 'integer', description: 'Events so far.', example: 5 })
  movements!: number;
  @ApiProperty({ format: 'date-time', example: '2026-03-01T12:30:00.000Z' })
  lastMovementAt!: string;
  @ApiProperty({ description: 'Revision of its stream, decimal.', example: '4' })
  revision!: string;
}

export class StockListBody extends ListBody {
  @ApiProperty({ type: [StockBody] })
  data!: StockBody[];
}
