import { expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/infrastructure/clock.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { SqliteViewStore } from '../../src/infrastructure/view-store/sqlite-view-store.js';
import { Projector } from './projector.js';
import { Shop, freshFold, storedShelves } from './shelves.js';

const KILLS = Number(process.env.KILLS ?? 60);

test.each([
  ['in transactions', () => ({})],
  ['piece by piece', () => ({ CRASH_AT: String(Math.floor(Math.random() * 60)) })],
])(
  `two projectors that write %s are killed ${KILLS} times at random while the log grows; the figures are a fresh fold's`,
  async (_, crashing) => {
    const folder = await mkdtemp(join(tmpdir(), 'ledger-projector-'));
    const log = await SqliteEventStore.open({ file: join(folder, 'log.sqlite'), clock: systemClock });
    const shop = new Shop(log);
    const growing = new AbortController();
    const grow = async () => {
      for (let n = 0; !growing.signal.aborted; n++) {
        await shop.receive(`sku-${n % 40}`, 1 + (n % 9), 2, 3);
        await sleep(2);
      }
    };
    const grown = grow();
    const settings = () => ({ LEASE_MS: '60', BATCH_SIZE: '7', ...crashing() });
    let projectors = [new Projector(folder, settings()), new Projector(folder, settings())];
    for (let kill = 0; kill < KILLS; kill++) {
      await Promise.race([sleep(300 + Math.random() * 700), ...projectors.map((projector) => projector.ended())]);
      const [oldest, ...others] = projectors;
      if (kill % 3 === 0) oldest?.signal('SIGSTOP');
      if (kill % 3 === 0) await sleep(150);
      if (kill % 3 === 0) oldest?.signal('SIGCONT');
      else await oldest?.kill();
      projectors = kill % 3 === 0 ? [...others, oldest as Projector] : [...others, new Projector(folder, settings())];
    }
    growing.abort();
    await grown;
    await Promise.all(projectors.map((projector) => projector.kill()));
    const last = new Projector(folder, { LEASE_MS: '60', UNTIL_HEAD: '1' });
    expect(await last.ended()).toBe(0);
    const views = await SqliteViewStore.open({
      file: join(folder, 'views.sqlite'),
      clock: systemClock,
      readOnly: true,
    });
    const stored = await storedShelves(views);
    expect(stored).toEqual(await freshFold(log));
    console.log(`${stored.get('all')?.events} events, ${KILLS} kills`);
    await views.close();
    await log.close();
    await rm(folder, { recursive: true });
  },
  600_000,
);
