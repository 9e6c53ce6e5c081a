import { MAX_ADJUSTMENTS } from '../../../src/domain/order/order.content.js';
import { Field, ListOf } from '../validation/field.js';
import { lineNumber, text } from '../validation/field-types.js';
import { AdjustmentRequestBody, LineQuantityBody, MAX_ORDER_LINES, PlaceOrderLineBody } from './order.dto.js';

export class LineBody {
  @Field(lineNumber, { description: 'Number of the line: 1, 2, 3 …' })
  line!: number;
}

/** What is to be different of an order or a draft. */
export class ChangesBody {
  @ListOf(LineQuantityBody, {
    description: 'Lines that get another quantity.',
    optional: true,
    min: 1,
    max: MAX_ORDER_LINES,
  })
  setQuantities?: LineQuantityBody[];
  @ListOf(LineBody, {
    description: 'Lines that go. Numbers are not given again.',
    optional: true,
    min: 1,
    max: MAX_ORDER_LINES,
  })
  removeLines?: LineBody[];
  @ListOf(PlaceOrderLineBody, {
    description: 'Lines that are new; they get the next numbers.',
    optional: true,
    min: 1,
    max: MAX_ORDER_LINES,
  })
  addLines?: PlaceOrderLineBody[];
  @ListOf(AdjustmentRequestBody, {
    description: 'All discounts, shipping and tax from now on. Without it, they stay, allocated anew.',
    optional: true,
    min: 0,
    max: MAX_ADJUSTMENTS,
  })
  setAdjustments?: AdjustmentRequestBody[];
}

export class PreviewEditBody extends ChangesBody {}

export class EditOrderBody extends ChangesBody {
  @Field(text(500, 'Customer asked for two more'), { description: 'Why.' })
  reason!: string;
}
