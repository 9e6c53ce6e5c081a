import { describe, expect, test } from '@jest/globals';
import { creditNote } from '../../src/domain/credit-note/credit-note.decider.js';
import { CorruptHistory, type Decider } from '../../src/domain/decider.js';
import type { AnyFact } from '../../src/domain/fact.js';
import { journal } from '../../src/domain/journal/journal.decider.js';
import { order } from '../../src/domain/order/order.decider.js';
import { payment } from '../../src/domain/payment/payment.decider.js';
import { product } from '../../src/domain/product/product.decider.js';
import { stock } from '../../src/domain/stock/stock.decider.js';

const deciders = { creditNote, journal, order, payment, product, stock };

describe.each(Object.entries(deciders))('the %s decider', (_, decider) => {
  const any = decider as unknown as Decider<AnyFact, unknown, AnyFact, { code: string }>;

  test('stops at a fact it does not know, and says which', () => {
    const unknown = { type: 'MoonRose', data: { minor: 1n } };
    expect(() => any.evolve(any.initial, unknown)).toThrow(CorruptHistory);
    expect(() => any.evolve(any.initial, unknown)).toThrow(/MoonRose/);
  });
});
