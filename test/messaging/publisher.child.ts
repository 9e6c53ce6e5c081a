import { join } from 'node:path';
import { systemClock } from '../../src/infrastructure/clock.js';
import { natsSetting } from '../../src/infrastructure/config/nats-setting.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { Follower, newHolder } from '../../src/infrastructure/follower/follower.js';
import { EventPublisher, publicEventsFollower } from '../../src/infrastructure/messaging/event-publisher.js';
import { SqliteViewStore } from '../../src/infrastructure/view-store/sqlite-view-store.js';

/**
 * A publisher to be killed. `FOLDER` holds `log.sqlite`; `VIEWS` is the file of the checkpoint; `NATS_URL` is where to.
 * Prints each line that the follower logs.
 */
const { FOLDER = '.', VIEWS = '', NATS_URL = '' } = process.env;
const print = (message: string) => process.stdout.write(`${message}\n`);
const setting = natsSetting(NATS_URL);
if (typeof setting === 'string') throw new Error(setting);

const log = await SqliteEventStore.open({ file: join(FOLDER, 'log.sqlite'), clock: systemClock, readOnly: true });
const views = await SqliteViewStore.open({ file: VIEWS, clock: systemClock });
const follower = new Follower({
  projection: publicEventsFollower,
  intake: () => new EventPublisher(setting, () => log.identity()),
  log,
  views,
  clock: systemClock,
  logger: { info: print, warn: print, error: print },
  holder: newHolder(),
  settings: { leaseMs: 1_000, leasePollMs: 50, batchSize: 500, historyMs: 200, backOffMaxMs: 500 },
});
await follower.run(new AbortController().signal);
