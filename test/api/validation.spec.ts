import 'reflect-metadata';
import { expect, test } from '@jest/globals';
import { getMetadataStorage, validateSync, ValidateBy } from 'class-validator';
import fc from 'fast-check';
import { PlaceOrderBody, PlaceOrderLineBody, ShipOrderBody } from '../../apps/api/orders/order.dto.js';
import { ListProductBody } from '../../apps/api/products/product.dto.js';
import { OrdersQuery } from '../../apps/api/orders/order.dto.js';
import { AdjustStockBody, ReserveStockBody, ShipStockBody } from '../../apps/api/stock/stock.dto.js';
import { checkOf } from '../../apps/api/validation/compile.js';
import { Field, ListOf } from '../../apps/api/validation/field.js';
import { quantity } from '../../apps/api/validation/field-types.js';

type Dto = new () => object;

/** Makes what class-validator needs: an instance of the DTO class, with instances of the nested ones in its lists. */
function instanceOf(dto: Dto, plain: unknown): unknown {
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) return plain;
  const instance = Object.assign(new dto(), plain) as Record<string, unknown>;
  for (const { propertyName, context } of getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false)) {
    const nested = (context as { dto?: Dto } | undefined)?.dto;
    const value = instance[propertyName];
    if (nested && Array.isArray(value)) instance[propertyName] = value.map((item) => instanceOf(nested, item));
  }
  return instance;
}

const wellFormed: Record<string, unknown> = {
  sku: 'MUG',
  name: 'Mug',
  quantity: 3,
  unitPrice: '2.55',
  kind: 'charge',
  currency: 'GBP',
  customerId: 'cus_1',
  country: 'France',
  channel: 'web',
  documentDay: '2026-03-01',
  line: 1,
  delta: -2,
  reason: 'Broken',
  reference: 'r-1',
  expiresAt: '2026-03-01T12:30:00Z',
  reservationId: 'rsv_1',
  amount: '1',
  lines: [{ sku: 'MUG', quantity: 3 }],
  prices: [{ amount: '1', currency: 'GBP' }],
  status: 'placed',
  limit: '5',
};

/** Objects that are nearly right: fields of the DTOs with good values, bad ones, or none, and fields that are unknown. */
const anyValue = fc.oneof(
  fc.constantFrom(undefined, null, '', 'x', 0, -1, 1.5, true, [], {}, '2026-02-30', Number.NaN, 2 ** 53, '\ud800'),
  fc.constantFrom(...Object.values(wellFormed)),
);
const nearly = fc
  .dictionary(fc.constantFrom(...Object.keys(wellFormed), 'unknown'), fc.tuple(fc.boolean(), anyValue), {
    noNullPrototype: true,
  })
  .map((fields) =>
    Object.fromEntries(
      Object.entries(fields).map(([name, [good, value]]) => [
        name,
        good && name in wellFormed ? wellFormed[name] : value,
      ]),
    ),
  );
const nested = fc.tuple(nearly, fc.array(nearly, { maxLength: 3 })).map(([body, lines]) => ({ ...body, lines }));

const valid: [Dto, object][] = [
  [PlaceOrderBody, { currency: 'GBP', lines: [{ sku: 'MUG', quantity: 3, unitPrice: '2.55' }], country: 'France' }],
  [PlaceOrderLineBody, { sku: 'MUG', quantity: 3 }],
  [ShipOrderBody, { lines: [{ line: 1, quantity: 3 }] }],
  [ListProductBody, { sku: 'MUG', name: 'Mug', prices: [{ amount: '1', currency: 'GBP' }] }],
  [AdjustStockBody, { delta: -2, reason: 'Broken' }],
  [ReserveStockBody, { quantity: 3, expiresAt: '2026-03-01T12:30:00Z' }],
  [ShipStockBody, { quantity: 3, reservationId: 'rsv_1' }],
  [OrdersQuery, { limit: '5', status: 'placed' }],
];
const named = valid.map(([dto, body]) => ({ name: dto.name, dto, body }));

test.each(named)('$name: the compiled rules give the verdict of class-validator', ({ dto, body: good }) => {
  const check = checkOf(dto);
  const nearlyGood = nearly.map((fields) => ({ ...good, ...Object.fromEntries(Object.entries(fields).slice(0, 1)) }));
  expect(check(good)).toEqual([]);
  fc.assert(
    fc.property(fc.oneof(nearly, nested, nearlyGood), (body) => {
      const theirs = validateSync(instanceOf(dto, body) as object, {
        whitelist: true,
        forbidNonWhitelisted: true,
        forbidUnknownValues: true,
      });
      const ours = check(body);
      expect({ body, valid: ours.length === 0 }).toEqual({ body, valid: theirs.length === 0 });
      const fields = new Set(theirs.map(({ property }) => property));
      for (const { path } of ours) expect(fields).toContain(String(path[0]));
    }),
    { numRuns: 400 },
  );
});

test('a rule that is not compiled is refused at start, not ignored', () => {
  class Unsaid {
    @ValidateBy({ name: 'x', validator: { validate: () => true } })
    field!: string;
  }
  class Each {
    @ValidateBy({ name: 'x', validator: { validate: () => true } }, { each: true, message: 'no' })
    field!: string[];
  }
  class Outer {
    @ListOf(Each, { description: 'x', min: 0, max: 1 })
    list!: Each[];
  }
  for (const dto of [Unsaid, Each, Outer]) expect(() => checkOf(dto)).toThrow(/class-validator rule/);
});

test('rules are inherited, and a name of every object is no field', () => {
  class Base {
    @Field(quantity, { description: 'x' })
    quantity!: number;
  }
  class Derived extends Base {
    @Field(quantity, { description: 'x', optional: true })
    more?: number;
  }
  const check = checkOf(Derived);
  expect(check({ quantity: 1 })).toEqual([]);
  expect(check({ more: 1 })).toEqual([{ path: ['quantity'], detail: 'is missing' }]);
  expect(check({ quantity: 1, toString: 1 })).toEqual([{ path: ['toString'], detail: 'is not known here' }]);
});
