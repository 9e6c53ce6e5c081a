import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a process of this id exists (and has not merely left its exit code to be read). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Waits until `holds`. @throws when it does not within `timeoutMs` */
export async function waitFor(holds: () => boolean, timeoutMs = 10_000, what = holds.toString()): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain for: ${what}`);
    await sleep(10);
  }
}
