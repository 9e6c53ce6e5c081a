import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/infrastructure/clock.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { newHolder } from '../../src/infrastructure/follower/follower.js';
import { rebuild } from '../../src/infrastructure/follower/rebuild.js';
import { MemoryViewStore } from '../../src/infrastructure/view-store/memory-view-store.js';
import { SqliteViewStore } from '../../src/infrastructure/view-store/sqlite-view-store.js';
import { projections } from '../../src/projections/index.js';
import { differenceOf } from '../every-document.js';
import { run, truthOf } from '../online-retail/command-line.js';
import { stepsIn } from '../../apps/ledger/online-retail/import/plan.js';
import { isYearThere } from '../online-retail/real-year.js';
import { fileOf, rawFile, SHOP } from '../online-retail/shop.js';
import { temporaryFolders } from '../temporary-folders.js';
import { fileOfDay } from './day.js';
import { Fleet, KillsAtRandom } from './fleet.js';
import { PatientClient } from './patient-client.js';
import { planFile, Replay } from './replay.js';
import { documentsByName, eventsByName, type Rename } from './same-figures.js';

/**
 * `2011-10-06` has the most orders of any day, 32 corrections of stock and 64 credit notes; on `2011-08-12` there is bad debt.
 * REPLAY_DAYS names others, with commas between.
 */
const DAYS = (process.env['REPLAY_DAYS'] ?? '2011-10-06,2011-08-12').split(',');
const MINUTE = 60_000;
const CLIENTS = 24;
const HABITS = { doubles: 0.1, breaks: 0.1, repeats: 0.2 };

/** The truth counts corrections of stock in their month, as invoices and rows; here they happen today. */
const OF_TODAY = /^counts: days with (plain invoices|any row)$|^month [\d-]+: (rows|plain invoices|net units)/;
/** It tells codes apart as the file writes them; over HTTP they are SKUs. */
const AS_WRITTEN = /^(all codes|goods|classes of rows|service codes)\b/;

let fleet: Fleet | undefined;
afterEach(() => fleet?.stop());
const newFolder = temporaryFolders();

const files: readonly (readonly [string, () => Promise<string>])[] = [
  ['made-up rows of awkward shapes', () => Promise.resolve(fileOf(SHOP))],
  ...(isYearThere() ? DAYS.map((day) => [`${day} of the real year`, () => fileOfDay(day, newFolder())] as const) : []),
];

describe('traffic over HTTP, repeated, cut off, on processes that are killed, ends in the figures of the import', () => {
  test.each(files)(
    '%s',
    async (_, fileOfRows) => {
      const file = await fileOfRows();
      const [imported, live] = [newFolder(), newFolder()];
      expect((await run(imported, 'import', 'online-retail', file)).exitCode).toBe(0);
      const planned = await planFile(file);

      fleet = await Fleet.start({ LEDGER_DATA: live }, { api: 2, projector: 1 });
      const client = new PatientClient(() => fleet?.urls ?? [], HABITS);
      const steps = planned.beginnings.flat().length + planned.plans.reduce((sum, plan) => sum + stepsIn(plan), 0);
      const kills = new KillsAtRandom(fleet, steps, 4 + Math.floor(steps / 400));
      const replay = new Replay((path, key, body) => {
        kills.passed();
        return client.command(path, key, body);
      }, CLIENTS);
      const since = performance.now();
      await replay.run(planned);
      await client.settled();
      const seconds = (performance.now() - since) / 1_000;
      await fleet.whole();
      console.log(
        `${replay.accepted} commands in ${seconds.toFixed(1)} s: sent ${client.counts.sent} times, ${client.counts.unanswered} of them ` +
          `without an answer, ${client.counts.again} again after an answer; killed ${JSON.stringify(fleet.kills)}`,
      );
      expect(fleet.kills.api).toBeGreaterThan(0);
      await untilCaughtUp(live);

      const names: Rename = (id) => replay.ids.get(id) ?? id;
      const asItIs: Rename = (id) => id;
      const [expected, actual] = [await openLog(imported), await openLog(live)];
      expect(differenceOf(await eventsByName(actual, asItIs), await eventsByName(expected, names))).toEqual([]);
      const reference = new MemoryViewStore(systemClock);
      for (const projection of projections) {
        await rebuild({ projection, log: expected, views: reference, holder: newHolder() });
      }
      const views = await SqliteViewStore.open({ file: join(live, 'views.sqlite'), clock: systemClock });
      const documents = await documentsByName(views, asItIs);
      expect(differenceOf(documents, await documentsByName(reference, names))).toEqual([]);
      expect(documents.size).toBeGreaterThan(20);
      await Promise.all([expected.close(), actual.close(), views.close()]);

      // Once more by figures that share no code with either.
      const verified = await run(live, 'verify', 'online-retail', rawFile(truthOf(file), 'truth.json'), '--json');
      const { comparisons } = verified.json as { comparisons: { section: string; figure: string; agrees: boolean }[] };
      const agreeing = comparisons.filter(({ agrees }) => agrees);
      expect(agreeing.length).toBeGreaterThan(60);
      const differing = comparisons
        .filter(({ agrees }) => !agrees)
        .map(({ section, figure }) => `${section}: ${figure}`);
      expect(differing.filter((figure) => !OF_TODAY.test(figure) && !AS_WRITTEN.test(figure))).toEqual([]);
    },
    10 * MINUTE,
  );
});

const openLog = (folder: string) =>
  SqliteEventStore.open({ file: join(folder, 'log.sqlite'), clock: systemClock, readOnly: true });

async function untilCaughtUp(folder: string): Promise<void> {
  const log = await openLog(folder);
  const head = (await log.head()) ?? 0n;
  await log.close();
  const views = await SqliteViewStore.open({ file: join(folder, 'views.sqlite'), clock: systemClock });
  for (const view of projections) {
    while (((await views.checkpoint(view))?.position ?? 0n) < head) await pause(100);
  }
  await views.close();
}
