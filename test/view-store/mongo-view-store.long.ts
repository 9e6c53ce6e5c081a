import { afterAll, jest } from '@jest/globals';
import type { ViewStore } from '../../src/application/ports/view-store.js';
import { MongoViewStore } from '../../src/infrastructure/view-store/mongo/mongo-view-store.js';
import { describeViewStore } from '../contracts/view-store.contract.js';
import { findMongo } from '../mongo-server/test-mongo.js';

jest.setTimeout(30_000);
const mongo = await findMongo();

if (mongo) {
  afterAll(() => mongo.stop());

  describeViewStore(`MongoViewStore on ${mongo.what}`, () => {
    const database = mongo.newDatabase();
    const opened: ViewStore[] = [];
    return Promise.resolve({
      open: (clock) => {
        const store = MongoViewStore.open({ url: mongo.url, database, clock });
        opened.push(store);
        return Promise.resolve(store);
      },
      remove: async () => void (await Promise.all(opened.map((store) => store.close()))), // one left open would hold up Jest
    });
  });
}
