import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FULFILMENT, fulfilmentReservation } from '../../src/domain/fulfilment/fulfilment.state.js';
import type { RiskDecision } from '../../src/domain/order/order.events.js';
import { allocationKey, holdKey, type StockState } from '../../src/domain/stock/stock.state.js';
import { Bank, type Answer } from './bank.js';
import { holdRetries, holdWindows } from './invariants.js';
import { IN_STOCK, MINUTE, Shop, SKUS } from './shop.js';

const placed = fc.record({
  quantities: fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 4 })),
  method: fc.constantFrom('pm_card_visa', 'pm_card_visa', undefined),
  shipsLate: fc.boolean(),
  risk: fc.constantFrom<RiskDecision>('accept', 'accept', 'accept', 'review', 'decline'),
});
const step = fc.record({
  kind: fc.constantFrom(
    ...([
      'fulfil',
      'fulfil',
      'fulfil',
      'fulfil',
      'view',
      'view',
      'view',
      'bank',
      'bank',
      'tell',
      'tell',
      'tell',
    ] as const),
    ...([
      'clock',
      'outage',
      'refuse',
      'refuse',
      'cancel',
      'cancel-line',
      'ship',
      'ship',
      'return',
      'review',
      'pay',
      'capture',
      'act',
      'lapse',
      'expire',
    ] as const),
  ),
  order: fc.nat(3),
  n: fc.nat(12),
  flag: fc.boolean(),
});
const histories = fc.record({
  orders: fc.array(placed, { minLength: 1, maxLength: 4 }),
  answers: fc.array(fc.constantFrom<Answer>('yes', 'yes', 'yes', 'no', 'action'), { minLength: 1, maxLength: 8 }),
  early: fc.array(step, { maxLength: 40 }),
  late: fc.array(step, { maxLength: 40 }),
});
type Step = Parameters<Parameters<typeof step.map>[0]>[0];
type History = Parameters<Parameters<typeof histories.map>[0]>[0];

const HOUR = 60 * MINUTE;
const idOf = (index: number): string => `ord_${index}`;

async function played({ orders, answers, early, late }: History) {
  const shop = new Shop((orderId) => orders[Number(orderId.slice('ord_'.length))]!.risk);
  let asked = 0;
  const bank = new Bank(shop, () => answers[asked++ % answers.length]!);
  bank.capturesOnce = answers.length % 2 === 0;
  await shop.open();
  for (const [index, { quantities, method }] of orders.entries()) await shop.place(idOf(index), quantities, method);
  await happens(early, orders.length, shop, bank);
  for (let round = 0; round < SOON; round++) await everythingAnswers(shop, bank);
  await happens(late, orders.length, shop, bank);
  return { shop, bank };
}

async function happens(steps: readonly Step[], orders: number, shop: Shop, bank: Bank): Promise<void> {
  for (const { kind, order, n, flag } of steps) {
    const orderId = idOf(order % orders);
    switch (kind) {
      case 'fulfil':
        await shop.fulfil({ processes: flag ? 2 : 1, ...(n > 6 ? {} : { diesAt: n }), hasWritten: n % 2 === 0 });
        break;
      case 'view':
        await shop.catchUp(flag ? undefined : n);
        break;
      case 'bank':
        await bank.work();
        break;
      case 'tell':
        await bank.tell(n, flag);
        break;
      case 'clock':
        shop.nowMs += n * MINUTE;
        break;
      case 'outage':
        shop.nowMs += n * 2 * HOUR;
        break;
      case 'refuse':
        bank.refusing[(['capture', 'void', 'refund'] as const)[n % 3]!] += 1 + Math.floor(n / 3);
        break;
      case 'cancel':
        await shop.order({ type: 'CancelOrder', data: { orderId, reason: 'changed their mind' } });
        break;
      case 'cancel-line':
        await shop.order({
          type: 'CancelLines',
          data: { orderId, lines: [{ line: 1, quantity: 1 }], reason: 'one less' },
        });
        break;
      case 'ship':
        await shop.order({
          type: 'ShipOrder',
          data: { orderId, ...(flag ? {} : { lines: [{ line: 1, quantity: 1 }] }) },
        });
        break;
      case 'return': {
        const returnId = `ret_${n}`;
        const lines = [{ line: 1, quantity: 1 }];
        if (await shop.order({ type: 'RequestReturn', data: { orderId, returnId, lines, reason: 'broken' } })) {
          const condition = flag ? 'damaged' : 'sellable';
          const received = lines.map((line) => ({ ...line, condition }) as const);
          await shop.order({ type: 'ReceiveReturn', data: { orderId, returnId, lines: received } });
        }
        break;
      }
      case 'review':
        await shop.order({
          type: 'ReviewRisk',
          data: { orderId, decision: n < 9 ? 'accept' : 'decline', reason: 'looked at' },
        });
        break;
      case 'pay': {
        const amount = { minor: BigInt(n) * 250n, currency: 'GBP' };
        const data = {
          paymentId: `pay_${order}_${n}`,
          orderId,
          amount,
          method: 'pm_card_visa',
          provider: 'sandbox',
        } as const;
        await shop.payment({ type: 'InitiatePayment', data });
        break;
      }
      case 'capture': {
        const paymentId = [...(shop.documents.get(orderId)?.payments ?? [])][0]?.document.paymentId;
        if (paymentId === undefined) break;
        const data = { paymentId, operationId: `op_${n}`, amount: { minor: BigInt(n + 1) * 100n, currency: 'GBP' } };
        await shop.payment({ type: 'RequestCapture', data });
        break;
      }
      case 'act':
        bank.act(flag);
        break;
      case 'lapse':
        bank.expire();
        break;
      case 'expire':
        await shop.expireReservations();
        break;
    }
  }
}

