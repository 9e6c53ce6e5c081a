/**
 * The test server in a process of its own: `node --import ./scripts/typescript.mjs test/eventstoredb-server/main.ts --port N`.
 * Prints `esdb://127.0.0.1:N?tls=false` once it listens (and sends `{ url }` to a parent that forked it), and keeps
 * everything in memory until it is killed. `--max-append-bytes` is the server's MaxAppendSize, 1 MiB by default.
 */
import { parseArgs } from 'node:util';
import { EventLog } from './event-log.js';
import { EventStoreDbTestServer } from './server.js';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, 'max-append-bytes': { type: 'string', default: '1048576' } },
});
const log = new EventLog({ maxAppendBytes: Number(values['max-append-bytes']) });
const server = await new EventStoreDbTestServer({ log, port: Number(values.port) }).start();
console.log(server.url());
process.send?.({ url: server.url() });
process.once('disconnect', () => process.exit());
