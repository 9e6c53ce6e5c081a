import { IntersectionType } from '@nestjs/swagger';
import { MAX_ASKED_LINES } from '../../../src/domain/order/order.asked.js';
import { MAX_ADJUSTMENTS } from '../../../src/domain/order/order.content.js';
import { ListQuery, ReadQuery } from '../queries.js';
import { Field, ListOf } from '../validation/field.js';
import {
  channel,
  currency,
  customerId,
  day,
  instant,
  lineNumber,
  location,
  minorUnits,
  oneOf,
  orderId,
  paymentMethod,
  price,
  quantity,
  sku,
  text,
} from '../validation/field-types.js';

/** Larger orders are divided: an event has to hold them whole. */
export const MAX_ORDER_LINES = MAX_ASKED_LINES;

export class OrderPath {
  @Field(orderId, { description: 'The `id` that the place command answered with.' })
  orderId!: string;
}

export class PlaceOrderLineBody {
  @Field(sku, { description: 'A listed product; of a charge or a voucher, any code.' })
  sku!: string;
  @Field(quantity, { description: 'Whole units.' })
  quantity!: number;
  @Field(oneOf('kind', ['goods', 'charge', 'voucher'], 'goods'), {
    description: '`goods` leave the stock, a `charge` is postage or a service, a `voucher` is a liability.',
    optional: true,
  })
  kind?: 'goods' | 'charge' | 'voucher';
  @Field(price, {
    description: 'Price per unit in major units. Without it, the list price of the product.',
    optional: true,
  })
  unitPrice?: string;
  @Field(text(200, 'Red teapot'), { description: 'What the document of the order calls it.', optional: true })
  name?: string;
}

export class AdjustmentRequestBody {
  @Field(oneOf('kind', ['discount', 'shipping', 'tax']), { description: 'What the amount is.' })
  kind!: 'discount' | 'shipping' | 'tax';
  @Field(text(64, 'SPRING'), { description: 'A coupon, a carrier, a tax: once per kind and order.' })
  code!: string;
  @Field(text(200, 'Spring sale'), { description: 'What the document of the order calls it.', optional: true })
  name?: string;
  @Field(minorUnits, {
    description: 'Minor units of the currency of the order: below zero for a discount, else zero or more.',
    example: '-250',
  })
  minor!: string;
}

/** Of an order that the ledger is to fulfil by itself. */
export class FulfilmentTermsBody {
  @Field(location, {
    description:
      'Where its goods leave from. With it the ledger fulfils the order: it reserves the goods, assesses the risk, holds the money, and confirms the order, or rejects it; when it ships, the goods leave the stock and the money is taken.',
    optional: true,
  })
  fulfilFrom?: string;
  @Field(paymentMethod, {
    description:
      "The payment provider's token of what pays for an order with `fulfilFrom`: if it is declined, the order is rejected. Without it, begin payments of the order yourself.",
    optional: true,
  })
  paymentMethod?: string;
}

/** What an order has beside its lines, as a draft has it too. */
export class OrderTermsBody {
  @Field(currency, { description: 'ISO 4217. All of the order is in this currency.' })
  currency!: string;
  @ListOf(AdjustmentRequestBody, {
    description:
      'Discounts, shipping and tax on the whole order. Each is allocated to the goods lines, to the last minor unit.',
    optional: true,
    min: 0,
    max: MAX_ADJUSTMENTS,
  })
  adjustments?: AdjustmentRequestBody[];
  @Field(customerId, {
    description: 'A pseudonym, never a name or an address: the log keeps it for ever.',
    optional: true,
  })
  customerId?: string;
  @Field(text(64, 'United Kingdom'), { description: 'Country of the customer, for the figures.', optional: true })
  country?: string;
  @Field(channel, { description: 'Where it was sold.', optional: true })
  channel?: string;
}

export class PlaceOrderBody extends IntersectionType(OrderTermsBody, FulfilmentTermsBody) {
  @ListOf(PlaceOrderLineBody, {
    description: 'Lines count 1, 2, 3 … Several may name one SKU. Each is rounded half-even to a minor unit, once.',
    min: 1,
    max: MAX_ORDER_LINES,
  })
  lines!: PlaceOrderLineBody[];
  @Field(day, {
    description: 'The day on the document, where it differs from the UTC day on which it was placed.',
    optional: true,
  })
  documentDay?: string;
}

export class ConfirmOrderBody {}

export class ReviewOrderBody {
  @Field(oneOf('decision', ['accept', 'decline']), { description: 'Whether the order goes on, or is rejected.' })
  decision!: 'accept' | 'decline';
  @Field(text(500, 'Known customer, called them'), { description: 'Why.' })
  reason!: string;
}

export class CancelOrderBody {
  @Field(text(500, 'Customer changed their mind'), { description: 'Why.' })
  reason!: string;
}

export class LineQuantityBody {
  @Field(lineNumber, { description: 'Number of the line: 1, 2, 3 …' })
  line!: number;
  @Field(quantity, { description: 'Whole units.' })
  quantity!: number;
}

export class ShipOrderBody {
  @ListOf(LineQuantityBody, {
    description: 'What is shipped now. Without it, all that is left.',
    optional: true,
    min: 1,
    max: MAX_ORDER_LINES,
  })
  lines?: LineQuantityBody[];
}

export class DeliverOrderBody {
  @ListOf(LineQuantityBody, {
    description: 'What has arrived. Without it, all that was shipped.',
    optional: true,
    min: 1,
    max: MAX_ORDER_LINES,
  })
  lines?: LineQuantityBody[];
}

export class CompleteOrderBody {}

export class CancelLinesBody {
  @ListOf(LineQuantityBody, { description: 'What is cancelled.', min: 1, max: MAX_ORDER_LINES })
  lines!: LineQuantityBody[];
  @Field(text(500, 'Sold out'), { description: 'Why.' })
  reason!: string;
}

/** What became of an order; all other statuses are derived. */
export const ORDER_STATUSES = ['placed', 'confirmed', 'completed', 'cancelled', 'rejected'] as const;

export class OrdersQuery extends ListQuery {
  @Field(oneOf('status', ORDER_STATUSES), { description: 'Only orders in this status.', optional: true })
  status?: (typeof ORDER_STATUSES)[number];
  @Field(customerId, { description: 'Only orders of this customer. Not together with `status`.', optional: true })
  customerId?: string;
  @Field(instant, { description: 'Placed at this time or later.', optional: true })
  from?: string;
  @Field(instant, { description: 'Placed before this time.', optional: true })
  to?: string;
  @Field(oneOf('order', ['newest', 'oldest'], 'newest'), { description: 'Which come first.', optional: true })
  order?: 'newest' | 'oldest';
}

export class OrderQuery extends ReadQuery {}
