/** Opens the log of the URL and appends; when told to, appends in vain, closes it, and has nothing more to do. */
import { once } from 'node:events';
import { EventStoreDbEventStore } from '../../src/infrastructure/event-store/eventstoredb/eventstoredb-event-store.js';
import { confirmed } from './log-file.js';

const store = await EventStoreDbEventStore.open({
  url: process.argv[2] ?? '',
  clock: { now: Date.now },
  deadlineMs: 500,
});
await store.append('order-1', 'no-stream', [confirmed('1')]);
process.send?.('opened');
await once(process, 'message');
const [outcome] = await Promise.allSettled([store.append('order-1', 0n, [confirmed('2')])]);
await store.close();
process.send?.(outcome.status);
process.disconnect();
