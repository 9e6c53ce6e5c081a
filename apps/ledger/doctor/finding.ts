import { isExpected, withCauses } from '../../../src/infrastructure/process/expected-errors.js';
import { settlesWithin } from '../../../src/infrastructure/waiting.js';

/** `ok`: as it should be. `warn`: works, and somebody should know. `fail`: the ledger does not work, or not rightly. */
export type Verdict = 'ok' | 'warn' | 'fail';

/**
 * What one check came to.
 * `found`  what was measured, in words, without secrets
 * `todo`   what to do about it; absent when nothing is
 */
export type Finding = Readonly<{ check: string; verdict: Verdict; found: string; todo?: string }>;

export const ok = (check: string, found: string): Finding => ({ check, verdict: 'ok', found });
export const warn = (check: string, found: string, todo: string): Finding => ({ check, verdict: 'warn', found, todo });
export const fail = (check: string, found: string, todo: string): Finding => ({ check, verdict: 'fail', found, todo });

/** Longer than any engine's own patience here, so that its words are heard before these. */
const WITHIN_MS = 12_000;

/** Runs checks that know nothing of others: whatever becomes of them, it resolves in time, with findings. */
export async function bounded(
  check: string,
  work: () => Promise<readonly Finding[]>,
  withinMs = WITHIN_MS,
): Promise<readonly Finding[]> {
  const working = work();
  if (!(await settlesWithin(working, withinMs))) {
    return [
      fail(check, `no answer within ${withinMs / 1000} s`, 'See whether the machine or the network is overloaded.'),
    ];
  }
  return working.catch((error: unknown) => [fail(check, wordsOf(error), adviceFor(error))]);
}

export function wordsOf(error: unknown): string {
  if (error instanceof Error) return withCauses(error);
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}

/** Most messages say what to do. A defect's does not. */
const adviceFor = (error: unknown): string =>
  isExpected(error)
    ? 'Do what the message says, and ask the doctor again.'
    : 'Report this: it is a defect of the doctor.';

/** The disk below which writing fails soon, and below which somebody should make room. */
const DISK_FAIL_BYTES = 100_000_000;
const DISK_WARN_BYTES = 1_000_000_000;

export function diskFinding(freeBytes: number, totalBytes: number, where: string): Finding {
  const found = `${gigabytes(freeBytes)} free of ${gigabytes(totalBytes)}, ${where}`;
  if (freeBytes < DISK_FAIL_BYTES)
    return fail('disk', found, 'Make room: when it is full, every command is refused and views stand still.');
  return freeBytes < DISK_WARN_BYTES ? warn('disk', found, 'Make room before it is full.') : ok('disk', found);
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(bytes < 1e10 ? 2 : 0)} GB`;

/** Leases and recorded times come from the machines' clocks. Half a follower's lease apart is too much. */
const CLOCK_WARN_MS = 1_000;
const CLOCK_FAIL_MS = 2_500;

/**
 * @param aheadMs how far the server's clock is ahead of this machine's
 * @param exactMs how exactly that is known
 */
export function clockFinding(aheadMs: number, exactMs: number): Finding {
  const apartMs = Math.max(0, Math.abs(aheadMs) - exactMs);
  const direction = aheadMs >= 0 ? 'ahead of' : 'behind';
  const found = `the server's is ${Math.abs(aheadMs)} ms ${direction} this machine's, give or take ${exactMs} ms`;
  const todo = 'Set the clocks of all machines by NTP: leases expire by them, and events are dated by them.';
  if (apartMs > CLOCK_FAIL_MS) return fail('clock', found, todo);
  return apartMs > CLOCK_WARN_MS ? warn('clock', found, todo) : ok('clock', found);
}
