import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CommandContext } from '../../src/application/command-context.js';
import { CommandIdReused, Rejected, RevisionMismatch } from '../../src/application/errors.js';
import {
  InvalidAppend,
  StoreUnavailable,
  type Appended,
  type EventStore,
  type ExpectedRevision,
  type NewEvent,
} from '../../src/application/ports/event-store.js';
import type { StreamWriter } from '../../src/application/stream-writer.js';
import type { StreamWriterOptions } from '../../src/application/stream-writer/options.js';
import { stock } from '../../src/domain/stock/stock.decider.js';
import type { StockCommand } from '../../src/domain/stock/stock.commands.js';
import { stockStream } from '../../src/domain/streams.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';

const at = '2026-01-05T09:00:00.000Z';
const shelf = { sku: 'MUG', location: 'main' };
const stream = stockStream('MUG', 'main');
const receive = (quantity: number): StockCommand => ({ type: 'ReceiveStock', data: { ...shelf, quantity } });
const ship = (quantity: number): StockCommand => ({ type: 'ShipStock', data: { ...shelf, quantity } });
const by = (commandId: string, more: Partial<CommandContext> = {}): CommandContext => ({
  commandId,
  principal: 'tester',
  occurredAt: at,
  ...more,
});

/** A store that counts appends and can be told what to do with the next one. */
class WatchedStore extends MemoryEventStore {
  appends: number[] = [];
  tellsPositions = true;
  next: 'lose-answer' | 'fail-before' | undefined;

