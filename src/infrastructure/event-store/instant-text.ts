/**
 * Makes a `Date.prototype.toISOString` for years 0000 to 9999 that remembers the last instant and day. Neighbours in the
 * log nearly always share their day and often the instant, and the original takes longer than the rest of an event.
 */
export function instantText(): (ms: number) => string {
  let lastMs = NaN;
  let lastText = '';
  let lastDay = NaN;
  let lastDayText = '';
  return (ms) => {
    if (ms === lastMs) return lastText;
    const day = Math.floor(ms / DAY_MS);
    if (day !== lastDay) {
      lastDay = day;
      lastDayText = new Date(day * DAY_MS).toISOString().slice(0, 11);
    }
    const inDay = ms - day * DAY_MS;
    const minutes = Math.floor(inDay / 60_000);
    const time = `${TWO_DIGITS[Math.floor(minutes / 60)]}:${TWO_DIGITS[minutes % 60]}`;
    lastMs = ms;
    lastText = `${lastDayText}${time}:${TWO_DIGITS[Math.floor(inDay / 1000) % 60]}.${THREE_DIGITS[inDay % 1000]}Z`;
    return lastText;
  };
}

const DAY_MS = 86_400_000;
const TWO_DIGITS = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));
const THREE_DIGITS = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'));
