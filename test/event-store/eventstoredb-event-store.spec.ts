import { EventStoreDbEventStore } from '../../src/infrastructure/event-store/eventstoredb/eventstoredb-event-store.js';
import { describeEventStore } from '../contracts/event-store.contract.js';
import { EventStoreDbTestServer } from '../eventstoredb-server/server.js';
import { clock } from './log-file.js';

describeEventStore('eventstoredb (test server)', async () => {
  const server = await new EventStoreDbTestServer().start();
  const empty = await new EventStoreDbTestServer().start();
  return {
    manyClocks: true,
    open: (options) => EventStoreDbEventStore.open({ clock, ...options, url: server.url() }),
    openEmpty: () => EventStoreDbEventStore.open({ clock, url: empty.url() }),
    stop: () => {
      server.stop();
      empty.stop();
      return Promise.resolve();
    },
  };
});
