import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ProductCommand } from '../../src/domain/product/product.commands.js';
import { product } from '../../src/domain/product/product.decider.js';
import type { ProductEvent } from '../../src/domain/product/product.events.js';
import { SKU } from '../../src/domain/product/product.ids.js';
import type { UnitPrice } from '../../src/domain/money.js';
import { NOON, run, specify } from './specify.js';

const { given } = specify(product);

const sku = 'MUG-1';
const gbp = (amount: string): UnitPrice => ({ amount, currency: 'GBP' });
const eur = (amount: string): UnitPrice => ({ amount, currency: 'EUR' });

const list = (...prices: UnitPrice[]): ProductCommand => ({ type: 'ListProduct', data: { sku, name: 'Mug', prices } });
const changePrice = (price: UnitPrice): ProductCommand => ({ type: 'ChangePrice', data: { sku, price } });
const discontinue: ProductCommand = { type: 'DiscontinueProduct', data: { sku } };

const listed = (...prices: UnitPrice[]): ProductEvent => ({
  type: 'ProductListed',
  data: { sku, name: 'Mug', prices },
});
const priceChanged = (price: UnitPrice): ProductEvent => ({ type: 'PriceChanged', data: { sku, price } });
const discontinued: ProductEvent = { type: 'ProductDiscontinued', data: { sku } };

describe('listing a product', () => {
  test('records its name and a price per currency, prices in canonical form', () => {
    given()
      .when(list(gbp('2.50'), eur('3')))
      .then(listed(gbp('2.5'), eur('3')));
  });
  test('needs no price, and takes one of zero', () => {
    given().when(list()).then(listed());
    given()
      .when(list(gbp('0.00')))
      .then(listed(gbp('0')));
  });
  test('is done once', () => {
    given(listed(gbp('2.5')))
      .when(list(gbp('2.5')))
      .thenRejected({ code: 'product-already-listed' });
    given(listed(), discontinued)
      .when(list(gbp('2.5')))
      .thenRejected({ code: 'product-discontinued' });
  });
  test('refuses prices that are none, and two in one currency', () => {
    given()
      .when(list(gbp('-0.01')))
      .thenRejected({ code: 'price-negative', price: gbp('-0.01') });
    given()
      .when(list(gbp('cheap')))
      .thenRejected({ code: 'price-malformed', price: gbp('cheap') });
    given()
      .when(list(eur('1'), { amount: '1', currency: 'XAU' }))
      .thenRejected({ code: 'currency-unknown', currency: 'XAU' });
    given()
      .when(list(gbp('1'), eur('1'), gbp('1.0')))
      .thenRejected({ code: 'price-repeated', currency: 'GBP' });
  });
});

describe('changing a price', () => {
  test('records the new one, in a known or a new currency', () => {
    given(listed(gbp('2.5')))
      .when(changePrice(gbp('2.60')))
      .then(priceChanged(gbp('2.6')));
    given(listed(gbp('2.5')))
      .when(changePrice(eur('2.5')))
      .then(priceChanged(eur('2.5')));
  });
  test('to what it is already is recorded, so that its repetition is known when the price has changed in between', () => {
    given(listed(gbp('2.5')))
      .when(changePrice(gbp('2.50')))
      .then(priceChanged(gbp('2.5')));
    given(listed(gbp('2.5')), priceChanged(gbp('3')))
      .when(changePrice(gbp('2.5')))
      .then(priceChanged(gbp('2.5')));
  });
  test('needs a product that is on sale, and a price', () => {
    given()
      .when(changePrice(gbp('1')))
      .thenRejected({ code: 'product-unknown' });
    given(listed(), discontinued)
      .when(changePrice(gbp('1')))
      .thenRejected({ code: 'product-discontinued' });
    given(listed())
      .when(changePrice(gbp('-1')))
      .thenRejected({ code: 'price-negative', price: gbp('-1') });
    given(listed())
      .when(changePrice(gbp('')))
      .thenRejected({ code: 'price-malformed', price: gbp('') });
    given(listed())
      .when(changePrice({ amount: '1', currency: 'gbp' }))
      .thenRejected({ code: 'currency-unknown', currency: 'gbp' });
  });
});

describe('discontinuing a product', () => {
  test('is recorded once', () => {
    given(listed()).when(discontinue).then(discontinued);
    given(listed(), discontinued).when(discontinue).then();
    given().when(discontinue).thenRejected({ code: 'product-unknown' });
  });
});

test('a history that no command wrote stops the fold', () => {
  given(listed(), listed()).thenCorrupt(/ProductListed on a listed product/);
  given(listed(gbp('1'), gbp('2'))).thenCorrupt(/two prices/);
  given(priceChanged(gbp('1'))).thenCorrupt(/PriceChanged on a product that is none/);
  given(listed(), discontinued, priceChanged(gbp('1'))).thenCorrupt(/discontinued/);
  given(discontinued).thenCorrupt(/ProductDiscontinued on a product that is none/);
  given(listed(), discontinued, discontinued).thenCorrupt(/discontinued/);
});

test('no run of commands leaves two prices in one currency, a negative one, or changes one after the end', () => {
  const anyPrice = fc.record({
    amount: fc.constantFrom('0', '1', '1.0', '2.55', '-1', 'x', '0.001'),
    currency: fc.constantFrom('GBP', 'EUR', 'JPY', 'XAU'),
  });
  const anyCommand: fc.Arbitrary<ProductCommand> = fc.oneof(
    fc.array(anyPrice, { maxLength: 3 }).map((prices) => list(...prices)),
    { arbitrary: anyPrice.map(changePrice), weight: 3 },
    fc.constant(discontinue),
  );
  fc.assert(
    fc.property(fc.array(anyCommand, { maxLength: 20 }), (commands) => {
      let model: Map<string, string> | undefined;
      for (const { before, after, events } of run(
        product,
        commands.map((command) => ({ command, at: NOON })),
      )) {
        if (before.status === 'discontinued') expect(events).toEqual([]);
        for (const { type, data } of events) {
          if (type === 'ProductListed') model = new Map(data.prices.map(({ currency, amount }) => [currency, amount]));
          if (type === 'PriceChanged') model?.set(data.price.currency, data.price.amount);
        }
        expect(after.status === 'none' ? undefined : after.prices).toEqual(model);
        expect([...(model?.values() ?? [])].every((amount) => ['0', '1', '2.55', '0.001'].includes(amount))).toBe(true);
      }
    }),
  );
});

test.each(['A', '85123A', 'DCGS0003', 'GIFT_0001_20', 'A.B-C', 'X'.repeat(64)])('%s is a SKU', (text) => {
  expect(text).toMatch(SKU);
});
test.each(['', 'a', '-A', '_A', 'A B', 'A@B', 'Ä', 'A\n', 'X'.repeat(65)])('%j is no SKU', (text) => {
  expect(text).not.toMatch(SKU);
});
