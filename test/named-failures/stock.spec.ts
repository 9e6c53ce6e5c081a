/**
 * Failures of stock that other shops' users have reported, by the name that they go by; each with the real writer over one
 * log, and two writers where it is a race, as two processes would be.
 */
import { beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { EventStore } from '../../src/application/ports/event-store.js';
import { runStock, type StockCommand } from '../../src/application/stock/run-stock.handler.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import type { Recorded } from '../../src/domain/fact.js';
import { demandOf } from '../../src/domain/stock/demand.js';
import { stock } from '../../src/domain/stock/stock.decider.js';
import type { StockEvent } from '../../src/domain/stock/stock.events.js';
import { availableAt, promisedAt } from '../../src/domain/stock/stock.state.js';
import { stockStream } from '../../src/domain/streams.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { availabilityOf } from '../../src/projections/shelf.js';
import { stock as stockProjection } from '../../src/projections/stock.projection.js';

const NOON = '2026-03-01T12:00:00.000Z';
const SOON = '2026-03-01T12:15:00.000Z';
const LATER = '2026-03-01T13:00:00.000Z';
const at = (sku: string) => ({ sku, location: 'main' });

let log: EventStore;
let writers: readonly [StreamWriter, StreamWriter];
beforeEach(() => {
  log = new MemoryEventStore();
  writers = [new StreamWriter(log), new StreamWriter(log)];
});

let sent = 0;
const send = (command: StockCommand, occurredAt = NOON, by = writers[sent % 2]!) =>
  runStock(by, command, { commandId: `command-${sent++}`, principal: 'tester', occurredAt });
const receive = (sku: string, quantity: number) => send({ type: 'ReceiveStock', data: { ...at(sku), quantity } });
const reserve = (sku: string, reservationId: string, quantity: number, expiresAt = SOON): StockCommand => ({
  type: 'ReserveStock',
  data: { ...at(sku), reservationId, quantity, expiresAt },
});
const accepted = (answers: readonly PromiseSettledResult<unknown>[]) =>
  answers.filter(({ status }) => status === 'fulfilled').length;

async function eventsOf(sku: string): Promise<readonly Recorded<StockEvent>[]> {
  const events: Recorded<StockEvent>[] = [];
  for await (const batch of log.readStream<StockEvent>(stockStream(sku, 'main'))) events.push(...batch);
  return events;
}
const stateOf = async (sku: string) => (await writers[0].current(stock, stockStream(sku, 'main'), 0)).state;

test('the last unit is never sold twice: two writers, 64 callers', async () => {
  await receive('MUG', 1);
  const race = Array.from({ length: 64 }, (_, n) =>
    send(n % 2 ? { type: 'ShipStock', data: { ...at('MUG'), quantity: 1 } } : reserve('MUG', `rsv_${n}`, 1)),
  );
  const answers = await Promise.allSettled(race);
  expect(accepted(answers)).toBe(1);
  for (const answer of answers) {
    if (answer.status === 'fulfilled') continue;
    expect(answer.reason).toMatchObject({ rejection: { code: 'insufficient-stock', available: 0, requested: 1 } });
  }
  expect(await eventsOf('MUG')).toHaveLength(2);
});

test('a reservation that many callers race to ship and to release ends once', async () => {
  await receive('MUG', 1);
  await send(reserve('MUG', 'rsv_1', 1));
  const data = { ...at('MUG'), reservationId: 'rsv_1' };
  const race = Array.from({ length: 64 }, (_, n) =>
    send(n % 2 ? { type: 'ReleaseReservation', data } : { type: 'ShipStock', data: { ...data, quantity: 1 } }),
  );
  expect(accepted(await Promise.allSettled(race))).toBe(1);
  const { onHand, holds } = await stateOf('MUG');
  expect(onHand - holds.total).toBe(onHand);
  expect((await eventsOf('MUG')).filter(({ type }) => type === 'StockShipped').length).toBe(1 - onHand);
});

test('two lines of one order that share a SKU are checked together, not each alone', async () => {
  await receive('MUG', 5);
  const lines = [
    { kind: 'goods', sku: 'MUG', quantity: 3 },
    { kind: 'goods', sku: 'MUG', quantity: 3 },
  ] as const;
  const demands = demandOf(lines);
  expect(demands).toEqual([{ sku: 'MUG', quantity: 6 }]);
  const answers = await Promise.allSettled(
    demands.map(({ sku, quantity }) => send(reserve(sku, 'rsv_order', quantity))),
  );
  expect(answers).toMatchObject([
    { status: 'rejected', reason: { rejection: { code: 'insufficient-stock', available: 5, requested: 6 } } },
  ]);
  expect(await eventsOf('MUG')).toHaveLength(1);
});

test('an expired reservation is free at once, with nobody to release it', async () => {
  await receive('MUG', 1);
  await send(reserve('MUG', 'rsv_1', 1));
  await expect(send(reserve('MUG', 'rsv_2', 1, LATER), '2026-03-01T12:14:59.999Z')).rejects.toMatchObject({
    rejection: { code: 'insufficient-stock' },
  });
  await send(reserve('MUG', 'rsv_2', 1, LATER), SOON);
  await expect(
    send({ type: 'ShipStock', data: { ...at('MUG'), quantity: 1, reservationId: 'rsv_1' } }, SOON),
  ).rejects.toMatchObject({ rejection: { code: 'reservation-expired' } });
  expect((await eventsOf('MUG')).map(({ type }) => type)).toEqual(['StockReceived', 'StockReserved', 'StockReserved']);
});

test('reserved quantity never drifts from the movements: writer, view and log agree after any race', async () => {
  const steps = fc.array(
    fc.record({
      act: fc.constantFrom('receive', 'reserve', 'commit', 'release', 'ship', 'ship reserved'),
      id: fc.integer({ min: 0, max: 5 }),
      quantity: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 20, maxLength: 60, size: 'max' },
  );
  let round = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (drawn) => {
      const sku = `MUG-${round++}`;
      await receive(sku, 5);
      const commands = drawn.map(({ act, id, quantity }): StockCommand => {
        const data = { ...at(sku), quantity };
        const reservationId = `rsv_${id}`;
        switch (act) {
          case 'receive':
            return { type: 'ReceiveStock', data };
          case 'reserve':
            return reserve(sku, reservationId, quantity, LATER);
          case 'commit':
            return { type: 'CommitReservation', data: { ...at(sku), reservationId } };
          case 'release':
            return { type: 'ReleaseReservation', data: { ...at(sku), reservationId } };
          case 'ship':
            return { type: 'ShipStock', data };
          case 'ship reserved':
            return { type: 'ShipStock', data: { ...data, reservationId } };
        }
      });
      await Promise.allSettled(commands.map((command) => send(command)));
      const events = await eventsOf(sku);
      const state = await stateOf(sku);
      const document = events.reduce<ReturnType<typeof stockProjection.apply> | undefined>((before, event) => {
        return stockProjection.changes(event).reduce((folded, change) => stockProjection.apply(folded, change), before);
      }, undefined);
      expect(availabilityOf(document!)).toMatchObject({
        onHand: state.onHand,
        reserved: state.holds.total,
        allocated: state.allocations.total,
        available: availableAt(state, NOON),
      });
      expect(promisedAt(state, NOON)).toBe(unitsPromisedBy(events));
      expect(promisedAt(state, NOON)).toBeLessThanOrEqual(state.onHand);
    }),
    { numRuns: 20 },
  );
});

