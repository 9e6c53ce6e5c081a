/** The sweep over the view of fulfilments: which orders it takes on, which it lets rest, and what it says. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { runOrder } from '../../src/application/order/run-order.handler.js';
import { StoreUnavailable } from '../../src/application/ports/event-store.js';
import { RiskUnavailable, type RiskAssessor } from '../../src/application/ports/risk-assessor.js';
import { Fulfilments, FulfilmentStuck } from '../../src/application/processes/fulfilments.js';
import type { Swept } from '../../src/application/processes/sweep.js';
import { runStock } from '../../src/application/stock/run-stock.handler.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import type { OrderCommand } from '../../src/domain/order/order.commands.js';
import { orderStream } from '../../src/domain/streams.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { newHolder } from '../../src/infrastructure/follower/follower.js';
import { rebuild } from '../../src/infrastructure/follower/rebuild.js';
import { MemoryViewStore } from '../../src/infrastructure/view-store/memory-view-store.js';
import { fulfilment } from '../../src/projections/fulfilment.projection.js';

const RUNNING = new AbortController().signal;
const NOTHING: Swept = { tried: [], failed: [], isAll: true };
const accepts = () => Promise.resolve({ decision: 'accept', reasons: [] } as const);
let nowMs: number;
let elapsedMs: number;
let log: MemoryEventStore;
let views: MemoryViewStore;
let writer: StreamWriter;
let assessed: string[];
let assess: (orderId: string) => ReturnType<RiskAssessor['assess']>;
const clock = { now: () => nowMs };
beforeEach(async () => {
  nowMs = Date.parse('2026-03-01T12:00:00.000Z');
  elapsedMs = 0;
  log = new MemoryEventStore({ clock });
  views = new MemoryViewStore(clock);
  writer = new StreamWriter(log);
  assessed = [];
  assess = accepts;
  const data = { sku: 'MUG', location: 'main', quantity: 1_000 };
  await runStock(writer, { type: 'ReceiveStock', data }, context());
});

let commands = 0;
const context = () => ({
  commandId: `test-${++commands}`,
  principal: 'clerk',
  occurredAt: new Date(nowMs).toISOString(),
});
const run = (command: OrderCommand) => runOrder(writer, command, context());
async function placed(orderId: string, more: { location?: string; quantity?: number } = {}): Promise<void> {
  const { location = 'main', quantity = 1 } = more;
  const lines = [{ kind: 'goods', sku: 'MUG', quantity, unitPrice: '0' }] as const;
  await run({ type: 'PlaceOrder', data: { orderId, currency: 'GBP', lines, fulfilFrom: location } });
}
/** A process of its own. */
const fulfilments = (by: StreamWriter = new StreamWriter(log), more: { riskDeadlineMs?: number } = {}) =>
  new Fulfilments({
    ...more,
    ...{ log, views, clock, writer: by, provider: 'sandbox', monotonicMs: () => elapsedMs },
    risk: { name: 'test@1', assess: ({ orderId }) => (assessed.push(orderId), assess(orderId)) },
  });
const project = () => rebuild({ projection: fulfilment, log, views, holder: newHolder() });
const sweepOf = async (by: Fulfilments, signal = RUNNING): Promise<Swept> =>
  by.sweep(signal, await views.checkpoint(fulfilment));
/** Sweeps over the view as it is by then. */
async function swept(by: Fulfilments): Promise<Swept> {
  await project();
  return sweepOf(by);
}
async function types(orderId: string): Promise<string[]> {
  const found: string[] = [];
  for await (const batch of log.readStream(orderStream(orderId))) found.push(...batch.map(({ type }) => type));
  return found;
}
const CONFIRMED = ['OrderPlaced', 'OrderRiskAssessed', 'OrderConfirmed'];

