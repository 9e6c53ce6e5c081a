/** Reservations that end by themselves: from the view of them into the log, and what is read before that. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { EventStore } from '../../src/application/ports/event-store.js';
import { ReservationExpiries } from '../../src/application/processes/reservation-expiries.js';
import { unrecordedExpiries } from '../../src/application/stock/unrecorded-expiries.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import { ViewReader } from '../../src/application/views/view-reader.js';
import { catalog } from '../../src/projections/catalog.projection.js';
import { catalogView } from '../../src/projections/catalog.view.js';
import { reservations } from '../../src/projections/reservations.projection.js';
import { reservationKey, reservationsView } from '../../src/projections/reservations.view.js';
import { stock } from '../../src/projections/stock.projection.js';
import { stockView } from '../../src/projections/stock.view.js';
import { dyingAfterAppend, NOON, past, RUNNING, Shop, withAppend } from './shop.js';

const MUG = { sku: 'MUG', location: 'main' };

let shop: Shop;
beforeEach(() => void (shop = new Shop()));
const at = (minutes: number) => void (shop.nowMs = NOON + minutes * 60_000);
const receive = (quantity: number) => shop.send({ type: 'ReceiveStock', data: { ...MUG, quantity } });
const reserve = (reservationId: string, quantity: number, minutes = 15) =>
  shop.send({ type: 'ReserveStock', data: { ...MUG, reservationId, quantity, expiresAt: past(minutes) } });
const extend = (reservationId: string, minutes: number) =>
  shop.send({ type: 'ExtendReservation', data: { ...MUG, reservationId, expiresAt: past(minutes) } });
const project = () => shop.project(catalog, stock, reservations);
const expiries = (log: EventStore = shop.log) =>
  new ReservationExpiries({ writer: new StreamWriter(log), views: shop.views, clock: shop.clock });
const key = (id: string) => reservationKey(MUG.sku, MUG.location, id);
const held = async () => (await shop.views.get(stockView, 'MUG@main'))?.held;

describe('that a reservation has expired', () => {
  test('is written down once it has, and taken out of the sums that views keep', async () => {
    await receive(9);
    await reserve('r1', 4);
    await reserve('r2', 2, 30);
    await project();
    at(14.99);
    expect(await expiries().sweep(RUNNING)).toEqual({ tried: [], failed: [], isAll: true });
    at(15);
    expect(await expiries().sweep(RUNNING)).toEqual({ tried: [key('r1')], failed: [], isAll: true });
    expect((await shop.types('MUG', 'main')).slice(-1)).toEqual(['ReservationExpired']);
    const { principal, occurredAt } = (await shop.last('MUG', 'main')).metadata;
    expect({ principal, occurredAt }).toEqual({ principal: 'reservation-expiries', occurredAt: past(15) });
    await project();
    expect(await held()).toBe(2);
    expect(await shop.views.get(catalogView, 'MUG')).toMatchObject({ shelves: [{ onHand: 9, held: 2 }] });
    expect(await shop.views.get(reservationsView, key('r1'))).toMatchObject({ status: 'expired', left: 0, expired: 4 });
    expect(await expiries().sweep(RUNNING)).toEqual({ tried: [], failed: [], isAll: true });
  });

  test('is written down once by two processes at once, and by one whose view is behind', async () => {
    await receive(9);
    for (const id of ['r1', 'r2', 'r3']) await reserve(id, 1);
    await project();
    at(20);
    await Promise.all([expiries(), expiries()].map((sweep) => sweep.sweep(RUNNING)));
    expect((await expiries().sweep(RUNNING)).failed).toEqual([]);
    const types = await shop.types('MUG', 'main');
    expect(types.filter((type) => type === 'ReservationExpired')).toHaveLength(3);
  });

  test('is not written down of one that was extended, committed or released since the view was made', async () => {
    await receive(9);
    for (const id of ['r1', 'r2', 'r3']) await reserve(id, 1);
    await project();
    at(14);
    await extend('r1', 30);
    await shop.send({ type: 'CommitReservation', data: { ...MUG, reservationId: 'r2' } });
    await shop.send({ type: 'ReleaseReservation', data: { ...MUG, reservationId: 'r3' } });
    at(20);
    expect(await expiries().sweep(RUNNING)).toEqual({ tried: ['r1', 'r2', 'r3'].map(key), failed: [], isAll: true });
    expect(await shop.types('MUG', 'main')).not.toContain('ReservationExpired');
    await project();
    at(30);
    expect((await expiries().sweep(RUNNING)).tried).toEqual([key('r1')]);
    expect((await shop.types('MUG', 'main')).at(-1)).toBe('ReservationExpired');
  });

  test('is written down after a crash between the append and its answer, once', async () => {
    await receive(9);
    await reserve('r1', 4);
    await project();
    at(20);
    await expect(expiries(dyingAfterAppend(shop.log)).sweep(RUNNING)).rejects.toThrow('The process ended here');
    expect((await expiries().sweep(RUNNING)).failed).toEqual([]);
    expect((await shop.types('MUG', 'main')).filter((type) => type === 'ReservationExpired')).toHaveLength(1);
  });

  test('is written down of thousands at once, in few appends', async () => {
    await receive(9_999);
    await Promise.all(Array.from({ length: 2_500 }, (_, n) => reserve(`r${n}`, 1)));
    await project();
    at(20);
    let appends = 0;
    const counting = withAppend(shop.log, (...given) => {
      appends++;
      return shop.log.append(...given);
    });
    const { tried, failed } = await expiries(counting).sweep(RUNNING);
    expect([tried.length, failed.length]).toEqual([2_500, 0]);
    expect(appends).toBeLessThanOrEqual(60);
    await project();
    expect(await held()).toBe(0);
  });
});

describe('before that is written down', () => {
  const shelf = async () => {
    const document = await shop.views.get(stockView, 'MUG@main');
    if (!document) throw new Error('the shelf is there');
    const released = await unrecordedExpiries(new ViewReader(shop.views, shop.log), past(15));
    return released(document, document.sku, document.location, document.asOf);
  };

  test('its units are free in what is read, from its instant on', async () => {
    await receive(9);
    await reserve('r1', 4);
    await reserve('r2', 2, 15.001);
    await project();
    expect(await held()).toBe(6);
    expect((await shelf()).held).toBe(2);
  });

  test('a shelf stays as it is while the reservations are behind it, or have not been folded at all', async () => {
    await receive(9);
    await reserve('r1', 4);
    await shop.project(stock);
    expect((await shelf()).held).toBe(4);
    await shop.project(reservations);
    expect((await shelf()).held).toBe(0);
    await receive(1);
    await shop.project(stock);
    expect((await shelf()).held).toBe(4);
  });

  test('a shelf that is behind the reservations loses no unit that it does not count yet', async () => {
    await receive(9);
    await shop.project(stock);
    await reserve('r1', 4);
    await shop.project(reservations);
    expect((await shelf()).held).toBe(0);
    await shop.project(stock);
    await extend('r1', 16);
    await extend('r1', 17);
    await shop.project(reservations);
    expect((await shelf()).held).toBe(4);
  });
});
