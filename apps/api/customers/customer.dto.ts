import { ApiProperty } from '@nestjs/swagger';
import {
  ERASURE_REASONS,
  OPEN_FIELDS,
  PERSONAL_FIELDS,
  type CustomerField,
  type ErasureReason,
} from '../../../src/domain/customer/customer.events.js';
import { ListBody } from '../bodies.js';
import { ListQuery, ReadQuery } from '../queries.js';
import { Field, ListOf, type FieldType } from '../validation/field.js';
import { customerId, oneOf, text } from '../validation/field-types.js';

/** What mail servers deliver is wider, and narrower, than any pattern: something, an @, something, no blank. */
const email: FieldType = {
  name: 'email',
  check: (value) =>
    typeof value === 'string' &&
    value.length <= 254 &&
    /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(value) &&
    value.isWellFormed(),
  message: 'must be an e-mail address of up to 254 characters',
  schema: { type: 'string', maxLength: 254, pattern: '^[^\\s@]+@[^\\s@]+$' },
  example: 'ada@example.org',
};
const LANGUAGE = /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/;
const language: FieldType = {
  name: 'language',
  check: (value) => typeof value === 'string' && LANGUAGE.test(value),
  message: 'must be a language tag of BCP 47, for example "en" or "de-AT"',
  schema: { type: 'string', pattern: LANGUAGE.source },
  example: 'en',
};
const SEGMENT = /^[a-z0-9][a-z0-9-]{0,31}$/;
const segment: FieldType = {
  name: 'segment',
  check: (value) => typeof value === 'string' && SEGMENT.test(value),
  message: 'must be 1 to 32 of a-z 0-9 -, beginning with a letter or a digit',
  schema: { type: 'string', pattern: SEGMENT.source },
  example: 'wholesale',
};

export class CustomerPath {
  @Field(customerId, { description: 'The `id` that the register command answered with, or was given.' })
  customerId!: string;
}

export class AddressBody {
  @Field(text(200, '12 High Street'), { description: 'Street and number.' })
  line1!: string;
  @Field(text(200, 'Flat 3'), { description: 'What follows on a line of its own.', optional: true })
  line2?: string;
  @Field(text(20, 'YO1 7HH'), { description: 'Postal code.', optional: true })
  postalCode?: string;
  @Field(text(100, 'York'), { description: 'Town.' })
  city!: string;
  @Field(text(100, 'North Yorkshire'), { description: 'State, county or province.', optional: true })
  region?: string;
  @Field(text(100, 'United Kingdom'), { description: 'Country of this address.' })
  country!: string;
}

/** Personal fields are stored encrypted, under a key of this customer alone; the others in the clear. */
export abstract class CustomerFieldsBody {
  @Field(text(200, 'Ada King'), { description: 'Personal: what the customer is called.', optional: true })
  name?: string;
  @Field(email, { description: 'Personal.', optional: true })
  email?: string;
  @Field(text(50, '+44 1904 555 0101'), { description: 'Personal.', optional: true })
  phone?: string;
  @ListOf(AddressBody, { description: 'Personal. Replaces all that were there.', optional: true, min: 1, max: 20 })
  addresses?: AddressBody[];
  @Field(text(100, 'United Kingdom'), {
    description: 'Not personal, for figures: where the customer is, as on orders. Stays after an erasure.',
    optional: true,
  })
  country?: string;
  @Field(language, { description: 'Not personal: BCP 47. Stays after an erasure.', optional: true })
  language?: string;
  @Field(segment, {
    description: 'Not personal: the shop’s word for a group of customers. Stays after an erasure.',
    optional: true,
  })
  segment?: string;
}

export class RegisterCustomerBody extends CustomerFieldsBody {
  @Field(customerId, {
    description:
      'The shop’s own id, if it has one; else one is made. It stays in the log for ever: nothing that says who it is.',
    optional: true,
  })
  customerId?: string;
}

export class ClearedFieldBody {
  @Field(oneOf('field', [...PERSONAL_FIELDS, ...OPEN_FIELDS]), {
    description: 'The field to empty.',
    example: 'segment',
  })
  field!: CustomerField;
}

export class ChangeCustomerBody extends CustomerFieldsBody {
  @ListOf(ClearedFieldBody, { description: 'Fields to empty; none that is set.', optional: true, min: 1, max: 7 })
  clear?: ClearedFieldBody[];
}

export class EraseCustomerBody {
  @Field(oneOf('reason', ERASURE_REASONS), {
    description:
      'The ground, by Article 17(1) GDPR. It stays in the log, so it is one of a few words: free text would name somebody.',
    example: 'consent-withdrawn',
  })
  reason!: ErasureReason;
}

export class CustomerQuery extends ReadQuery {}
export class CustomersQuery extends ListQuery {}

export class FindByEmailBody {
  @Field(email, { description: 'In upper or lower case. In no URL, where logs would keep it.' })
  email!: string;
}

export class CustomerBody {
  @ApiProperty({ enum: ['customer'] })
  object!: 'customer';
  @ApiProperty({ example: 'cus_17850' })
  id!: string;
  @ApiProperty({ description: 'Whether the personal data are gone, for ever.', example: false })
  erased!: boolean;
  @ApiProperty({ required: false, enum: ERASURE_REASONS, description: 'The ground of the erasure.' })
  erasureReason?: ErasureReason;
  @ApiProperty({ required: false, format: 'date-time', example: '2026-03-01T12:30:00.000Z' })
  erasedAt?: string;
  @ApiProperty({ required: false, example: 'Ada King' })
  name?: string;
  @ApiProperty({ required: false, example: 'ada@example.org' })
  email?: string;
  @ApiProperty({ required: false, example: '+44 1904 555 0101' })
  phone?: string;
  @ApiProperty({ required: false, type: [AddressBody] })
  addresses?: AddressBody[];
  @ApiProperty({ required: false, example: 'United Kingdom' })
  country?: string;
  @ApiProperty({ required: false, example: 'en' })
  language?: string;
  @ApiProperty({ required: false, example: 'wholesale' })
  segment?: string;
  @ApiProperty({ format: 'date-time', example: '2026-03-01T12:30:00.000Z' })
  registeredAt!: string;
  @ApiProperty({ format: 'date-time', example: '2026-03-01T12:30:00.000Z' })
  changedAt!: string;
  @ApiProperty({ description: 'Revision of its stream, decimal.', example: '0' })
  revision!: string;
}

export class CustomerListBody extends ListBody {
  @ApiProperty({ type: [CustomerBody] })
  data!: CustomerBody[];
}