/** Rounds within which an order that can be confirmed is, before time goes by. */
const SOON = 5;

async function everythingAnswers(shop: Shop, bank: Bank): Promise<void> {
  await shop.catchUp();
  await shop.fulfil();
  await bank.work();
  await bank.tellAll();
  await shop.expireReservations();
}

/**
 * Everything answers, and time goes by. Some of what is confirmed ships; else nobody asks for anything more. How many
 * rounds it took until nothing happened.
 */
async function settled(shop: Shop, bank: Bank, shipping: () => Promise<void>): Promise<number> {
  for (let round = 1, quiet = 0; round < 200; round++) {
    const before = await shop.store.head();
    await everythingAnswers(shop, bank);
    if (round === SOON) await shipping();
    if (round > 2 * SOON) shop.nowMs += 5 * HOUR;
    quiet = (await shop.store.head()) === before ? quiet + 1 : 0;
    if (quiet > 2 * SOON + 5) return round; // more than a day, the longest deadline
  }
  throw new Error('It does not end');
}

/** Units that the shelf still keeps for an order at the end of time: expired ones are free. */
function keptFor(orderId: string, { reserved, allocations, holds }: StockState, now: string): number {
  const known = reserved.get(fulfilmentReservation(orderId));
  if (!known) return 0;
  if (known.commitment !== undefined) return allocations.get(allocationKey(known.commitment))?.quantity ?? 0;
  return known.until > now ? (holds.get(holdKey(known.until, fulfilmentReservation(orderId)))?.quantity ?? 0) : 0;
}

describe('for any order of replies, duplicates, losses and crashes', () => {
  test('it ends; no unit is sold twice; a dead order holds neither stock nor money; a live one has all of both', async () => {
    const ends = new Map<string, number>();
    let [retries, begunLate] = [0, 0];
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const { shop, bank } = await played(history);
        await settled(shop, bank, async () => {
          for (const [index, { shipsLate }] of history.orders.entries()) {
            if (shipsLate) await shop.order({ type: 'ShipOrder', data: { orderId: idOf(index) } });
          }
        });
        const events = await shop.events();
        retries += holdRetries(events);
        begunLate += holdWindows(events);
        const now = new Date(shop.nowMs).toISOString();
        const shelves = new Map<string, StockState>();
        for (const sku of SKUS) shelves.set(sku, await shop.shelf(sku));
        const sold = new Map<string, number>();
        for (const [index, { method }] of history.orders.entries()) {
          const orderId = idOf(index);
          const state = await shop.orderState(orderId);
          if (!('content' in state)) throw new Error('an order is always placed');
          ends.set(state.status, (ends.get(state.status) ?? 0) + 1);
          expect(['confirmed', 'cancelled', 'rejected']).toContain(state.status);
          const isDead = state.status !== 'confirmed';
          for (const sku of SKUS) {
            const of = state.lines.filter(({ line }) => state.content.lines[line - 1]?.sku === sku);
            const open = of.reduce((sum, { ordered, cancelled, shipped }) => sum + ordered - cancelled - shipped, 0);
            const shipped = of.reduce((sum, line) => sum + line.shipped, 0);
            expect(keptFor(orderId, shelves.get(sku)!, now)).toBe(isDead ? 0 : open);
            if (!isDead) sold.set(sku, (sold.get(sku) ?? 0) + open + shipped);
          }
          const payments = [...(shop.documents.get(orderId)?.payments ?? [])];
          const kept = payments.reduce((sum, { document }) => sum + bank.of(document.paymentId).keptMinor, 0n);
          const held = payments.reduce((sum, { document }) => sum + bank.of(document.paymentId).heldMinor, 0n);
          if (isDead) expect({ held, kept }).toEqual({ held: 0n, kept: 0n });
          else {
            const due = BigInt(shop.documents.get(orderId)!.order!.dueMinor);
            const hasShipped = state.lines.some(({ shipped }) => shipped > 0);
            const hasLapsed = payments.some(({ document: { operations } }) => {
              const isByHand = operations.some(({ kind, askedBy }) => kind === 'capture' && askedBy !== FULFILMENT);
              return operations.some(({ status }) => status === 'expired' || (status === 'released' && isByHand));
            });
            if (hasShipped && !hasLapsed) expect(kept).toBe(due);
            if (!hasShipped && !hasLapsed) expect(held + kept).toBeGreaterThanOrEqual(due);
            expect(kept).toBeLessThanOrEqual(due);
          }
          expect(method === undefined || payments.length > 0 || isDead).toBe(true);
        }
        for (const sku of SKUS) expect(sold.get(sku) ?? 0).toBeLessThanOrEqual(IN_STOCK);
        for (const [sku, { onHand, damaged }] of shelves) {
          const out = await movedOut(shop, sku);
          expect(onHand + damaged + out).toBe(IN_STOCK);
        }
      }),
      { numRuns: 200 },
    );
    // A property that saw no order live, or none die, would have shown nothing; nor one without refusals and late beginnings.
    for (const status of ['confirmed', 'cancelled', 'rejected']) expect(ends.get(status)).toBeGreaterThan(10);
    expect([retries > 10, begunLate > 10]).toEqual([true, true]);
  }, 120_000);
});

/** Units of a SKU that orders say have shipped and not come back. */
async function movedOut(shop: Shop, sku: string): Promise<number> {
  let out = 0;
  for (const orderId of shop.orderIds) {
    const state = await shop.orderState(orderId);
    if (!('content' in state)) continue;
    for (const { line, shipped, returned } of state.lines) {
      if (state.content.lines[line - 1]?.sku === sku) out += shipped - returned;
    }
  }
  return out;
}
