import type { Instant } from '../../../../src/domain/fact.js';

/**
 * Turns wall clock time (`2010-12-01T08:26:00`, no zone) into UTC, by the IANA time zone's own rules.
 * A time that the clocks show twice (autumn) is taken as the first of the two; one that they skip (spring) as if they had
 * not been put forward yet: RFC 5545's rule, and `disambiguation: 'compatible'` of Temporal.
 * @throws RangeError the zone is unknown
 */
export function toUtc(timeZone: string): (localTime: string) => Instant {
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  /** How far the zone's clocks are ahead of UTC at a moment, in milliseconds. */
  const offsetAt = (utc: number): number => {
    const shown: Record<string, string> = {};
    for (const { type, value } of clock.formatToParts(utc)) shown[type] = value;
    const { year, month, day, hour, minute, second } = shown;
    return Date.parse(`${year?.padStart(4, '0')}-${month}-${day}T${hour}:${minute}:${second}Z`) - utc;
  };
  /** The offsets a day before and a day after a date, which are the same on all but two days of a year. */
  const around = new Map<string, Readonly<{ before: number; after: number }>>();
  const offsetsAround = (date: string) => {
    const noon = Date.parse(`${date}T12:00:00Z`);
    const offsets = around.get(date) ?? { before: offsetAt(noon - 1.5 * DAY_MS), after: offsetAt(noon + 1.5 * DAY_MS) };
    around.set(date, offsets);
    return offsets;
  };
  return (localTime) => {
    const wall = Date.parse(`${localTime}Z`);
    if (Number.isNaN(wall)) throw new RangeError(`Not a local time: ${localTime}`);
    const { before, after } = offsetsAround(localTime.slice(0, 10));
    // Where the offset changes: the earlier of the two readings that the clocks really show. In a gap they show neither.
    const readings = [wall - Math.max(before, after), wall - Math.min(before, after)];
    const shown = before === after ? wall - before : readings.find((reading) => reading + offsetAt(reading) === wall);
    return new Date(shown ?? wall - before).toISOString();
  };
}

const DAY_MS = 86_400_000;
