import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import type { CommandContext } from '../../../src/application/command-context.js';
import { InvalidAppend, type EventStore } from '../../../src/application/ports/event-store.js';
import { StreamWriter } from '../../../src/application/stream-writer.js';
import { stock } from '../../../src/domain/stock/stock.decider.js';
import type { StockCommand } from '../../../src/domain/stock/stock.commands.js';
import { stockStream } from '../../../src/domain/streams.js';
import { systemClock } from '../../../src/infrastructure/clock.js';
import { MemoryEventStore } from '../../../src/infrastructure/event-store/memory-event-store.js';
import { SqliteEventStore } from '../../../src/infrastructure/event-store/sqlite-event-store.js';
import { temporaryFolders } from '../../temporary-folders.js';

const MAX_WAIT_MS = 10_000;
const APPEND_MS = 3;
const shelf = { sku: 'MUG', location: 'main' };
const stream = stockStream('MUG', 'main');
const receive = (quantity: number): StockCommand => ({ type: 'ReceiveStock', data: { ...shelf, quantity } });
const ship = (quantity: number): StockCommand => ({ type: 'ShipStock', data: { ...shelf, quantity } });
const by = (commandId: string, more: Partial<CommandContext> = {}): CommandContext => ({
  commandId,
  principal: 'tester',
  occurredAt: '2026-01-05T09:00:00.000Z',
  ...more,
});

/** The writer's clock, which goes on by appends and pauses alone. */
let now: number;
let pauses: number[];
let log: MemoryEventStore;
/** The writer's log, in which another process writes before an append, as often as `races` says. */
let contested: EventStore;
let races: number;
/** How many events each append was to write, lost or not. */
let appends: number[];
/** Runs before an append, and before the other process writes. */
let meanwhile: () => void;

beforeEach(() => {
  [now, pauses, races, appends, meanwhile] = [0, [], 0, [], () => undefined];
  log = new MemoryEventStore();
  const rival = new StreamWriter(log);
  let won = 0;
  const append: EventStore['append'] = async (name, expected, events) => {
    appends.push(events.length);
    meanwhile();
    now += APPEND_MS;
    if (races > 0) {
      races -= 1;
      await run(rival, receive(1), by(`rival-${won++}`));
    }
    return log.append(name, expected, events);
  };
  contested = Object.assign(Object.create(log) as EventStore, { append });
});

const pause = (mostMs: number): Promise<void> => {
  pauses.push(mostMs);
  now += mostMs;
  return Promise.resolve();
};
const newWriter = () => new StreamWriter(contested, { maxWaitMs: MAX_WAIT_MS, monotonicMs: () => now, pause });
const run = (writer: StreamWriter, command: StockCommand, context: CommandContext) =>
  writer.execute(stock, stream, command, context);

async function commandsIn(store: EventStore): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const batch of store.readStream(stream)) ids.push(...batch.map(({ metadata }) => metadata.commandId));
  return ids;
}

test('a lost race is run again, at once and then with pauses that grow, until it is won', async () => {
  races = 15;
  expect(await run(newWriter(), receive(1), by('c1'))).toMatchObject({ revision: 15n, replayed: false });
  expect(appends).toHaveLength(16);
  expect(pauses).toEqual([5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 50, 50, 50, 50]);
});

test('pauses are short again after a race that was won', async () => {
  const writer = newWriter();
  races = 4;
  await run(writer, receive(1), by('c1'));
  races = 2;
  await run(writer, receive(1), by('c2'));
  expect(pauses).toEqual([5, 10, 15, 5]);
});

test('a command that loses every race for as long as it may wait is told so, and left no trace', async () => {
  const writer = newWriter();
  races = Infinity;
  const lost = run(writer, receive(1), by('c1'));
  await expect(lost).rejects.toMatchObject({ name: 'ConcurrencyConflict', stream });
  expect(now).toBeGreaterThan(MAX_WAIT_MS);
  expect(now).toBeLessThanOrEqual(MAX_WAIT_MS + APPEND_MS + 50);
  expect(appends.length).toBeGreaterThan(MAX_WAIT_MS / (APPEND_MS + 50));
  expect(await commandsIn(log)).not.toContain('c1');
  races = 0;
  expect(await run(writer, receive(1), by('c1'))).toMatchObject({ replayed: false });
});

test('each command has its own time: one that came later may still win', async () => {
  const writer = newWriter();
  races = Infinity;
  let second: Promise<unknown> | undefined;
  meanwhile = () => {
    if (now > MAX_WAIT_MS / 2) second ??= run(writer, receive(1), by('second'));
  };
  await expect(run(writer, receive(1), by('first'))).rejects.toMatchObject({ name: 'ConcurrencyConflict' });
  races = 1;
  await expect(second).resolves.toMatchObject({ replayed: false });
  expect(await commandsIn(log)).not.toContain('first');
});

