import { expect, test } from '@jest/globals';
import type { RequestedCreditLine } from '../../src/domain/credit-note/credit-note.commands.js';
import { ordersNamedBy, originFault } from '../../src/domain/credit-note/origins.js';
import { order } from '../../src/domain/order/order.decider.js';
import type { OrderCommand } from '../../src/domain/order/order.commands.js';
import type { LiveOrder } from '../../src/domain/order/order.state.js';
import { cancelLines, edit, facts, goods, of, orderId, place } from './order-commands.js';

/** Two mugs, three trays, and the postage. */
const postage = { ...goods(1, '4.91', 'POST'), kind: 'charge' } as const;
const sold = place([goods(2, '2.55'), goods(3, '10', 'TRAY'), postage]);
function orders(...commands: readonly OrderCommand[]): ReadonlyMap<string, LiveOrder> {
  const state = facts(...commands).reduce((before, event) => order.evolve(before, event), order.initial);
  if (!('content' in state)) throw new Error(`The order is ${state.status}`);
  return new Map([[orderId, state]]);
}
const from = (line: number, quantity: number, ofOrder = orderId) => ({ orderId: ofOrder, line, quantity });
const back = (
  sku: string,
  origins: RequestedCreditLine['origins'],
  kind: RequestedCreditLine['kind'] = 'goods',
): RequestedCreditLine => ({ kind, sku, quantity: 100, unitPrice: '1', ...(origins && { origins }) });
const fault = (lines: readonly RequestedCreditLine[], sales = orders(sold), currency = 'GBP') =>
  originFault({ currency, lines }, sales);

test('all that was ordered can be given back, and lines without origins are of no order', () => {
  const lines = [back('MUG', [from(1, 1), from(1, 1)]), back('TRAY', [from(2, 3)]), back('ANY', undefined)];
  expect(fault([...lines, back('POST', [from(3, 1)], 'charge')])).toBeUndefined();
  expect(fault([back('ANY', undefined)], new Map(), 'EUR')).toBeUndefined();
});

test('an origin names an order that was placed, and the line of the credit note is told', () => {
  const lines = [back('MUG', [from(1, 1)]), back('MUG', [from(1, 1, 'ord_2')])];
  expect(fault(lines)).toEqual({ code: 'origin-order-unknown', line: 2, orderId: 'ord_2' });
  expect([...ordersNamedBy({ lines: [...lines, ...lines] })]).toEqual([orderId, 'ord_2']);
});

test('an origin names a line that the order has as it is', () => {
  const unknown = (orderLine: number) => ({ code: 'origin-line-unknown', line: 1, orderId, orderLine });
  expect(fault([back('MUG', [from(4, 1)])])).toEqual(unknown(4));
  expect(fault([back('MUG', [from(0, 1)])])).toEqual(unknown(0));
  const edited = orders(sold, edit({ removeLines: [{ line: 2 }], addLines: [goods(1, '1', 'CUP')] }));
  expect(fault([back('TRAY', [from(2, 1)])], edited)).toEqual(unknown(2));
  expect(fault([back('CUP', [from(4, 1)]), back('POST', [from(3, 1)], 'charge')], edited)).toBeUndefined();
});

test('goods come back to the line that sold them; what else is given back may have a code of its own', () => {
  const differs = { code: 'origin-product-differs', line: 1, orderId };
  expect(fault([back('MUG', [from(2, 1)])])).toEqual({ ...differs, orderLine: 2, sold: 'TRAY' });
  expect(fault([back('POST', [from(3, 1)])])).toEqual({ ...differs, orderLine: 3, sold: 'POST' });
  expect(fault([back('FOR-THE-TROUBLE', [from(2, 1)], 'discount')])).toBeUndefined();
});

test('no more units are given back than were ordered, however many lines name them', () => {
  const exceeds = { code: 'origin-exceeds-ordered', orderId, orderLine: 1, ordered: 2 };
  expect(fault([back('MUG', [from(1, 3)])])).toEqual({ ...exceeds, line: 1, requested: 3 });
  const twice = [back('MUG', [from(1, 2)]), back('TRAY', [from(2, 3)]), back('MUG', [from(1, 1)])];
  expect(fault(twice)).toEqual({ ...exceeds, line: 3, requested: 3 });
});

test('a discount on what comes back as well is of the same units, not of more', () => {
  expect(fault([back('MUG', [from(1, 2)]), back('D', [from(1, 2)], 'discount')])).toBeUndefined();
});

test('units that were cancelled may be given back on paper', () => {
  expect(fault([back('MUG', [from(1, 2)])], orders(sold, cancelLines(of(1, 1))))).toBeUndefined();
});

test('an origin is in the currency of the credit note', () => {
  const why = { code: 'origin-currency-differs', line: 1, orderId, expected: 'GBP' };
  expect(fault([back('MUG', [from(1, 1)])], orders(sold), 'EUR')).toEqual(why);
});
