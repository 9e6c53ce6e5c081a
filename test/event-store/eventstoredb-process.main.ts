/** Opens the log of the URL, begins everything that can be under way, closes it, and has nothing more to do. */
import { EventStoreDbEventStore } from '../../src/infrastructure/event-store/eventstoredb/eventstoredb-event-store.js';

const store = await EventStoreDbEventStore.open({ url: process.argv[2] ?? '', clock: { now: Date.now } });
const signal = new AbortController().signal;
const half = store.readAll({ batchSize: 1 })[Symbol.asyncIterator]();
const live = store.subscribe({ signal })[Symbol.asyncIterator]();
const head = await store.head();
const idle = store.subscribe({ signal, ...(head !== undefined && { after: head }) })[Symbol.asyncIterator]();
const waiting = idle.next().then(
  () => 'ended',
  () => 'ended',
);
await Promise.all([half.next(), live.next()]);
await store.close();
await waiting;
