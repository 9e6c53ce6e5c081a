import { beforeEach, expect, test } from '@jest/globals';
import { placeDraft } from '../../src/application/order/place-draft.js';
import { runOrder } from '../../src/application/order/run-order.handler.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import type { Recorded } from '../../src/domain/fact.js';
import { product } from '../../src/domain/product/product.decider.js';
import { orderStream, productStream } from '../../src/domain/streams.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';

const orderId = 'ord_1';
let commands = 0;
const context = (commandId = `c${++commands}`) => ({
  commandId,
  principal: 'tester',
  occurredAt: '2026-03-01T12:00:00.000Z',
});

/** The customer changes the cart from one process while another places it. */
let store: MemoryEventStore;
let checkout: StreamWriter;
let customer: StreamWriter;
beforeEach(async () => {
  store = new MemoryEventStore();
  [checkout, customer] = [new StreamWriter(store), new StreamWriter(store)];
  const prices = [{ amount: '4.10', currency: 'GBP' }];
  const mug = { type: 'ListProduct', data: { sku: 'MUG', name: 'Mug', prices } } as const;
  await customer.execute(product, productStream('MUG'), mug, context());
  const data = { orderId, currency: 'GBP', lines: [{ sku: 'MUG', quantity: 1 }] };
  await runOrder(customer, { type: 'DraftOrder', data }, context());
});
const take = (quantity: number) => {
  const changes = { setQuantities: [{ line: 1, quantity }] };
  return runOrder(customer, { type: 'ChangeDraft', data: { orderId, changes } }, context());
};

/** `checkout`, with something that happens between pricing and deciding, so often. */
function interrupted(times: number): StreamWriter {
  let left = times;
  return new Proxy(checkout, {
    get: (writer, name: 'execute') => {
      if (name !== 'execute') return (writer[name] as () => unknown).bind(writer);
      return async (...args: Parameters<StreamWriter['execute']>) => {
        if (left-- > 0) await take(left + 2);
        return writer.execute(...args);
      };
    },
  });
}

test('a draft that changes while it is priced is placed as it is then, never as it was', async () => {
  const receipt = await placeDraft(interrupted(2), orderId, {}, context());
  expect(receipt).toMatchObject({ revision: 3n });
  const events: Recorded[] = [];
  for await (const batch of store.readStream(orderStream(orderId))) events.push(...batch);
  expect(events.map(({ type }) => type)).toEqual(['OrderDrafted', 'DraftChanged', 'DraftChanged', 'OrderPlaced']);
  expect(events.at(-1)).toMatchObject({ data: { lines: [{ quantity: 2, minor: 820n }], totalMinor: 820n } });
});

test('one that never holds still is a lost race, which may be tried again', async () => {
  await expect(placeDraft(interrupted(5), orderId, {}, context('key'))).rejects.toMatchObject({
    name: 'ConcurrencyConflict',
  });
  await expect(placeDraft(checkout, orderId, {}, context('key'))).resolves.toMatchObject({ replayed: false });
});

test('a client that says which draft it means gets that one or none', async () => {
  await take(3);
  const meant = { ...context(), expectedRevision: 0n };
  await expect(placeDraft(checkout, orderId, {}, meant)).rejects.toMatchObject({
    name: 'RevisionMismatch',
    current: 1n,
  });
});

test('placed once, it answers so for ever, whatever became of the products', async () => {
  const first = await placeDraft(checkout, orderId, {}, context('key'));
  const gone = { type: 'DiscontinueProduct', data: { sku: 'MUG' } } as const;
  await customer.execute(product, productStream('MUG'), gone, context());
  expect(await placeDraft(customer, orderId, {}, context('key'))).toEqual({ ...first, replayed: true });
  await expect(placeDraft(customer, orderId, {}, context())).rejects.toMatchObject({
    rejection: { code: 'order-already-placed' },
  });
});