  override async append(
    expectedStream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<Appended> {
    const order = this.next;
    this.next = undefined;
    if (order === 'fail-before') throw new StoreUnavailable('nothing was written');
    const appended = await super.append(expectedStream, expected, events);
    this.appends.push(events.length);
    if (order === 'lose-answer') throw new StoreUnavailable('the answer was lost');
    const { revision, position, repeated } = appended;
    return this.tellsPositions ? appended : { revision, position, repeated };
  }
}

async function stored(store: EventStore) {
  const events = [];
  for await (const batch of store.readStream(stream)) events.push(...batch);
  return events;
}

type OpenWriter = (store: Pick<EventStore, 'append' | 'readStream'>, options?: StreamWriterOptions) => StreamWriter;

/** What every stream writer promises, whatever it keeps where; `open` gives one as another process would have it. */
export function describeStreamWriter(kind: string, open: OpenWriter): void {
  describe(kind, () => {
    let store: WatchedStore;
    let writer: StreamWriter;
    beforeEach(() => {
      store = new WatchedStore();
      writer = open(store);
    });
    const run = (command: StockCommand, context: CommandContext, on = writer) =>
      on.execute(stock, stream, command, context);

    describe('an accepted command', () => {
      test('is in the log with who, when, why and what caused it', async () => {
        const receipt = await run(receive(5), by('c1', { reason: 'delivery', correlationId: 'r1', causationId: 'e1' }));
        expect(receipt).toMatchObject({ stream, revision: 0n, replayed: false });
        const [event] = await stored(store);
        expect(event).toMatchObject({
          type: 'StockReceived',
          revision: 0n,
          position: receipt.position,
          metadata: {
            commandId: 'c1',
            principal: 'tester',
            reason: 'delivery',
            occurredAt: at,
            correlationId: 'r1',
            causationId: 'e1',
          },
        });
        expect(event?.metadata.commandHash).toHaveLength(43);
      });

      test('causes and correlates itself when nothing else does', async () => {
        await run(receive(5), by('c1'));
        expect((await stored(store))[0]?.metadata).toMatchObject({ correlationId: 'c1', causationId: 'c1' });
      });

      test('with nothing to do writes nothing and names the revision it found', async () => {
        await run(receive(5), by('c1'));
        const reserve: StockCommand = {
          type: 'ReserveStock',
          data: { ...shelf, reservationId: 'rsv_1', quantity: 1, expiresAt: '2026-01-05T10:00:00.000Z' },
        };
        await run(reserve, by('c2'));
        const receipt = await run(reserve, by('c3'));
        expect(receipt).toMatchObject({ revision: 1n, replayed: false });
        expect(receipt.position).toBeDefined();
        expect(await stored(store)).toHaveLength(2);
      });
    });

    describe('a repeated command', () => {
      test('gets the first receipt again, from any process, however much has happened since', async () => {
        const first = await run(receive(5), by('c1'));
        await run(ship(5), by('c2'));
        const otherProcess = open(store);
        for (const again of [await run(receive(5), by('c1')), await run(receive(5), by('c1'), otherProcess)]) {
          expect(again).toEqual({ ...first, replayed: true });
        }
        expect(await stored(store)).toHaveLength(2);
      });

      test('has one effect when twenty arrive at once, on two processes', async () => {
        const other = open(store);
        const receipts = await Promise.all(
          Array.from({ length: 20 }, (_, index) => run(receive(5), by('c1'), index % 2 ? writer : other)),
        );
        expect(await stored(store)).toHaveLength(1);
        expect(new Set(receipts.map(({ revision }) => revision))).toEqual(new Set([0n]));
        expect(receipts.filter(({ replayed }) => !replayed)).toHaveLength(1);
      });

      test('with other content is refused and leaves no trace, waiting beside the first or long after', async () => {
        const [first, second] = await Promise.allSettled([run(receive(5), by('c1')), run(receive(6), by('c1'))]);
        expect(first.status).toBe('fulfilled');
        expect(second).toMatchObject({ status: 'rejected', reason: expect.any(CommandIdReused) });
        await expect(run(receive(7), by('c1'))).rejects.toBeInstanceOf(CommandIdReused);
        expect(await stored(store)).toHaveLength(1);
      });

      test('with other content is refused when both arrive at once, on two processes', async () => {
        const other = open(store);
        const answers = await Promise.allSettled([run(receive(5), by('c1')), run(receive(6), by('c1'), other)]);
        expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
        expect(answers).toContainEqual({ status: 'rejected', reason: expect.any(CommandIdReused) });
        expect(await stored(store)).toHaveLength(1);
      });

      test('is recognised by what the client asked, when the command holds more', async () => {
        const first = await writer.execute(stock, stream, receive(5), by('c1'), { asked: { some: 'request' } });
        const again = await writer.execute(stock, stream, receive(9), by('c1'), { asked: { some: 'request' } });
        expect(again).toEqual({ ...first, replayed: true });
        expect(await writer.receiptOf(stock, stream, 'c1', { some: 'request' })).toEqual(again);
        expect(await writer.receiptOf(stock, stream, 'c2', { some: 'request' })).toBeUndefined();
        await expect(writer.receiptOf(stock, stream, 'c1', { other: 'request' })).rejects.toBeInstanceOf(
          CommandIdReused,
        );
      });
    });

    describe('an unknown outcome', () => {
      test('whose events were written is settled by repeating: once, with the receipt', async () => {
        store.next = 'lose-answer';
        await expect(run(receive(5), by('c1'))).rejects.toBeInstanceOf(StoreUnavailable);
        expect(await run(receive(5), by('c1'))).toMatchObject({ revision: 0n, replayed: true });
        expect(await stored(store)).toHaveLength(1);
      });

      test('whose events were not written is settled by repeating, too', async () => {
        store.next = 'fail-before';
        await expect(run(receive(5), by('c1'))).rejects.toBeInstanceOf(StoreUnavailable);
        expect(await run(receive(5), by('c1'))).toMatchObject({ revision: 0n, replayed: false });
      });

      test('does not let a refusal that rests on it out', async () => {
        await run(receive(5), by('c1'));
        store.next = 'fail-before';
        const [taken, refused] = await Promise.allSettled([run(ship(5), by('c2')), run(ship(1), by('c3'))]);
        expect(taken).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
        expect(refused).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
        expect(await run(ship(1), by('c3'))).toMatchObject({ revision: 1n });
      });
    });

    describe('commands for one stream', () => {
      test('that wait together are one append, each decided on what the ones before leave', async () => {
        const commands = [receive(5), ship(2), ship(2), ship(2), receive(1), ship(2)];
        const answers = await Promise.allSettled(commands.map((command, index) => run(command, by(`c${index}`))));
        expect(answers.map(({ status }) => status === 'fulfilled')).toEqual([true, true, true, false, true, true]);
        expect(answers[3]).toMatchObject({
          reason: { rejection: { code: 'insufficient-stock', available: 1, requested: 2 } },
        });
        expect(store.appends).toEqual([5]);
        const revisions = answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.revision : undefined));
        expect(revisions).toEqual([0n, 1n, 2n, undefined, 3n, 4n]);
      });

      test.each(['tells where each event landed', 'tells only where the last landed'])(
        'get the same receipt again when they are repeated one by one, from a store that %s',
        async (which) => {
          store.tellsPositions = which === 'tells where each event landed';
          const commands = [receive(5), ship(2), receive(1), ship(3)];
          const ask = (command: StockCommand, index: number) => run(command, by(`c${index}`));
          const first = await Promise.all(commands.map(ask));
          expect(store.appends).toEqual([4]);
          const positions = first.map(({ position }) => position);
          expect(positions).toEqual((await stored(store)).map(({ position }) => position));
          for (const [index, command] of commands.entries()) {
            expect(await ask(command, index)).toEqual({ ...first[index], replayed: true });
          }
        },
      );

      test('that had nothing to do name the position of the revision they found, wherever the append went on to', async () => {
        const reserve: StockCommand = {
          type: 'ReserveStock',
          data: { ...shelf, reservationId: 'rsv_1', quantity: 1, expiresAt: '2026-01-05T10:00:00.000Z' },
        };
        await run(receive(5), by('c1'));
        await run(reserve, by('c2'));
        const commands = [reserve, receive(1), reserve, receive(1)];
        const answers = await Promise.all(commands.map((command, index) => run(command, by(`d${index}`))));
        const positions = (await stored(store)).map(({ position }) => position);
        expect(answers.map(({ revision }) => revision)).toEqual([1n, 2n, 2n, 3n]);
        expect(answers.map(({ position }) => position)).toEqual([1, 2, 2, 3].map((revision) => positions[revision]));
      });

      test('are all answered when more wait than one append takes', async () => {
        const receipts = await Promise.all(
          Array.from({ length: 1201 }, (_, index) => run(receive(1), by(`c${index}`))),
        );
        expect(receipts.map(({ revision }) => revision)).toEqual(receipts.map((_, index) => BigInt(index)));
        expect(store.appends.length).toBeLessThan(20);
      });

      test('do not fall with one among them that no log can take', async () => {
        const unwritable: StockCommand = {
          type: 'AdjustStock',
          data: { ...shelf, delta: 1, reason: 'x'.repeat(2_000_000) },
        };
        const commands = [receive(5), unwritable, ship(2)];
        const answers = await Promise.allSettled(commands.map((command, index) => run(command, by(`c${index}`))));
        expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
        expect(answers[1]).toMatchObject({ reason: expect.any(InvalidAppend) });
        expect(await stored(store)).toHaveLength(2);
      });

      test('go on after a defect in between', async () => {
        const broken = { ...receive(5), type: 'Nonsense' } as unknown as StockCommand;
        await expect(run(broken, by('c1'))).rejects.toThrow();
        expect(await run(receive(5), by('c2'))).toMatchObject({ revision: 0n });
      });
    });

    describe('another process on the same stream', () => {
      let other: StreamWriter;
      beforeEach(() => {
        other = open(store);
      });

      test('that made room is seen before a refusal is given', async () => {
        await run(receive(1), by('c1'));
        await run(receive(9), by('c2'), other);
        expect(await run(ship(10), by('c3'))).toMatchObject({ revision: 2n });
      });

      test('is seen before a command is told that it has nothing to do', async () => {
        const released: StockCommand = {
          type: 'ReserveStock',
          data: { ...shelf, reservationId: 'rsv_1', quantity: 1, expiresAt: '2026-01-05T10:00:00.000Z' },
        };
        await run(receive(1), by('c1'));
        await run(released, by('c2'));
        await run(receive(9), by('c3'), other);
        expect(await run(released, by('c4'))).toMatchObject({ revision: 2n, replayed: false });
        await run(receive(9), by('c5'), other);
        const outdated = run(released, by('c6', { expectedRevision: 2n }));
        await expect(outdated).rejects.toMatchObject({ name: 'RevisionMismatch', current: 3n });
      });

      test('that took the last unit is seen before it is sold again', async () => {
        await run(receive(1), by('c1'));
        await run(ship(1), by('c2'), other);
        await expect(run(ship(1), by('c3'))).rejects.toBeInstanceOf(Rejected);
        expect(await stored(store)).toHaveLength(2);
      });

      test('never lets exactly K units become more, whatever the interleaving', async () => {
        await fc.assert(
          fc.asyncProperty(fc.scheduler(), fc.integer({ min: 0, max: 6 }), async (scheduler, units) => {
            const inner = new MemoryEventStore();
            const scheduled: EventStore = Object.assign(Object.create(inner) as EventStore, {
              append: scheduler.scheduleFunction(inner.append.bind(inner)),
            });
            const processes = [1, 2, 3].map(() => open(scheduled));
            if (units > 0) await open(inner).execute(stock, stream, receive(units), by('open'));
            const answers = Promise.allSettled(
              processes.flatMap((process, who) => [0, 1, 2].map((n) => run(ship(1), by(`${who}-${n}`), process))),
            );
            await scheduler.waitFor(answers);
            const sold = (await answers).filter(({ status }) => status === 'fulfilled').length;
            expect(sold).toBe(units);
            expect(await stored(inner)).toHaveLength(units === 0 ? 0 : units + 1);
          }),
          { numRuns: 60 },
        );
      });
    });

    describe('an expected revision', () => {
      test('lets the command through where it is the stream’s, and only there', async () => {
        await run(receive(5), by('c1'));
        expect(await run(receive(5), by('c2', { expectedRevision: 0n }))).toMatchObject({ revision: 1n });
        const late = run(receive(5), by('c3', { expectedRevision: 0n }));
        await expect(late).rejects.toBeInstanceOf(RevisionMismatch);
        await expect(late).rejects.toMatchObject({ expected: 0n, current: 1n });
        const otherProcess = open(store);
        await run(receive(5), by('c4'), otherProcess);
        expect(await run(receive(5), by('c5', { expectedRevision: 2n }))).toMatchObject({ revision: 3n });
      });

      test('of a stream that does not exist is a mismatch', async () => {
        await expect(run(receive(5), by('c1', { expectedRevision: 0n }))).rejects.toMatchObject({
          current: 'no-stream',
        });
      });

      test('does not stand in the way of a repeated request', async () => {
        await run(receive(5), by('c1'));
        await run(receive(5), by('c2', { expectedRevision: 0n }));
        expect(await run(receive(5), by('c2', { expectedRevision: 0n }))).toMatchObject({
          revision: 1n,
          replayed: true,
        });
      });
    });

    describe('kept states', () => {
      test('can all be forgotten at any time', async () => {
        const forgetful = open(store, { maxKeptEvents: 1 });
        const streams = ['A', 'B', 'C'].map((sku) => ({ sku, name: stockStream(sku, 'main') }));
        for (const round of [1, 2, 3]) {
          const receipts = await Promise.all(
            streams.map(({ sku, name }) =>
              forgetful.execute(
                stock,
                name,
                { type: 'ReceiveStock', data: { sku, location: 'main', quantity: 1 } },
                by(`c${round}`),
              ),
            ),
          );
          expect(receipts.map(({ revision }) => revision)).toEqual(streams.map(() => BigInt(round - 1)));
        }
      });

      test('are as old as the reader allows, and no older', async () => {
        let now = 0;
        const clocked = open(store, { monotonicMs: () => now });
        await run(receive(5), by('c1'), clocked);
        await run(receive(5), by('c2'));
        expect(await clocked.current(stock, stream, 1000)).toMatchObject({ revision: 0n });
        now = 1000;
        expect(await clocked.current(stock, stream, 1000)).toMatchObject({ revision: 1n });
        expect(await clocked.current(stock, stockStream('NONE', 'main'), 1000)).toMatchObject({
          revision: 'no-stream',
        });
      });

      test('are fresh again after an append of their own', async () => {
        let now = 0;
        const clocked = open(store, { monotonicMs: () => now });
        await run(receive(5), by('c1'), clocked);
        now = 900;
        await run(receive(5), by('c2'), clocked);
        await run(receive(5), by('c3')); // by another process, which only reading would show
        now = 1_899;
        expect(await clocked.current(stock, stream, 1_000)).toMatchObject({ revision: 1n });
        now = 1_900;
        expect(await clocked.current(stock, stream, 1_000)).toMatchObject({ revision: 2n });
      });
    });

    describe('waiting', () => {
      test('has an end: what waited too long is refused untried, and what comes later is taken', async () => {
        let now = 0;
        let append = (): void => undefined;
        const hung = new Promise<void>((resolve) => (append = resolve));
        const slow = Object.assign(Object.create(store) as EventStore, {
          append: async (...args: Parameters<EventStore['append']>) => {
            await hung;
            return store.append(...args);
          },
        });
        const impatient = open(slow, { maxWaitMs: 1_000, monotonicMs: () => now });
        const first = run(receive(1), by('c1'), impatient);
        await new Promise(setImmediate); // it is being appended
        const late = run(receive(1), by('c2'), impatient);
        now = 500;
        const inTime = run(receive(1), by('c3'), impatient);
        now = 1_001;
        append();
        await expect(late).rejects.toThrow(/waited 1001 ms for its turn, and was not tried/);
        await expect(late).rejects.toBeInstanceOf(StoreUnavailable);
        expect([(await first).revision, (await inTime).revision]).toEqual([0n, 1n]);
        expect(await run(receive(1), by('c2'), impatient)).toMatchObject({ revision: 2n, replayed: false });
      });
    });

    test('what is only asked gets its turn between commands that never end', async () => {
      let stop = false;
      let sent = 0;
      const caller = async () => {
        while (!stop && sent < 1_000) await run(receive(1), by(`c${sent++}`));
      };
      const callers = [caller(), caller()];
      const { revision } = await writer.current(stock, stream, 0);
      const repeated = await writer.receiptOf(stock, stream, 'c0', receive(1));
      stop = true;
      await Promise.all(callers);
      expect(repeated).toMatchObject({ revision: 0n, replayed: true });
      expect(revision).not.toBe('no-stream');
      expect(sent).toBeLessThan(100);
    });

    describe('a long stream', () => {
      test('has every command for ever, also those whose ids are no longer kept whole', async () => {
        const receipts = [];
        for (let n = 0; n < 50; n++) {
          const commands = Array.from({ length: 100 }, (_, m) => run(receive(1), by(`c${n * 100 + m}`)));
          receipts.push(...(await Promise.all(commands)));
        }
        const otherProcess = open(store);
        for (const on of [writer, otherProcess]) {
          for (const n of [0, 1, 2_500, 4_095, 4_096, 4_097, 4_999]) {
            expect(await run(receive(1), by(`c${n}`), on)).toEqual({ ...receipts[n], replayed: true });
            await expect(run(receive(2), by(`c${n}`), on)).rejects.toBeInstanceOf(CommandIdReused);
            expect(await on.receiptOf(stock, stream, `c${n}`, receive(1))).toMatchObject({ replayed: true });
          }
          expect(await on.receiptOf(stock, stream, 'c5000', receive(1))).toBeUndefined();
        }
        expect(await stored(store)).toHaveLength(5_000);
      });
    });
  });
}