/** Reserved less what was released or shipped of it, as a sum over the events. */
const unitsPromisedBy = (events: readonly StockEvent[]): number =>
  events.reduce((sum, { type, data }) => {
    if (type === 'StockReserved') return sum + data.quantity;
    const ends = type === 'ReservationReleased' || (type === 'StockShipped' && data.reservationId !== undefined);
    return ends ? sum - data.quantity : sum;
  }, 0);

test('no lock is held across SKUs, so orders that want the same SKUs the other way round do not deadlock', async () => {
  await receive('CUP', 10);
  await receive('MUG', 10);
  const orders = Array.from({ length: 40 }, async (_, n) => {
    const skus = n % 2 ? ['CUP', 'MUG'] : ['MUG', 'CUP'];
    for (const [index, sku] of skus.entries()) {
      const done = await send(reserve(sku, `rsv_${n}`, 1)).catch((cause: unknown) => ({ cause }));
      if (!('cause' in done)) continue;
      const before = skus[index - 1];
      if (before) await send({ type: 'ReleaseReservation', data: { ...at(before), reservationId: `rsv_${n}` } });
      return 'refused';
    }
    return 'reserved';
  });
  const ends = await Promise.all(orders);
  const reserved = ends.filter((end) => end === 'reserved').length;
  for (const sku of ['CUP', 'MUG']) expect((await stateOf(sku)).holds.total).toBe(reserved);
  expect(reserved).toBeLessThanOrEqual(10);
  expect(ends).toContain('refused');
});
