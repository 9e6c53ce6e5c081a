import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CURRENCIES, exponentOf } from '../../src/domain/currencies.js';
import { addDecimals, compareDecimals, exactOf, negateDecimal, parseDecimal } from '../../src/domain/decimal.js';
import {
  add,
  allocate,
  lineTotal,
  majorUnits,
  negate,
  roundingDifference,
  sameMoney,
  sum,
  type Money,
} from '../../src/domain/money.js';

const gbp = (minor: bigint): Money => ({ minor, currency: 'GBP' });

/** A number of hundred-millionths and its text, made by hand: eight decimals, then the needless zeros off. */
const inHundredMillionths = (units: bigint): string => {
  const digits = String(units < 0n ? -units : units).padStart(9, '0');
  const written = `${digits.slice(0, -8)}.${digits.slice(-8)}`.replace(/0+$/, '').replace(/\.$/, '');
  return units < 0n ? `-${written}` : written;
};
const anyUnits = fc.oneof(fc.bigInt({ min: -(10n ** 20n) + 1n, max: 10n ** 20n - 1n }), fc.bigInt(-1000n, 1000n));
const anyDecimal = anyUnits.map(inHundredMillionths);
const anyQuantity = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }));
const anyCurrency = fc.constantFrom('GBP', 'JPY', 'KWD', 'CLF');

