import type { ProductEvent } from '../../../domain/product/product.events.js';
import { pick, publish, type Publications } from '../publication.js';
import { list, object, text } from '../shape.js';
import { sku, unitPrice } from './common.shapes.js';

type Event<Type extends ProductEvent['type']> = Extract<ProductEvent, { type: Type }>;

export const product: Publications<ProductEvent> = {
  ProductListed: publish<Event<'ProductListed'>>()(
    'ledger.product.listed.v1',
    'A product can be ordered.',
    object({ sku, name: text('Its name.', 'Red teapot'), prices: list('At most one per currency.', unitPrice) }),
    (data) => ({
      ...pick(data, 'sku', 'name'),
      prices: data.prices.map((price) => pick(price, 'amount', 'currency')),
    }),
  ),
  PriceChanged: publish<Event<'PriceChanged'>>()(
    'ledger.product.price-changed.v1',
    'A product has a new list price in one currency.',
    object({ sku, price: unitPrice }),
    (data) => ({ sku: data.sku, price: pick(data.price, 'amount', 'currency') }),
  ),
  ProductDiscontinued: publish<Event<'ProductDiscontinued'>>()(
    'ledger.product.discontinued.v1',
    'A product can be ordered no more.',
    object({ sku }),
    (data) => pick(data, 'sku'),
  ),
};
