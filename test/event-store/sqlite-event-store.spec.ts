import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { describeEventStore } from '../contracts/event-store.contract.js';

const clock = { now: Date.now };

describeEventStore('sqlite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ledger-log-'));
  return {
    open: (options) => SqliteEventStore.open({ clock, ...options, file: join(folder, 'log.sqlite') }),
    openEmpty: () => SqliteEventStore.open({ clock, file: join(folder, 'empty.sqlite') }),
    stop: () => rm(folder, { recursive: true }),
  };
});
