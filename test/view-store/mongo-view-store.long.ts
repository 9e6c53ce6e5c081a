import { afterAll } from '@jest/globals';
import { MongoViewStore } from '../../src/infrastructure/view-store/mongo/mongo-view-store.js';
import { describeViewStore } from '../contracts/view-store.contract.js';
import { findMongo } from '../mongo-server/test-mongo.js';

const mongo = await findMongo();

if (mongo) {
  afterAll(() => mongo.stop());

  describeViewStore(`MongoViewStore on ${mongo.what}`, () => {
    const database = mongo.newDatabase();
    return Promise.resolve({
      open: (clock) => Promise.resolve(MongoViewStore.open({ url: mongo.url, database, clock })),
      remove: () => Promise.resolve(),
    });
  });
}
