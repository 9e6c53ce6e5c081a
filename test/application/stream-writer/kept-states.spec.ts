import { beforeEach, expect, test } from '@jest/globals';
import type { StreamName, StreamQuery } from '../../../src/application/ports/event-store.js';
import { STREAM_WEIGHT, StreamWriter } from '../../../src/application/stream-writer.js';
import type { AnyFact } from '../../../src/domain/fact.js';
import { stock } from '../../../src/domain/stock/stock.decider.js';
import { stockStream } from '../../../src/domain/streams.js';
import { MemoryEventStore } from '../../../src/infrastructure/event-store/memory-event-store.js';

/** Says of which streams it was read. */
class WatchedLog extends MemoryEventStore {
  read: string[] = [];
  override readStream<E extends AnyFact>(stream: StreamName<E>, query?: StreamQuery) {
    this.read.push(stream);
    return super.readStream(stream, query);
  }
}

let log: WatchedLog;
let commands = 0;
beforeEach(() => {
  log = new WatchedLog();
});
const receive = (writer: StreamWriter, sku: string, commandId = `c${++commands}`) => {
  const context = { commandId, principal: 'tester', occurredAt: '2026-01-05T09:00:00.000Z' };
  const data = { sku, location: 'main', quantity: 1 };
  return writer.execute(stock, stockStream(sku, 'main'), { type: 'ReceiveStock', data }, context);
};

test('streams are forgotten by what they weigh: those used longest ago, once another has grown', async () => {
  const writer = new StreamWriter(log, { maxKeptEvents: 5 * STREAM_WEIGHT });
  for (const sku of ['A', 'B', 'C', 'D']) await receive(writer, sku);
  log.read = [];
  for (const sku of ['A', 'B', 'C', 'D']) await receive(writer, sku);
  expect(log.read).toEqual([]);
  for (let n = 0; n < 2 * STREAM_WEIGHT; n++) await receive(writer, 'A');
  expect(log.read).toEqual([]);
  for (const sku of ['A', 'D', 'C', 'B']) await receive(writer, sku);
  expect(log.read).toEqual([stockStream('B', 'main')]); // no more than had to be
});

test('what was read counts as what was written', async () => {
  const other = new StreamWriter(log);
  for (let n = 0; n < 2 * STREAM_WEIGHT; n++) await receive(other, 'A');
  const writer = new StreamWriter(log, { maxKeptEvents: 5 * STREAM_WEIGHT });
  for (const sku of ['B', 'C', 'D']) await receive(writer, sku);
  await writer.current(stock, stockStream('A', 'main'), 0);
  log.read = [];
  for (const sku of ['D', 'C', 'B']) await receive(writer, sku);
  expect(log.read).toEqual(['C', 'B'].map((sku) => stockStream(sku, 'main')));
});

test('a repeated command reads the one event that it wrote, once, however long ago that was; its twin beside it reads none', async () => {
  const writer = new StreamWriter(log);
  await Promise.all(Array.from({ length: 5_000 }, (_, n) => receive(writer, 'A', `own-${n}`)));
  for (const id of ['own-0', 'own-4999']) {
    log.read = [];
    expect(await receive(writer, 'A', id)).toMatchObject({ replayed: true });
    expect(log.read).toEqual([stockStream('A', 'main')]);
  }
  log.read = [];
  const both = await Promise.all([receive(writer, 'A', 'twin'), receive(writer, 'A', 'twin')]);
  expect(both.map(({ replayed }) => replayed)).toEqual([false, true]);
  expect(log.read).toEqual([]);
});