test('a round that lost its race is joined by what came meanwhile, behind it', async () => {
  const writer = newWriter();
  races = 1;
  const later: Promise<unknown>[] = [];
  meanwhile = () => {
    if (later.length === 0) later.push(...['c3', 'c4'].map((id) => run(writer, receive(1), by(id))));
  };
  await Promise.all(['c1', 'c2'].map((id) => run(writer, receive(1), by(id))));
  await Promise.all(later);
  expect(appends).toEqual([2, 4]);
  expect(await commandsIn(log)).toEqual(['rival-0', 'c1', 'c2', 'c3', 'c4']);
});

test('commands stay in their order when one of them cannot be written and another loses its race', async () => {
  const writer = newWriter();
  const unwritable: StockCommand = { type: 'AdjustStock', data: { ...shelf, delta: 1, reason: 'x'.repeat(2_000_000) } };
  let later: Promise<unknown> | undefined;
  meanwhile = () => {
    later ??= run(writer, ship(5), by('c5'));
    if (appends.length === 2) races = 2; // the first is tried alone
  };
  const answers = await Promise.allSettled([
    run(writer, receive(2), by('c1')),
    run(writer, unwritable, by('c2')),
    run(writer, ship(2), by('c3')),
    run(writer, receive(5), by('c4')),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  expect(answers[1]).toMatchObject({ reason: expect.any(InvalidAppend) });
  await later;
  expect(await commandsIn(log)).toEqual(['rival-0', 'rival-1', 'c1', 'c3', 'c4', 'c5']);
  expect(appends).toEqual([4, 1, 1, 1, 1, 3]); // all, c1 three times, c2, and the others together again
});

test('a refusal is decided on what the other process wrote', async () => {
  const writer = newWriter();
  races = 1;
  const [one, two] = await Promise.allSettled([
    run(writer, receive(1), by('c1')),
    run(writer, ship(2), by('c2')), // refused, were it not for the unit of the other process
  ]);
  expect([one.status, two.status]).toEqual(['fulfilled', 'fulfilled']);
});

test('a command that named an exact revision is told that it is another one now, without another try', async () => {
  const writer = newWriter();
  await run(writer, receive(1), by('c1'));
  races = 1;
  const late = run(writer, receive(1), by('c2', { expectedRevision: 0n }));
  await expect(late).rejects.toMatchObject({ name: 'RevisionMismatch', expected: 0n, current: 1n });
  expect(appends).toHaveLength(2);
});

test('what is only asked has its turn while a round pauses, and what comes then is taken along', async () => {
  let goOn = (): void => undefined;
  let isPausing = (): void => undefined;
  const pausing = new Promise<void>((resolve) => (isPausing = resolve));
  const writer = new StreamWriter(contested, {
    monotonicMs: () => now,
    pause: () => {
      isPausing();
      return new Promise((resolve) => (goOn = resolve));
    },
  });
  races = 2;
  const written = run(writer, receive(1), by('c1'));
  await pausing;
  expect(await writer.current(stock, stream, 0)).toMatchObject({ revision: 1n });
  const later = run(writer, receive(1), by('c2'));
  expect(await writer.current(stock, stream, 0)).toMatchObject({ revision: 1n });
  expect(appends).toEqual([1, 1]);
  goOn();
  expect([(await written).revision, (await later).revision]).toEqual([2n, 3n]);
  expect(appends).toEqual([1, 1, 2]);
});

const newFolder = temporaryFolders();

test('two writers on one file, each with 32 callers who never stop: everybody is served, nobody is told of races', async () => {
  const file = join(newFolder(), 'log.sqlite');
  const stores = [
    await SqliteEventStore.open({ file, clock: systemClock }),
    await SqliteEventStore.open({ file, clock: systemClock }),
  ];
  let conflicts = 0;
  const callers = stores.flatMap((store, process) => {
    const append: EventStore['append'] = (...args) =>
      store.append(...args).catch((error: unknown) => {
        conflicts += 1;
        throw error;
      });
    const writer = new StreamWriter(Object.assign(Object.create(store) as EventStore, { append }));
    return Array.from({ length: 32 }, async (_, caller) => {
      for (let n = 0; n < 20; n++) await run(writer, receive(1), by(`${process}-${caller}-${n}`));
    });
  });
  await Promise.all(callers);
  const ids = await commandsIn(stores[0]!);
  await Promise.all(stores.map((store) => store.close()));
  expect(conflicts).toBeGreaterThan(0);
  expect([ids.length, new Set(ids).size]).toEqual([1_280, 1_280]);
});
