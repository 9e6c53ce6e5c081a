import type { Money } from '../../../domain/money.js';
import { integer, list, object, text, textLike } from '../shape.js';

const currency = textLike('ISO 4217.', 'GBP', /^[A-Z]{3}$/);
/** As the HTTP API has it. An amount may exceed 2^53, so it is always decimal text. */
export const money = object(
  { minor: textLike('Minor units of the currency, decimal.', '4998', /^-?[0-9]+$/), currency },
  'An exact amount.',
);
export const decimal = textLike(
  'Decimal in major units; may be finer than a minor unit.',
  '24.99',
  /^[0-9]+(\.[0-9]+)?$/,
);
export const unitPrice = object({ amount: decimal, currency }, 'A price per unit.');

export const sku = text('Stock keeping unit.', 'TEAPOT-RED');
export const quantity = integer('Whole units.', 3, 1);
export const lineNumber = integer('Number of the line: 1, 2, 3 …', 1, 1);
export const lineName = text('What the line calls it.', 'Red teapot');
export const lineQuantities = list('Units by line.', object({ line: lineNumber, quantity }));

export const orderId = text('The order.', 'ord_0198c5f1-7b44-8d0a-9c11-2f5b8a6e4d03');
export const customerId = text('The customer, by an id that names nobody.', 'cus_17850');
export const country = text('Where the customer is, as the shop wrote it.', 'United Kingdom');

/** Money as it goes out. */
export const moneyOf = (money: Money): { minor: string; currency: string } => ({
  minor: money.minor.toString(),
  currency: money.currency,
});
