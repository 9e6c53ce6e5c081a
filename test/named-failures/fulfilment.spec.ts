/**
 * Failures between stock, money and orders that other shops' users have reported, by the name that they go by; each with the
 * real deciders, writer and view, a bank that answers when the test says so, and two processes where it is a race.
 */
import { beforeEach, expect, test } from '@jest/globals';
import { Bank } from '../fulfilment/bank.js';
import { IN_STOCK, MINUTE, Shop } from '../fulfilment/shop.js';

const CARD = 'pm_card_visa';

let shop: Shop;
let bank: Bank;
beforeEach(async () => {
  shop = new Shop(() => 'accept');
  bank = new Bank(shop, () => 'yes');
  await shop.open();
});

/** Everybody has their turn, two processes at once, until nothing is left to do. */
async function everythingHappens(): Promise<void> {
  let before: bigint | undefined;
  do {
    before = await shop.store.head();
    await shop.catchUp();
    await shop.fulfil({ processes: 2 });
    await bank.work();
    await bank.tellAll();
  } while ((await shop.store.head()) !== before);
}
const statuses = () => Promise.all(shop.orderIds.map(async (id) => (await shop.orderState(id)).status));
const moneyOf = (orderId: string) =>
  (shop.documents.get(orderId)?.payments ?? []).map(({ document }) => bank.of(document.paymentId));
const countOf = async (type: string) => (await shop.events()).filter((event) => event.type === type).length;

test('many carts race for the last unit: one order gets it, no other is left without stock or payment', async () => {
  await shop.place('ord_first', [IN_STOCK - 1, 0], CARD);
  await everythingHappens();
  for (let cart = 0; cart < 8; cart++) await shop.place(`ord_${cart}`, [1, 0], CARD);
  await everythingHappens();
  expect((await statuses()).toSorted()).toEqual(['confirmed', 'confirmed', ...Array<string>(7).fill('rejected')]);
  for (const orderId of shop.orderIds) {
    const isLive = (await shop.orderState(orderId)).status === 'confirmed';
    const held = moneyOf(orderId).reduce((sum, { heldMinor }) => sum + heldMinor, 0n);
    expect(held > 0n).toBe(isLive);
  }
});

test('charged, and the stock is gone: no money is asked for before all of the goods are held', async () => {
  await shop.place('ord_first', [0, IN_STOCK], CARD);
  await everythingHappens();
  await shop.place('ord_short', [1, 1], CARD); // the first of its SKUs is there, the second is not
  await everythingHappens();
  expect(await statuses()).toEqual(['confirmed', 'rejected']);
  expect(moneyOf('ord_short')).toEqual([]);
  expect(await countOf('AuthorizationRequested')).toBe(1);
  expect((await shop.shelf('CUP')).allocations.total).toBe(0);
});

test('three are charged, and there is one order: a charge belongs to an order that is live, or goes back', async () => {
  for (const cart of [0, 1, 2]) await shop.place(`ord_${cart}`, [IN_STOCK, 0], CARD);
  await everythingHappens();
  await shop.order({ type: 'ShipOrder', data: { orderId: 'ord_0' } });
  await everythingHappens();
  expect((await statuses()).filter((status) => status === 'confirmed')).toHaveLength(1);
  expect(shop.orderIds.flatMap(moneyOf).reduce((sum, { keptMinor }) => sum + keptMinor, 0n)).toBe(1_500n);
  expect(await countOf('CaptureSucceeded')).toBe(1);
});

test('paid after the order was given up: the money goes back, the answer is not swallowed', async () => {
  await shop.place('ord_0', [1, 0], CARD);
  await shop.catchUp();
  await shop.fulfil(); // asks for the money; the bank is away for an hour
  shop.nowMs += 60 * MINUTE;
  await shop.catchUp();
  await shop.fulfil();
  await everythingHappens();
  expect(await statuses()).toEqual(['rejected']);
  expect(await countOf('AuthorizationSucceeded')).toBe(1);
  expect(moneyOf('ord_0')).toEqual([{ heldMinor: 0n, keptMinor: 0n }]);
});

test('a basket that is left behind holds its goods for half an hour, and nobody has to release them', async () => {
  await shop.place('ord_left', [IN_STOCK, 0], undefined);
  await everythingHappens();
  await shop.place('ord_too_early', [1, 0], CARD);
  await everythingHappens();
  shop.nowMs += 30 * MINUTE;
  await shop.place('ord_later', [IN_STOCK, 0], CARD);
  await everythingHappens();
  expect(await statuses()).toEqual(['rejected', 'rejected', 'confirmed']);
});

test('an order is not confirmed before its money is there, nor its number lost when it never comes', async () => {
  await shop.place('ord_0', [1, 0], CARD);
  await shop.catchUp();
  await shop.fulfil();
  expect(await statuses()).toEqual(['placed']);
  expect(await countOf('OrderConfirmed')).toBe(0);
  await everythingHappens();
  expect(await statuses()).toEqual(['confirmed']);
});
