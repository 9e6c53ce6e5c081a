import { AmountBody } from '../payments/payment.dto.js';
import { Field, type FieldType } from '../validation/field.js';
import { documentId, orderId, text } from '../validation/field-types.js';

const METHOD = /^[a-z][a-z0-9-]{0,31}$/;
/** A word that begins with a letter can be no card number. */
const method: FieldType = {
  name: 'method',
  check: (value) => typeof value === 'string' && METHOD.test(value),
  message: 'must be 1 to 32 of a-z 0-9 -, beginning with a letter; never the number of a card',
  schema: { type: 'string', pattern: METHOD.source },
  example: 'bank-transfer',
};

export class RecordPaymentBody extends AmountBody {
  @Field(orderId, { description: 'The order that was paid. There may be several payments of one.' })
  orderId!: string;
  @Field(method, { description: 'How it was paid.' })
  method!: string;
}

export class RefundRecordedPaymentBody extends AmountBody {
  @Field(text(500, 'Broken on arrival'), { description: 'Why.' })
  reason!: string;
  @Field(documentId, {
    description:
      'Counts once per payment, for example the number of the credit note. Without it, it follows from the key.',
    optional: true,
  })
  refundId?: string;
}
