/** Dies by SIGKILL at one moment of a command on a customer; see crash.spec.ts. */
import { runCustomer, type AskedOfCustomer } from '../../src/application/customer/run-customer.handler.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { SqliteKeyStore } from '../../src/infrastructure/keys/sqlite-key-store.js';

const [folder, moment, text] = process.argv.slice(2) as [string, string, string];
const die = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
};

const store = await SqliteEventStore.open({ file: `${folder}/log.sqlite`, clock: systemClock });
const keys = new SqliteKeyStore(`${folder}/keys.sqlite`);
const log: Pick<SqliteEventStore, 'append' | 'readStream'> = {
  append: (...args) => (moment === 'before-append' ? die() : store.append(...args)),
  readStream: (...args) => store.readStream(...args),
};
if (moment === 'before-key-is-destroyed') keys.erase = die;
const occurredAt = new Date(systemClock.now()).toISOString();
const asked = JSON.parse(text) as AskedOfCustomer;
await runCustomer(new StreamWriter(log), keys, asked, { commandId: asked.type, principal: 'test', occurredAt });
await keys.close();
await store.close();
