import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { StockCommand } from '../../src/domain/stock/stock.commands.js';
import { stock } from '../../src/domain/stock/stock.decider.js';
import type { StockEvent } from '../../src/domain/stock/stock.events.js';
import {
  availableAt,
  coveredOf,
  findOpen,
  holdKey,
  promisedAt,
  type StockState,
} from '../../src/domain/stock/stock.state.js';
import {
  adjust,
  allow,
  arrive,
  commit,
  count,
  expire,
  extend,
  giveBack,
  past,
  receive,
  release,
  reserve,
  ship,
  transfer,
  writeOff,
} from './shelf.js';
import { SlowShelf } from './slow-shelf.js';
import { run } from './specify.js';

const few = fc.integer({ min: 1, max: 4 });
const minute = fc.integer({ min: 0, max: 20 });
/** Some end before most commands, most while they come. */
const expiry = fc.integer({ min: 2, max: 30 }).map(past);
const anyId = fc.constantFrom('r1', 'r2', 'r3', 'r4', 'r5', 'r6');
const anyTransfer = fc.constantFrom('t1', 't2', 't3', 't4');
const usual: readonly fc.WeightedArbitrary<StockCommand>[] = [
  { arbitrary: few.map(receive), weight: 3 },
  { arbitrary: fc.tuple(few, fc.constantFrom(undefined, 'damaged' as const)).map((of) => giveBack(...of)), weight: 2 },
  { arbitrary: few.map(writeOff), weight: 1 },
  { arbitrary: fc.constantFrom(-3, -2, -1, 1, 2).map(adjust), weight: 1 },
  { arbitrary: fc.integer({ min: 0, max: 6 }).map(count), weight: 1 },
  { arbitrary: fc.tuple(anyId, few, expiry).map((of) => reserve(...of)), weight: 8 },
  { arbitrary: fc.tuple(anyId, expiry).map((of) => extend(...of)), weight: 2 },
  { arbitrary: anyId.map(commit), weight: 3 },
  { arbitrary: anyId.map(expire), weight: 3 },
  { arbitrary: anyId.map((id) => release(id)), weight: 2 },
  { arbitrary: fc.tuple(few, fc.option(anyId, { nil: undefined })).map((of) => ship(...of)), weight: 5 },
  { arbitrary: fc.tuple(anyTransfer, few).map((of) => transfer(...of)), weight: 2 },
  { arbitrary: fc.tuple(anyTransfer, few, fc.constantFrom('york', 'bath')).map((of) => arrive(...of)), weight: 1 },
];
const backordering = { arbitrary: fc.integer({ min: 0, max: 5 }).map(allow), weight: 2 };

/** Commands at times that jump to and fro, as clients' clocks may. */
const histories = (...commands: readonly fc.WeightedArbitrary<StockCommand>[]) =>
  fc
    .array(fc.record({ command: fc.oneof(...commands), minute }), { minLength: 10, maxLength: 50, size: 'max' })
    .map((steps) => steps.map(({ command, minute }) => ({ command, at: past(minute) })));
