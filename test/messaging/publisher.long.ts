import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import type { CloudEvent } from '../../src/application/public-events/cloud-event.js';
import { publicSources } from '../../src/application/public-events/registry.js';
import type { EventStore } from '../../src/application/ports/event-store.js';
import { eventId } from '../../src/application/ids.js';
import { stockStream } from '../../src/domain/streams.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { natsSetting, type NatsSetting } from '../../src/infrastructure/config/nats-setting.js';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { Follower, newHolder } from '../../src/infrastructure/follower/follower.js';
import { EventPublisher, publicEventsFollower } from '../../src/infrastructure/messaging/event-publisher.js';
import { EVENT_STREAM } from '../../src/infrastructure/messaging/event-stream.js';
import { MemoryViewStore } from '../../src/infrastructure/view-store/memory-view-store.js';
import { connectTo, findNatsServer, NatsServer } from '../nats-server/nats-server.js';
import { run } from '../online-retail/command-line.js';
import { PublisherProcess } from './publisher-process.js';

const MONTH = 'examples/online-retail-2010-12.csv.gz';
const program = findNatsServer();

async function receive(store: EventStore, sku: string, n: number): Promise<void> {
  const stream = stockStream(sku, 'main');
  const at = { commandId: `c${n}`, commandHash: '', correlationId: 'c', causationId: 'c', principal: 'test' };
  const event = { type: 'StockReceived', data: { sku, location: 'main', quantity: 1 } } as const;
  const metadata = { ...at, occurredAt: '2026-03-01T12:00:00.000Z' };
  const revision = BigInt(Math.floor(n / 9)) - 1n;
  const expected = n < 9 || sku === 'LATER' ? 'no-stream' : revision;
  await store.append(stream, expected, [{ id: eventId(stream, at.commandId, 0), event, metadata }]);
}

