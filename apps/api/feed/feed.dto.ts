import { ApiProperty } from '@nestjs/swagger';
import { publicEvents } from '../../../src/application/public-events/registry.js';
import { Field, type FieldType } from '../validation/field.js';
import { integerText, position } from '../validation/field-types.js';

const TYPES = new Set<string>(publicEvents.map(({ type }) => type));

/** Public types in a query string, separated by commas. */
const types: FieldType = {
  name: 'types',
  check: (value) => typeof value === 'string' && value.split(',').every((type) => TYPES.has(type)),
  message: 'must be types of public events, separated by commas; /v1/asyncapi.json names them',
  schema: { type: 'string' },
  example: 'ledger.order.placed.v1,ledger.order.cancelled.v1',
};

export class FeedStreamQuery {
  @Field(types, { description: 'Only events of these types, separated by commas.', optional: true })
  types?: string;
  @Field(position, {
    description:
      'Events after this position of the log; 0 is its beginning. Without it, and without `Last-Event-ID`, from now on.',
    optional: true,
  })
  after?: string;
}

export class EventsQuery {
  @Field(types, { description: 'Only events of these types, separated by commas.', optional: true })
  types?: string;
  @Field(position, {
    description:
      'Events after this position of the log: `nextAfter` of the page before. Without it, from the beginning.',
    optional: true,
  })
  after?: string;
  @Field(integerText('limit', 1, 1_000, 100), { description: 'The most events on a page.', optional: true })
  limit?: string;
}

export class CloudEventBody {
  @ApiProperty({ enum: ['1.0'] })
  specversion!: '1.0';
  @ApiProperty({ description: 'Names the event for ever.', example: '0f0b2c5e-8f0e-5d0a-9c11-2f5b8a6e4d03' })
  id!: string;
  @ApiProperty({ description: 'Of which log.', example: '/ledger/6f1ed002-ab55-4d3c-8a1f-0d3f2b3c4d5e' })
  source!: string;
  @ApiProperty({ enum: [...TYPES] })
  type!: string;
  @ApiProperty({ description: 'Its stream.', example: 'order-ord_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' })
  subject!: string;
  @ApiProperty({ format: 'date-time', description: 'When it happened.', example: '2026-03-01T12:30:00.000Z' })
  time!: string;
  @ApiProperty({ enum: ['application/json'] })
  datacontenttype!: 'application/json';
  @ApiProperty({ example: 'urn:commerce-ledger:event:ledger.order.placed.v1' })
  dataschema!: string;
  @ApiProperty({ description: 'Revision of its stream; sorts as text.', example: '00000000000000000000' })
  sequence!: string;
  @ApiProperty({ description: 'Within one, events come in order.', example: 'stock-TEAPOT-RED@main' })
  partitionkey!: string;
  @ApiProperty({ description: 'In the log, decimal.', example: '1042' })
  position!: string;
  @ApiProperty({ format: 'date-time', description: 'When the log recorded it.', example: '2026-03-01T12:30:00.000Z' })
  recordedtime!: string;
  @ApiProperty({ example: 'checkout-7f3a' })
  correlationid!: string;
  @ApiProperty({ example: '0198c5f1-7b44-7d0a-9c11-2f5b8a6e4d03' })
  causationid!: string;
  @ApiProperty({ required: false, example: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' })
  traceparent?: string;
  @ApiProperty({ type: Object, description: 'Of the shape that its type has in /v1/asyncapi.json.', example: {} })
  data!: object;
}

export class EventListBody {
  @ApiProperty({ enum: ['list'] })
  object!: 'list';
  @ApiProperty({ type: [CloudEventBody] })
  data!: CloudEventBody[];
  @ApiProperty({ description: 'Whether there are more already.', example: false })
  hasMore!: boolean;
  @ApiProperty({
    description: 'Send it as `after` for what comes next, also when there is nothing more yet. 0 for an empty log.',
    example: '1042',
  })
  nextAfter!: string;
}
