import { expect, test } from '@jest/globals';
import { toCloudEvent } from '../../src/application/public-events/cloud-event.js';
import { runOrder } from '../../src/application/order/run-order.handler.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { cancel, confirm, goods, orderId, place } from '../domain/order-commands.js';

/**
 * What users of other shops report of the events that they are sent. The address of the report stands beside it. That an
 * event is published once, whatever is killed, is in test/messaging, with a real nats-server.
 */

/** Everything of an order that is public, as a publisher reads it from the log that day. */
async function published(store: MemoryEventStore) {
  const events = [];
  for await (const batch of store.readAll()) events.push(...batch.events);
  return events.map((event) => toCloudEvent(event, '/ledger/x')).filter((event) => event !== undefined);
}
async function anOrder(): Promise<MemoryEventStore> {
  const store = new MemoryEventStore();
  const writer = new StreamWriter(store);
  const occurredAt = '2026-03-01T12:00:00.000Z';
  for (const [n, command] of [place([goods(1, '5')]), confirm, cancel].entries()) {
    await runOrder(writer, command, { commandId: `c${n}`, principal: 'shop', occurredAt });
  }
  return store;
}

// github.com/saleor/saleor/issues/9961, 10165, 14251
test('an event that is delivered twice can be told by its id, which is the same for ever and no other event has', async () => {
  const store = await anOrder();
  const [once, again] = [await published(store), await published(store)];
  expect(again).toEqual(once);
  expect(new Set(once.map(({ id }) => id)).size).toBe(once.length);
  expect(once.length).toBeGreaterThan(2);
});

// github.com/saleor/saleor/issues/14925
test('events of one order say that they belong together, and which comes first', async () => {
  const events = await published(await anOrder());
  expect(new Set(events.map(({ partitionkey }) => partitionkey))).toEqual(new Set([`order-${orderId}`]));
  const sequences = events.map(({ sequence }) => sequence);
  expect(sequences.toSorted()).toEqual(sequences); // as text, as consumers compare them
  expect(new Set(sequences).size).toBe(sequences.length);
});
