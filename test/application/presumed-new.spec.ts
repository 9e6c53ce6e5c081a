import { beforeEach, expect, test } from '@jest/globals';
import { CommandIdReused, Rejected } from '../../src/application/errors.js';
import type { EventStore } from '../../src/application/ports/event-store.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import type { OrderCommand } from '../../src/domain/order/order.commands.js';
import { order } from '../../src/domain/order/order.decider.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';

const STREAM = 'order-o1';
const place = (quantity = 1): OrderCommand => ({
  type: 'PlaceOrder',
  data: { orderId: 'o1', currency: 'GBP', lines: [{ kind: 'goods', sku: 'MUG', quantity, unitPrice: '1' }] },
});
const context = (commandId: string) => ({ commandId, principal: 'p', occurredAt: '2026-03-01T12:00:00.000Z' });

let reads: number;
let store: EventStore;
/** A writer of its own, as another process would have. */
const writer = () => new StreamWriter(store);
const run = (by: StreamWriter, commandId: string, command = place()) =>
  by.execute(order, STREAM, command, context(commandId), { presumedNew: true });

beforeEach(() => {
  reads = 0;
  const memory = new MemoryEventStore();
  store = new Proxy(memory, {
    get: (target, name) => {
      if (name === 'readStream') reads += 1;
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
});

test('a new stream is written without being read', async () => {
  expect(await run(writer(), 'k1')).toMatchObject({ revision: 0n, replayed: false });
  expect(reads).toBe(0);
});

test('a command that another process took before is answered as it was there', async () => {
  const first = await run(writer(), 'k1');
  expect(await run(writer(), 'k1')).toEqual({ ...first, replayed: true });
  await expect(run(writer(), 'k1', place(2))).rejects.toBeInstanceOf(CommandIdReused);
});

test('a stream that is there after all is read before anything is refused', async () => {
  await run(writer(), 'k1');
  await expect(run(writer(), 'k2')).rejects.toMatchObject(new Rejected({ code: 'order-already-placed' }));
  await expect(
    writer().execute(order, STREAM, { type: 'ConfirmOrder', data: { orderId: 'o1' } }, context('k3'), {
      presumedNew: true,
    }),
  ).resolves.toMatchObject({ revision: 1n });
});

test('two processes at once, the same command: done once, answered alike', async () => {
  const [a, b] = await Promise.all([run(writer(), 'k1'), run(writer(), 'k1')]);
  expect([a.revision, b.revision]).toEqual([0n, 0n]);
  expect([a.replayed, b.replayed].sort()).toEqual([false, true]);
});
