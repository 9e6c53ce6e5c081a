import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Recorded } from '../../src/domain/fact.js';
import { nextActions, waitsFor } from '../../src/domain/fulfilment/next-actions.js';
import type { LedgerEvent } from '../../src/domain/ledger.events.js';
import { systemClock } from '../../src/infrastructure/clock.js';
import { SqliteEventStore } from '../../src/infrastructure/event-store/sqlite-event-store.js';
import { newHolder } from '../../src/infrastructure/follower/follower.js';
import { rebuild } from '../../src/infrastructure/follower/rebuild.js';
import { SandboxProvider } from '../../src/infrastructure/payments/sandbox/sandbox-provider.js';
import { MemoryViewStore } from '../../src/infrastructure/view-store/memory-view-store.js';
import { SqliteViewStore } from '../../src/infrastructure/view-store/sqlite-view-store.js';
import { fulfilmentState, fulfilmentView } from '../../src/projections/fulfilment.view.js';
import { projections } from '../../src/projections/index.js';
import { stockId, stockView } from '../../src/projections/stock.view.js';
import { differenceOf, everyDocument, toText } from '../every-document.js';
import { temporaryFolders } from '../temporary-folders.js';
import { Fleet, KillsAtRandom } from './fleet.js';
import { accountsOf, bankAccounts, leftOf, type Account, type AtTheBank } from './order-accounts.js';
import { PatientClient, type Answer } from './patient-client.js';
import { PRICES, Shopper, STORIES, type End, type Told } from './shoppers.js';

const MINUTE = 60_000;
const CLIENTS = 32;
const EACH = 12;
const KILLS = 14;
/** Commands of all shoppers, about. */
const STEPS = 400;
const HABITS = { doubles: 0.15, breaks: 0.1, repeats: 0.1 };
const UNITS = { CUP: 10_000, TEA: 10_000, TEAPOT: 7 };
const SKUS = Object.keys(PRICES) as (keyof typeof PRICES)[];

let fleet: Fleet | undefined;
afterEach(() => fleet?.stop());
const newFolder = temporaryFolders();

describe.each([
  ['one API and one projector', 1],
  ['two APIs and two projectors on one log', 2],
])('orders are fulfilled while %s are killed at random', (_, count) => {
  test(
    'every order comes to its end; its units and its money are where they belong, and were moved once',
    async () => {
      const folder = newFolder();
      fleet = await Fleet.start({ LEDGER_DATA: folder }, { api: count, projector: count });
      const client = new PatientClient(() => fleet?.urls ?? [], HABITS);
      const acknowledged = new Map<string, Answer['body']>();
      await openShop(client, acknowledged);
      const told = await shop(fleet, client, acknowledged);
      await client.settled();
      await fleet.whole();
      expect(fleet.kills.api).toBeGreaterThan(2);
      expect(fleet.kills.projector).toBeGreaterThan(2);

      const log = await SqliteEventStore.open({ file: join(folder, 'log.sqlite'), clock: systemClock, readOnly: true });
      const views = await SqliteViewStore.open({ file: join(folder, 'views.sqlite'), clock: systemClock });
      await untilQuiet(folder, log, views);
      const events = await allEvents(log);
      const accounts = accountsOf(events);
      const bank = bankAccounts(join(folder, 'sandbox.sqlite'));

      expect([...accounts.keys()].sort()).toEqual(told.map(({ orderId }) => orderId).sort());
      for (const each of told) {
        const account = accounts.get(each.orderId)!;
        expect([each, standing(account, bank)]).toEqual([each, expected(each, account)]);
        holdGoods(each, account);
        await holdDocument(each, views);
      }
      holdAcknowledged(acknowledged, events);
      await holdShelves(accounts, views);
      const fresh = new MemoryViewStore(systemClock);
      for (const projection of projections) await rebuild({ projection, log, views: fresh, holder: newHolder() });
      expect(differenceOf(await everyDocument(views), await everyDocument(fresh))).toEqual([]);
      for (const { orderId } of told) {
        const [stored, folded] = [await views.get(fulfilmentView, orderId), await fresh.get(fulfilmentView, orderId)];
        expect(toText(stored!)).toBe(toText(folded!));
      }
      await Promise.all([log.close(), views.close()]);
      holdCounts(told, events, client);
      console.log(
        `${told.length} orders, ${events.length} events: sent ${client.counts.sent}, ${client.counts.unanswered} without an ` +
          `answer, ${client.counts.again} again; killed ${JSON.stringify(fleet.kills)}; ${JSON.stringify(endsOf(told))}`,
      );
    },
    10 * MINUTE,
  );
});

