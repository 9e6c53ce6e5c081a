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
  const convert = (localTime: string): Instant => {
    const wall = Date.parse(`${localTime}Z`);
    if (Number.isNaN(wall)) throw new RangeError(`Not a local time: ${localTime}`);
    const before = offsetAt(wall - DAY_MS);
    const after = offsetAt(wall + DAY_MS);
    // The earlier of the two readings that the clocks really show; in a gap neither is, and the old offset counts.
    const readings = [wall - Math.max(before, after), wall - Math.min(before, after)];
    const utc = readings.find((reading) => reading + offsetAt(reading) === wall) ?? wall - before;
    return new Date(utc).toISOString();
  };
  let lastLocal: string | undefined;
  let lastUtc = '';
  return (localTime) => {
    if (localTime !== lastLocal) {
      lastUtc = convert(localTime);
      lastLocal = localTime;
    }
    return lastUtc;
  };
}

const DAY_MS = 86_400_000;
