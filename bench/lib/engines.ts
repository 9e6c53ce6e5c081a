import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { MongoServer } from '../../test/mongo-server/mongo-server.js';
import { startServerProcess } from '../../test/eventstoredb-server/server-process.js';

/** What a bench asks for beside the embedded engines. */
export type EngineFlags = Readonly<{ eventstoredb?: boolean | undefined; mongodb?: boolean | undefined }>;
export const ENGINE_FLAGS = { eventstoredb: { type: 'boolean' }, mongodb: { type: 'boolean' } } as const;

/**
 * Settings for the engines of the flags, in words, and how to end them. A server is the one of TEST_EVENTSTORE_URL and
 * TEST_MONGODB_URL, of which the first keeps what a bench appends, and the second loses a database made for it; or else
 * the tests' one, in a process of its own: no disk, no replication, so that the figures are those of our side.
 */
export async function startEngines({ eventstoredb = false, mongodb = false }: EngineFlags) {
  const settings: Record<string, string> = { EVENTSTORE_URL: '', MONGODB_URL: '' };
  const stops: (() => Promise<void>)[] = [];
  const words = [eventstoredb ? '' : 'the log in SQLite', mongodb ? '' : 'the views in SQLite'];
  if (eventstoredb) {
    const given = process.env['TEST_EVENTSTORE_URL'];
    const server = given ? undefined : await startServerProcess();
    if (server) stops.push(() => server.stop());
    settings['EVENTSTORE_URL'] = given ?? server?.url ?? '';
    words[0] = `the log in ${given ? 'the EventStoreDB of TEST_EVENTSTORE_URL' : "EventStoreDB's test server"}`;
  }
  if (mongodb) {
    const given = process.env['TEST_MONGODB_URL'];
    const server = given ? undefined : await MongoServer.start();
    const url = `${given ?? server?.url}/ledger-bench-${randomUUID().slice(0, 8)}`;
    stops.push(async () => {
      const client = new MongoClient(url);
      await client.db().dropDatabase();
      await client.close();
      await server?.stop();
    });
    settings['MONGODB_URL'] = url;
    words[1] = `the views in ${given ? 'the MongoDB of TEST_MONGODB_URL' : "MongoDB's wire server"}`;
  }
  return { settings, words: words.join(', '), stop: async () => void (await Promise.all(stops.map((stop) => stop()))) };
}
