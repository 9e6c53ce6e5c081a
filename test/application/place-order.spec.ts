import { beforeEach, describe, expect, test } from '@jest/globals';
import { Rejected } from '../../src/application/errors.js';
import { placeOrder, type AskedOrder } from '../../src/application/order/place-order.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import type { ProductCommand } from '../../src/domain/product/product.commands.js';
import { product } from '../../src/domain/product/product.decider.js';
import { productStream } from '../../src/domain/streams.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';

/** Two processes on one log: orders are placed by the one, the catalog is changed by the other. */
let shop: StreamWriter;
let catalog: StreamWriter;
let nowMs: number;
beforeEach(() => {
  const store = new MemoryEventStore();
  nowMs = 0;
  shop = new StreamWriter(store, { monotonicMs: () => nowMs });
  catalog = new StreamWriter(store);
});

let commands = 0;
const context = () => ({
  commandId: `c${++commands}`,
  principal: 'tester',
  occurredAt: '2026-03-01T12:00:00.000Z',
});
const change = (command: ProductCommand) => catalog.execute(product, productStream('MUG'), command, context());
const list = () =>
  change({ type: 'ListProduct', data: { sku: 'MUG', name: 'Mug', prices: [{ amount: '4.10', currency: 'GBP' }] } });
const discontinue = () => change({ type: 'DiscontinueProduct', data: { sku: 'MUG' } });

const order = (currency = 'GBP'): AskedOrder => ({ currency, lines: [{ sku: 'MUG', quantity: 1 }] });
let orders = 0;
const place = (asked = order()) => placeOrder(shop, `ord_${++orders}`, asked, context());
const refused = (code: string) => ({ name: 'Rejected', rejection: { code, line: 1, sku: 'MUG' } });

describe('no line is refused for what another process has changed since', () => {
  test('a product that it has listed', async () => {
    await expect(place()).rejects.toMatchObject(refused('line-product-unknown'));
    await list();
    await expect(place()).resolves.toMatchObject({ revision: 0n });
  });

  test('a price that it has added', async () => {
    await list();
    await expect(place(order('EUR'))).rejects.toBeInstanceOf(Rejected);
    await change({ type: 'ChangePrice', data: { sku: 'MUG', price: { amount: '5', currency: 'EUR' } } });
    await expect(place(order('EUR'))).resolves.toMatchObject({ revision: 0n });
  });
});

test('a product that another process has discontinued is sold for less than a second', async () => {
  await list();
  await place();
  await discontinue();
  nowMs = 999;
  await expect(place()).resolves.toMatchObject({ revision: 0n });
  nowMs = 1_000;
  await expect(place()).rejects.toMatchObject(refused('line-product-discontinued'));
});
