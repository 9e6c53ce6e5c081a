import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { EventStore } from '../../src/application/ports/event-store.js';
import { collectionOf, type ViewStore } from '../../src/application/ports/view-store.js';
import type { Recorded } from '../../src/domain/fact.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { readConfig } from '../../src/infrastructure/config/config.js';
import { openEventStore, openViewStore } from '../../src/infrastructure/engines.js';
import { newHolder } from '../../src/infrastructure/follower/follower.js';
import { rebuild } from '../../src/infrastructure/follower/rebuild.js';
import { MemoryViewStore } from '../../src/infrastructure/view-store/memory-view-store.js';
import { fulfilmentProgress, fulfilmentView } from '../../src/projections/fulfilment.view.js';
import { projections } from '../../src/projections/index.js';
import { differenceOf, everyDocument } from '../every-document.js';
import { startServerProcess } from '../eventstoredb-server/server-process.js';
import { findMongo } from '../mongo-server/test-mongo.js';
import { temporaryFolders } from '../temporary-folders.js';
import { LedgerProcess } from './ledger-process.js';

type Settings = Readonly<Record<string, string>>;
/** The answer to a command; `refused` is the problem's code. */
type Answer = Readonly<{ status: number; refused?: string; revision?: string; position?: string }>;

const MINUTE = 60_000;
const newFolder = temporaryFolders();
const mongo = await findMongo();
afterAll(() => mongo?.stop());

const embedded = () => Promise.resolve({ settings: { LEDGER_DATA: newFolder() }, stop: () => Promise.resolve() });
const distributed = async () => {
  const { url, stop } = await startServerProcess();
  const settings = {
    EVENTSTORE_URL: url,
    MONGODB_URL: `${mongo?.url}/${mongo?.newDatabase()}`,
    LEDGER_DATA: newFolder(),
  };
  return { settings: settings as Settings, stop };
};

