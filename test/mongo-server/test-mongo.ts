import { test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { MongoServer, NoMongoServer } from './mongo-server.js';

/** The MongoDB that a suite runs against, and how to end it. `databases` of this run have names of their own. */
export type TestMongo = Readonly<{
  url: string;
  what: string;
  /** The name of a database that nobody else has; it is dropped at `stop`. */
  newDatabase(): string;
  stop(): Promise<void>;
}>;

/**
 * The server in `TEST_MONGODB_URL`, or else a wire server of its own. Where neither can be had, says so, and in CI fails.
 * Called once while a test file is loaded.
 */
export async function findMongo(): Promise<TestMongo | undefined> {
  const given = process.env.TEST_MONGODB_URL;
  try {
    if (given) return testMongo(given, 'the server in TEST_MONGODB_URL', () => Promise.resolve());
    const server = await MongoServer.start();
    return testMongo(server.url, 'the wire server', () => server.stop());
  } catch (cause) {
    if (!(cause instanceof NoMongoServer)) throw cause;
    const message = `MongoDB WAS NOT TESTED: set TEST_MONGODB_URL, or mend this: ${cause.message}`;
    console.error(message);
    (process.env.CI ? test : test.skip)('MongoDB', () => {
      throw new Error(message);
    });
    return undefined;
  }
}

function testMongo(url: string, what: string, stopServer: () => Promise<void>): TestMongo {
  const run = `ledger-test-${process.pid}-${randomBytes(4).toString('hex')}`;
  const databases: string[] = [];
  return {
    url,
    what,
    newDatabase: () => {
      const name = `${run}-${databases.length}`;
      databases.push(name);
      return name;
    },
    stop: async () => {
      const client = new MongoClient(url);
      try {
        for (const name of databases) await client.db(name).dropDatabase();
      } finally {
        await client.close();
        await stopServer();
      }
    },
  };
}