(program ? describe : describe.skip)('the example month, published to a real nats-server', () => {
  let folder: string;
  let log: EventStore;
  let expected: readonly string[];
  let server: NatsServer;
  const processes: PublisherProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'publisher-'));
    expect(await run(folder, 'import', 'online-retail', MONTH)).toMatchObject({ exitCode: 0 });
    log = await SqliteEventStore.open({ file: join(folder, 'log.sqlite'), clock: systemClock, readOnly: true });
    const ids: string[] = [];
    for await (const { events } of log.readAll({ types: publicSources })) ids.push(...events.map(({ id }) => id));
    expected = ids;
    expect(expected.length).toBeGreaterThan(10_000);
  }, 180_000);
  afterAll(async () => {
    await log.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    server = await NatsServer.start(program as string);
  });
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((each) => each.kill()));
    await server.stop();
  });

  const start = (env: Readonly<Record<string, string>> = {}): PublisherProcess => {
    const started = new PublisherProcess({
      FOLDER: folder,
      NATS_URL: server.url,
      VIEWS: join(folder, `${server.port}.sqlite`),
      ...env,
    });
    processes.push(started);
    return started;
  };

  /** The publisher in this process. */
  function follow(store: EventStore, views: MemoryViewStore, warnings: string[] = []) {
    const setting = natsSetting(server.url) as NatsSetting;
    const logger = { info: () => undefined, warn: (line: string) => void warnings.push(line), error: () => undefined };
    const intake = () => new EventPublisher(setting, () => store.identity());
    const shared = { log: store, views, clock: systemClock, logger, holder: newHolder() };
    const follower = new Follower({ projection: publicEventsFollower, intake, ...shared });
    const stop = new AbortController();
    const running = follower.run(stop.signal);
    const end = () => {
      stop.abort();
      return running;
    };
    return { follower, end };
  }

  /** How many messages the stream holds; 0 while there is no stream. */
  async function stored(): Promise<number> {
    const connection = await connectTo(server);
    try {
      const manager = await jetstreamManager(connection);
      const info = await manager.streams.info(EVENT_STREAM).catch(() => undefined);
      return info?.state.messages ?? 0;
    } finally {
      await connection.close();
    }
  }
  async function until(met: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
    const late = AbortSignal.timeout(withinMs);
    while (!(await met())) {
      if (late.aborted)
        throw new Error(
          `Not met within ${withinMs} ms: ${processes
            .flatMap(({ lines }) => lines)
            .slice(-20)
            .join('\n')}`,
        );
      await sleep(25);
    }
  }
  const complete = () => until(async () => (await stored()) >= expected.length);

  /** Every message of the stream, oldest first. */
  async function published(): Promise<readonly { id: string; event: CloudEvent; subject: string }[]> {
    const connection = await connectTo(server);
    try {
      const manager = await jetstreamManager(connection);
      const { state } = await manager.streams.info(EVENT_STREAM);
      const messages: { id: string; event: CloudEvent; subject: string }[] = [];
      for (let seq = state.first_seq; seq <= state.last_seq;) {
        for await (const message of await manager.direct.getBatch(EVENT_STREAM, { seq, batch: 500 })) {
          const { subject } = message;
          messages.push({ id: message.header.get('Nats-Msg-Id'), event: message.json<CloudEvent>(), subject });
          seq = message.seq + 1;
        }
      }
      return messages;
    } finally {
      await connection.close();
    }
  }

  /** Everything, once, in the order of the log, and so in order within each stream. */
  async function expectWhole(): Promise<void> {
    const messages = await published();
    expect(messages.map(({ id }) => id)).toEqual(expected);
    for (const { id, event, subject } of messages) {
      if (event.id !== id || event.type !== subject) throw new Error(`${id} is published as ${event.id} on ${subject}`);
    }
    const sequences = new Map<string, string>();
    for (const { event } of messages) {
      const before = sequences.get(event.subject);
      if (before !== undefined && before >= event.sequence) throw new Error(`${event.subject} is out of order`);
      sequences.set(event.subject, event.sequence);
    }
  }

  test('arrives whole and in order', async () => {
    start();
    await complete();
    await expectWhole();
  }, 120_000);

  test('arrives whole and in order though nats-server is killed twice in the middle', async () => {
    start();
    for (const share of [0.2, 0.6]) {
      await until(async () => (await stored()) > expected.length * share);
      await server.kill();
      await sleep(300);
      await server.restart();
    }
    await complete();
    await expectWhole();
  }, 120_000);

  test('arrives whole and in order though the projector is killed again and again', async () => {
    for (const share of [0.1, 0.3, 0.5, 0.7]) {
      const publisher = start();
      await until(async () => (await stored()) > expected.length * share);
      await publisher.kill();
    }
    start();
    await complete();
    await expectWhole();
  }, 120_000);

  test('two projectors: one publishes, and the other goes on when it is killed', async () => {
    const [first, second] = [start(), start()];
    await until(async () => (await stored()) > expected.length * 0.3);
    const leader = first.said('catching-up') ? first : second;
    await leader.kill();
    await complete();
    await expectWhole();
  }, 120_000);

  test('without a checkpoint nothing is sent twice, because the stream says where it ends', async () => {
    start();
    await complete();
    await Promise.all(processes.splice(0).map((each) => each.kill()));
    const again = start({ VIEWS: join(folder, 'fresh-2.sqlite') });
    await until(() => Promise.resolve(again.said('live')));
    expect(await stored()).toBe(expected.length);
  }, 120_000);

  test('a follower waits for NATS, and says why', async () => {
    await server.kill();
    const views = new MemoryViewStore(systemClock);
    const warnings: string[] = [];
    const { follower, end } = follow(log, views, warnings);
    await until(() => Promise.resolve(follower.status().state === 'backing-off'));
    expect(warnings.join('\n')).toContain(`NATS at nats://127.0.0.1:${server.port}`);
    expect(await views.checkpoint(publicEventsFollower)).toBeUndefined();
    await server.restart();
    await until(() => Promise.resolve(follower.status().state === 'live'));
    await end();
    await expectWhole();
  }, 120_000);

  test('what is sent again, where the checkpoint and the last message are gone, is recognised by its id', async () => {
    const small = new MemoryEventStore({ clock: systemClock });
    for (let n = 0; n < 200; n += 1) await receive(small, `S${n % 9}`, n);
    const first = follow(small, new MemoryViewStore(systemClock));
    await until(() => Promise.resolve(first.follower.status().state === 'live'));
    await first.end();
    const before = (await published()).map(({ id }) => id);
    expect(before).toHaveLength(200);
    const connection = await connectTo(server);
    const manager = await jetstreamManager(connection);
    await manager.streams.deleteMessage(EVENT_STREAM, 200);
    await connection.close();

    await receive(small, 'LATER', 200);
    const second = follow(small, new MemoryViewStore(systemClock));
    await until(() => Promise.resolve(second.follower.status().state === 'live'));
    await second.end();
    const after = (await published()).map(({ id }) => id);
    expect(after.slice(0, -1)).toEqual(before.slice(0, -1));
    expect(after).toHaveLength(200); // less the one that was deleted, and the new one
  });
});
