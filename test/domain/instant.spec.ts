import { describe, expect, test } from '@jest/globals';
import { isDay, isInstant } from '../../src/domain/instant.js';

const two = (n: number) => String(n).padStart(2, '0');

test('has exactly the days of the calendar, in common years, leap years and centuries', () => {
  for (const year of ['0000', '0001', '0004', '0100', '1900', '2000', '2023', '2024', '2100', '2400', '9996', '9999']) {
    for (let month = 0; month <= 13; month++) {
      for (let day = 0; day <= 32; day++) {
        const text = `${year}-${two(month)}-${two(day)}`;
        const ms = Date.parse(text);
        const exists = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
        expect([text, isDay(text)]).toEqual([text, exists]);
        expect([text, isInstant(`${text}T23:59:59.999Z`)]).toEqual([text, exists]);
      }
    }
  }
});

describe('an instant', () => {
  test.each(['2026-03-01T12:00:00.000Z', '0000-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'])('is %s', (text) => {
    expect(isInstant(text)).toBe(true);
  });

  test.each([
    '2026-03-01T12:00:00Z',
    '2026-03-01T12:00:00.0Z',
    '2026-03-01T12:00:00.000000Z',
    '2026-03-01T12:00:00.000+00:00',
    '2026-03-01T12:00:00.000z',
    '2026-03-01 12:00:00.000Z',
    '2026-03-01T24:00:00.000Z',
    '2026-03-01T12:60:00.000Z',
    '2026-06-30T23:59:60.000Z',
    '2026-03-01T12:00:00.000Z\n',
    ' 2026-03-01T12:00:00.000Z',
    '+12026-03-01T12:00:00.000Z',
    '٢026-03-01T12:00:00.000Z',
    '2026-03-01',
    '',
    1_772_366_400_000,
    null,
    undefined,
    ['2026-03-01T12:00:00.000Z'],
  ])('is not %j', (value) => expect(isInstant(value)).toBe(false));
});

test.each([
  '2026-3-01',
  '20260301',
  '2026-03-01 ',
  '2026-03-01\n',
  '2026-03-01T12:00:00.000Z',
  '',
  null,
  ['2026-03-01'],
])('%j is no day', (value) => expect(isDay(value)).toBe(false));
