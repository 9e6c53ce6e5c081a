import { MongoServer } from './mongo-server.js';

/** `node --import ./scripts/typescript.mjs test/mongo-server/main.ts [PORT]`: runs it until Ctrl-C, for several processes. */
const server = await MongoServer.start(Number(process.argv[2] ?? 0));
console.log(server.url);
const stop = () => void server.stop();
process.once('SIGINT', stop).once('SIGTERM', stop);
