import { describe, expect, test } from '@jest/globals';
import type { RiskSubject } from '../../src/application/ports/risk-assessor.js';
import {
  DECLINED_PAYMENTS,
  REVIEW_TOTAL,
  REVIEW_TOTAL_WITHOUT_CUSTOMER,
  REVIEW_UNITS,
  riskRules,
} from '../../src/infrastructure/risk/risk-rules.js';

const ORDER: RiskSubject = {
  ...{ orderId: 'ord_1', currency: 'GBP', totalMinor: 5_00n, declinedPayments: 0 },
  ...{ units: [{ sku: 'MUG', quantity: 2 }], placedAt: '2026-03-01T12:00:00.000Z' },
};
const assess = (subject: Partial<RiskSubject>) => riskRules.assess({ ...ORDER, customerId: 'c1', ...subject });
/** Of an order that names no customer. */
const assessAnonymous = (subject: Partial<RiskSubject>) => riskRules.assess({ ...ORDER, ...subject });
const decision = async (subject: Partial<RiskSubject>) => (await assess(subject)).decision;
const units = (quantity: number) => [{ sku: 'MUG', quantity }];

test('what is not remarkable is accepted, and needs no reason', async () => {
  expect(await assess({})).toEqual({ decision: 'accept', reasons: [] });
  expect(await assessAnonymous({})).toEqual({ decision: 'accept', reasons: [] });
});

describe('a large total is reviewed: from the last minor unit on, in every currency', () => {
  test.each([
    ['GBP', 100n],
    ['JPY', 1n],
    ['KWD', 1_000n],
  ])('%s', async (currency, minorPerMajor) => {
    const limit = REVIEW_TOTAL * minorPerMajor;
    expect(await decision({ currency, totalMinor: limit - 1n })).toBe('accept');
    expect(await decision({ currency, totalMinor: limit })).toBe('review');
    const anonymous = REVIEW_TOTAL_WITHOUT_CUSTOMER * minorPerMajor;
    expect((await assessAnonymous({ currency, totalMinor: anonymous - 1n })).decision).toBe('accept');
    expect((await assessAnonymous({ currency, totalMinor: anonymous })).decision).toBe('review');
    expect(await decision({ currency, totalMinor: anonymous })).toBe('accept');
  });
});

test('so are many units of one product; many of several are not', async () => {
  expect(await decision({ units: units(REVIEW_UNITS - 1) })).toBe('accept');
  expect(await decision({ units: units(REVIEW_UNITS) })).toBe('review');
  const several = ['MUG', 'TRAY', 'CUP'].map((sku) => ({ sku, quantity: REVIEW_UNITS - 1 }));
  expect(await decision({ units: several })).toBe('accept');
});

test('so are goods that cost nothing; a service that costs nothing is not', async () => {
  expect(await decision({ totalMinor: 0n })).toBe('review');
  expect(await decision({ totalMinor: -1n })).toBe('review');
  expect(await decision({ totalMinor: 0n, units: [] })).toBe('accept');
});

test('an order on which cards are tried out is declined, whatever else; all that is remarkable is said', async () => {
  expect(await decision({ declinedPayments: DECLINED_PAYMENTS - 1 })).toBe('accept');
  const tried = { declinedPayments: DECLINED_PAYMENTS, totalMinor: REVIEW_TOTAL * 100n, units: units(REVIEW_UNITS) };
  const { decision: declined, reasons } = await assess(tried);
  expect([declined, reasons.length]).toEqual(['decline', 3]);
});

test('the reasons say nothing of who has ordered', async () => {
  const { reasons } = await assess({
    customerId: 'c-4711',
    totalMinor: REVIEW_TOTAL * 100n,
    units: units(REVIEW_UNITS),
  });
  expect(reasons.join(' ')).not.toMatch(/4711|ord_1|MUG/);
});
