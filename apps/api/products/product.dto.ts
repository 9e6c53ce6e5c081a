import { ApiProperty } from '@nestjs/swagger';
import { ListBody } from '../bodies.js';
import { ListQuery, ReadQuery } from '../queries.js';
import { Field, ListOf } from '../validation/field.js';
import { currency, oneOf, price, sku, text } from '../validation/field-types.js';

export class ProductPath {
  @Field(sku, { description: 'The SKU.' })
  sku!: string;
}

export class PriceBody {
  @Field(price, { description: 'Price per unit in major units; may be finer than a minor unit.' })
  amount!: string;
  @Field(currency, { description: 'ISO 4217.' })
  currency!: string;
}

export class ListProductBody {
  @Field(sku, { description: 'Its SKU, never given twice.' })
  sku!: string;
  @Field(text(200, 'Red teapot'), { description: 'Its name, one line.' })
  name!: string;
  @ListOf(PriceBody, { description: 'List prices, at most one per currency. May be empty.', min: 0, max: 200 })
  prices!: PriceBody[];
}

export class DiscontinueProductBody {}

export class ProductsQuery extends ListQuery {
  @Field(oneOf('status', ['listed', 'discontinued'], 'listed'), { description: 'Which products.', optional: true })
  status?: 'listed' | 'discontinued';
  @Field(text(200, 'red tea'), { description: 'Only names that begin with this; case does not count.', optional: true })
  name?: string;
  @Field(oneOf('order', ['sku', 'name'], 'sku'), {
    description: 'Sort by. With `name`, always by name.',
    optional: true,
  })
  order?: 'sku' | 'name';
}

export class ProductQuery extends ReadQuery {}

export class AvailabilityBody {
  @ApiProperty({ type: 'integer', description: 'Units in the house.', example: 12 })
  onHand!: number;
  @ApiProperty({ type: 'integer', description: 'Units that open reservations hold.', example: 2 })
  reserved!: number;
  @ApiProperty({ type: 'integer', description: 'Units of committed reservations: these do not expire.', example: 1 })
  allocated!: number;
  @ApiProperty({ type: 'integer', description: 'Units promised beyond those on hand.', example: 0 })
  backordered!: number;
  @ApiProperty({ type: 'integer', description: 'On hand less reserved and allocated, never below zero.', example: 9 })
  available!: number;
}

export class LocationAvailabilityBody extends AvailabilityBody {
  @ApiProperty({ example: 'main' })
  location!: string;
}

export class TotalAvailabilityBody extends AvailabilityBody {
  @ApiProperty({ type: [LocationAvailabilityBody], description: 'The same per location.' })
  locations!: LocationAvailabilityBody[];
}

export class ProductBody {
  @ApiProperty({ enum: ['product'] })
  object!: 'product';
  @ApiProperty({ example: 'TEAPOT-RED' })
  sku!: string;
  @ApiProperty({ enum: ['listed', 'discontinued'] })
  status!: 'listed' | 'discontinued';
  @ApiProperty({ example: 'Red teapot' })
  name!: string;
  @ApiProperty({ type: [PriceBody] })
  prices!: PriceBody[];
  @ApiProperty({ type: TotalAvailabilityBody })
  availability!: TotalAvailabilityBody;
  @ApiProperty({ format: 'date-time', example: '2026-03-01T12:30:00.000Z' })
  listedAt!: string;
  @ApiProperty({
    format: 'date-time',
    description: 'The newest change of the product itself, not of its stock.',
    example: '2026-03-01T12:30:00.000Z',
  })
  changedAt!: string;
  @ApiProperty({ description: 'Revision of its stream, decimal.', example: '0' })
  revision!: string;
}

export class ProductListBody extends ListBody {
  @ApiProperty({ type: [ProductBody] })
  data!: ProductBody[];
}
