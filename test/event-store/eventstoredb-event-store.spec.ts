import { expect, test } from '@jest/globals';
import { EventStoreDbEventStore } from '../../src/infrastructure/event-store/eventstoredb/eventstoredb-event-store.js';
import { describeEventStore } from '../contracts/event-store.contract.js';
import { EventLog } from '../eventstoredb-server/event-log.js';
import { EventStoreDbTestServer } from '../eventstoredb-server/server.js';
import { clock } from './log-file.js';

describeEventStore('eventstoredb, over the test server', async () => {
  // As strict as any release: 1 MiB for an append, where metadata and types count.
  const server = await new EventStoreDbTestServer({ log: new EventLog() }).start();
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

const url = process.env['TEST_EVENTSTORE_URL'];
if (url) {
  // What it writes stays: streams of names of its own. Nobody else should write to this server meanwhile.
  describeEventStore('eventstoredb, at TEST_EVENTSTORE_URL', () =>
    Promise.resolve({
      manyClocks: true,
      open: (options) => EventStoreDbEventStore.open({ clock, ...options, url }),
      stop: () => Promise.resolve(),
    }),
  );
} else {
  console.log('No real EventStoreDB was tested, only the protocol: TEST_EVENTSTORE_URL is not set.');
  test.skip('eventstoredb, at TEST_EVENTSTORE_URL: not set', () => expect(url).toBeDefined());
}

test('a log opened for reading only is not made, and not written', async () => {
  const server = await new EventStoreDbTestServer().start();
  const open = (readOnly: boolean) => EventStoreDbEventStore.open({ clock, url: server.url(), readOnly });
  await expect(open(true)).rejects.toThrow(/No ledger has been made/);
  expect(server.log.events).toEqual([]);
  const made = await open(false);
  const reading = await open(true);
  expect(await reading.identity()).toBe(await made.identity());
  await expect(reading.append('order-1', 'no-stream', [])).rejects.toThrow(/for reading only/);
  await made.close();
  await reading.close();
  server.stop();
});