describe('takes on', () => {
  test('what is to be done at once, also with a clock that has gone back', async () => {
    await placed('ord_1');
    nowMs -= 600_000;
    expect(await swept(fulfilments())).toEqual({ tried: ['ord_1'], failed: [], isAll: true });
    expect(await types('ord_1')).toEqual(CONFIRMED);
  });

  test('what is due, once, more than one page of it; then there is nothing to try', async () => {
    const ids = Array.from({ length: 130 }, (_, index) => `ord_${String(index).padStart(3, '0')}`);
    for (const id of ids) await placed(id);
    const sweep = fulfilments();
    const { tried, failed } = await swept(sweep);
    expect([...tried].sort()).toEqual(ids);
    expect(failed).toEqual([]);
    for (const id of ids) expect(await types(id)).toEqual(CONFIRMED);
    expect(await swept(sweep)).toEqual(NOTHING);
  });

  test('an order by a view that is behind: to no effect the second time, by whichever process', async () => {
    await placed('ord_1');
    await project();
    const [one, other] = [fulfilments(), fulfilments()];
    await Promise.all([sweepOf(one), sweepOf(other)]);
    await sweepOf(one);
    await sweepOf(fulfilments());
    expect(await types('ord_1')).toEqual(CONFIRMED);
    expect(await swept(one)).toEqual(NOTHING);
  });

  test('nothing by a view that has not come to where the log ended', async () => {
    await placed('ord_1');
    await project();
    await placed('ord_2');
    expect(await sweepOf(fulfilments())).toEqual({ tried: [], failed: [] });
  });

  test('an order that had its goods reserved otherwise, once the view has heard of it', async () => {
    await placed('ord_1');
    const sweep = fulfilments();
    await project();
    await sweepOf(sweep, AbortSignal.abort());
    await placed('ord_2');
    const expiresAt = new Date(nowMs + 60_000).toISOString();
    const data = { sku: 'MUG', location: 'main', reservationId: 'ful_ord_2', quantity: 1, expiresAt };
    await project();
    await runStock(writer, { type: 'ReserveStock', data }, { ...context(), commandId: 'fulfilment:ord_2:reserve:1' });
    expect(await sweepOf(sweep)).toEqual({ tried: ['ord_2'], failed: [], isAll: true });
    expect(await types('ord_2')).toEqual(['OrderPlaced']);
    await swept(sweep);
    expect(await types('ord_2')).toEqual(CONFIRMED);
  });

  test('an order at the millisecond of its deadline, and not before', async () => {
    assess = () => Promise.resolve({ decision: 'review', reasons: ['first order'] });
    await placed('ord_1');
    const sweep = fulfilments();
    await swept(sweep); // reserves, and asks for a review
    await swept(sweep); // keeps the goods for a day
    nowMs += 24 * 60 * 60_000 - 1;
    expect(await swept(sweep)).toEqual(NOTHING);
    nowMs += 1;
    expect(await swept(sweep)).toEqual({ tried: ['ord_1'], failed: [], isAll: true });
    expect((await types('ord_1')).at(-1)).toBe('OrderRejected');
  });

  test('no more pages once it is to stop', async () => {
    for (let index = 0; index < 65; index++) await placed(`ord_${index}`);
    await project();
    const stop = new AbortController();
    assess = () => (stop.abort(), accepts());
    const { tried, isAll } = await sweepOf(fulfilments(), stop.signal);
    expect([tried.length, isAll]).toEqual([64, false]);
  });
});

describe('one that fails', () => {
  const unavailable = new RiskUnavailable('The assessor is shut');

  test('does not hold up the others of its page or of the next', async () => {
    for (let index = 0; index < 70; index++) await placed(`ord_${String(index).padStart(2, '0')}`);
    assess = (orderId) => (orderId === 'ord_03' ? Promise.reject(unavailable) : accepts());
    const sweep = fulfilments();
    const { tried, failed } = await swept(sweep);
    expect([tried.length, failed]).toEqual([70, [{ id: 'ord_03', cause: unavailable }]]);
    expect(await types('ord_69')).toEqual(CONFIRMED);
    expect(await types('ord_03')).toEqual(['OrderPlaced']);
  });

  test('does not hold up the others either when nobody ever says anything of its risk', async () => {
    for (const orderId of ['ord_1', 'ord_2']) await placed(orderId);
    assess = (orderId) => (orderId === 'ord_1' ? new Promise(() => undefined) : accepts());
    const { failed } = await swept(fulfilments(writer, { riskDeadlineMs: 20 }));
    expect(failed).toEqual([{ id: 'ord_1', cause: expect.any(RiskUnavailable) as unknown }]);
    expect(await types('ord_2')).toEqual(CONFIRMED);
  });

  test('rests longer and longer, says all the while why, and goes on by itself', async () => {
    await placed('ord_1');
    assess = () => Promise.reject(unavailable);
    const sweep = fulfilments();
    await swept(sweep);
    await swept(sweep); // of what it had reserved by then
    const askedAt: number[] = [];
    for (let asked = assessed.length; elapsedMs <= 200_000; elapsedMs += 500) {
      expect(await sweepOf(sweep)).toEqual({
        tried: ['ord_1'],
        failed: [{ id: 'ord_1', cause: unavailable }],
        isAll: true,
      });
      if (assessed.length > asked) askedAt.push(elapsedMs);
      asked = assessed.length;
    }
    expect(askedAt).toEqual([1_000, 3_000, 7_000, 15_000, 31_000, 63_000, 123_000, 183_000]);
    assess = accepts;
    elapsedMs = 243_000;
    expect(await sweepOf(sweep)).toEqual({ tried: ['ord_1'], failed: [], isAll: true });
    expect(await types('ord_1')).toEqual(CONFIRMED);
  });

  test('is taken on at once when its document has changed', async () => {
    await placed('ord_1');
    assess = () => Promise.reject(unavailable);
    const sweep = fulfilments();
    await swept(sweep);
    await swept(sweep);
    await run({ type: 'CancelOrder', data: { orderId: 'ord_1', reason: 'changed their mind' } });
    expect(await swept(sweep)).toEqual({ tried: ['ord_1'], failed: [], isAll: true });
    expect(await swept(sweep)).toEqual(NOTHING);
  });

  test('is given up at its deadline, though nobody could ever assess it', async () => {
    await placed('ord_1');
    assess = () => Promise.reject(unavailable);
    const sweep = fulfilments();
    await swept(sweep);
    nowMs += 30 * 60_000;
    elapsedMs += 30 * 60_000;
    expect(await swept(sweep)).toEqual({ tried: ['ord_1'], failed: [], isAll: true });
    await project();
    const { rejection } = (await views.get(fulfilment, 'ord_1'))!.order!;
    expect(rejection!.reason).toContain('its risk had not been assessed');
  });
});

