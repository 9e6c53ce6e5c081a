import type { CalendarDay, Instant } from './fact.js';

const DAY = /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/;
const INSTANT =
  /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z$/;

/**
 * Whether `value` is an `Instant`: RFC 3339 in UTC with milliseconds, years 0000 to 9999, on a day that the calendar
 * has, without leap seconds. This is the one form that sorts by time as text. Asked for every event that is read.
 */
export const isInstant = (value: unknown): value is Instant =>
  typeof value === 'string' && INSTANT.test(value) && monthHasDay(value);

/** Whether `value` is a `CalendarDay`, `2010-12-01`, that the (proleptic Gregorian) calendar has. */
export const isDay = (value: unknown): value is CalendarDay =>
  typeof value === 'string' && DAY.test(value) && monthHasDay(value);

/** `ms` milliseconds after an instant. */
export const later = (at: Instant, ms: number): Instant => new Date(Date.parse(at) + ms).toISOString();

/** `text` begins with a year, a month from 01 to 12 and a day from 01 to 31. */
function monthHasDay(text: string): boolean {
  const day = text.slice(8, 10);
  if (day <= '28') return true;
  const month = text.slice(5, 7);
  if (month === '02') return day === '29' && isLeap(BigInt(text.slice(0, 4)));
  return day !== '31' || !THIRTY_DAYS.has(month);
}

const THIRTY_DAYS = new Set(['04', '06', '09', '11']);

const isLeap = (year: bigint): boolean => year % 4n === 0n && (year % 100n !== 0n || year % 400n === 0n);