async function openShop(client: PatientClient, acknowledged: Map<string, Answer['body']>): Promise<void> {
  for (const sku of SKUS) {
    const prices = [{ amount: (PRICES[sku] / 100).toFixed(2), currency: 'GBP' }];
    const listed = await client.command('/v1/products', `list-${sku}`, { sku, name: sku, prices });
    const received = await client.command(`/v1/stock/${sku}/main/receive`, `in-${sku}`, { quantity: UNITS[sku] });
    expect([listed.status, received.status]).toEqual([201, 200]);
    acknowledged.set(`list-${sku}`, listed.body).set(`in-${sku}`, received.body);
  }
}

/** Every story so many times, in any order, by so many shoppers at a time. */
async function shop(fleet: Fleet, client: PatientClient, acknowledged: Map<string, Answer['body']>): Promise<Told[]> {
  const kills = new KillsAtRandom(fleet, STEPS, KILLS);
  const options = { client, urls: () => fleet.urls, passed: () => kills.passed(), acknowledged };
  const stories = Object.keys(STORIES).flatMap((story) => Array<string>(EACH).fill(story));
  const queue = stories.map((story, n) => ({ story, n, at: Math.random() })).sort((a, b) => a.at - b.at);
  const told: Told[] = [];
  const shoppers = Array.from({ length: CLIENTS }, async () => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      told.push(await new Shopper(`shopper-${next.n}`, options).lives(next.story));
    }
  });
  await Promise.all(shoppers);
  return told;
}

/** Nothing has been written for some seconds, the bank has nothing to tell, and the views show all of it. */
async function untilQuiet(folder: string, log: SqliteEventStore, views: SqliteViewStore): Promise<void> {
  const bank = new SandboxProvider({ file: join(folder, 'sandbox.sqlite'), clock: systemClock });
  const isThere = async (): Promise<bigint | undefined> => {
    const head = (await log.head()) ?? 0n;
    const positions = await Promise.all(
      projections.map(async (view) => (await views.checkpoint(view))?.position ?? 0n),
    );
    const isTold = (await bank.outbox.waiting(1)).length === 0;
    return isTold && positions.every((position) => position >= head) ? head : undefined;
  };
  for (const end = performance.now() + 2 * MINUTE; performance.now() < end;) {
    const before = await isThere();
    await sleep(8_000); // longer than a killed process's leases keep others out, and than late answers are waited for
    if (before !== undefined && before === (await isThere())) return void (await bank.close());
  }
  throw new Error('The ledger does not come to rest');
}

async function allEvents(log: SqliteEventStore): Promise<readonly Recorded<LedgerEvent>[]> {
  const events: Recorded<LedgerEvent>[] = [];
  for await (const batch of log.readAll()) events.push(...(batch.events as readonly Recorded<LedgerEvent>[]));
  return events;
}

/** What became of an order and of its money: `status` with what it was rejected for, the rest from the bank's file. */
function standing({ status, rejectedFor, decisions, paymentIds }: Account, bank: ReadonlyMap<string, AtTheBank>) {
  const payments = paymentIds.flatMap((paymentId) => bank.get(paymentId) ?? []);
  const sum = (minor: (payment: AtTheBank) => bigint) => payments.reduce((total, each) => total + minor(each), 0n);
  return {
    status: rejectedFor ?? status,
    isDecidedOnce: decisions <= 1,
    isPaidOnce: payments.every(({ authorizations }) => authorizations <= 1) && payments.length <= 1,
    captures: payments.reduce((total, { captures }) => total + captures, 0),
    heldMinor: sum(({ heldMinor }) => heldMinor),
    keptMinor: sum(({ keptMinor }) => keptMinor),
  };
}

const STATUS: Readonly<Record<End, string>> = {
  shipped: 'confirmed',
  confirmed: 'confirmed',
  cancelled: 'cancelled',
  'payment-failed': 'payment-failed',
  'insufficient-stock': 'insufficient-stock',
  'waits for the customer': 'placed',
  'waits for the provider': 'placed',
};

function expected({ end }: Told, { dueMinor }: Account): ReturnType<typeof standing> {
  const isHeld = end === 'confirmed' || end === 'waits for the customer';
  return {
    status: STATUS[end],
    isDecidedOnce: true,
    isPaidOnce: true,
    captures: end === 'shipped' ? 1 : 0,
    heldMinor: isHeld ? dueMinor : 0n,
    keptMinor: end === 'shipped' ? dueMinor : 0n,
  };
}

const DEAD: ReadonlySet<End> = new Set(['cancelled', 'payment-failed', 'insufficient-stock']);

