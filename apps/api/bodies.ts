import { ApiProperty } from '@nestjs/swagger';

/** The answer to a command. */
export class ReceiptBody {
  @ApiProperty({ enum: ['receipt'] })
  object!: 'receipt';
  @ApiProperty({
    description: 'What the command was about, or created.',
    example: 'ord_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03',
  })
  id!: string;
  @ApiProperty({ description: 'Its stream in the log.', example: 'order-ord_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' })
  stream!: string;
  @ApiProperty({ description: 'Revision of the stream after the command, decimal.', example: '0' })
  revision!: string;
  @ApiProperty({ description: 'Position in the log, decimal.', example: '1042' })
  position!: string;
}

/** An exact amount. */
export class MoneyBody {
  @ApiProperty({ description: 'Minor units of the currency, decimal.', example: '4998', pattern: '^-?[0-9]+$' })
  minor!: string;
  @ApiProperty({ description: 'ISO 4217.', example: 'GBP' })
  currency!: string;
}

export class FieldErrorBody {
  @ApiProperty({ required: false, description: 'JSON pointer into the body (RFC 6901).', example: '/lines/0/quantity' })
  pointer?: string;
  @ApiProperty({ required: false, description: 'A query or path parameter.', example: 'limit' })
  parameter?: string;
  @ApiProperty({ required: false, description: 'A header.', example: 'Idempotency-Key' })
  header?: string;
  @ApiProperty({ example: 'must be a whole number from 1 to 1000000000' })
  detail!: string;
}

/** RFC 9457. Data of a problem (`available`, `currentRevision` …) are further members; its page under `type` names them. */
export class ProblemBody {
  @ApiProperty({
    description: 'A page about this kind of problem.',
    format: 'uri-reference',
    example: '/problems/insufficient-stock',
  })
  type!: string;
  @ApiProperty({ example: 'Not enough stock' })
  title!: string;
  @ApiProperty({ type: 'integer', example: 409 })
  status!: number;
  @ApiProperty({ required: false, example: '1 available, 2 requested.' })
  detail?: string;
  @ApiProperty({
    required: false,
    description: 'The path that was asked for.',
    example: '/v1/stock/TEAPOT-RED/main/ship',
  })
  instance?: string;
  @ApiProperty({ description: 'Stable, for programs.', example: 'insufficient-stock' })
  code!: string;
  @ApiProperty({ description: 'Whether the same request, unchanged, may succeed later.', example: false })
  retryable!: boolean;
  @ApiProperty({ required: false, example: 'checkout-7f3a' })
  correlationId?: string;
  @ApiProperty({ required: false, type: [FieldErrorBody] })
  errors?: FieldErrorBody[];
}

/** What every list has beside its `data`. */
export abstract class ListBody {
  @ApiProperty({ enum: ['list'] })
  object!: 'list';
  @ApiProperty({ description: 'Whether there is a next page.', example: false })
  hasMore!: boolean;
  @ApiProperty({
    description: 'Send it as `cursor`, with otherwise the same parameters.',
    type: 'string',
    nullable: true,
    example: null,
  })
  nextCursor!: string | null;
}