describe('a decimal', () => {
  test.each([
    ['2.55', '2.55'],
    ['2.50', '2.5'],
    ['2.00', '2'],
    ['007.10', '7.1'],
    ['0', '0'],
    ['-0', '0'],
    ['-0.000', '0'],
    ['-0.05', '-0.05'],
    ['0.00000001', '0.00000001'],
    ['999999999999.99999999', '999999999999.99999999'],
  ])('written %s is kept as %s', (written, kept) => {
    expect(parseDecimal(written)).toBe(kept);
  });

  test.each(
    ['', ' 1', '1 ', '1\n', '+1', '.5', '5.', '1.2.3', '1,5', '1e3', '0x1f', 'NaN', 'Infinity', '--1', '-', '१'].concat(
      '0.000000001',
      '1000000000000',
    ),
  )('is not written %j', (text) => {
    expect(parseDecimal(text)).toBeUndefined();
  });

  test('reads back as itself, and two texts are equal only if the numbers are', () => {
    fc.assert(
      fc.property(anyUnits, anyUnits, (a, b) => {
        expect(parseDecimal(inHundredMillionths(a))).toBe(inHundredMillionths(a));
        expect(inHundredMillionths(a) === inHundredMillionths(b)).toBe(a === b);
      }),
    );
  });

  test('adds, negates and compares exactly', () => {
    fc.assert(
      fc.property(anyUnits, anyUnits, (a, b) => {
        const [left, right] = [inHundredMillionths(a), inHundredMillionths(b)];
        expect(addDecimals(left, right)).toBe(inHundredMillionths(a + b));
        expect(negateDecimal(left)).toBe(inHundredMillionths(-a));
        expect(compareDecimals(left, right)).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
    expect(addDecimals('0.1', '0.2')).toBe('0.3');
    expect(addDecimals('999999999999.99999999', '0.00000001')).toBe('1000000000000');
  });

  test('that is none is the caller’s bug', () => {
    expect(() => exactOf('1e3')).toThrow(RangeError);
    expect(() => addDecimals('1', '')).toThrow(RangeError);
  });
});

describe('a currency', () => {
  test.each([
    ['GBP', 2],
    ['EUR', 2],
    ['HUF', 2],
    ['JPY', 0],
    ['ISK', 0],
    ['UGX', 0],
    ['XOF', 0],
    ['KWD', 3],
    ['IQD', 3],
    ['CLF', 4],
    ['BGN', 2],
  ])('%s has %i digits', (code, digits) => {
    expect(exponentOf(code)).toBe(digits);
  });

  test.each(['XAU', 'XDR', 'XXX', 'XTS', 'gbp', 'GB', 'GBPS', '', 'constructor', '__proto__'])('%s is none', (code) => {
    expect(exponentOf(code)).toBeUndefined();
  });

  test.each([
    [0, 'BIF BYR CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
    [3, 'BHD IQD JOD KWD LYD OMR TND'],
    [4, 'CLF UYW'],
  ])('of %i digits is one of %s; all others have 2', (digits, codes) => {
    expect(CURRENCIES.filter((code) => exponentOf(code) === digits).join(' ')).toBe(codes);
    expect(CURRENCIES.filter((code) => ![0, 2, 3, 4].includes(exponentOf(code) ?? -1))).toEqual([]);
  });

  test('is listed once', () => {
    expect(new Set(CURRENCIES).size).toBe(CURRENCIES.length);
    expect(CURRENCIES).toHaveLength(179);
    for (const code of CURRENCIES) expect(code).toMatch(/^[A-Z]{3}$/);
  });

  // What ICU calls an ISO 4217 digit count differs where CLDR says what shops use; so only absence is checked against it.
  test('that this runtime knows is missing only where it is no money', () => {
    const missing = Intl.supportedValuesOf('currency').filter((code) => exponentOf(code) === undefined);
    expect(missing.filter((code) => !code.startsWith('X'))).toEqual([]);
  });
});

describe('a line total', () => {
  test.each([
    [6, '2.55', 'GBP', 1530n, '0'],
    [1, '0.001', 'GBP', 0n, '0.001'],
    [1, '0.005', 'GBP', 0n, '0.005'],
    [1, '0.015', 'GBP', 2n, '-0.005'],
    [1, '0.025', 'GBP', 2n, '0.005'],
    [1, '0.0250001', 'GBP', 3n, '-0.0049999'],
    [3, '0.005', 'GBP', 2n, '-0.005'],
    [-1, '0.015', 'GBP', -2n, '0.005'],
    [-1, '0.025', 'GBP', -2n, '-0.005'],
    [0, '9.99', 'GBP', 0n, '0'],
    [2, '0.5', 'JPY', 1n, '0'],
    [1, '0.5', 'JPY', 0n, '0.5'],
    [1, '1.5', 'JPY', 2n, '-0.5'],
    [7, '1.2345', 'KWD', 8642n, '-0.0005'],
    [74_215, '1.04', 'GBP', 7_718_360n, '0'],
    [1_000_000_000, '999999999999.99999999', 'CLF', 9_999_999_999_999_999_999_900_000n, '0'],
  ])('%i × %s %s is %s, which leaves %s', (quantity, price, currency, minor, left) => {
    expect(lineTotal(quantity, price, currency)).toBe(minor);
    expect(roundingDifference(quantity, price, currency)).toBe(left);
  });

  /** Says what half-even is instead of doing it: at most half a minor unit away, and at exactly half, even. */
  test('is the nearest minor unit, at a tie the even one', () => {
    fc.assert(
      fc.property(anyQuantity, anyUnits, anyCurrency, (quantity, units, currency) => {
        const minor = lineTotal(quantity, inHundredMillionths(units), currency);
        const exact = BigInt(quantity) * units * 10n ** BigInt(exponentOf(currency)!);
        const off = exact - minor * 10n ** 8n;
        const twice = 2n * (off < 0n ? -off : off);
        expect(twice <= 10n ** 8n).toBe(true);
        if (twice === 10n ** 8n) expect(minor % 2n).toBe(0n);
      }),
      { numRuns: 1000 },
    );
  });

  test('and what rounding left out add up to the exact amount, price by price', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), anyDecimal, anyCurrency, (quantity, price, currency) => {
        const exact = Array.from({ length: quantity }, () => price).reduce(addDecimals, '0');
        const minor = lineTotal(quantity, price, currency);
        expect(addDecimals(majorUnits({ minor, currency }), roundingDifference(quantity, price, currency))).toBe(exact);
      }),
    );
  });

  test('turns its sign with the quantity', () => {
    fc.assert(
      fc.property(anyQuantity, anyDecimal, anyCurrency, (quantity, price, currency) => {
        expect(lineTotal(-quantity, price, currency)).toBe(-lineTotal(quantity, price, currency));
      }),
    );
  });

  test('of half a unit, of no currency or of no price is the caller’s bug', () => {
    expect(() => lineTotal(1.5, '1', 'GBP')).toThrow(RangeError);
    expect(() => lineTotal(1, '1', 'XAU')).toThrow(RangeError);
    expect(() => lineTotal(1, 'one', 'GBP')).toThrow(RangeError);
  });
});

