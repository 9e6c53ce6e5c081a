import { finishErasures, keepFinishingErasures } from '../../src/application/customer/finish-erasures.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { readConfig } from '../../src/infrastructure/config/config.js';
import { keyStoreOf, openEventStore, openViewStore, snapshotStoreOf } from '../../src/infrastructure/engines.js';
import { openSandboxBank, paymentSettings } from '../../src/infrastructure/payments/open-payment-provider.js';
import { backgroundWith } from '../../src/infrastructure/processes/background.js';
import { runProcess } from '../../src/infrastructure/process/supervised.js';
import { createApi } from './app.js';
import { NatsCommands } from './nats/nats-commands.js';

await runProcess('api', async () => {
  const config = readConfig(process.env);
  const store = await openEventStore(config, 'read-write');
  const views = await openViewStore(config, 'read-only');
  const keys = keyStoreOf(config);
  const saved = snapshotStoreOf(config, store);
  const sandbox = await openSandboxBank(config);
  const closePorts = async () => {
    await saved.close();
    await store.close();
    await views.close();
    await keys.close();
    await sandbox?.close();
  };
  try {
    await finishErasures(store, keys);
    const payments = paymentSettings(config);
    const report = (problem: string, err: unknown) => log().warn({ err }, problem);
    const snapshots = { store: saved, report };
    const background = backgroundWith(config);
    const ports = {
      store,
      snapshots,
      views,
      payments,
      keys,
      background,
      clock: systemClock,
      ...(sandbox && { sandbox }),
    };
    const api = await createApi({ ...ports, logLevel: config.logLevel });
    const log = () => api.app.getHttpAdapter().getInstance().log;
    const url = await api.listen(config.port, config.host);
    const stopping = new AbortController();
    const unfinished = (err: unknown) => log().warn({ err }, 'erasures were not looked after, and will be');
    const erasing = keepFinishingErasures(store, keys, unfinished, stopping.signal);
    const natsCommands = config.nats && new NatsCommands(api, config.nats, log());
    const stop = async () => {
      stopping.abort();
      await erasing;
      await natsCommands?.stop();
      await api.stop();
    };
    return { url, stop: () => stop().finally(closePorts) };
  } catch (error) {
    await closePorts();
    throw error;
  }
});
