import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Recorded } from '../../src/domain/fact.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { Fold } from '../../src/infrastructure/follower/fold.js';
import { MemoryViewStore } from '../../src/infrastructure/view-store/memory-view-store.js';
import type { Projection } from '../../src/projections/projection.js';
import { Shop, freshFold, shelves, storedShelves } from './shelves.js';

const logOf = async (skus: readonly number[]) => {
  const log = new MemoryEventStore();
  const shop = new Shop(log);
  for (const [n, sku] of skus.entries()) await shop.receive(`sku-${sku}`, n + 1);
  const events: Recorded[] = [];
  for await (const batch of log.readAll()) events.push(...batch.events);
  return { log, events };
};

test('however the log is cut, delivered again and forgotten between, the view is the same', async () => {
  const delivery = fc.record({ from: fc.nat(30), length: fc.integer({ min: 0, max: 12 }), forget: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(4), { minLength: 1, maxLength: 30 }),
      fc.array(delivery, { maxLength: 8 }),
      fc.constantFrom(0, 1, 300, 10_000),
      async (skus, deliveries, keep) => {
        const { log, events } = await logOf(skus);
        const views = new MemoryViewStore(systemClock);
        await views.prepare(shelves, await log.identity());
        const lease = await views.acquireLease('shelves@1', 'test', 60_000);
        if (!lease) throw new Error('the lease is free');
        let fold = new Fold(shelves, views, keep);
        let reached = 0;
        const deliver = async (from: number, to: number) => {
          await fold.add(events.slice(from, to));
          reached = Math.max(reached, to);
          await views.commit(shelves, { documents: fold.documents(), checkpoint: BigInt(reached) }, lease);
          fold.settled();
        };
        for (const { from, length, forget } of deliveries) {
          if (forget) fold = new Fold(shelves, views, keep);
          const begin = Math.min(from, reached); // a delivery may begin early, never late
          await deliver(begin, Math.min(events.length, begin + length));
        }
        await deliver(reached, events.length);
        expect(await storedShelves(views)).toEqual(await freshFold(log));
      },
    ),
    { numRuns: 200 },
  );
});

test('an event that is refused half-way leaves no trace on the documents it had changed already', async () => {
  const { events } = await logOf([1, 2, 3]);
  const views = new MemoryViewStore(systemClock);
  const refusing: Projection = {
    ...shelves,
    changes: ({ position }) => [
      { id: 'counter', units: 1 } as never,
      { id: position === 2n ? 'refused' : 'taken', units: 1 } as never,
    ],
    apply: (document, change) => {
      if (change.id === 'refused') throw new Error('refused');
      return shelves.apply(document as never, change as never);
    },
  };
  const fold = new Fold(refusing, views, 10_000);
  const { folded, halt } = await fold.add(events);
  expect(folded).toBe(1);
  expect(halt?.at).toEqual({ position: 2n, stream: 'stock-sku-2@main', revision: 0n });
  expect(fold.documents()).toEqual([
    { _id: 'counter', events: 1, units: 1, asOf: 1n },
    { _id: 'taken', events: 1, units: 1, asOf: 1n },
  ]);
  await fold.add(events.slice(2));
  expect(fold.documents().map(({ _id, asOf, ...rest }) => [_id, asOf, rest])).toEqual([
    ['counter', 3n, { events: 2, units: 2 }],
    ['taken', 3n, { events: 2, units: 2 }],
  ]);
});

test('a document is read once, and written once per batch', async () => {
  const { events } = await logOf([1, 1, 1, 1]);
  const views = new MemoryViewStore(systemClock);
  const asked: string[] = [];
  const counting = new Proxy(views, {
    get: (target, name) => {
      if (name !== 'getMany') return Reflect.get(target, name, target) as unknown;
      return (_: unknown, ids: readonly string[]) => {
        asked.push(...ids);
        return Promise.resolve([]);
      };
    },
  });
  const fold = new Fold(shelves, counting, 10_000);
  await fold.add(events.slice(0, 2));
  expect(fold.documents().map(({ _id, asOf }) => [_id, asOf])).toEqual([
    ['all', 2n],
    ['sku-1', 2n],
  ]);
  fold.settled();
  expect(fold.documents()).toEqual([]);
  await fold.add(events.slice(2));
  expect(fold.waiting).toBe(2);
  expect(asked).toEqual(['all', 'sku-1']);
});