describe('an amount', () => {
  test.each([
    [4998n, 'GBP', '49.98'],
    [4990n, 'GBP', '49.9'],
    [-5n, 'GBP', '-0.05'],
    [0n, 'GBP', '0'],
    [4998n, 'JPY', '4998'],
    [4998n, 'KWD', '4.998'],
    [2n ** 63n, 'GBP', '92233720368547758.08'],
  ])('of %s minor units in %s is %s', (minor, currency, text) => {
    expect(majorUnits({ minor, currency })).toBe(text);
  });

  test('adds and negates in its own currency, and in no other', () => {
    expect(add(gbp(5n), gbp(-7n))).toEqual(gbp(-2n));
    expect(sum([gbp(1n), gbp(2n), gbp(3n)], 'GBP')).toEqual(gbp(6n));
    expect(sum([], 'EUR')).toEqual({ minor: 0n, currency: 'EUR' });
    expect(negate(gbp(5n))).toEqual(gbp(-5n));
    expect(() => add(gbp(1n), { minor: 1n, currency: 'EUR' })).toThrow(RangeError);
    expect(() => sum([gbp(1n)], 'EUR')).toThrow(RangeError);
    expect(sameMoney(gbp(1n), gbp(1n))).toBe(true);
    expect(sameMoney(gbp(1n), gbp(2n))).toBe(false);
    expect(sameMoney(gbp(1n), { minor: 1n, currency: 'EUR' })).toBe(false);
  });
});

describe('an allocation', () => {
  const parts = (total: bigint, ...weights: bigint[]) => allocate(gbp(total), weights).map(({ minor }) => minor);

  test('gives what is left over to the largest remainders, ties to the lower index', () => {
    expect(parts(100n, 1n, 1n, 1n)).toEqual([34n, 33n, 33n]);
    expect(parts(101n, 1n, 1n, 1n)).toEqual([34n, 34n, 33n]);
    expect(parts(5n, 3n, 7n)).toEqual([2n, 3n]);
    expect(parts(10n, 0n, 1n, 2n)).toEqual([0n, 3n, 7n]);
    expect(parts(1n, 1n, 9n)).toEqual([0n, 1n]);
    expect(parts(0n, 1n, 2n)).toEqual([0n, 0n]);
    expect(parts(7n, 5n)).toEqual([7n]);
  });

  /** One unit at a time to whoever is the furthest below the exact share: slow, and another way to say the same. */
  function oneByOne(total: bigint, weights: readonly bigint[]): bigint[] {
    const whole = weights.reduce((a, b) => a + b);
    const given = weights.map((weight) => (total * weight - ((total * weight) % whole)) / whole);
    for (let left = total - given.reduce((a, b) => a + b); left > 0n; left--) {
      let neediest = 0;
      for (const i of weights.keys()) {
        const lack = (at: number) => total * weights[at]! - given[at]! * whole;
        if (lack(i) > lack(neediest)) neediest = i;
      }
      given[neediest]!++;
    }
    return given;
  }

  test('adds up to the total exactly, and is that of the slow formulation', () => {
    const weights = fc
      .array(fc.bigInt(0n, 1000n), { minLength: 1, maxLength: 8 })
      .filter((all) => all.some((weight) => weight > 0n));
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 12n), weights, (total, all) => {
        const split = parts(total, ...all);
        expect(split.reduce((a, b) => a + b)).toBe(total);
        expect(split).toEqual(oneByOne(total, all));
      }),
    );
  });

  test.each([
    [-1n, [1n]],
    [1n, []],
    [1n, [0n]],
    [1n, [2n, -1n]],
  ])('of %s over %p is the caller’s bug', (total, weights) => {
    expect(() => allocate(gbp(total), weights)).toThrow(RangeError);
  });
});