describe('what the log refuses', () => {
  /** Confirmed on units that are not there yet, and said to have shipped all the same. */
  async function shippedTooEarly(sweep: Fulfilments): Promise<void> {
    await runStock(writer, { type: 'SetBackorderPolicy', data: { sku: 'MUG', location: 'far', limit: 5 } }, context());
    await placed('ord_1', { location: 'far', quantity: 2 });
    await swept(sweep);
    await run({ type: 'ShipOrder', data: { orderId: 'ord_1' } });
  }

  test('is no failure at first: the view may be on its way; then it says what is refused', async () => {
    const sweep = fulfilments();
    await shippedTooEarly(sweep);
    expect(await swept(sweep)).toEqual({ tried: ['ord_1'], failed: [], isAll: true });
    elapsedMs += 1_000;
    const { failed } = await sweepOf(sweep);
    expect(failed).toEqual([{ id: 'ord_1', cause: expect.any(FulfilmentStuck) }]);
    expect((failed[0]!.cause as Error).message).toContain('reservation-backordered');
    expect(await sweepOf(sweep)).toEqual({ tried: ['ord_1'], failed, isAll: true });
  });

  test('is done once the log allows it', async () => {
    const sweep = fulfilments();
    await shippedTooEarly(sweep);
    await swept(sweep);
    elapsedMs += 1_000;
    await sweepOf(sweep);
    const data = { sku: 'MUG', location: 'far', quantity: 2 };
    await runStock(writer, { type: 'ReceiveStock', data }, context());
    elapsedMs += 2_000;
    expect(await swept(sweep)).toEqual({ tried: ['ord_1'], failed: [], isAll: true });
    expect(await swept(sweep)).toEqual(NOTHING);
  });
});

describe('a log that is gone', () => {
  /** The first command on a stream finds no log, for so many times. */
  class Hindered extends StreamWriter {
    constructor(
      private readonly stream: string,
      public times: number,
    ) {
      super(log);
    }
    override execute(...[decider, stream, command, about, options]: Parameters<StreamWriter['execute']>) {
      if (stream === this.stream && this.times-- > 0) return Promise.reject(new StoreUnavailable('The log is gone'));
      return super.execute(decider, stream, command, about, options);
    }
  }

  test('ends the sweep; once it is back, all goes on at once', async () => {
    for (let index = 0; index < 70; index++) await placed(`ord_${String(index).padStart(2, '0')}`);
    await project();
    const sweep = fulfilments(new Hindered(orderStream('ord_03'), 1));
    await expect(sweepOf(sweep)).rejects.toThrow(StoreUnavailable);
    const { failed } = await sweepOf(sweep);
    expect(failed).toEqual([]);
    expect(await types('ord_03')).toEqual(CONFIRMED);
    expect(await types('ord_69')).toEqual(CONFIRMED);
  });
});
