/**
 * How fast events go through the log's port to EventStoreDB and back, beside the bare client in the same run:
 *
 *   npm run bench:eventstoredb [-- --turns 5 --turn-ms 1500 --events 100000]
 *
 * The server is the tests' one, in a process of its own: no disk, no replication. So the figures are those of clients and
 * gRPC, an upper bound, and say nothing of a database. Set TEST_EVENTSTORE_URL to measure against a real one.
 *
 * Appends: so many callers at once, each waits for its answer before it sends the next, one order of one line each on a
 * stream of its own; then arrays of 100. "bare" is the client's appendToStream with the same JSON and metadata, which uses
 * BatchAppend, as the port does; "call" is its Append call, which it uses where credentials are given with each append.
 * Reads:   the first events of the log. "bare" is the client's subscribeToAll, and its readAll. The client gives
 *          parsed JSON, the port checked events.
 * All take turns; a row tells the medians of the turns.
 */
import { EventStoreDBClient, excludeSystemEvents, jsonEvent } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { OrderEvent } from '../src/domain/order/order.events.js';
import type { NewEvent } from '../src/application/ports/event-store.js';
import { EventStoreDbEventStore } from '../src/infrastructure/event-store/eventstoredb/eventstoredb-event-store.js';
import { startServerProcess } from '../test/eventstoredb-server/server-process.js';
import { machine } from './lib/machine.js';
import { median, percentile } from './lib/percentile.js';

const { values } = parseArgs({
  options: {
    turns: { type: 'string', default: '5' },
    'turn-ms': { type: 'string', default: '1500' },
    events: { type: 'string', default: '100000' },
  },
});
const TURNS = Number(values.turns);
const TURN_MS = Number(values['turn-ms']);
const READ_EVENTS = Number(values.events);

type Append = (events: readonly NewEvent<OrderEvent>[]) => Promise<unknown>;
type Turn = Readonly<{ perSecond: number; latencies: readonly number[] }>;

const real = process.env['TEST_EVENTSTORE_URL'];
const server = real ? undefined : await startServerProcess();
const url = real ?? server!.url;
const store = await EventStoreDbEventStore.open({ url, clock: { now: Date.now } });
const client = EventStoreDBClient.connectionString(url);
const credentials = { username: 'bench', password: 'bench' }; // given per call, they make the client use Append

const NEW = { expectedRevision: 'no_stream' } as const;
const sides: Readonly<Record<string, Append>> = {
  port: (events) => store.append(`order-${randomUUID()}`, 'no-stream', events),
  bare: (events) => client.appendToStream(`order-${randomUUID()}`, events.map(bareEvent), NEW),
  call: (events) => client.appendToStream(`order-${randomUUID()}`, events.map(bareEvent), { ...NEW, credentials }),
};

console.log(
  `${machine('.')}; ${real ? 'a real server' : 'the test server'}; ${TURNS} turns of ${TURN_MS} ms each, in turn\n`,
);
console.log('append               | events/s: port   bare   call | p50 ms: port  bare  call | port / bare');
for (const [callers, size] of [
  [1, 1],
  [64, 1],
  [1, 100],
] as const) {
  const turns: Record<string, Turn[]> = { port: [], bare: [], call: [] };
  for (const name of Object.keys(sides)) await measured(sides[name]!, callers, size, TURN_MS / 2);
  for (let turn = 0; turn < TURNS; turn++) {
    for (const name of Object.keys(sides)) turns[name]!.push(await measured(sides[name]!, callers, size, TURN_MS));
  }
  const rates = Object.values(turns).map((each) => median(each.map(({ perSecond }) => perSecond)));
  const p50 = Object.values(turns).map((each) => percentile(sorted(each.flatMap(({ latencies }) => latencies)), 50));
  const [port = NaN, bare = NaN] = rates;
  console.log(
    `${`${callers} at once, ${size} each`.padEnd(20)} |        ${rates.map((rate) => rate.toFixed(0).padStart(7)).join('')} |      ${p50
      .map((ms) => ms.toFixed(2).padStart(6))
      .join('')} | ${((port / bare) * 100).toFixed(0)} %`,
  );
}

