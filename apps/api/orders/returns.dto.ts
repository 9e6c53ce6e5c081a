import { Field, ListOf } from '../validation/field.js';
import { documentId, oneOf, returnId, text } from '../validation/field-types.js';
import { LineQuantityBody, MAX_ORDER_LINES, OrderPath } from './order.dto.js';

export class ReturnPath extends OrderPath {
  @Field(returnId, { description: 'The `id` that the command that requested the return answered with.' })
  returnId!: string;
}

export class RequestReturnBody {
  @ListOf(LineQuantityBody, { description: 'What is to come back.', min: 1, max: MAX_ORDER_LINES })
  lines!: LineQuantityBody[];
  @Field(text(500, 'Too big'), { description: 'Why.' })
  reason!: string;
}

export class ReceivedLineBody extends LineQuantityBody {
  @Field(oneOf('condition', ['sellable', 'damaged']), { description: 'Damaged goods do not go back on the shelf.' })
  condition!: 'sellable' | 'damaged';
}

export class ReceiveReturnBody {
  @ListOf(ReceivedLineBody, {
    description: 'What came back. A line may be named once per condition.',
    min: 1,
    max: MAX_ORDER_LINES,
  })
  lines!: ReceivedLineBody[];
}

export class ReturnOrderBody {
  @ListOf(LineQuantityBody, { description: 'What came back.', min: 1, max: MAX_ORDER_LINES })
  lines!: LineQuantityBody[];
  @Field(documentId, { description: 'The credit note for it, if there is one.', optional: true })
  creditNoteId?: string;
}
