import { ApiProperty } from '@nestjs/swagger';
import { MAX_LEGS } from '../../../src/domain/journal/journal.decider.js';
import { MoneyBody } from '../bodies.js';
import { AmountBody } from '../payments/payment.dto.js';
import { ReadQuery } from '../queries.js';
import { Field, ListOf, type FieldType } from '../validation/field.js';
import { customerId, day, documentId, oneOf, sku, text } from '../validation/field-types.js';

const ACCOUNT = /^[a-z0-9][a-z0-9-]{0,31}(?::[a-z0-9][a-z0-9-]{0,31}){0,7}$/;
const account: FieldType = {
  name: 'account',
  check: (value) => typeof value === 'string' && ACCOUNT.test(value),
  message: 'must be a path of 1 to 8 parts joined by ":", coarse to fine, each 1 to 32 of a-z 0-9 -',
  schema: { type: 'string', pattern: ACCOUNT.source },
  example: 'revenue:bad-debts',
};

export class JournalPath {
  @Field(documentId, { description: 'The `id` that the post command answered with.' })
  journalId!: string;
}

export class LegRequestBody extends AmountBody {
  @Field(account, { description: 'An account, coarse to fine. Below `revenue`, it counts as an adjustment of sales.' })
  account!: string;
  @Field(oneOf('side', ['debit', 'credit']), { description: 'Which side it is booked on; the amount is positive.' })
  side!: 'debit' | 'credit';
}

export class PostJournalBody {
  @Field(documentId, {
    description: 'The number on the document. Without it, the id follows from the key.',
    optional: true,
  })
  journalId?: string;
  @Field(text(500, 'Customer is bankrupt'), { description: 'Why, and what it is.' })
  description!: string;
  @ListOf(LegRequestBody, {
    description: 'Per currency, debits and credits add up to the same.',
    min: 2,
    max: MAX_LEGS,
  })
  legs!: LegRequestBody[];
  @Field(sku, { description: 'The code that it is analysed under.', optional: true })
  product?: string;
  @Field(customerId, { description: 'A pseudonym: the log keeps it for ever.', optional: true })
  customerId?: string;
  @Field(text(64, 'United Kingdom'), { description: 'Country of the customer, for the figures.', optional: true })
  country?: string;
  @Field(day, {
    description: 'The day on the document, where it differs from the UTC day on which it was posted.',
    optional: true,
  })
  documentDay?: string;
}

export class JournalQuery extends ReadQuery {}

export class LegBody {
  @ApiProperty({ example: 'revenue:bad-debts' })
  account!: string;
  @ApiProperty({ enum: ['debit', 'credit'] })
  side!: string;
  @ApiProperty({ type: MoneyBody })
  amount!: MoneyBody;
}

export class JournalBody {
  @ApiProperty({ enum: ['journal'] })
  object!: 'journal';
  @ApiProperty({ example: 'J-2026-17' })
  journalId!: string;
  @ApiProperty({ example: 'Customer is bankrupt' })
  description!: string;
  @ApiProperty({ type: [LegBody] })
  legs!: LegBody[];
  @ApiProperty({ required: false, example: 'TEAPOT-RED' })
  product?: string;
  @ApiProperty({ required: false, example: 'cus_17850' })
  customerId?: string;
  @ApiProperty({ required: false, example: 'United Kingdom' })
  country?: string;
  @ApiProperty({ required: false, format: 'date', example: '2026-03-01' })
  documentDay?: string;
  @ApiProperty({ description: 'Who posted it.', example: 'local' })
  principal!: string;
  @ApiProperty({ format: 'date-time', example: '2026-03-01T12:30:00.000Z' })
  postedAt!: string;
  @ApiProperty({ description: 'Revision of its stream, decimal.', example: '0' })
  revision!: string;
}
