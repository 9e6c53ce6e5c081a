import { exponentOf } from '../currencies.js';
import { assertNever, CorruptHistory, no, yes, type Decider, type Decision } from '../decider.js';
import { parseDecimal, type Decimal } from '../decimal.js';
import type { Currency, UnitPrice } from '../money.js';
import type { ProductCommand, ProductRejection } from './product.commands.js';
import type { ProductEvent } from './product.events.js';

export type ProductState =
  | Readonly<{ status: 'none' }>
  | Readonly<{ status: 'listed' | 'discontinued'; prices: ReadonlyMap<Currency, Decimal> }>;

type Data<T extends ProductCommand['type']> = Extract<ProductCommand, { type: T }>['data'];
type Answer = Decision<ProductEvent, ProductRejection>;

function list({ sku, name, prices }: Data<'ListProduct'>, state: ProductState): Answer {
  if (state.status === 'discontinued') return no({ code: 'product-discontinued' });
  if (state.status === 'listed') return no({ code: 'product-already-listed' });
  const priced: UnitPrice[] = [];
  for (const price of prices) {
    const checked = checkPrice(price);
    if ('rejection' in checked) return no(checked.rejection);
    if (priced.some(({ currency }) => currency === price.currency)) {
      return no({ code: 'price-repeated', currency: price.currency });
    }
    priced.push(checked.price);
  }
  return yes({ type: 'ProductListed', data: { sku, name, prices: priced } });
}

/**
 * The price that is in force already is recorded, too: a price that was set twice and changed in between must find its
 * first command again when it is repeated, or the repetition would set the old price once more.
 */
function changePrice({ sku, price }: Data<'ChangePrice'>, state: ProductState): Answer {
  if (state.status === 'none') return no({ code: 'product-unknown' });
  if (state.status === 'discontinued') return no({ code: 'product-discontinued' });
  const checked = checkPrice(price);
  if ('rejection' in checked) return no(checked.rejection);
  return yes({ type: 'PriceChanged', data: { sku, price: checked.price } });
}

/** Discontinuing what is discontinued is nothing to record. */
function discontinue({ sku }: Data<'DiscontinueProduct'>, state: ProductState): Answer {
  if (state.status === 'none') return no({ code: 'product-unknown' });
  return state.status === 'discontinued' ? yes() : yes({ type: 'ProductDiscontinued', data: { sku } });
}

function checkPrice(price: UnitPrice): Readonly<{ price: UnitPrice }> | Readonly<{ rejection: ProductRejection }> {
  if (exponentOf(price.currency) === undefined) {
    return { rejection: { code: 'currency-unknown', currency: price.currency } };
  }
  const amount = parseDecimal(price.amount);
  if (amount === undefined) return { rejection: { code: 'price-malformed', price } };
  if (amount.startsWith('-')) return { rejection: { code: 'price-negative', price } };
  return { price: { amount, currency: price.currency } };
}

export const product: Decider<ProductCommand, ProductState, ProductEvent, ProductRejection> = {
  initial: { status: 'none' },
  decide: (command, state) => {
    switch (command.type) {
      case 'ListProduct':
        return list(command.data, state);
      case 'ChangePrice':
        return changePrice(command.data, state);
      case 'DiscontinueProduct':
        return discontinue(command.data, state);
      default:
        return assertNever(command);
    }
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'ProductListed':
        return listed(state, event.data.prices);
      case 'PriceChanged': {
        const { amount, currency } = event.data.price;
        return { status: 'listed', prices: new Map(onSale(state, event).prices).set(currency, amount) };
      }
      case 'ProductDiscontinued':
        return { status: 'discontinued', prices: onSale(state, event).prices };
      default:
        return assertNever(event);
    }
  },
};

function listed(state: ProductState, prices: readonly UnitPrice[]): ProductState {
  if (state.status !== 'none') throw new CorruptHistory(`ProductListed on a ${state.status} product`);
  const byCurrency = new Map(prices.map(({ currency, amount }) => [currency, amount]));
  if (byCurrency.size < prices.length) throw new CorruptHistory('ProductListed with two prices in one currency');
  return { status: 'listed', prices: byCurrency };
}

function onSale(state: ProductState, event: ProductEvent): Exclude<ProductState, { status: 'none' }> {
  if (state.status !== 'listed') throw new CorruptHistory(`${event.type} on a product that is ${state.status}`);
  return state;
}
