import { ApiProperty } from '@nestjs/swagger';
import { ListBody, MoneyBody } from '../bodies.js';
import { ListQuery, ReadQuery } from '../queries.js';
import { Field, type FieldType } from '../validation/field.js';
import { currency, oneOf, orderId, paymentMethod, text } from '../validation/field-types.js';

const paymentId: FieldType = { ...orderId, name: 'paymentId', example: 'pay_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' };

/** As text, because a JSON number of a client may be a binary fraction. */
const minor: FieldType = {
  name: 'minor',
  check: (value) => typeof value === 'string' && /^[1-9][0-9]{0,18}$/.test(value),
  message: 'must be a positive whole number of minor units as text, for example "4998", not a JSON number',
  schema: { type: 'string', pattern: '^[1-9][0-9]{0,18}$' },
  example: '4998',
};

export class PaymentPath {
  @Field(paymentId, { description: 'The `id` that the initiate command answered with.' })
  paymentId!: string;
}

export class AmountBody {
  @Field(minor, { description: 'Minor units of the currency.' })
  minor!: string;
  @Field(currency, { description: 'ISO 4217.' })
  currency!: string;
}

export class InitiatePaymentBody extends AmountBody {
  @Field(orderId, { description: 'The order that is paid. There may be several payments of one.' })
  orderId!: string;
  @Field(paymentMethod, { description: "The provider's token of a payment method; the log keeps it for ever." })
  method!: string;
}

export class AuthorizePaymentBody {}
export class CapturePaymentBody extends AmountBody {
  @Field(oneOf('isFinal', ['yes', 'no']), {
    description:
      'Whether what it leaves is let go of (`yes`), or stays held for another capture (`no`). Without it: `no`. Not every ' +
      'card can be captured in parts: then the rest is let go of all the same, and the authorization becomes `released`.',
    optional: true,
  })
  isFinal?: 'yes' | 'no';
}

export class VoidPaymentBody {
  @Field(text(500, 'The customer changed their mind'), { description: 'Why.', optional: true })
  reason?: string;
}

export class RefundPaymentBody extends AmountBody {
  @Field(text(500, 'Broken on arrival'), { description: 'Why.' })
  reason!: string;
}

export class PaymentQuery extends ReadQuery {}

export class PaymentsQuery extends ListQuery {
  @Field(orderId, { description: 'Only payments of this order.', optional: true })
  orderId?: string;
}

export class PaymentOperationBody {
  @ApiProperty({ example: 'op_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' })
  operationId!: string;
  @ApiProperty({ enum: ['authorization', 'capture', 'void', 'refund'] })
  kind!: string;
  @ApiProperty({
    enum: ['pending', 'requires-action', 'succeeded', 'failed', 'reversed', 'released', 'voided', 'expired'],
    description: 'An authorization is `released` once what was captured of it was the last that could be.',
  })
  status!: string;
  @ApiProperty({ description: 'Minor units, decimal; of a void, 0.', example: '4998' })
  minor!: string;
  @ApiProperty({
    required: false,
    description: "The provider's name of the authorization that it is about; of an authorization, see `reference`.",
    example: 'pi_3MtwBwLkdIwHu7ix28a3tqPa',
  })
  authorizationReference?: string;
  @ApiProperty({
    required: false,
    description: 'Of a refund that reaches over several authorizations: the operation of its first part.',
    example: 'op_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03',
  })
  partOf?: string;
  @ApiProperty({ required: false, description: 'Who asked. Absent: it happened at the provider.', example: 'local' })
  askedBy?: string;
  @ApiProperty({ required: false, description: 'Why it was asked for.', example: 'Broken on arrival' })
  reason?: string;
  @ApiProperty({ required: false, description: "The provider's name of it.", example: 'pi_3MtwBwLkdIwHu7ix28a3tqPa' })
  reference?: string;
  @ApiProperty({
    required: false,
    description: 'Where the customer has to go.',
    example: 'https://hooks.stripe.com/3d',
  })
  nextActionUrl?: string;
  @ApiProperty({ required: false, description: 'Until when the money is held.', format: 'date-time' })
  expiresAt?: string;
  @ApiProperty({ required: false, description: "Why it failed, in the provider's word.", example: 'card_declined' })
  code?: string;
  @ApiProperty({ required: false, example: 'insufficient_funds' })
  declineCode?: string;
  @ApiProperty({ required: false, description: 'Why it failed, for people.', example: 'Your card was declined.' })
  failure?: string;
  @ApiProperty({ required: false, description: 'It had succeeded, and the provider then said that it failed.' })
  contradicted?: boolean;
  @ApiProperty({ format: 'date-time', example: '2026-03-01T12:30:00.000Z' })
  changedAt!: string;
}

export class PaymentDisputeBody {
  @ApiProperty({ example: 'du_1MtJUT2eZvKYlo2CNaw2HvEv' })
  disputeId!: string;
  @ApiProperty({ description: 'Minor units, decimal.', example: '4998' })
  minor!: string;
  @ApiProperty({ example: 'fraudulent' })
  reason!: string;
  @ApiProperty({ enum: ['opened', 'won', 'lost'] })
  status!: string;
}

export class PaymentBody {
  @ApiProperty({ enum: ['payment'] })
  object!: 'payment';
  @ApiProperty({ example: 'pay_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' })
  paymentId!: string;
  @ApiProperty({ example: 'ord_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03' })
  orderId!: string;
  @ApiProperty({ required: false, enum: ['sandbox', 'stripe'], description: 'Absent: it was settled elsewhere.' })
  provider?: string;
  @ApiProperty({ example: 'pm_card_visa' })
  method!: string;
  @ApiProperty({ type: MoneyBody })
  amount!: MoneyBody;
  @ApiProperty({
    enum: [
      'initiated',
      'pending',
      'requires-action',
      'authorized',
      'released',
      'partially-captured',
      'captured',
      'partially-refunded',
      'refunded',
      'disputed',
      'voided',
      'expired',
      'failed',
    ],
  })
  status!: string;
  @ApiProperty({ type: MoneyBody })
  captured!: MoneyBody;
  @ApiProperty({ type: MoneyBody })
  refunded!: MoneyBody;
  @ApiProperty({ type: MoneyBody, description: 'Captures and refunds whose outcome is not known.' })
  pending!: MoneyBody;
  @ApiProperty({ type: MoneyBody, description: 'Kept back by disputes that are open or lost.' })
  disputed!: MoneyBody;
  @ApiProperty({ type: [PaymentOperationBody], description: 'Oldest first.' })
  operations!: PaymentOperationBody[];
  @ApiProperty({ type: [PaymentDisputeBody] })
  disputes!: PaymentDisputeBody[];
  @ApiProperty({ format: 'date-time', example: '2026-03-01T12:30:00.000Z' })
  initiatedAt!: string;
  @ApiProperty({ format: 'date-time', example: '2026-03-01T12:30:00.000Z' })
  changedAt!: string;
  @ApiProperty({ description: 'Revision of its stream, decimal.', example: '4' })
  revision!: string;
}

export class PaymentListBody extends ListBody {
  @ApiProperty({ type: [PaymentBody] })
  data!: PaymentBody[];
}
