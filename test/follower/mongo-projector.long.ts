import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/infrastructure/clock.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { Follower } from '../../src/infrastructure/follower/follower.js';
import { FollowerGroup } from '../../src/infrastructure/follower/follower-group.js';
import { MongoViewStore } from '../../src/infrastructure/view-store/mongo/mongo-view-store.js';
import { findMongo } from '../mongo-server/test-mongo.js';
import { NOT_PRIMARY, WireProxy, type Command, type Fate } from '../mongo-server/wire-proxy.js';
import { Projector } from './projector.js';
import { Shop, TestLogger, freshFold, shelves, storedShelves, until } from './shelves.js';

const KILLS = Number(process.env.KILLS ?? 20);

const mongo = await findMongo();
const url = mongo?.url ?? '';

(mongo ? describe : describe.skip)('a projector whose views are in MongoDB', () => {
  let folder: string;
  let database: string;
  let log: SqliteEventStore;
  let shop: Shop;
  let views: MongoViewStore;
  let proxy: WireProxy;
  let ends: (() => Promise<unknown>)[];

  const project = (settings: Record<string, string> = {}) => {
    const projector = new Projector(folder, { VIEWS_URL: url, VIEWS_DATABASE: database, ...settings });
    ends.push(() => projector.kill());
    return projector;
  };
  /** One in this process, through the proxy. */
  const follow = () => {
    const through = MongoViewStore.open({ url: proxy.instead(url), database, clock: systemClock, patienceMs: 1_000 });
    const logger = new TestLogger();
    const settings = { leaseMs: 1_000, leasePollMs: 50, probeMs: 200, batchSize: 7, backOffMaxMs: 300, stopMs: 500 };
    const follower = new Follower({
      projection: shelves,
      log,
      views: through,
      clock: systemClock,
      logger,
      holder: 'a',
      settings,
    });
    const stop = new AbortController();
    const running = new FollowerGroup([follower]).run(stop.signal);
    ends.push(async () => {
      stop.abort();
      await running;
      await through.close();
    });
    return follower;
  };
  const history = async (events: number) => {
    for (let n = 0; n < events; n++) await shop.receive(`sku-${n % 7}`, n + 1);
  };
  const caughtUp = async () => {
    const head = await log.head();
    await until(`the view is at ${head}`, async () => (await views.checkpoint(shelves))?.position === head, 20_000);
    expect(await storedShelves(views)).toEqual(await freshFold(log));
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ledger-mongo-projector-'));
    database = mongo?.newDatabase() ?? '';
    log = await SqliteEventStore.open({ file: join(folder, 'log.sqlite'), clock: systemClock });
    shop = new Shop(log);
    views = MongoViewStore.open({ url, database, clock: systemClock, readOnly: true });
    proxy = await WireProxy.start(url);
    ends = [];
  });
  afterEach(async () => {
    proxy.decide = () => 'pass';
    proxy.reconnect();
    await Promise.all(ends.map((end) => end()));
    await views.close();
    await proxy.close();
    await log.close();
    await rm(folder, { recursive: true });
  });
  afterAll(() => mongo?.stop());

  test.each<[string, Fate]>([
    ['before', 'cut'],
    ['after', 'cut-answer'],
  ])(
    'killed with SIGKILL right %s each of its writes, from the first on, it ends in exact figures',
    async (_, fate) => {
      const killedAt: string[] = [];
      for (let at = 1; ; at++) {
        database = mongo?.newDatabase() ?? '';
        await views.close();
        views = MongoViewStore.open({ url, database, clock: systemClock, readOnly: true });
        await shop.receive('sku-1', 1, 2, 3);
        await shop.receive('sku-2', 4, 5);
        let writes = 0;
        let victim: Projector | undefined = undefined;
        proxy.decide = async ({ name, collection }: Command) => {
          if (!['update', 'createIndexes'].includes(name) || ++writes !== at) return 'pass';
          killedAt.push(`${name} ${collection.replace(/\..*/, '.…')}`);
          if (fate === 'cut') await victim?.kill();
          else setTimeout(() => void victim?.kill(), 20);
          return fate;
        };
        victim = project({ VIEWS_URL: proxy.instead(url), LEASE_MS: '1500', UNTIL_HEAD: '1' }); // hardly ever renewed
        const ended = await victim.ended();
        const last = project({ UNTIL_HEAD: '1', LEASE_MS: '200' });
        expect(await last.ended()).toBe(0);
        await caughtUp();
        if (ended === 0) break;
      }
      expect(killedAt.length).toBeGreaterThanOrEqual(6); // a lease that was renewed in between makes more
      expect(new Set(killedAt)).toEqual(new Set(['update views', 'createIndexes shelves@1.…', 'update shelves@1.…']));
      expect(killedAt.at(-1)).toBe('update views');
    },
    120_000,
  );

  test('the server is gone for seconds, and for a minute, while the log grows', async () => {
    await history(20);
    const follower = follow();
    await caughtUp();
    for (const outageMs of [3_000, 60_000]) {
      proxy.disconnect();
      await history(20);
      await sleep(outageMs);
      proxy.reconnect();
      await caughtUp();
    }
    expect(follower.status().counts.failures).toBeGreaterThan(0);
  }, 180_000);

  test('connections break, answers get lost and primaries change at random', async () => {
    const fates: Fate[] = ['cut', 'cut-answer', NOT_PRIMARY];
    let broken = 0;
    proxy.decide = () => (Math.random() < 0.8 ? 'pass' : (fates[broken++ % fates.length] ?? 'pass'));
    const follower = follow();
    for (let n = 0; n < 300; n++) {
      await shop.receive(`sku-${n % 11}`, 1 + (n % 5));
      await sleep(20);
    }
    proxy.decide = () => 'pass';
    await caughtUp();
    expect(broken).toBeGreaterThan(10);
    expect(follower.status().counts.failures).toBeGreaterThan(0);
  }, 60_000);

  describe('the server comes back with an older state', () => {
    const backup = async () => {
      const client = new MongoClient(url);
      const db = client.db(database);
      const options = { promoteValues: false } as const;
      const saved = await Promise.all(
        (await db.collections()).map(async ({ collectionName: name }) => ({
          name,
          documents: await db.collection(name, options).find().toArray(),
        })),
      );
      const restore = async (which: (name: string) => boolean) => {
        for (const { name, documents } of saved.filter(({ name }) => which(name))) {
          await db.collection(name).deleteMany({});
          if (documents.length > 0) await db.collection(name).insertMany(documents);
        }
        await client.close();
      };
      return { restore };
    };

    test.each([
      ['of all', () => true, 0],
      ['of all, and the log grows', () => true, 5],
      ['of checkpoints only', (name: string) => name === 'views', 0],
    ])(
      '%s',
      async (_, which, growth) => {
        await history(20);
        const follower = follow();
        await caughtUp();
        const { restore } = await backup();
        await history(20);
        await caughtUp();
        proxy.disconnect();
        await restore(which);
        await history(growth);
        proxy.reconnect();
        await caughtUp();
        expect(follower.status().counts.failures).toBeGreaterThan(0);
      },
      30_000,
    );

    test('with nothing at all', async () => {
      await history(20);
      follow();
      await caughtUp();
      proxy.disconnect();
      const client = new MongoClient(url);
      await client.db(database).dropDatabase();
      await client.close();
      proxy.reconnect();
      await caughtUp();
    }, 30_000);
  });

  test(`two of them are killed, or paused and let go on, ${KILLS} times, while the log grows`, async () => {
    const growing = new AbortController();
    const grow = async () => {
      for (let n = 0; !growing.signal.aborted; n++) {
        await shop.receive(`sku-${n % 40}`, 1 + (n % 9), 2, 3);
        await sleep(5);
      }
    };
    const grown = grow();
    const settings = { LEASE_MS: '300', BATCH_SIZE: '7' };
    let [oldest, other] = [project(settings), project(settings)];
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(400 + Math.random() * 600);
      if (kill % 2 === 0) {
        oldest.signal('SIGSTOP');
        await sleep(500);
        oldest.signal('SIGCONT');
        [oldest, other] = [other, oldest];
      } else {
        await oldest.kill();
        [oldest, other] = [other, project(settings)];
      }
    }
    growing.abort();
    await grown;
    await caughtUp();
    const lines = [...oldest.lines, ...other.lines];
    expect(lines.length).toBeGreaterThan(0);
    console.log(`${(await storedShelves(views)).get('all')?.events} events, ${KILLS} kills and pauses`);
  }, 120_000);
});
