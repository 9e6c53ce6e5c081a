import { Fulfilments } from '../../src/application/processes/fulfilments.js';
import { PaymentRequests } from '../../src/application/processes/payment-requests.js';
import { ProviderNotices } from '../../src/application/processes/provider-notices.js';
import { ReservationExpiries } from '../../src/application/processes/reservation-expiries.js';
import type { Sweep } from '../../src/application/processes/sweep.js';
import { TransferArrivals } from '../../src/application/processes/transfer-arrivals.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { readConfig, redacted } from '../../src/infrastructure/config/config.js';
import { openEventStore, openViewStore, snapshotStoreOf } from '../../src/infrastructure/engines.js';
import { Follower, newHolder } from '../../src/infrastructure/follower/follower.js';
import { FollowerGroup } from '../../src/infrastructure/follower/follower-group.js';
import { EventPublisher, publicEventsFollower } from '../../src/infrastructure/messaging/event-publisher.js';
import { openPaymentProvider } from '../../src/infrastructure/payments/open-payment-provider.js';
import { type RunningProcess, runProcess } from '../../src/infrastructure/process/supervised.js';
import { ProviderEvents, providerEventsFollower } from '../../src/infrastructure/processes/provider-events.js';
import { Sweeper } from '../../src/infrastructure/processes/sweeper.js';
import { riskRules } from '../../src/infrastructure/risk/risk-rules.js';
import { projections } from '../../src/projections/index.js';
import { followerLogger, projectorLogger } from './follower-logger.js';

/**
 * The projector: one follower for each read model, one that applies what the payment provider told, and one that publishes
 * to NATS where it is set, each with its own lease and checkpoint. And sweeps, each with its lease: they carry out what was
 * asked of the provider, take in what it has to tell where it sends no webhooks, fulfil orders, say which reservations have
 * expired, and take in transfers that arrive at once. It is ready when all stores are open; how far the followers are is in
 * the view store, where `ledger status` and the API read it.
 */
async function startProjector(): Promise<RunningProcess> {
  const config = readConfig(process.env);
  const logger = projectorLogger(config.logLevel);
  await using opened = new AsyncDisposableStack();
  const log = await openEventStore(config, 'read-write'); // makes the file, should this process be the first
  opened.defer(() => log.close());
  const views = await openViewStore(config, 'read-write');
  opened.defer(() => views.close());
  const provider = await openPaymentProvider(config);
  opened.defer(() => provider.close());

  const holder = newHolder();
  const shared = { log, views, clock: systemClock, logger: followerLogger(logger), holder };
  const snapshots = snapshotStoreOf(config, log);
  opened.defer(() => snapshots.close());
  const report = (problem: string, err: unknown) => logger.warn({ err }, problem);
  const writer = new StreamWriter(log, { snapshots: { store: snapshots, report } });
  const payments = { writer, provider, clock: systemClock };
  const applying = () => new ProviderEvents(payments, shared.logger);
  const followers = [
    ...projections.map((projection) => new Follower({ projection, ...shared })),
    new Follower({ projection: providerEventsFollower, intake: applying, ...shared }),
  ];
  const { nats } = config;
  if (nats) {
    const intake = () => new EventPublisher(nats, () => log.identity());
    followers.push(new Follower({ projection: publicEventsFollower, intake, ...shared }));
  }
  const stop = new AbortController();
  const { outbox } = provider;
  const sweeps: readonly Sweep[] = [
    new PaymentRequests({ ...payments, log, views }),
    new Fulfilments({ writer, log, views, risk: riskRules, provider: provider.name, clock: systemClock }),
    new ReservationExpiries({ writer: payments.writer, views, clock: systemClock }),
    new TransferArrivals({ writer: payments.writer, views }),
    ...(outbox ? [new ProviderNotices({ ...payments, outbox })] : []),
  ];
  const following = Promise.all([
    new FollowerGroup(followers).run(stop.signal),
    ...sweeps.map((sweep) => new Sweeper({ sweep, ...shared }).run(stop.signal)),
  ]);
  logger.info({ holder, settings: redacted(config) }, 'following the log');

  const stores = opened.move();
  return {
    stop: async () => {
      stop.abort();
      await following;
      await stores.disposeAsync();
    },
  };
}

await runProcess('projector', startProjector);
