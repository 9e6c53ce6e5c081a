import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { startServerProcess } from '../eventstoredb-server/server-process.js';
import { findMongo } from '../mongo-server/test-mongo.js';
import { temporaryFolders } from '../temporary-folders.js';
import { destroyAll, run, startProjector, type Where } from './command-line.js';
import { isYearThere, YEAR, YEAR_TRUTH } from './real-year.js';

const MINUTES = 60_000;
const mongo = await findMongo();
let stopServer = () => Promise.resolve();
afterEach(async () => {
  await destroyAll();
  await stopServer(); // it holds a year in memory
});
afterAll(() => mongo?.stop());
/** Each takes ten minutes and more on two cores; a month is copied there and back in test/copy/month.long.ts. */
const isCopyAskedFor = process.env['YEAR_COPIED'] === '1';
if (!isCopyAskedFor) console.warn('SKIPPED: the copy of the whole year to EventStoreDB; set YEAR_COPIED=1 to run it.');
const newFolder = temporaryFolders();

/** A ledger on EventStoreDB's test server, in a process of its own, and a MongoDB. */
async function distributed(): Promise<Readonly<Record<string, string>> & { EVENTSTORE_URL: string }> {
  const { url, stop } = await startServerProcess();
  stopServer = stop;
  return { LEDGER_DATA: newFolder(), EVENTSTORE_URL: url, MONGODB_URL: `${mongo?.url}/${mongo?.newDatabase()}` };
}

async function agrees(where: Where): Promise<void> {
  const verified = await run(where, 'verify', 'online-retail', YEAR_TRUTH);
  expect(verified.lines.filter((line) => line.includes('DIFFERS'))).toEqual([]);
  expect([verified.exitCode, verified.notes.at(-1)]).toEqual([0, expect.stringMatching(/^All 4\d\d figures agree/)]);
}

(mongo && isYearThere() ? describe : describe.skip)('the real year', () => {
  test(
    'imported into EventStoreDB and folded into MongoDB agrees with the truth',
    async () => {
      const ledger = await distributed();
      const imported = await run(ledger, 'import', 'online-retail', YEAR, '--json');
      if (imported.exitCode !== 0) throw new Error(imported.notes.join('\n'));
      expect(imported.json).toMatchObject({ rows: 541_909, rowsRefused: 0, commandsRefused: 0 });
      const projector = startProjector(ledger); // beside the import, live, it would take every event once for each view
      await agrees(ledger);
      projector.child.kill('SIGTERM');
      expect(await projector.ended).toMatchObject({ code: 0 });
    },
    20 * MINUTES,
  );

  (isCopyAskedFor ? test : test.skip)(
    'copied from the embedded log to EventStoreDB, with views made anew in MongoDB, agrees with the truth',
    async () => {
      const [embedded, ledger] = [newFolder(), await distributed()];
      expect(await run(embedded, 'import', 'online-retail', YEAR)).toMatchObject({ exitCode: 0 });
      const copied = await run(ledger, 'copy', '--from', embedded, '--to', ledger.EVENTSTORE_URL, '--json');
      expect(copied).toMatchObject({ exitCode: 0, json: { copied: 627_258 } });
      expect(await run(ledger, 'rebuild', '--all')).toMatchObject({ exitCode: 0 });
      await agrees(ledger);
    },
    30 * MINUTES,
  );
});
