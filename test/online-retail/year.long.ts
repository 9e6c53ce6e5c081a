import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { projections } from '../../src/projections/index.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { SqliteViewStore } from '../../src/infrastructure/view-store/sqlite-view-store.js';
import { differenceOf, everyDocument, toText } from '../every-document.js';
import { temporaryFolders } from '../temporary-folders.js';
import { destroyAll, run, start, startProjector, truthOf } from './command-line.js';
import { isYearThere, YEAR, YEAR_TRUTH } from './real-year.js';
import { contentOf } from './shop.js';

const MINUTES = 60_000;
const clock = { now: Date.now };
afterAll(destroyAll);
const newFolder = temporaryFolders();

(isYearThere() ? describe : describe.skip)('the real year', () => {
  let undisturbed: string;
  beforeAll(async () => {
    undisturbed = newFolder();
    const projector = startProjector(undisturbed);
    const imported = await run(undisturbed, 'import', 'online-retail', YEAR, '--json');
    await untilCaughtUp(undisturbed);
    projector.child.kill('SIGTERM');
    await projector.ended;
    expect(imported).toMatchObject({
      exitCode: 0,
      notes: [],
      // Worked out from the data by its publisher's and our own counts, not by the importer.
      json: {
        rows: 541_909,
        rowsRefused: 0,
        commandsRefused: 0,
        products: 3_942,
        openings: { skus: 3_885, units: 5_648_640 },
        invoices: { order: 19_963, credit: 3_836, adjustment: 2_098, journal: 3, refused: 0 },
        commands: { RecordPayment: { accepted: 19_959 }, AdjustStock: { accepted: 2_108 } },
      },
    });
  }, 10 * MINUTES);

  test(
    'agrees with the given truth, and with the one that our own script computes',
    async () => {
      const given = await run(undisturbed, 'verify', 'online-retail', YEAR_TRUTH);
      expect(given.lines.filter((line) => line.includes('DIFFERS'))).toEqual([]);
      expect([given.exitCode, given.notes.at(-1)]).toEqual([0, expect.stringMatching(/^All 4\d\d figures agree/)]);

      const own = JSON.parse(truthOf(YEAR)) as object;
      const { stock_opening: _, stock_left: __, source: ___, ...shared } = own as Record<string, object>;
      expect(JSON.parse(readFileSync(YEAR_TRUTH, 'utf8'))).toMatchObject(shared);
    },
    5 * MINUTES,
  );

  test(
    'imported again changes nothing',
    async () => {
      const before = await headOf(undisturbed);
      const again = await run(undisturbed, 'import', 'online-retail', YEAR, '--json');
      expect(again).toMatchObject({ exitCode: 0, json: { commands: { ShipStock: { accepted: 0, refused: 0 } } } });
      expect(await headOf(undisturbed)).toBe(before);
    },
    15 * MINUTES,
  );

  test(
    'ends in the same log and the same views when importer and projector are killed at random moments',
    async () => {
      const folder = newFolder();
      const kills = { importer: 0, projector: 0 };
      let projector = startProjector(folder);
      for (let finished = false; !finished;) {
        const importer = start(folder, 'import', 'online-retail', YEAR);
        // The first attempts are cut short; in the last one only the projector is.
        const cutShort = kills.importer < 4;
        const moment = pause(cutShort ? 12_000 + Math.random() * 15_000 : 10 * MINUTES, 'kill', { ref: false });
        const projectorsMoment = pause(8_000 + Math.random() * 15_000, undefined, { ref: false }).then(async () => {
          projector.child.kill('SIGKILL');
          await projector.ended;
          kills.projector++;
          projector = startProjector(folder);
        });
        if ((await Promise.race([moment, importer.ended])) === 'kill') importer.child.kill('SIGKILL');
        const { code, signal, errors } = await importer.ended;
        if (signal === 'SIGKILL') kills.importer++;
        else expect([code, errors]).toEqual([0, expect.any(String)]);
        finished = code === 0;
        await projectorsMoment;
      }
      expect(kills).toEqual({ importer: 4, projector: 5 });

      const verified = await run(folder, 'verify', 'online-retail', YEAR_TRUTH);
      expect([verified.exitCode, verified.notes.at(-1)]).toEqual([0, expect.stringMatching(/^All/)]);
      await untilCaughtUp(folder);
      projector.child.kill('SIGTERM');
      await projector.ended;
      expect(differenceOf(await logIn(folder), await logIn(undisturbed))).toEqual([]);
      expect(differenceOf(await viewsIn(folder), await viewsIn(undisturbed))).toEqual([]);
    },
    30 * MINUTES,
  );
});

async function headOf(folder: string): Promise<bigint | undefined> {
  const log = await SqliteEventStore.open({ file: join(folder, 'log.sqlite'), clock, readOnly: true });
  const head = await log.head();
  await log.close();
  return head;
}

/** What every stream holds, as text. */
async function logIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const log = await SqliteEventStore.open({ file: join(folder, 'log.sqlite'), clock, readOnly: true });
  const content = new Map([...(await contentOf(log))].map(([stream, events]) => [stream, toText(events)]));
  await log.close();
  return content;
}

async function untilCaughtUp(folder: string): Promise<void> {
  const head = (await headOf(folder)) ?? 0n;
  const views = await SqliteViewStore.open({ file: join(folder, 'views.sqlite'), clock });
  for (const view of projections) {
    while (((await views.checkpoint(view))?.position ?? 0n) < head) await pause(200);
  }
  await views.close();
}

async function viewsIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const views = await SqliteViewStore.open({ file: join(folder, 'views.sqlite'), clock });
  const documents = await everyDocument(views);
  await views.close();
  expect(documents.size).toBeGreaterThan(40_000);
  return documents;
}
