/**
 * Transfers that arrive at once and reservations that end by themselves, while two projectors and an API are killed at any
 * line: in the end each transfer has arrived once, each reservation has expired once, and no unit was made or lost.
 */
import { afterEach, expect, test } from '@jest/globals';
import { pause } from '../../src/application/pause.js';
import type { StockEvent } from '../../src/domain/stock/stock.events.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { PatientClient } from '../live-traffic/patient-client.js';
import { LedgerProcess } from '../processes/ledger-process.js';
import { temporaryFolders } from '../temporary-folders.js';

const newFolder = temporaryFolders();
const RUNNING_MS = 40_000;
const UNITS = 10_000;
const PLACES = ['main', 'york', 'bath'];
const running = new Map<string, LedgerProcess>();
afterEach(() => Promise.all([...running.values()].map((process) => process.kill())));

const anyOf = <T>(values: readonly T[]): T => values[Math.floor(Math.random() * values.length)]!;
type Json = Record<string, unknown>;

test('end once each, whoever is killed', async () => {
  const folder = newFolder();
  const start = async (name: string): Promise<void> => {
    const app = name.startsWith('api') ? 'api' : 'projector';
    running.set(name, await LedgerProcess.start(app, { LEDGER_DATA: folder }));
  };
  await Promise.all(['api', 'projector 1', 'projector 2'].map(start));

  const client = new PatientClient(() => [running.get('api')!.url], { doubles: 0.1, breaks: 0, repeats: 0 });
  let keys = 0;
  const post = (path: string, body: object) => client.command(`/v1/stock/MUG/${path}`, `key-${keys++}`, body);
  for (const place of PLACES) await post(`${place}/receive`, { quantity: UNITS });

  const until = Date.now() + RUNNING_MS;
  const transferred: string[] = [];
  const reserved: string[] = [];
  let kills = 0;
  const killing = [...running.keys()].map(async (name) => {
    while (Date.now() < until) {
      await pause(200 + Math.random() * 3_000);
      await running.get(name)!.kill();
      await start(name);
      kills++;
    }
  });
  const sending = Array.from({ length: 4 }, async (_, worker) => {
    for (let n = 0; Date.now() < until; n++) {
      const from = anyOf(PLACES);
      const to = anyOf(PLACES.filter((place) => place !== from));
      const transferId = `t-${worker}-${n}`;
      const sent = await post(`${from}/transfer`, { transferId, to, quantity: 1 + (n % 3), arrives: 'at-once' });
      if (sent.status === 200) transferred.push(`${from}/${transferId}`);
      const expiresAt = new Date(Date.now() + 500 + Math.random() * 1_500).toISOString();
      const held = await post(`${from}/reserve`, { quantity: 1, expiresAt });
      if (held.status === 201) reserved.push(`${from}/${String(held.body['id'])}`);
      await pause(Math.random() * 50);
    }
  });
  await Promise.all([...sending, ...killing]);
  await pause(2_000); // the last reservations end

  const read = async (path: string): Promise<Json> =>
    (await (await fetch(`${running.get('api')!.url}${path}`)).json()) as Json;
  const shelves = async () => (await read('/v1/stock?sku=MUG'))['data'] as Record<string, number>[];
  const sum = (each: readonly Record<string, number>[], field: string) =>
    each.reduce((all, one) => all + one[field]!, 0);
  const deadline = Date.now() + 30_000;
  let last = await shelves();
  while (sum(last, 'inTransit') > 0 || sum(last, 'reserved') > 0) {
    if (Date.now() > deadline) throw new Error(`It does not come to rest: ${JSON.stringify(last)}`);
    await pause(100);
    last = await shelves();
  }
  expect(sum(last, 'onHand')).toBe(PLACES.length * UNITS);
  expect((await read('/v1/transfers?status=in-transit'))['data']).toEqual([]);
  await Promise.all([...running.values()].map((process) => process.kill()));

  const arrived: string[] = [];
  const expired: string[] = [];
  const log = await SqliteEventStore.open({ file: `${folder}/log.sqlite`, clock: systemClock, readOnly: true });
  const types = ['StockTransferredIn', 'ReservationExpired'];
  for await (const { events } of log.readAll<StockEvent>({ types })) {
    for (const { type, data } of events) {
      if (type === 'StockTransferredIn') arrived.push(`${data.from}/${data.transferId}`);
      if (type === 'ReservationExpired') expired.push(`${data.location}/${data.reservationId}`);
    }
  }
  await log.close();
  expect(kills).toBeGreaterThan(6);
  expect(Math.min(transferred.length, reserved.length)).toBeGreaterThan(50);
  expect(arrived.sort()).toEqual(transferred.sort());
  expect(expired.sort()).toEqual(reserved.sort());
}, 180_000);