for (let missing = READ_EVENTS - (await count(store.readAll())); missing > 0; missing -= 500) {
  await sides['port']!(Array.from({ length: 500 }, () => placed()));
}
const reads: Readonly<Record<string, () => Promise<number>>> = {
  'port, readAll': () => count(store.readAll()),
  'port, readAll of one type': () => count(store.readAll({ types: ['OrderPlaced'] })),
  'bare, subscribeToAll': subscribed,
  'bare, readAll': () => counted(client.readAll()),
};
const rates = Object.fromEntries(Object.keys(reads).map((name) => [name, [] as number[]]));
for (let turn = 0; turn < TURNS; turn++) {
  for (const [name, read] of Object.entries(reads)) {
    const since = performance.now();
    const events = await read();
    rates[name]!.push((events / (performance.now() - since)) * 1_000);
  }
}
console.log('');
for (const [name, each] of Object.entries(rates)) {
  const ratio = (median(each) / median(rates['bare, subscribeToAll']!)) * 100;
  console.log(
    `${name.padEnd(26)} ${median(each).toFixed(0).padStart(7)} events/s  ${ratio.toFixed(0)} % of subscribeToAll`,
  );
}
await store.close();
await client.dispose();
await server?.stop();

async function measured(append: Append, callers: number, size: number, forMs: number): Promise<Turn> {
  const latencies: number[] = [];
  const begin = performance.now();
  const end = begin + forMs;
  const caller = async (): Promise<void> => {
    for (let now = begin; now < end;) {
      const sentAt = now;
      await append(Array.from({ length: size }, () => placed()));
      now = performance.now();
      latencies.push(now - sentAt);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return { perSecond: ((latencies.length * size) / (performance.now() - begin)) * 1_000, latencies };
}

/** Reads so many events, if they are there. */
async function count(batches: AsyncIterable<{ events: readonly unknown[] }>): Promise<number> {
  let events = 0;
  for await (const batch of batches) {
    events += batch.events.length;
    if (events >= READ_EVENTS) break;
  }
  return events;
}

async function counted(stream: AsyncIterable<{ event?: { type: string } }>): Promise<number> {
  let events = 0;
  for await (const { event } of stream) {
    if (event && !event.type.startsWith('$') && ++events >= READ_EVENTS) break;
  }
  return events;
}

async function subscribed(): Promise<number> {
  const subscription = client.subscribeToAll({ filter: excludeSystemEvents() });
  const events = await counted(subscription);
  await subscription.unsubscribe();
  return events;
}

/** As the port stores it: bigints as text, all metadata. */
function bareEvent({ id, event, metadata }: NewEvent<OrderEvent>) {
  const { correlationId: $correlationId, causationId: $causationId, ...rest } = metadata;
  const data = JSON.parse(
    JSON.stringify(event.data, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  ) as object;
  const recordedAt = new Date().toISOString();
  return jsonEvent({
    id,
    type: event.type,
    data: data as Record<string, string>,
    metadata: { id, schemaVersion: 1, ...rest, $correlationId, $causationId, recordedAt },
  });
}

function placed(): NewEvent<OrderEvent> {
  const id = randomUUID();
  const line = { line: 1, kind: 'goods' as const, sku: '85123A', quantity: 6, unitPrice: '2.55', minor: 1530n };
  return {
    id,
    event: {
      type: 'OrderPlaced',
      data: {
        orderId: `ord_${id}`,
        customerId: '17850',
        country: 'United Kingdom',
        currency: 'GBP',
        lines: [{ ...line, name: 'WHITE HANGING HEART T-LIGHT HOLDER' }],
        totalMinor: 1530n,
      },
    },
    metadata: {
      commandId: `cmd-${id}`,
      commandHash: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg',
      correlationId: `cmd-${id}`,
      causationId: `cmd-${id}`,
      principal: 'bench',
      occurredAt: '2010-12-01T08:26:00.000Z',
    },
  };
}

function sorted(numbers: readonly number[]): Float64Array {
  return Float64Array.from(numbers).sort();
}
