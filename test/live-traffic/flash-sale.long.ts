import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { StockEvent } from '../../src/domain/stock/stock.events.js';
import { stockStream } from '../../src/domain/streams.js';
import type { Recorded } from '../../src/domain/fact.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { newHolder } from '../../src/infrastructure/follower/follower.js';
import { rebuild } from '../../src/infrastructure/follower/rebuild.js';
import { MemoryViewStore } from '../../src/infrastructure/view-store/memory-view-store.js';
import { SqliteViewStore } from '../../src/infrastructure/view-store/sqlite-view-store.js';
import { projections } from '../../src/projections/index.js';
import { stockId, stockView } from '../../src/projections/stock.view.js';
import { differenceOf, everyDocument } from '../every-document.js';
import { temporaryFolders } from '../temporary-folders.js';
import { Fleet, KillsAtRandom } from './fleet.js';
import { PatientClient, type Answer } from './patient-client.js';

const MINUTE = 60_000;
/** Of each half; FLASH_SALE_RUNS for fewer. */
const RUNS = Number(process.env['FLASH_SALE_RUNS'] ?? 50);
const CLIENTS = 64;
const ASKS = 160;
const HABITS = { doubles: 0.15, breaks: 0.1, repeats: 0.1 };
const EXPIRES_AT = '2100-01-01T00:00:00Z';

/** One sale of `units` of a SKU: what each ask was answered with, and which of the reserved units were sold. */
type Sale = Readonly<{ sku: string; units: number; reserved: Answer[]; shipped: string[] }>;

let fleet: Fleet | undefined;
afterEach(() => fleet?.stop());
const newFolder = temporaryFolders();

describe.each([
  ['one API', 1],
  ['two APIs on one log', 2],
])(`a flash sale with 64 clients, %s and the projector killed at random`, (_, apis) => {
  test(
    `gives away exactly what is there in each of ${RUNS} runs: every answer is true, and the views are a fold of the log`,
    async () => {
      const folder = newFolder();
      fleet = await Fleet.start({ LEDGER_DATA: folder }, { api: apis, projector: 1 });
      const client = new PatientClient(() => fleet?.urls ?? [], HABITS);
      const sales: Sale[] = [];
      for (let run = 1; run <= RUNS; run++) sales.push(await sell(client, fleet, run));
      await client.settled();
      console.log(
        `${RUNS} runs: sent ${client.counts.sent}, ${client.counts.unanswered} without an answer, ${client.counts.again} again; ` +
          `killed ${JSON.stringify(fleet.kills)}`,
      );
      expect(fleet.kills).toEqual({ api: RUNS, projector: RUNS });

      const log = await SqliteEventStore.open({ file: join(folder, 'log.sqlite'), clock: systemClock, readOnly: true });
      for (const sale of sales) await holdAgainstLog(sale, log);
      const views = await SqliteViewStore.open({ file: join(folder, 'views.sqlite'), clock: systemClock });
      const head = (await log.head()) ?? 0n;
      for (const view of projections) {
        while (((await views.checkpoint(view))?.position ?? 0n) < head) await pause(100);
      }
      for (const { sku, units, shipped } of sales) {
        const left = units - shipped.length;
        const document = await views.get(stockView, stockId(sku, 'main'));
        expect(document).toMatchObject({
          onHand: left,
          held: left,
          totals: { reserved: units, shipped: shipped.length },
        });
      }
      const fresh = new MemoryViewStore(systemClock);
      for (const projection of projections) await rebuild({ projection, log, views: fresh, holder: newHolder() });
      expect(differenceOf(await everyDocument(views), await everyDocument(fresh))).toEqual([]);
      await Promise.all([log.close(), views.close()]);
    },
    15 * MINUTE,
  );
});

/** More asks than units, 64 at a time, while an API and the projector are killed; half of the winners get their unit sent out. */
async function sell(client: PatientClient, fleet: Fleet, run: number): Promise<Sale> {
  const sku = `HOT-${run}`;
  const units = 1 + Math.floor(Math.random() * 100);
  const shelf = `/v1/stock/${sku}/main`;
  expect((await client.command(`${shelf}/receive`, `${sku}-in`, { quantity: units })).status).toBe(200);
  const kills = new KillsAtRandom(fleet, ASKS, 2, run % 2 === 1 ? 'api' : 'projector');
  const reserved: Answer[] = [];
  const shipped: string[] = [];
  let next = 0;
  const buyer = async (): Promise<void> => {
    for (let ask = next++; ask < ASKS; ask = next++) {
      kills.passed();
      const body = { quantity: 1, expiresAt: EXPIRES_AT };
      const answer = await client.command(`${shelf}/reserve`, `${sku}-ask-${ask}`, body);
      reserved[ask] = answer;
      if (answer.status !== 201 || ask % 2 === 0) continue;
      const reservationId = String(answer.body['id']);
      const sent = await client.command(`${shelf}/ship`, `${sku}-ship-${ask}`, { quantity: 1, reservationId });
      expect(sent.status).toBe(200);
      shipped.push(reservationId);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, buyer));
  await fleet.whole();
  return { sku, units, reserved, shipped };
}

/** Exactly the units that were there are reserved, by exactly those that were told so, each once. */
async function holdAgainstLog({ sku, units, reserved, shipped }: Sale, log: SqliteEventStore): Promise<void> {
  const events: Recorded<StockEvent>[] = [];
  for await (const batch of log.readStream<StockEvent>(stockStream(sku, 'main'))) events.push(...batch);
  const idsOf = (type: 'StockReserved' | 'StockShipped') =>
    events.flatMap((event) => (event.type === type ? [event.data.reservationId] : [])).sort();

  const accepted = reserved.filter(({ status }) => status === 201);
  const refused = reserved.filter(({ status, body }) => status === 409 && body['code'] === 'insufficient-stock');
  expect([sku, accepted.length, refused.length]).toEqual([sku, units, ASKS - units]);
  expect(idsOf('StockReserved')).toEqual(accepted.map(({ body }) => body['id']).sort());
  expect(idsOf('StockShipped')).toEqual(shipped.toSorted());
  const commands = events.map(({ metadata }) => metadata.commandId);
  expect(new Set(commands).size).toBe(commands.length);
  expect(events).toHaveLength(1 + units + shipped.length);
}