const inTime = <T extends { at: string }>(steps: readonly T[]): readonly T[] =>
  steps.toSorted((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
const everyMinute = Array.from({ length: 33 }, (_, n) => past(n - 1));

const heldUnits = (state: StockState): number =>
  [...state.holds.entries(), ...state.allocations.entries()].reduce((sum, [, { quantity }]) => sum + quantity, 0);

test('while time goes forward, every answer is that of a shelf kept without any cleverness', () => {
  fc.assert(
    fc.property(histories(...usual, backordering), (history) => {
      const slow = new SlowShelf();
      for (const { command, at, decision, after } of run(stock, inTime(history))) {
        const refused = slow.send(command, at);
        expect(decision.outcome === 'rejected' ? decision.rejection.code : undefined).toBe(refused);
        expect([after.onHand, after.damaged]).toEqual([slow.onHand, slow.damaged]);
        expect([promisedAt(after, at), availableAt(after, at)]).toEqual([slow.promised(at), slow.available(at)]);
        for (const [id, share] of slow.covered(at)) {
          const found = findOpen(id, after, at);
          expect('open' in found && coveredOf(found.open, after, at)).toBe(share);
        }
      }
    }),
    { numRuns: 150 },
  );
});

test('that a reservation has expired is said once, when it has, of the units that it held; and frees none that were not free', () => {
  fc.assert(
    fc.property(histories(...usual, backordering), (history) => {
      const said = new Set<string>();
      for (const { command, at, before, after, events } of run(stock, history)) {
        for (const { type, data } of events) {
          if (type !== 'ReservationExpired') continue;
          expect(data.expiresAt <= at).toBe(true);
          expect(said.has(data.reservationId)).toBe(false);
          said.add(data.reservationId);
          const key = holdKey(data.expiresAt, data.reservationId);
          expect(data.quantity).toBe((before.holds.get(key) ?? before.dropped.get(key))?.quantity);
        }
        if (command.type === 'ExpireReservation') expect(promisedAt(after, at)).toBe(promisedAt(before, at));
      }
    }),
    { numRuns: 100 },
  );
});

test('what views count as held is what is held, and what was dropped and has not been said to have expired', () => {
  fc.assert(
    fc.property(histories(...usual, backordering), (history) => {
      const steps = run(stock, history);
      const { holds, dropped } = steps.at(-1)?.after ?? stock.initial;
      const counted = steps.flatMap(({ events }) => events).reduce((sum, event) => sum + heldBy(event), 0);
      const left = [...dropped.entries()].reduce((sum, [, { quantity }]) => sum + quantity, 0);
      expect(counted).toBe(holds.total + left);
      for (const [id] of dropped.entries()) expect(holds.get(id)).toBeUndefined();
    }),
    { numRuns: 100 },
  );
});

test('without backorders, what is allocated or held is on hand, at every moment and whatever the times of the commands', () => {
  fc.assert(
    fc.property(histories(...usual), (history) => {
      for (const { before, after, events, at } of run(stock, history)) {
        expect(after.holds.total + after.allocations.total).toBe(heldUnits(after));
        expect(heldUnits(after)).toBeLessThanOrEqual(after.onHand);
        const promised = everyMinute.map((moment) => promisedAt(after, moment));
        expect(Math.max(...promised)).toBeLessThanOrEqual(after.onHand);
        for (const { type, data } of events) {
          if (type === 'StockShipped' && data.reservationId === undefined) {
            expect(data.quantity).toBeLessThanOrEqual(availableAt(before, at));
          }
          if (type === 'StockReserved') expect(data.backordered).toBeUndefined();
        }
      }
    }),
    { numRuns: 100 },
  );
});

test('with backorders, no more is promised beyond what is on hand than a limit ever allowed, and only what is there leaves', () => {
  fc.assert(
    fc.property(histories(...usual, backordering, backordering), (history) => {
      let highest = 0;
      for (const { after, events } of run(stock, history)) {
        highest = Math.max(highest, after.backorderLimit);
        expect(heldUnits(after) - after.onHand).toBeLessThanOrEqual(highest);
        expect(after.onHand).toBeGreaterThanOrEqual(0);
        for (const { type, data } of events) {
          if (type !== 'StockReserved' || data.backordered === undefined) continue;
          expect(data.backordered).toBeGreaterThan(0);
          expect(data.backordered).toBeLessThanOrEqual(Math.min(data.quantity, after.backorderLimit));
        }
      }
    }),
    { numRuns: 100 },
  );
});

test('what is covered adds up to what is on hand, committed before held and older before younger', () => {
  fc.assert(
    fc.property(histories(...usual, backordering, backordering), minute, (history, now) => {
      const at = past(now);
      const state = run(stock, history).at(-1)?.after ?? stock.initial;
      const line = [
        ...[...state.allocations.entries()].map(([, { reservationId }]) => reservationId),
        ...[...state.holds.entries()]
          .map(([, hold]) => hold)
          .filter(({ expiresAt }) => expiresAt > at)
          .sort((a, b) => a.made - b.made)
          .map(({ reservationId }) => reservationId),
      ].map((id) => {
        const found = findOpen(id, state, at);
        if ('rejection' in found) throw new Error(`${id}: ${found.rejection.code}`);
        return { id, wanted: found.open.quantity, covered: coveredOf(found.open, state, at) };
      });
      const shares = line.reduce((sum, { covered }) => sum + covered, 0);
      expect(shares).toBe(Math.min(state.onHand, promisedAt(state, at)));
      const firstShort = line.findIndex(({ wanted, covered }) => covered < wanted);
      if (firstShort >= 0) for (const { covered } of line.slice(firstShort + 1)) expect(covered).toBe(0);
      for (const { id, wanted, covered } of line) {
        if (covered > 0) expect(stock.decide(ship(covered, id), state, at).outcome).toBe('accepted');
        const more = stock.decide(ship(covered + 1, id), state, at);
        const code = covered === wanted ? 'reservation-exceeded' : 'reservation-backordered';
        expect(more).toMatchObject({ outcome: 'rejected', rejection: { code } });
      }
    }),
    { numRuns: 100 },
  );
});

test('on hand, damaged, allocated and every promise are sums of movements, and no reservation ships more than it was made for', () => {
  fc.assert(
    fc.property(histories(...usual, backordering), (history) => {
      const steps = run(stock, history);
      const state = steps.at(-1)?.after ?? stock.initial;
      const events = steps.flatMap((step) => step.events);
      const sum = (units: (event: StockEvent) => number) => events.reduce((total, event) => total + units(event), 0);
      expect(state.onHand).toBe(sum(onHandBy));
      expect(state.damaged).toBe(sum(damagedBy));
      expect(state.allocations.total).toBe(
        sum(({ type, data }) => {
          if (type === 'ReservationCommitted') return data.quantity;
          const ends = type === 'StockShipped' || type === 'ReservationReleased';
          return ends && data.committed ? -data.quantity : 0;
        }),
      );
      for (const [id, made] of state.reserved.entries()) {
        const gone = sum(({ type, data }) =>
          (type === 'StockShipped' || type === 'ReservationReleased') && data.reservationId === id ? data.quantity : 0,
        );
        expect(gone).toBeLessThanOrEqual(made.quantity);
      }
    }),
    { numRuns: 100 },
  );
});

test('every accepted reservation, commitment and transfer repeats as a no-op', () => {
  fc.assert(
    fc.property(histories(...usual, backordering), (history) => {
      for (const { command, at, decision, after } of run(stock, history)) {
        if (decision.outcome === 'rejected') continue;
        if (
          ![
            'ReserveStock',
            'CommitReservation',
            'ExtendReservation',
            'ExpireReservation',
            'TransferStock',
            'ReceiveTransfer',
          ].includes(command.type)
        )
          continue;
        expect(stock.decide(command, after, at)).toEqual({ outcome: 'accepted', events: [] });
      }
    }),
  );
});

function heldBy({ type, data }: StockEvent): number {
  if (type === 'StockReserved') return data.quantity;
  if (type === 'ReservationCommitted' || type === 'ReservationExpired') return -data.quantity;
  const ends = type === 'ReservationReleased' || (type === 'StockShipped' && data.reservationId !== undefined);
  return ends && !data.committed ? -data.quantity : 0;
}

function onHandBy({ type, data }: StockEvent): number {
  if (type === 'StockReturned') return data.condition === 'damaged' ? 0 : data.quantity;
  if (type === 'StockReceived' || type === 'StockTransferredIn') return data.quantity;
  if (type === 'StockShipped' || type === 'StockTransferredOut') return -data.quantity;
  return type === 'StockAdjusted' || type === 'StockCounted' ? data.delta : 0;
}

function damagedBy({ type, data }: StockEvent): number {
  if (type === 'DamagedStockWrittenOff') return -data.quantity;
  return type === 'StockReturned' && data.condition === 'damaged' ? data.quantity : 0;
}