describe.each([
  ['on the embedded engines', embedded],
  ...(mongo ? [[`on EventStoreDB's test server and ${mongo.what}`, distributed] as const] : []),
])('two API and two projector processes %s', (_, engines) => {
  let settings: Settings;
  let stopEngines: () => Promise<void>;
  let apis: LedgerProcess[];
  let projectors: LedgerProcess[];
  let log: EventStore;
  let views: ViewStore;

  beforeEach(async () => {
    ({ settings, stop: stopEngines } = await engines());
    const start = (app: 'api' | 'projector') => LedgerProcess.start(app, settings);
    [apis, projectors] = await Promise.all([
      Promise.all([start('api'), start('api')]),
      Promise.all([start('projector'), start('projector')]),
    ]);
    const config = readConfig(settings);
    [log, views] = [await openEventStore(config, 'read-only'), await openViewStore(config, 'read-only')];
  }, MINUTE);
  afterEach(async () => {
    await Promise.all([...apis, ...projectors].map((process) => process.kill()));
    await Promise.all([log.close(), views.close()]);
    await stopEngines();
  }, MINUTE);

  /** Asks one API; where it is gone or says that it does not know, asks again, as a client with patience would. */
  async function command(which: number, path: string, key: string, body: object): Promise<Answer> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const api = apis[(which + (attempt > 2 ? attempt : 0)) % 2];
      const answer = await ask(`${api?.url}/v1/${path}`, key, body);
      if (answer && answer.status < 500) return answer;
      await pause(50);
    }
    throw new Error(`${path} under ${key} was never answered`);
  }
  /** The same command to both APIs at the same moment. */
  const twice = (path: string, key: string, body: object) =>
    Promise.all([command(0, path, key, body), command(1, path, key, body)]);

  /**
   * Does a piece of work in five parts, and in the middle of each kills one process and starts another in its place. By parts and
   * not by time, so that a fast machine has as many kills as a slow one.
   */
  async function whileKilling<T>(
    app: 'api' | 'projector',
    times: number,
    work: (n: number) => Promise<T>,
  ): Promise<readonly T[]> {
    const processes = app === 'api' ? apis : projectors;
    const part = times / 5;
    const results: T[] = [];
    for (let from = 0; from < times; from += part) {
      let done = 0;
      let killed: Promise<void> | undefined;
      const kill = async () => {
        const index = (from / part) % 2;
        await processes[index]?.kill();
        processes[index] = await LedgerProcess.start(app, settings);
      };
      results.push(
        ...(await inTurns(part, 16, async (n) => {
          const result = await work(from + n);
          if (++done >= part / 3) killed ??= kill();
          return result;
        })),
      );
      await killed;
    }
    return results;
  }

  /** The views hold the whole log, and what a fold of it in this process makes of it. */
  async function viewsAreExact(): Promise<void> {
    const head = (await log.head()) ?? 0n;
    const behind = async () => {
      const checkpoints = await Promise.all(projections.map((projection) => views.checkpoint(projection)));
      return checkpoints.some((checkpoint) => (checkpoint?.position ?? 0n) < head);
    };
    for (let polls = 0; await behind(); polls++) {
      if (polls > 600)
        throw new Error(`The views do not reach ${head}:\n${projectors.map((each) => each.output).join('\n')}`);
      await pause(100);
    }
    const fresh = new MemoryViewStore(systemClock);
    for (const projection of projections) await rebuild({ projection, log, views: fresh, holder: newHolder() });
    expect(differenceOf(await everyDocument(views), await everyDocument(fresh))).toEqual([]);
  }

  const holders = async (): Promise<readonly (string | undefined)[]> =>
    Promise.all(projections.map(async (view) => (await views.lease(collectionOf(view)))?.holder));
  const heldBy = ({ pid }: LedgerProcess, all: readonly (string | undefined)[]) =>
    all.filter((holder) => holder?.includes(`:${pid}:`)).length;
  async function untilAllAreHeld(by: readonly LedgerProcess[]): Promise<void> {
    for (let polls = 0; ; polls++) {
      const all = await holders();
      if (by.reduce((sum, each) => sum + heldBy(each, all), 0) === projections.length) return;
      if (polls > 300) throw new Error(`Held by ${JSON.stringify(all)}`);
      await pause(100);
    }
  }

  test(
    'lose and double no command, while one API after the other is killed',
    async () => {
      await twice('products', 'listed', { sku: 'MUG', name: 'Mug', prices: [{ amount: '2.55', currency: 'GBP' }] });
      await twice('stock/MUG/main/receive', 'received', { quantity: 250 });
      const ship = (n: number) => twice('stock/MUG/main/ship', `ship-${n}`, { quantity: 1 });
      const shipped = await whileKilling('api', 400, ship);
      const line = { sku: 'MUG', quantity: 1 };
      const place = (n: number) => twice('orders', `order-${n}`, { currency: 'GBP', lines: [line] });
      const ordered = await whileKilling('api', 200, place);

      const accepted = shipped.filter(([one]) => one.status < 300);
      expect(accepted).toHaveLength(250);
      for (const [one, other] of [...accepted, ...ordered]) expect(other).toEqual(one);
      expect(new Set(accepted.map(([{ revision }]) => revision)).size).toBe(250);
      const refused = shipped.filter(([one]) => one.status >= 300).flat();
      expect(new Set(refused.map(({ refused }) => refused))).toEqual(new Set(['insufficient-stock']));
      expect(refused).toHaveLength(300);

      const events = await allOf(log);
      const count = (type: string) => events.filter((event) => event.type === type).length;
      expect([count('StockShipped'), count('OrderPlaced'), count('ProductListed')]).toEqual([250, 200, 1]);
      expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
      await viewsAreExact();
    },
    4 * MINUTE,
  );

  test(
    'fulfil each order once, while one projector after the other is killed',
    async () => {
      await command(0, 'products', 'listed', {
        sku: 'MUG',
        name: 'Mug',
        prices: [{ amount: '2.55', currency: 'GBP' }],
      });
      await command(0, 'stock/MUG/main/receive', 'received', { quantity: 30 });
      const order = {
        currency: 'GBP',
        lines: [{ sku: 'MUG', quantity: 1 }],
        fulfilFrom: 'main',
        paymentMethod: 'pm_card_visa',
      };
      await whileKilling('projector', 40, (n) => twice('orders', `order-${n}`, order));
      const placed = (await allOf(log)).filter(({ type }) => type === 'OrderPlaced');
      const orderIds = placed.map(({ stream }) => stream.slice('order-'.length));
      expect(orderIds).toHaveLength(40);
      const standing = async () => {
        const documents = await views.getMany(fulfilmentView, orderIds);
        return documents.map((document) => ({
          id: document._id,
          status: document.order?.status,
          progress: fulfilmentProgress(document, new Date().toISOString()),
        }));
      };
      /** Waits until the ledger has nothing more to do for any of the orders. */
      const atRest = async () => {
        for (let polls = 0; ; polls++) {
          const all = await standing();
          if (all.length === 40 && all.every(({ progress }) => progress !== 'working')) return all;
          if (polls > 900) throw new Error(`Not at rest: ${JSON.stringify(all)}`);
          await pause(100);
        }
      };
      const confirmed = (await atRest()).filter(({ status }) => status === 'confirmed');
      expect(confirmed).toHaveLength(30);
      await whileKilling('projector', 30, (n) => twice(`orders/${confirmed[n]!.id}/ship`, `ship-${n}`, {}));
      const head = (await log.head()) ?? 0n;
      for (let polls = 0; ((await views.checkpoint(fulfilmentView))?.position ?? 0n) < head; polls++) {
        if (polls > 900) throw new Error('The view does not come to what was shipped');
        await pause(100);
      }
      await atRest();

      const events = await allOf(log);
      const count = (type: string) => events.filter((event) => event.type === type).length;
      expect({
        reserved: count('StockReserved'),
        confirmed: count('OrderConfirmed'),
        rejected: count('OrderRejected'),
        shipped: count('StockShipped'),
        authorized: count('AuthorizationSucceeded'),
        captured: count('CaptureSucceeded'),
      }).toEqual({ reserved: 30, confirmed: 30, rejected: 10, shipped: 30, authorized: 30, captured: 30 });
      await viewsAreExact();
    },
    4 * MINUTE,
  );

  test(
    'share the views by lease: a killed projector is replaced, one that is held up cannot write after it lost its leases',
    async () => {
      const sell = (from: number, to: number) =>
        inTurns(to - from, 8, (n) =>
          command(n, 'stock/MUG/main/receive', `received-${from + n}`, { quantity: 1 + ((from + n) % 7) }),
        );
      await sell(0, 100);
      await untilAllAreHeld(projectors);
      const [killed, other] = heldBy(projectors[0]!, await holders()) > 0 ? projectors : projectors.toReversed();
      await killed!.kill();
      await sell(100, 200);
      await untilAllAreHeld([other!]);
      await viewsAreExact();

      projectors[projectors.indexOf(killed!)] = await LedgerProcess.start('projector', settings);
      const replacement = projectors.find((each) => each !== other)!;
      other!.child.kill('SIGSTOP');
      await sell(200, 300);
      await untilAllAreHeld([replacement]);
      await viewsAreExact();
      other!.child.kill('SIGCONT');
      await sell(300, 400);
      await pause(3_000); // the one that was held up writes now, if it can
      expect(heldBy(other!, await holders())).toBe(0);
      await viewsAreExact();
    },
    4 * MINUTE,
  );
});

async function ask(url: string, key: string, body: object): Promise<Answer | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    const { status } = response;
    const { code, revision, position } = (await response.json()) as Record<string, string>;
    return status < 300
      ? { status, revision: revision ?? '', position: position ?? '' }
      : { status, refused: code ?? '' };
  } catch (error) {
    // Killed before, or while, it answered. Told by name: the errors of `fetch` are not of this realm.
    if (['TypeError', 'TimeoutError', 'AbortError'].includes((error as Error).name)) return undefined;
    throw error;
  }
}

/** Does `count` pieces of work, `atOnce` at a time. */
async function inTurns<T>(count: number, atOnce: number, work: (n: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) results[n] = await work(n);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

async function allOf(log: EventStore): Promise<readonly Recorded[]> {
  const events: Recorded[] = [];
  for await (const batch of log.readAll()) events.push(...batch.events);
  return events;
}
