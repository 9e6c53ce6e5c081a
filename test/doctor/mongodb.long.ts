import { afterAll, describe, expect, test } from '@jest/globals';
import { Long, MongoClient } from 'mongodb';
import { collectionOf } from '../../src/application/ports/view-store.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { readConfig } from '../../src/infrastructure/config/config.js';
import { openEventStore } from '../../src/infrastructure/engines.js';
import { MongoViewStore } from '../../src/infrastructure/view-store/mongo/mongo-view-store.js';
import { ordersView } from '../../src/projections/orders.view.js';
import { projections } from '../../src/projections/index.js';
import { confirmed } from '../event-store/log-file.js';
import { findMongo } from '../mongo-server/test-mongo.js';
import { temporaryFolders } from '../temporary-folders.js';
import { WireProxy } from '../mongo-server/wire-proxy.js';
import { diagnose, everyFollower } from './doctor.js';

const mongo = await findMongo();
const temporaryFolder = temporaryFolders();
const [catalog] = projections as [(typeof projections)[number]];

if (mongo) {
  afterAll(() => mongo.stop());

  describe(`ledger doctor on ${mongo.what}`, () => {
    /** A database of its own, with every view prepared for the log in the folder, and followed up to its head. */
    async function ledgerOn() {
      const database = mongo!.newDatabase();
      const url = urlOf(mongo!.url, database);
      const env = { LEDGER_DATA: temporaryFolder(), MONGODB_URL: url };
      const log = await openEventStore(readConfig(env), 'read-write');
      await log.append('order-a', 'no-stream', [confirmed('a')]);
      const views = MongoViewStore.open({ url, database, clock: systemClock });
      for (const view of everyFollower) {
        await views.prepare(view, await log.identity());
        const lease = await views.acquireLease(collectionOf(view), 'host:1', 60_000);
        await views.commit(view, { documents: [], checkpoint: 1n }, lease!);
        await views.releaseLease(lease!);
      }
      await log.close();
      const client = new MongoClient(url);
      return { env, views, db: client.db(database), close: () => Promise.all([views.close(), client.close()]) };
    }

    test('finds nothing to say of a ledger that is well, and writes nothing', async () => {
      const { env, db, close } = await ledgerOn();
      const before = await contentOf(db);
      const diagnosis = await diagnose(env);
      expect(diagnosis.complaints).toEqual([]);
      expect(diagnosis.finding('views', 'clock')?.verdict).toBe('ok');
      expect(diagnosis.finding('views', 'server')?.found).toMatch(/^MongoDB \d+\.\d+/);
      expect(diagnosis.finding('views', 'catalog indexes')?.found).toBe('2 as declared');
      expect(diagnosis.finding('followers', collectionOf(catalog))?.found).toBe('at 1, up to date');
      expect(await contentOf(db)).toEqual(before);
      await close();
    });

    test('a database that is not there is well, and stays away', async () => {
      const database = mongo.newDatabase();
      const diagnosis = await diagnose({ LEDGER_DATA: temporaryFolder(), MONGODB_URL: urlOf(mongo.url, database) });
      expect(diagnosis.complaints).toEqual([]);
      const client = new MongoClient(mongo.url);
      expect(await contentOf(client.db(database))).toEqual({});
      await client.close();
    });

    test('names indexes that are missing, collections left over, views of a newer build, expired leases', async () => {
      const { env, db, views, close } = await ledgerOn();
      await db.createCollection('orders@1.00000000');
      const newer = { ...catalog, version: catalog.version + 1 };
      await views.prepare(newer, 'any log');
      await views.acquireLease(collectionOf(newer), 'host:42', 1);
      const proxy = await WireProxy.start(mongo.url);
      const bare = {
        ok: 1,
        cursor: { id: Long.ZERO, ns: 'any', firstBatch: [{ v: 2, key: { _id: 1 }, name: '_id_' }] },
      };
      proxy.decide = ({ name, collection }) =>
        name === 'listIndexes' && collection.startsWith(`${collectionOf(catalog)}.`) ? bare : 'pass';
      const diagnosis = await diagnose({ ...env, MONGODB_URL: proxy.instead(env.MONGODB_URL) });
      await proxy.close();
      expect(diagnosis.exitCode).toBe(1);
      const declared = Object.keys(catalog.indexes).join(', ');
      expect(diagnosis.finding('views', 'catalog indexes')?.found).toBe(`missing or different: ${declared}`);
      expect(diagnosis.finding('views', 'collections')?.found).toContain('orders@1.00000000');
      expect(diagnosis.finding('followers', collectionOf(newer))?.found).toContain('a newer build made it');
      expect(diagnosis.finding('followers', `${collectionOf(newer)} lease`)?.found).toContain('host:42 had it');
      await close();
    });

    test('names indexes that somebody else has made', async () => {
      const { env, db, close } = await ledgerOn();
      const [orders] = (await db.listCollections().toArray()).filter(({ name }) =>
        name.startsWith(`${collectionOf(ordersView)}.`),
      );
      await db.collection(orders!.name).createIndex({ other: 1 }, { name: 'others' });
      expect((await diagnose(env)).finding('views', 'orders indexes')).toMatchObject({
        verdict: 'warn',
        found: 'also others, made by somebody else',
      });
      await close();
    });

    test.each([
      [13, 'fail', 'Grant the user'],
      [8000, 'fail', 'Grant the user'],
    ])('says what a user may not who is refused with code %d', async (code, verdict, advice) => {
      const { env, close } = await ledgerOn();
      const proxy = await WireProxy.start(mongo.url);
      const refusal = { ok: 0, code, codeName: 'Unauthorized', errmsg: 'not authorized' };
      proxy.decide = ({ name }) => (name === 'update' || name === 'drop' ? refusal : 'pass');
      const diagnosis = await diagnose({ ...env, MONGODB_URL: proxy.instead(env.MONGODB_URL) });
      expect(diagnosis.finding('views', 'rights')).toMatchObject({
        verdict,
        found: expect.stringMatching(/^may not update, dropCollection in /),
        todo: expect.stringContaining(advice),
      });
      await proxy.close();
      await close();
    });
  });
}

/** The connection string with a database in its path. */
function urlOf(url: string, database: string): string {
  const [, server, options = ''] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?[^?]*(\?.*)?$/.exec(url) ?? [];
  return `${server}/${database}${options}`;
}

/** Every document and index of a database, by collection. */
async function contentOf(db: ReturnType<MongoClient['db']>): Promise<Record<string, unknown>> {
  const content: Record<string, unknown> = {};
  for (const { name } of await db.listCollections().toArray()) {
    content[name] = [await db.collection(name).find().toArray(), await db.collection(name).indexes()];
  }
  return content;
}