/** Every SKU was reserved once at most; a dead order has nothing of it, one that shipped has nothing left of it. */
function holdGoods({ story, orderId, lines, end }: Told, { goods }: Account): void {
  const found = lines.map(({ sku, quantity }) => {
    const moved = goods.get(sku);
    const isOnce = (moved?.reservations ?? 0) <= 1 && (moved?.reserved ?? 0) <= quantity;
    return { sku, isOnce, left: moved ? leftOf(moved) : 0, ships: (moved?.shipped ?? 0) > 0 };
  });
  const ships = end === 'shipped';
  const isOver = ships || DEAD.has(end);
  const all = lines.map(({ sku, quantity }) => ({ sku, isOnce: true, left: isOver ? 0 : quantity, ships }));
  expect({ story, orderId, found }).toEqual({ story, orderId, found: all });
}

/** The process has nothing to do for it, and says for whom it waits. */
async function holdDocument({ orderId, story, end }: Told, views: SqliteViewStore): Promise<void> {
  const state = fulfilmentState((await views.get(fulfilmentView, orderId))!)!;
  const isAbsent = story.startsWith('the bank never answers');
  const waits = { 'waits for the customer': 'customer', confirmed: 'shipment' } as Readonly<Record<string, string>>;
  expect([orderId, story, nextActions(state, new Date(systemClock.now()).toISOString()), waitsFor(state)]).toEqual([
    orderId,
    story,
    [],
    isAbsent ? 'provider' : waits[end],
  ]);
}

/** What was acknowledged is in the log once, as the receipt says; and nothing that clients asked for but that. */
function holdAcknowledged(acknowledged: ReadonlyMap<string, Answer['body']>, events: readonly Recorded[]): void {
  const recorded = new Map<string, string[]>();
  for (const { stream, revision, type, metadata } of events) {
    if (metadata.principal !== 'local') continue;
    const { commandId } = metadata;
    recorded.set(commandId, [...(recorded.get(commandId) ?? []), `${stream} ${revision} ${type}`]);
  }
  expect([...recorded.keys()].sort()).toEqual([...acknowledged.keys()].sort());
  for (const [key, { stream, revision }] of acknowledged) {
    const found = recorded.get(key) ?? [];
    expect([key, found.length]).toEqual([key, 1]);
    expect(found[0]).toMatch(`${String(stream)} ${String(revision)} `);
  }
}

/** The shelves have what came in, less what went out, and promise what orders have left: no unit is sold twice. */
async function holdShelves(accounts: ReadonlyMap<string, Account>, views: SqliteViewStore): Promise<void> {
  for (const sku of SKUS) {
    const moved = [...accounts.values()].flatMap(({ goods }) => goods.get(sku) ?? []);
    const sum = (units: (each: (typeof moved)[number]) => number) =>
      moved.reduce((total, each) => total + units(each), 0);
    const { onHand, damaged, allocated, held, totals } = (await views.get(stockView, stockId(sku, 'main')))!;
    const [shipped, returned] = [sum((each) => each.shipped), sum((each) => each.returned)];
    expect([sku, onHand + damaged, allocated + held]).toEqual([sku, UNITS[sku] - shipped + returned, sum(leftOf)]);
    expect([totals.shipped, totals.returned + totals.returnedDamaged]).toEqual([shipped, returned]);
    expect(onHand - allocated - held).toBeGreaterThanOrEqual(0);
  }
}

function endsOf(told: readonly Told[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { end } of told) counts[end] = (counts[end] ?? 0) + 1;
  return counts;
}

/** That there was something to see: as many of each end as there are stories of it, and of all that was to be tried. */
function holdCounts(told: readonly Told[], events: readonly Recorded[], client: PatientClient): void {
  const scarce = told.filter(({ lines }) => lines.some(({ sku }) => sku === 'TEAPOT'));
  expect(endsOf(scarce)).toEqual({ shipped: UNITS.TEAPOT, 'insufficient-stock': EACH - UNITS.TEAPOT });
  expect(endsOf(told)).toMatchObject({
    cancelled: 3 * EACH,
    'payment-failed': 2 * EACH,
    confirmed: EACH,
    'waits for the customer': EACH,
    'waits for the provider': EACH,
  });
  const counted = (type: string) => events.filter((event) => event.type === type).length;
  for (const type of [
    'VoidSucceeded',
    'RefundSucceeded',
    'StockReturned',
    'ReservationReleased',
    'AuthorizationFailed',
  ]) {
    expect([type, counted(type)]).not.toEqual([type, 0]);
  }
  expect(counted('OutcomeContradicted')).toBe(0);
  expect(client.counts.unanswered).toBeGreaterThan(0);
  expect(client.counts.again).toBeGreaterThan(0);
}
