/**
 * The projector's part in payments, in a process that is killed and dies: of two moments around everything that it does
 * outside of itself (ask the bank, mark what was delivered, append), it dies by SIGKILL at one in `DIES_ONCE_IN`. The way
 * to the bank loses one request in ten, and one answer in five. `FOLDER` holds all files.
 */
import { join } from 'node:path';
import { PaymentRequests } from '../../src/application/processes/payment-requests.js';
import { ProviderNotices } from '../../src/application/processes/provider-notices.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { Follower, newHolder } from '../../src/infrastructure/follower/follower.js';
import { SandboxProvider } from '../../src/infrastructure/payments/sandbox/sandbox-provider.js';
import { ProviderEvents, providerEventsFollower } from '../../src/infrastructure/processes/provider-events.js';
import { Sweeper } from '../../src/infrastructure/processes/sweeper.js';
import { SqliteViewStore } from '../../src/infrastructure/view-store/sqlite-view-store.js';
import { payments } from '../../src/projections/payments.projection.js';

const { FOLDER = '.', DIES_ONCE_IN = '0' } = process.env;
const onceIn = Number(DIES_ONCE_IN);
const print = (message: string, cause?: unknown) => {
  process.stdout.write(`${message}${cause instanceof Error ? ` ${cause.stack}` : ''}\n`);
};
/** Lets `work` happen, and dies before it or after it, now and then. */
async function mortal<T>(work: () => Promise<T>): Promise<T> {
  const dies = () => onceIn > 0 && Math.random() < 1 / (2 * onceIn);
  if (dies()) process.kill(process.pid, 'SIGKILL');
  const result = await work();
  if (dies()) process.kill(process.pid, 'SIGKILL');
  return result;
}

const log = await SqliteEventStore.open({ file: join(FOLDER, 'log.sqlite'), clock: systemClock });
const views = await SqliteViewStore.open({ file: join(FOLDER, 'views.sqlite'), clock: systemClock });
const bank = new SandboxProvider({
  file: join(FOLDER, 'sandbox.sqlite'),
  clock: systemClock,
  fault: () => {
    const lot = Math.random();
    return lot < 0.1 ? 'absent' : lot < 0.3 ? 'late' : undefined;
  },
});
const [perform, append] = [bank.perform.bind(bank), log.append.bind(log)];
bank.perform = (request) => mortal(() => perform(request));
log.append = (stream, expected, events) => mortal(() => append(stream, expected, events));
const { outbox } = bank;
const mortalOutbox = {
  waiting: (limit: number) => outbox.waiting(limit),
  delivered: (upTo: number) => mortal(() => outbox.delivered(upTo)),
};

const options = { writer: new StreamWriter(log), provider: bank, clock: systemClock };
const logger = { info: () => undefined, warn: print, error: print };
const leases = { views, logger, holder: newHolder() };
const following = {
  ...leases,
  log,
  clock: systemClock,
  settings: { leaseMs: 600, leasePollMs: 50, backOffMaxMs: 500 },
};
const running = new AbortController().signal;
print('following');
const intake = () => new ProviderEvents(options, logger);
await Promise.all([
  new Follower({ projection: payments, ...following }).run(running),
  new Follower({ projection: providerEventsFollower, intake, ...following }).run(running),
  ...[new PaymentRequests({ ...options, log, views }), new ProviderNotices({ ...options, outbox: mortalOutbox })].map(
    (sweep) => new Sweeper({ sweep, ...leases, intervalMs: 20, leaseMs: 600 }).run(running),
  ),
]);
